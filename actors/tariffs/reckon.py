"""What a stay costs: free minutes, visit and periods, then least charge, factor and rounding; with lines or without."""

from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from actors.tariffs.calendar import Days, matches
from actors.tariffs.caps import Memory
from actors.tariffs.even import walk_evenly
from actors.tariffs.leap import WORTH_US, Leap
from actors.tariffs.lines import Bought
from actors.tariffs.plan import Grant, Lane, Plan
from actors.tariffs.pools import pooled, time_used
from actors.tariffs.stay import (
    Piece,
    Span,
    Stay,
    Versions,
    classes_in,
    pieces_of,
    times_of,
    uncovered,
    without_first,
    without_last,
)
from actors.tariffs.units import rounded
from actors.tariffs.visits import visited
from actors.tariffs.walk import walk

ONE = Fraction(1)


class Sum(NamedTuple):
    """What a walk found: the exact sum before anything is done to it, and the lane that decides what is."""

    lane: Lane
    plan: Plan
    total: int
    extra: Fraction = ONE
    """A dynamic price's multiplier."""
    covered: int | None = None
    """What passes saved, in fen; None: they were not used, for with them the stay would have cost more."""

    @property
    def final(self) -> bool:
        """What the walk found is the charge."""
        return self.lane.final and self.extra is ONE

    @property
    def exact(self) -> Fraction:
        """The sum in fen, not rounded."""
        return Fraction(self.total, self.lane.scale)


def amount(plan: Plan, days: Days, entry: int, end: int, vehicle: str = "small") -> int:
    """The charge in fen of a plain stay: no passes, no coupons, one version, no lines. This is the quick way."""
    lane = plan.lanes.get(vehicle) or plan.lane(vehicle)
    if end <= entry or plan.cuts_seconds or not lane.plain:
        stay = Stay(entry_us=entry, exit_us=end, vehicle=vehicle)
        return charge_of(reckon(Versions([(0, plan)]), stay, days))
    total = _plainly(lane, days, entry, end, None)
    return total if lane.final else charge_of(Sum(lane, plan, total))


def _plainly(lane: Lane, days: Days, entry: int, end: int, lines: list[Bought] | None) -> int:
    """The scaled sum of a stay of some length on a plain lane, of one version and without passes."""
    if end - entry <= lane.gate:
        if lines is not None:
            lines.append(Bought("free", entry, end, None, -1, 0, lane.free[0].length, 0, 0, 0, ""))
        return 0
    start = entry + lane.deducted
    if lane.deducted and lines is not None:
        lines.append(Bought("free", entry, min(start, end), None, -1, 0, lane.deducted, 0, 0, 0, ""))
    if lane.even and (lane.windowed or end - start <= WORTH_US):
        return walk_evenly(lane, days, entry, start, end, lines)
    memory = arrive(lane, entry, days)
    if start < end:
        walk(lane, days, memory, start, end, end, lines, Leap(lane, days) if end - start > WORTH_US else None)
    return memory.total


def reckon(versions: Versions, stay: Stay, days: Days, lines: list[Bought] | None = None, shorter_by: int = 0) -> Sum:
    """The sum of a stay; `shorter_by` is taken off its end after the gate has been judged by the whole of it.

    A pass cuts units in two, which can cost more than it covers; then the stay is priced as if it had none.
    """
    found = _reckon(versions, stay, days, lines, shorter_by)
    if not stay.passes:
        return found
    bought: list[Bought] = []
    whole = _reckon(versions, replace(stay, passes=[]), days, bought, shorter_by)
    saved = charge_of(whole) - charge_of(found)
    if saved >= 0:
        return found._replace(covered=saved)
    if lines is not None:
        lines[:] = bought
    return whole


