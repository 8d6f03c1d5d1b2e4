"""What a document says in vain: periods and free minutes behind others that are always taken first, absent prices."""

from collections.abc import Iterator
from typing import NamedTuple

from actors.tariffs.calendar import EVENT, Code, matches
from actors.tariffs.document import WEEKDAYS, Free, Price, Tariff
from actors.tariffs.problems import Problem
from actors.tariffs.units import classes_of, price_of, window
from actors.values import DAY_US

KINDS = tuple(Code(kind) for kind in range(10))
"""Every kind of day without an event."""

EVERY_DAY = frozenset(KINDS)
MOST_WINDOWS = 200
"""So many windows can still be surveyed, by people and by what looks for windows behind others."""

Span = tuple[int, int]
"""From and to, since the midnight of the day on which a window begins."""


class Times(NamedTuple):
    """When, and for which classes, a period would be in force if no other came before it: its windows, and the kinds
    of days they begin on.
    """

    classes: frozenset[str]
    windows: list[Span]
    codes: frozenset[Code]


def out_of_reach(tariff: Tariff) -> Iterator[Problem]:
    """Periods that are never in force, and free minutes that nobody ever gets."""
    weekend = frozenset(WEEKDAYS.index(name) for name in tariff.weekend)
    if sum(len(period.hours) for period in tariff.periods) <= MOST_WINDOWS:
        yield from _never_in_force(tariff, weekend)
    for n, free in enumerate(tariff.free):
        if all(_taken(free, tariff.free[:n], vehicle, weekend) for vehicle in free.classes or _everybody(tariff)):
            sentence = "the free minutes before these are granted to all for whom they are"
            yield Problem("never_granted", f"free[{n}]", sentence)


def _never_in_force(tariff: Tariff, weekend: frozenset[int]) -> Iterator[Problem]:
    times = [
        Times(frozenset(one.classes), [window(hours) for hours in one.hours], frozenset(_codes(one.days, weekend)))
        for one in tariff.periods
    ]
    everybody = _everybody(tariff)
    for n, period in enumerate(tariff.periods):
        first = {
            tuple(k for k in range(n) if not times[k].classes or vehicle in times[k].classes)
            for vehicle in period.classes or everybody
        }
        if all(_hidden(times[n], [times[k] for k in numbers]) for numbers in first):
            names = ", ".join(tariff.periods[k].name for k in sorted({k for numbers in first for k in numbers}))
            sentence = f"it can never be in force: `{names}` before it always is"
            yield Problem("never_in_force", f"periods[{n}]", sentence)


def _everybody(tariff: Tariff) -> list[str]:
    """The classes that may come; `*` stands for any that is not named."""
    lists = [one.classes for one in tariff.periods] + [one.classes for one in tariff.free]
    named = {name for classes in lists for name in classes}
    return tariff.classes or [*sorted(named), "*"]


def _is_for(classes: list[str], vehicle: str) -> bool:
    return not classes or vehicle in classes


def _codes(days: list[str], weekend: frozenset[int]) -> list[Code]:
    """The days that are meant; those of an event as days on which nothing else is."""
    events = [Code(kind.kind, frozenset({day.removeprefix(EVENT)})) for day in days if EVENT in day for kind in KINDS]
    return [code for code in (*KINDS, *events) if matches(days, code, weekend)]


def _hidden(late: Times, earlier: list[Times]) -> bool:
    """Whether earlier periods are in force at all hours of this one; what the days around are is taken as unknown."""
    daily = [one for one in earlier if one.codes >= EVERY_DAY]
    around = [(start + by, end + by) for one in daily for start, end in one.windows for by in (-DAY_US, DAY_US)]
    kinds = {frozenset(n for n, one in enumerate(earlier) if _on(one, code)) for code in late.codes}
    for numbers in kinds:
        spans = sorted(around + [span for n in numbers for span in earlier[n].windows])
        if not all(_covered(span, spans) for span in late.windows):
            return False
    return True


def _on(times: Times, code: Code) -> bool:
    """Whether windows begin on such a day: for its kind, or for its event."""
    return code in times.codes or Code(code.kind) in times.codes


def _covered(span: Span, by: list[Span]) -> bool:
    """Whether spans, in their order, leave nothing of one."""
    reached, end = span
    for start, until in by:
        if start <= reached < until:
            reached = until
    return reached >= end


def _taken(free: Free, earlier: list[Free], vehicle: str, weekend: frozenset[int]) -> bool:
    """Whether a class gets earlier ones on all days on which it would get these."""
    return all(
        any(_is_for(one.classes, vehicle) and matches(one.days, code, weekend) for one in earlier)
        for code in _codes(free.days, weekend)
    )


def unpriced(tariff: Tariff) -> Iterator[Problem]:
    """Prices that a declared class would have to pay and does not have: its stay could not be priced when it leaves."""
    prices: list[tuple[str, list[str], Price]] = []
    for n, period in enumerate(tariff.periods):
        if period.flat_fen is not None:
            prices.append((f"periods[{n}].flat_fen", period.classes, period.flat_fen))
        prices += [
            (f"periods[{n}].stages[{k}].price_fen", period.classes, stage.price_fen)
            for k, stage in enumerate(period.stages)
        ]
    if tariff.visit:
        prices.append(("visit.price_fen", [], tariff.visit.price_fen))
        if tariff.visit.turns:
            prices.append(("visit.turns.price_fen", [], tariff.visit.turns.price_fen))
    for where, classes, price in prices:
        lacking = [one for one in tariff.classes if _is_for(classes, one) and price_of(price, one) is None]
        if lacking:
            yield Problem("no_price_for_class", where, f"there is no price for class `{lacking[0]}`")


def least_above_cap(tariff: Tariff) -> Iterator[Problem]:
    """A least charge that a cap forbids."""
    most = next((cap.amount_fen for cap in tariff.caps if cap.window == "visit"), None)
    for vehicle in sorted({*tariff.classes, *classes_of(tariff.least_fen, most), "*"}):
        least, cap = price_of(tariff.least_fen, vehicle), price_of(most, vehicle)
        if least is not None and cap is not None and least > cap:
            yield Problem("least_above_cap", "least_fen", "the least charge is more than a visit may cost at most")
            return
