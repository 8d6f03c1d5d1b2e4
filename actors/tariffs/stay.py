"""A stay, and which of its time is to be priced as what: what passes cover is taken out, the rest cut into pieces."""

from math import lcm
from typing import NamedTuple

import msgspec

from actors.tariffs.plan import Lane, Plan
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.units import FAR, micros
from actors.tariffs.zone import EARLIEST_US, LATEST_US
from actors.values import MINUTE_US, Micros

Span = tuple[Micros, Micros]
"""From, to: half open."""


class Stay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One parking stay as far as its price depends on it."""

    entry_us: Micros
    exit_us: Micros
    vehicle: str = "small"
    passes: list[Span] = []
    """Time that passes cover."""
    charging: list[Span] = []
    """When the car was being charged, at a bay with a charger."""
    factor: str = "1"
    """A dynamic price's multiplier, as it was at entry."""


class Piece(NamedTuple):
    """A part of a stay with one lane: no unit begins at or after `stop`, none runs on past `end`."""

    lane: Lane
    start: int
    stop: int
    end: int


class Versions:
    """A tariff's versions in the order in which they take effect."""

    def __init__(self, versions: list[tuple[Micros, Plan]]) -> None:
        self.versions = sorted(versions, key=lambda version: version[0]) if len(versions) > 1 else versions

    def at(self, instant: Micros) -> int:
        """The number of the version in force; before the first one takes effect there is no tariff."""
        found = sum(since <= instant for since, _ in self.versions) - 1
        if found < 0:
            raise TariffError(Problem("no_tariff_yet", "entry_us", "no version of the tariff was in force then"))
        return found

    def parts(self, entry: Micros) -> list[tuple[Micros, Plan, bool]]:
        """(from, plan, whether units run on into it) for a stay that began at `entry`: its own version first."""
        if len(self.versions) == 1 and self.versions[0][0] <= entry:
            return self.versions[0][1].alone
        first = self.at(entry)
        plan = self.versions[first][1]
        parts = [*plan.alone]
        if plan.tariff.on_change != "entry":
            soft = plan.tariff.on_change == "unit"
            parts += [(since, later, soft) for since, later in self.versions[first + 1 :]]
        scale = lcm(*(plan.scale for _, plan, _ in parts))
        return [(since, plan.scaled(scale), soft) for since, plan, soft in parts]


def times_of(stay: Stay, plan: Plan) -> Span:
    """Entry and exit as the tariff sees them; an exit before the entry makes a stay of no length."""
    entry, end = stay.entry_us, stay.exit_us
    if not (EARLIEST_US <= entry <= LATEST_US and EARLIEST_US <= end <= LATEST_US):
        raise TariffError(Problem("time_out_of_range", "entry_us", "a stay lies between 1970 and 2200"))
    if plan.cuts_seconds:
        entry, end = entry - entry % MINUTE_US, end - end % MINUTE_US
    return entry, max(entry, end)


def uncovered(entry: int, end: int, passes: list[Span]) -> list[Span]:
    """What of a stay no pass covers."""
    if not passes:
        return [(entry, end)] if entry < end else []
    spans, at = [], entry
    for start, stop in sorted(passes):
        if start >= end:
            break
        if stop > at:
            if start > at:
                spans.append((at, start))
            at = stop
    if at < end:
        spans.append((at, end))
    return spans


def without_first(spans: list[Span], length: int) -> list[Span]:
    """Spans less their first so much time."""
    left = []
    for start, stop in spans:
        skipped = min(length, stop - start)
        length -= skipped
        if start + skipped < stop:
            left.append((start + skipped, stop))
    return left


def without_last(spans: list[Span], length: int) -> list[Span]:
    """Spans less their last so much time."""
    turned = [(-stop, -start) for start, stop in reversed(spans)]
    return [(-stop, -start) for start, stop in reversed(without_first(turned, length))]


def pieces_of(stay: Stay, spans: list[Span], parts: list[tuple[int, Plan, bool]]) -> list[Piece]:
    """Spans cut where another version of the tariff takes effect, and where charging begins or ends."""
    if len(parts) == 1 and len(classes_in(stay, parts[0][1])) == 1:
        lane = parts[0][1].lane(stay.vehicle)
        return [Piece(lane, start, stop, stop) for start, stop in spans]
    pieces = []
    for n, (since, plan, _) in enumerate(parts):
        until = parts[n + 1][0] if n + 1 < len(parts) else FAR
        soft = n + 1 < len(parts) and parts[n + 1][2]
        for vehicle, start, stop in _classed(stay, plan, spans):
            low, high = max(start, since), min(stop, until)
            if low < high:
                pieces.append(Piece(plan.lane(vehicle), low, high, stop if soft else high))
    return pieces


def classes_in(stay: Stay, plan: Plan) -> list[str]:
    """The classes that parts of a stay may have."""
    charging = plan.tariff.charging
    if charging is None or stay.vehicle not in (charging.charging, charging.idle):
        return [stay.vehicle]
    return [charging.idle, charging.charging]


def _classed(stay: Stay, plan: Plan, spans: list[Span]) -> list[tuple[str, int, int]]:
    """Spans with the class that each is charged as."""
    charging = plan.tariff.charging
    if charging is None or len(classes_in(stay, plan)) == 1:
        return [(stay.vehicle, *span) for span in spans]
    grace = micros(charging.grace_minutes)
    arriving = (stay.entry_us, stay.entry_us + micros(charging.plug_in_minutes))
    plugged = [arriving, *((start, stop + grace) for start, stop in stay.charging)]
    classed = []
    for span in spans:
        idle = uncovered(*span, plugged)
        classed += [(charging.idle, *one) for one in idle]
        classed += [(charging.charging, *one) for one in uncovered(*span, idle)]
    return sorted(classed, key=lambda one: one[1])
