"""OCPI tariffs (2.2): what parking time costs at a charger; energy is another matter and is left out by name."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from actors.tariffs.document import Cap, Counting, Period, Stage, Tariff, Visit
from actors.tariffs.interchange.found import Found, each, hundredths, refuse, whole_list, whole_object

TIMES = ("PARKING_TIME", "TIME")
RESTRICTIONS = {"start_time", "end_time", "day_of_week", "min_duration", "max_duration"}
DAYS = {
    "MONDAY": "mon", "TUESDAY": "tue", "WEDNESDAY": "wed", "THURSDAY": "thu",
    "FRIDAY": "fri", "SATURDAY": "sat", "SUNDAY": "sun",
}  # fmt: skip


def read_ocpi(source: Any, zone: str) -> Iterator[Found]:
    """Every tariff of a file; the zone is that of the location and is not said there."""
    whole = source.get("data", source) if isinstance(source, dict) else source
    tariffs = [whole] if isinstance(whole, dict) else whole_list(whole, "tariffs")
    return each(
        [(str(whole_object(one, "tariffs").get("id")), one) for one in tariffs], lambda _, one: _tariff(one, zone)
    )


def _tariff(source: dict[str, Any], zone: str) -> Tariff | None:
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[int | None, dict[str, Any]]]] = {}
    flat = 0
    for n, element in enumerate(source.get("elements") or []):
        where, limits = f"elements[{n}]", element.get("restrictions") or {}
        flat += _flat(element, limits, where)
        timed = [part for part in element.get("price_components") or [] if part["type"] in TIMES]
        if len(timed) > 1:
            raise refuse("several_times", where, "TIME and PARKING_TIME in one element: charging or idle is not told")
        if timed:
            when, until = _when(limits, where)
            groups.setdefault(when, []).append((until, timed[0]))
    if not groups and not flat:
        return None
    return Tariff(
        name={"en": str(source.get("id"))},
        currency=source.get("currency") or "EUR",
        zone=zone,
        visit=Visit(price_fen=flat) if flat else None,
        periods=[_period(n, when, rungs) for n, (when, rungs) in enumerate(groups.items())],
        at_period_end="run_on",
        stage_clock="elapsed",
        least_fen=_bound(source.get("min_price"), "min_price"),
        caps=[Cap(window="visit", amount_fen=most)] if (most := _bound(source.get("max_price"), "max_price")) else [],
    )


def _flat(element: dict[str, Any], limits: dict[str, Any], where: str) -> int:
    flats = [part for part in element.get("price_components") or [] if part["type"] == "FLAT"]
    if flats and limits:
        raise refuse("flat_limited", where, "a flat price for some times only cannot be said in a tariff")
    return sum(hundredths(part["price"], where) for part in flats)


def _when(limits: dict[str, Any], where: str) -> tuple[tuple[str, tuple[str, ...]], int | None]:
    if unknown := limits.keys() - RESTRICTIONS:
        raise refuse("restriction", where, f"`{sorted(unknown)[0]}` cannot be said in a tariff")
    end = limits.get("end_time") or "24:00"
    hours = f"{limits.get('start_time') or '00:00'}-{'24:00' if end == '00:00' else end}"
    return (hours, tuple(DAYS[day] for day in limits.get("day_of_week") or [])), limits.get("max_duration")


def _period(number: int, when: tuple[str, tuple[str, ...]], rungs: list[tuple[int | None, dict[str, Any]]]) -> Period:
    ordered = sorted(rungs, key=lambda rung: rung[0] or 1 << 40)
    kinds: set[Counting] = {"exact" if int(part.get("step_size") or 1) <= 1 else "started" for _, part in ordered}
    if len(kinds) > 1:
        raise refuse("units_mixed", f"elements of {when[0]}", "some parts have steps and some have none")
    if ordered[-1][0] is not None:  # nothing is said past the last one, and what is not said is free
        ordered.append((None, {**ordered[-1][1], "price": 0}))
    return Period(
        name=f"{when[0]} {number + 1}",
        hours=[when[0]],
        days=list(when[1]),
        stages=[_stage(end, part) for end, part in ordered],
        units=kinds.pop(),
    )


def _stage(end: int | None, part: dict[str, Any]) -> Stage:
    step, hourly = int(part.get("step_size") or 1), hundredths(part["price"], "price")
    seconds, price = (3600, Fraction(hourly)) if step <= 1 else (step, Fraction(hourly * step, 3600))
    if price.denominator != 1:
        raise refuse("no_amount", "price", f"`{part['price']}` an hour is no amount of whole hundredths for {step} s")
    return Stage(unit_minutes=seconds / 60, price_fen=int(price), upto_minutes=None if end is None else end / 60)


def _bound(price: Any, where: str) -> int | None:
    if price is None:
        return None
    return hundredths(price.get("excl_vat") if isinstance(price, dict) else price, where)
