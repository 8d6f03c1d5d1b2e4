"""Leaps over whole repetitions of a long stay: when everything is again as it was, the same money follows again.

What matters for the rest of a stay is where in its day it stands, what kind of days follow, and what the stay's memory
holds. If that was seen before, then what lay between repeats, up to the next special day or change of the clock.
"""

from bisect import bisect_left

from actors.tariffs.calendar import Days
from actors.tariffs.caps import Memory
from actors.tariffs.lines import Bought
from actors.tariffs.plan import Lane
from actors.values import DAY_US

WORTH_US = 3 * DAY_US
"""A stay shorter than this repeats too little."""

_MARGIN = 3
"""Days around a special one that it may reach into."""


class Leap:
    """What one walk has seen at its landmarks."""

    def __init__(self, lane: Lane, days: Days) -> None:
        self.lane = lane
        self.days = days
        self.seen: dict[tuple[object, ...], tuple[int, int, int]] = {}

    def over(self, memory: Memory, number: int, at: int, stop: int, lines: list[Bought] | None) -> int:
        """How far the walk may leap from here; the memory is as it will be there."""
        day, time = self.lane.zone.day_and_time(at)
        jump = self._again(self._key(memory, number, at, day, time), at, day, memory.total, stop, lines)
        if jump is None:
            return 0
        memory.shift(jump[0])
        memory.total += jump[1]
        return jump[0]

    def over_even(
        self, at: int, number: int, ahead: int, total: int, stop: int, lines: list[Bought] | None
    ) -> tuple[int, int] | None:
        """How far an even walk may leap where a cap window begins that ends so far ahead, and what that costs.

        Nothing has been used there yet: the time of day, the period and the window are all that matters.
        """
        day, time = self.lane.zone.day_and_time(at)
        key = (time, number, 0 if self.lane.schedule.plain else day % 7, ahead)
        return self._again(key, at, day, total, stop, lines)

    def _again(
        self, key: tuple[object, ...], at: int, day: int, total: int, stop: int, lines: list[Bought] | None
    ) -> tuple[int, int] | None:
        """The time that what lay between this landmark and the same one before fills from here, and its price."""
        before = self.seen.get(key)
        self.seen[key] = (at, total, day)
        if before is None:
            return None
        length, gain = at - before[0], total - before[1]
        limit = self.lane.zone.begin(self._usual_until(before[2]))
        times = ((limit if limit < stop else stop) - at) // length
        if gain > 0:
            times = min(times, (self.lane.visit_cap - total) // gain)
        if times < 1:
            return None
        if lines is not None:
            all_of_it = times * gain
            lines.append(
                Bought("repeat", at, at + times * length, None, -1, times, length, gain, all_of_it, all_of_it, "")
            )
        return times * length, times * gain

    def _usual_until(self, day: int) -> int:
        """The day before which no day differs from the usual ones, seen from `day` on."""
        first = self.lane.zone.next_odd(day - _MARGIN)
        if not self.lane.schedule.plain:
            ordered = self.days.ordered
            found = bisect_left(ordered, day - _MARGIN)
            first = min([first, *ordered[found : found + 1]])
        return first - _MARGIN

    def _key(self, memory: Memory, number: int, at: int, day: int, time: int) -> tuple[object, ...]:
        lane = self.lane
        clocks: tuple[int, ...] = ()
        if not lane.top:
            pass  # no stage ever ends
        elif lane.elapsed:
            clocks = (min(at - memory.origin, lane.top),)
        elif lane.restart in ("stay", "cycle"):
            clocks = (min(memory.clocks[0], lane.top),)
        else:
            clocks = tuple(min(clock, top) for clock, top in zip(memory.clocks, lane.tops, strict=False))
        spent = memory.spent
        return (
            time,
            number,
            0 if lane.schedule.plain else day % 7,
            clocks,
            lane.capped_rules and tuple([spent[n] for n in lane.capped_rules]),
            memory.hours_end - at if lane.hours else 0,
            memory.hours_spent if lane.hours_capped else 0,
            memory.day_end - at if lane.day_at >= 0 else 0,
            memory.day_spent if lane.day_capped else 0,
            # Also while another period holds: what is left of the occurrence of the arrival may come after it.
            lane.by_arrival and memory.arrived >= 0 and memory.since[memory.arrived] in (None, memory.arrived_since),
            lane.flat_rules and tuple([memory.flats.get(n) == memory.since[n] for n in lane.flat_rules]),
        )
