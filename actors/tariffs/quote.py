"""A quote: what a stay costs line by line, what is taken off and why, and what is left to pay."""

from fractions import Fraction
from typing import Literal

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.lines import Bought, LineKind
from actors.tariffs.offsets import Offsets, Taken, Unused, take_off
from actors.tariffs.plan import Lane, Plan
from actors.tariffs.reckon import Sum, charge_of, multiplied, reckon
from actors.tariffs.stay import Stay, Versions, times_of
from actors.tariffs.units import micros, rounded
from actors.values import Micros


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One line of a quote: `count` units of `unit_us` at `price_fen` are `gross_fen`, and `limit` left `amount_fen`."""

    kind: LineKind
    from_us: Micros
    to_us: Micros
    amount_fen: int
    rule: str = ""
    stage: int = 0
    count: int = 0
    unit_us: Micros = 0
    price_fen: int = 0
    gross_fen: int = 0
    limit: str = ""
    """Which cap left less than the gross amount: period, hours, day or visit."""


class Notice(msgspec.Struct, frozen=True, gc=False):
    """Something that whoever reads the quote should know; it changes no amount."""

    code: Literal["calendar_year_unknown", "max_stay_exceeded", "negative_stay", "passes_not_used"]
    detail: str = ""


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stay priced: lines sum to the charge, the charge less offsets is due."""

    tariff: dict[str, str]
    currency: str
    zone: str
    vehicle: str
    entry_us: Micros
    exit_us: Micros
    lines: list[Line]
    charge_fen: int
    due_fen: int
    covered_fen: int = 0
    """What passes saved; the time that they cover is in no line."""
    offsets: list[Taken] = []
    unused: list[Unused] = []
    notices: list[Notice] = []


def quote(tariff: Plan | Versions, stay: Stay, days: Days, offsets: Offsets | None = None) -> Quote:
    """Price a stay, with lines; a pure function of what it is given."""
    versions = tariff if isinstance(tariff, Versions) else Versions([(0, tariff)])
    raw: list[Bought] = []
    found = reckon(versions, stay, days, raw)
    if not found.plan.tariff.periods:  # where nothing but the visit is charged, there are no hours to be outside of
        raw = [one for one in raw if one.kind != "gap"]
    lines = _lines(found, raw)
    charge = charge_of(found)
    taken: list[Taken] = []
    unused: list[Unused] = []
    due = charge
    if offsets is not None:
        taken, unused, due = take_off(versions, stay, days, charge, offsets)
    document = found.plan.tariff
    return Quote(
        tariff=document.name,
        currency=document.currency,
        zone=document.zone,
        vehicle=stay.vehicle,
        entry_us=stay.entry_us,
        exit_us=stay.exit_us,
        lines=lines,
        charge_fen=charge,
        due_fen=due,
        covered_fen=found.covered or 0,
        offsets=taken,
        unused=unused,
        notices=_notices(found, stay, days),
    )


def _lines(found: Sum, raw: list[Bought]) -> list[Line]:
    """Raw lines with their amounts in fen, and what is done to their sum; they add up to the charge."""
    lane = found.lane
    lines = [_plain(one) for one in raw] if lane.scale == 1 else _scaled(lane, raw)
    if found.final:
        return lines
    exact, charge = found.exact, charge_of(found)
    total = sum(line.amount_fen for line in lines)
    if 0 < exact < lane.least:
        lines.append(_adjust("least", found, lane.least - total))
        total = lane.least
    factor = lane.factor * found.extra
    if factor != 1:
        multiple = rounded(multiplied(found), 1, "half_up")
        lines.append(_adjust("factor", found, multiple - total, str(float(factor))))
        total = multiple
    if charge != total:
        lines.append(_adjust("rounding", found, charge - total))
    return lines


def _adjust(kind: LineKind, found: Sum, amount: int, rule: str = "") -> Line:
    return Line(kind, 0, 0, amount, rule)


def _plain(one: Bought) -> Line:
    name = one.rule.name if one.rule else ""
    return Line(
        one.kind, one.start, one.end, one.amount, name, one.stage, one.units, one.unit, one.price, one.gross, one.limit
    )


def _scaled(lane: Lane, raw: list[Bought]) -> list[Line]:
    """Lines of exact prices: each is rounded so that the lines so far add up to the rounded sum so far."""
    lines = []
    total = shown = 0
    for one in raw:
        total += one.amount
        amount = rounded(Fraction(total, lane.scale), 1, "half_up") - shown
        shown += amount
        line = _plain(one)
        gross = rounded(Fraction(one.gross, lane.scale), 1, "half_up")
        price = one.price // lane.scale
        kind, unit, count = line.kind, one.unit, one.units
        if unit == 1 and one.rule:
            kind, count = "time", 0
            unit, price = one.rule.shown[one.stage]
        elif kind == "repeat":
            price = rounded(Fraction(one.price, lane.scale), 1, "half_up")
        lines.append(
            msgspec.structs.replace(
                line, kind=kind, amount_fen=amount, gross_fen=gross, price_fen=price, unit_us=unit, count=count
            )
        )
    return lines


def _notices(found: Sum, stay: Stay, days: Days) -> list[Notice]:
    notices, plan = [], found.plan
    entry, end = times_of(stay, plan)
    if stay.exit_us < stay.entry_us:
        notices.append(Notice("negative_stay"))
    if stay.passes and found.covered is None:
        notices.append(Notice("passes_not_used"))
    most = plan.tariff.max_stay_minutes
    if most is not None and end - entry > micros(most):
        notices.append(Notice("max_stay_exceeded", f"{most:g}"))
    if plan.by_days:
        unknown = days.unknown_years(plan.zone.day_of(entry), plan.zone.day_of(end))
        notices += [Notice("calendar_year_unknown", str(year)) for year in unknown]
    return notices