def _reckon(versions: Versions, stay: Stay, days: Days, lines: list[Bought] | None, shorter_by: int) -> Sum:
    parts = versions.parts(stay.entry_us)
    plan = parts[0][1]
    lane = plan.lanes.get(stay.vehicle) or plan.lane(stay.vehicle)
    extra = ONE if stay.factor == "1" else Fraction(stay.factor)
    entry, end = times_of(stay, plan)
    if lane.plain and len(parts) == 1 and entry < end and not stay.passes and not shorter_by:
        return Sum(lane, plan, _plainly(lane, days, entry, end, lines), extra)
    spans = uncovered(entry, end, stay.passes)
    alone = len(parts) == 1 and plan.tariff.charging is None
    most = 0 if alone else max(part.lane(one).slots for _, part, _ in parts for one in classes_in(stay, part))
    memory = arrive(lane, spans[0][0] if spans else entry, days, most)
    if spans:
        spans = after_free(lane, plan, spans, days, lines)
        spans = without_last(spans, shorter_by) if shorter_by else spans
    if spans:
        if lane.visit or lane.visit_turns:
            visited(lane, memory, memory.start, spans[-1][1], lines)
        if lane.pools:
            pooled(lane, days, memory, spans, lines)
        elif alone and len(spans) == 1:
            start, stop = spans[0]
            walk(lane, days, memory, start, stop, stop, lines, Leap(lane, days) if stop - start > WORTH_US else None)
        else:
            _walk_all(pieces_of(stay, spans, parts), days, memory, lines)
    return Sum(lane, plan, memory.total, extra)


def arrive(lane: Lane, start: int, days: Days, rules: int = 0) -> Memory:
    """The memory of a stay that begins now."""
    memory = Memory(lane, start, rules)
    if lane.by_arrival:
        _, memory.arrived, memory.arrived_since = next(lane.schedule.stretches(start, days))
    return memory


def _walk_all(pieces: list[Piece], days: Days, memory: Memory, lines: list[Bought] | None) -> None:
    at, last = 0, pieces[0].lane
    for lane, start, stop, end in pieces:
        start = max(start, at)
        if start < stop:
            if lane is not last:
                memory.change(lane, start)
                last = lane
            leap = Leap(lane, days) if stop - start > WORTH_US else None
            at = min(end, walk(lane, days, memory, start, stop, end, lines, leap))


def granted(lane: Lane, plan: Plan, entry: int, days: Days) -> Grant | None:
    """The free minutes of a stay: the first that are for its class and its day of arrival."""
    for grant in lane.free:
        if not grant.days or matches(grant.days, days.code(lane.zone.day_of(entry)), plan.weekend):
            return grant
    return None


def passes_gate(grant: Grant, lane: Lane, days: Days, spans: list[Span]) -> bool:
    """Whether a stay is short enough to be free."""
    if grant.charged:
        length = sum(time_used(lane, days, spans)[0].values())
    else:
        length = sum(stop - start for start, stop in spans)
    return length < grant.length or (grant.inclusive and length == grant.length)


def after_free(lane: Lane, plan: Plan, spans: list[Span], days: Days, lines: list[Bought] | None) -> list[Span]:
    """What of a stay's spans is to be charged once free minutes are granted."""
    grant = granted(lane, plan, spans[0][0], days)
    if grant is None:
        return spans
    if not grant.gate:
        left = without_first(spans, grant.length)
    elif passes_gate(grant, lane, days, spans):
        left = []
    else:
        return spans
    if lines is not None:
        start, stop = spans[0][0], left[0][0] if left else spans[-1][1]
        lines.append(Bought("free", start, stop, None, -1, 0, grant.length, 0, 0, 0, ""))
    return left


def charge_of(found: Sum) -> int:
    """The charge in fen: at least the least, times the factors, rounded as the tariff says."""
    if found.final:
        return found.total
    return rounded(multiplied(found), found.plan.tariff.rounding.to_fen, found.plan.tariff.rounding.mode)


def multiplied(found: Sum) -> Fraction:
    """The exact sum, at least the least if anything is charged, times the factors."""
    exact = found.exact
    if 0 < exact < found.lane.least:
        exact = Fraction(found.lane.least)
    return exact * found.lane.factor * found.extra
