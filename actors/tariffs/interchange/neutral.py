"""Neutral rules as documents of ours: every key is translated or refused by name, never left out."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from actors.tariffs.calendar import Calendar, DayKind
from actors.tariffs.document import (
    WEEKDAYS,
    Cap,
    Free,
    Part,
    Period,
    Price,
    Stage,
    Tariff,
    Turns,
    Visit,
    read_as,
)
from actors.tariffs.interchange.neutral_form import KEYS, Amount, NeutralPeriod, NeutralTariff, Rule
from actors.tariffs.problems import Problem, TariffError

THEIRS = {
    "zone": "tz", "stages": "tiers", "unit_minutes": "unit", "price_fen": "price", "flat_fen": "price",
    "upto_minutes": "upto", "hours": "start", "at_stage_end": "tier_split", "at_period_end": "boundary",
    "units": "round", "least_part_minutes": "min_span", "stages_restart": "first_scope", "stage_clock": "tier_clock",
    "caps[0]": "cap", "caps[1]": "visit_cap", "cap_fen": "cap", "amount_fen": "amount", "free[0]": "free",
    "least_fen": "min_charge", "factors": "vehicle_multiplier", "max_stay_minutes": "max_stay_min",
}  # fmt: skip
"""What a field of our document is called in the neutral form."""

LISTS = {"weekday": ["working"], "weekend": ["rest"]}
ONLY: dict[str, tuple[str, ...]] = {
    "per_visit": ("price", "cap"),
    "turning": ("price", "cap", "turn_at", "turn_price", "turn_from", "turn_inclusive"),
    "unit": (
        "periods", "first_scope", "tier_clock", "tier_split", "boundary", "round", "min_span", "cap",
    ),
    "prorata": ("periods", "first_scope", "tier_clock", "tier_split", "boundary", "cap"),
}  # fmt: skip
"""Which keys mean something for a kind, besides those that do for every kind."""

EVERY = ("kind", "tz", "free", "visit_cap", "min_charge", "vehicle_multiplier", "holidays", "max_stay_min")
NEEDED = {
    "per_visit": ("price",),
    "turning": ("price", "turn_at", "turn_price"),
    "unit": ("periods",),
    "prorata": ("periods",),
}


class Translated(Part, frozen=True, kw_only=True):
    """A neutral rule as a document, the calendar that it brings, and what it leaves unsaid."""

    tariff: Tariff
    calendar: Calendar
    closed: list[str]
    """Periods whose last tier ends: no price is said for what comes after, so nobody may get there."""


def in_their_words(problem: Problem) -> Problem:
    """A problem of the document that a neutral rule became, said of the rule."""
    names = (re.sub(r"[a-z_]+(\[\d+\])?", _theirs, part) for part in problem.where.split("."))
    return problem._replace(where=".".join(names))


def _theirs(name: re.Match[str]) -> str:
    whole, index = name.group(), name.group(1) or ""
    bare = whole.removesuffix(index)
    return THEIRS.get(whole) or THEIRS.get(bare, bare) + index


def translate(source: NeutralTariff) -> Translated:
    """A neutral tariff as ours; what it says that we cannot say is a TariffError."""
    rule = read_rule(source.rule)
    kind: dict[str, Any] = {"per_visit": _visit, "turning": _visit}.get(rule.kind, _metered)(rule)
    tariff = Tariff(
        name={"en": source.id},
        currency=source.currency,
        zone=rule.tz or "UTC",
        free=[Free(minutes=rule.free.minutes, mode=rule.free.mode, inclusive=rule.free.inclusive)] if rule.free else [],
        least_fen=_price(rule.min_charge),
        factors={name: _decimal(factor) for name, factor in (rule.vehicle_multiplier or {}).items()},
        max_stay_minutes=rule.max_stay_min,
        exit_grace_minutes=source.exit_grace_after_payment_minutes,
        caps=_caps(rule),
        **kind,
    )
    periods = zip(rule.periods or [], tariff.periods, strict=False)
    closed = [ours.name for theirs, ours in periods if _closed(theirs)]
    return Translated(tariff=tariff, calendar=_calendar(rule), closed=closed)


def read_rule(source: dict[str, Any]) -> Rule:
    """A neutral rule, typed; keys that are unknown, missing, or that mean nothing for its kind are refused."""
    rule = read_as(Rule, source, KEYS)
    idle = [key for key in source if key not in EVERY + ONLY[rule.kind] and not _default(rule, key)]
    problems = [Problem("key_unused", f"rule.{key}", f"`{key}` means nothing for kind `{rule.kind}`") for key in idle]
    if rule.kind == "turning" and rule.cap and rule.cap.reset != "visit":
        problems.append(
            Problem("key_unused", "rule.cap", "`cap` means nothing for kind `turning`, but one of the visit")
        )
    absent = [key for key in NEEDED[rule.kind] if not source.get(key) and source.get(key) != 0]
    problems += [Problem("key_missing", f"rule.{key}", f"kind `{rule.kind}` needs `{key}`") for key in absent]
    if problems:
        raise TariffError(*problems)
    return rule


def _default(rule: Rule, key: str) -> bool:
    plain = Rule(kind=rule.kind)
    return bool(getattr(rule, key) == getattr(plain, key))


def _visit(rule: Rule) -> dict[str, Any]:
    turns = None
    if rule.kind == "turning":
        turns = Turns(
            at=_clock(rule.turn_at or ""),
            price_fen=_price(rule.turn_price) or 0,
            first="entry_day" if rule.turn_from == "entry" else "next_day",
            inclusive=rule.turn_inclusive,
        )
    return {"visit": Visit(price_fen=_price(rule.price) or 0, turns=turns)}


def _metered(rule: Rule) -> dict[str, Any]:
    exact = rule.kind == "prorata"
    cycles = rule.cap is not None and rule.cap.reset != "visit"
    # Without a cycle that ends, the whole stay is the one cycle.
    restarts = {"stay": "stay", "cycle": "cycle" if cycles else "stay", "period": "occurrence"}[rule.first_scope]
    return {
        "periods": [_period(period, n, rule) for n, period in enumerate(rule.periods or [])],
        "units": "exact" if exact else "started" if rule.round == "up" else "completed",
        "least_part_minutes": rule.min_span or 0,
        "at_period_end": "run_on" if rule.boundary == "straddle_prev" else "cut",
        "at_stage_end": "cut" if rule.tier_split else "run_on",
        "stages_restart": restarts,
        "stage_clock": "bought" if rule.tier_clock == "charged" else "elapsed",
    }


def _period(period: NeutralPeriod, number: int, rule: Rule) -> Period:
    names = [other.name for other in rule.periods or []]
    name = period.name or f"period {number + 1}"
    if names.count(period.name) > 1:
        name = f"{name} #{number + 1}"
    vehicle = period.vehicle
    return Period(
        name=name,
        hours=[f"{_clock(period.start)}-{_clock(period.end)}"],
        days=_days(period.days, f"periods[{number}].days"),
        classes=[vehicle] if isinstance(vehicle, str) else list(vehicle or []),
        stages=_stages(period),
        cap_fen=_price(period.cap),
        counts=not period.no_tier_clock,
    )


def _closed(period: NeutralPeriod) -> bool:
    return bool(period.tiers) and period.tiers[-1].upto is not None


def _stages(period: NeutralPeriod) -> list[Stage]:
    stages = [Stage(unit_minutes=t.unit, price_fen=_price(t.price) or 0, upto_minutes=t.upto) for t in period.tiers]
    return [*stages, Stage(unit_minutes=1, price_fen=0)] if _closed(period) else stages


def _days(days: str | list[str] | None, where: str) -> list[str]:
    if days is None:
        return []
    if isinstance(days, str):
        if days not in LISTS and days not in WEEKDAYS:
            raise TariffError(
                Problem("unknown_day", where, f"`{days}` is neither weekday nor weekend nor a list of days")
            )
        return LISTS.get(days, [days])
    unknown = [day for day in days if day not in WEEKDAYS and day not in LISTS]
    if unknown or not days:
        raise TariffError(Problem("unknown_day", where, f"`{', '.join(unknown)}` is no day of the week"))
    return [name for day in days for name in LISTS.get(day, [day])]


def _caps(rule: Rule) -> list[Cap]:
    caps, cap = [], rule.cap
    visits = [_price(rule.visit_cap)]
    if cap and (cap.reset == "visit" or rule.kind == "per_visit"):  # what is charged once lies in one cycle
        visits.append(_price(cap.amount))
    elif cap and cap.reset == "clock":
        caps.append(Cap(amount_fen=_price(cap.amount) or 0, window="day", at=_clock(cap.at)))
    elif cap:
        caps.append(Cap(amount_fen=_price(cap.amount) or 0, window="hours", hours=24))
    if said := [price for price in visits if price is not None]:
        caps.append(Cap(amount_fen=_least(said), window="visit"))
    return caps


def _least(amounts: list[Price]) -> Price:
    """The lower of two caps of the visit."""
    if len(amounts) == 1:
        return amounts[0]
    one, other = amounts
    if isinstance(one, int) and isinstance(other, int):
        return min(one, other)
    raise TariffError(Problem("cap_twice", "rule.cap", "a visit cap of each class beside another visit cap is unclear"))


def _calendar(rule: Rule) -> Calendar:
    days: dict[str, DayKind] = {}
    for text in rule.holidays or []:
        try:
            days[date.fromisoformat(text).isoformat()] = "short_holiday"
        except ValueError:
            raise TariffError(Problem("no_such_date", "rule.holidays", f"`{text}` is no date")) from None
    return Calendar(years=sorted({int(day[:4]) for day in days}), days=days)


def _clock(text: str) -> str:
    return text if text[1] != ":" else f"0{text}"


def _price(amount: Amount | None) -> Price | None:
    if isinstance(amount, dict):
        return {name: int(fen) for name, fen in amount.items()}
    return None if amount is None else int(amount)


def _decimal(factor: float) -> str:
    """A factor exactly as the file wrote it."""
    return f"{Decimal(repr(factor)):f}"
