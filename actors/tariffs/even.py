"""The walk over a stay whose tariff is even: one price in each period, one kind of cap window at most, all of them cut.

It finds what `walk` finds, line for line. But there is no stage, no unit that runs on, no flat price to ask after, and
so what a stay has used is a handful of numbers: most stays of a city are priced here.
"""

from actors.tariffs.calendar import Days
from actors.tariffs.leap import WORTH_US, Leap
from actors.tariffs.lines import Bought
from actors.tariffs.plan import Lane
from actors.tariffs.units import FAR


def walk_evenly(  # noqa: C901, PLR0915  # one loop in one place: it runs for every stretch of most prices
    lane: Lane, days: Days, entry: int, start: int, stop: int, lines: list[Bought] | None
) -> int:
    """The scaled price from `start` on, with cap windows that count from `entry`; its length may be nothing."""
    leap = Leap(lane, days) if stop - start > WORTH_US else None
    spent: dict[int, tuple[int, int]] = {}
    """By period: the occurrence that was used last, and what was spent in it within the cap window."""
    total = left = turn = 0
    limit = ""
    reaches, at, edge = lane.schedule.stretches(start, days), start, start
    while at < stop:
        while at >= edge:
            edge, number, begun = next(reaches)
        if number < 0:
            if lines is not None:
                lines.append(Bought("gap", at, edge if edge < stop else stop, None, -1, 0, 0, 0, 0, 0, ""))
            at = edge
            continue
        if at >= turn:
            known = turn > 0 or at == start  # like `walk`, which takes no mark where a gap at the start ends
            turn, (left, limit) = _window_end(lane, entry, at), _room(lane, total)
            spent.clear()
            if leap is not None and known and (jump := leap.over_even(at, number, turn - at, total, stop, lines)):
                length, gain = jump
                at, turn, total = at + length, turn + length, total + gain
                left, limit = _room(lane, total)
                reaches, edge = lane.schedule.stretches(at, days), at
                continue
        price, unit, more, cap, stage, rule = lane.prices[number]
        until = edge if edge < turn else turn
        if stop < until:
            until = stop
        count = (until - at + more) // unit
        gross = amount = count * price
        by = ""
        if cap >= 0:
            used = spent.get(number)
            before = used[1] if used and used[0] == begun else 0
            if cap - before < amount:
                amount, by = cap - before, "period"
        if left < amount:
            amount, by = left, limit
        if cap >= 0:
            spent[number] = (begun, before + amount)
        left -= amount
        total += amount
        if lines is not None:
            lines.append(Bought("units", at, until, rule, stage, count, unit, price, gross, amount, by))
            at = until
        else:
            at = until if left else turn  # a window that is used up costs nothing until its end
    return total


def _window_end(lane: Lane, entry: int, at: int) -> int:
    """Where the cap window in which an instant lies ends."""
    if lane.hours:
        return at + lane.hours - (at - entry) % lane.hours
    return lane.zone.next_clock(at, lane.day_at) if lane.day_at >= 0 else FAR


def _room(lane: Lane, total: int) -> tuple[int, str]:
    """What may be spent until a window that begins now ends, and the cap that says so."""
    visit = lane.visit_cap - total
    hours = (lane.hours_cap, "hours") if lane.hours else (lane.day_cap, "day")
    return hours if hours[0] <= visit else (visit, "visit")
