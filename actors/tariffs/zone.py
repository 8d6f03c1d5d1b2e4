"""A time zone by its rules: when each local day begins, and when the wall clock shows a time, as real instants.

An edge of the clock happens once: at the first instant at which the wall clock shows it, or has jumped past it.
So the hour that comes twice in autumn brings no edge back, and one that is left out in spring loses none.
"""

import re
from bisect import bisect_left, insort
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from actors.tariffs.problems import Problem, TariffError
from actors.values import DAY_US, SECOND_US

EPOCH = date(1970, 1, 1).toordinal()
EARLIEST_US = 0
LATEST_US = 230 * 366 * DAY_US
"""Stays before 1970 or after about 2200 are refused: there is no parking there."""

_KEPT = 40_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


class Zone:
    """The days of one zone, numbered from 1970-01-01."""

    def __init__(self, name: str) -> None:
        self._info = _rules(name)
        self.name = name
        self.begins: dict[int, int] = {}
        """Day number → the instant at which it begins, as far as it was asked for."""
        self._odd: list[int] = []
        self._next_odd: dict[int, int] = {}
        self._looked: set[int] = set()
        self._guess = self.offset(1_700_000_000 * SECOND_US)

    def offset(self, instant: int) -> int:
        """What is added to UTC at this instant to get the wall clock."""
        seconds = instant // SECOND_US
        return _micros(datetime.fromtimestamp(seconds, UTC).astimezone(self._info).utcoffset())

    def begin(self, day: int) -> int:
        """The instant at which a day begins."""
        begun = self.begins.get(day)
        if begun is None:
            if len(self.begins) > _KEPT:
                self.begins.clear()
            begun = self.begins[day] = self.instant(day, 0)
        return begun

    def guess(self, instant: int) -> int:
        """The day in which an instant lies, or the one before or after it."""
        return (instant + self._guess) // DAY_US

    def day_of(self, instant: int) -> int:
        """The number of the local day in which an instant lies."""
        return self.day_and_time(instant)[0]

    def day_and_time(self, instant: int) -> tuple[int, int]:
        """The number of the local day in which an instant lies, and how long ago that began."""
        day = (instant + self._guess) // DAY_US
        begun = self.begin(day)
        if instant < begun:
            day, begun = day - 1, self.begin(day - 1)
        elif instant >= (following := self.begin(day + 1)):
            day, begun = day + 1, following
        return day, instant - begun

    def instant(self, day: int, time: int) -> int:
        """The first instant at which the wall clock shows this time of this day, or has passed it."""
        wall = day * DAY_US + time
        offsets = {self.offset(wall + shift) for shift in (-DAY_US, 0, DAY_US)}
        exact = [wall - offset for offset in offsets if self.offset(wall - offset) == offset]
        return min(exact) if exact else self._jump(wall, offsets)

    def next_clock(self, after: int, time: int) -> int:
        """The first instant after this one at which the wall clock shows a time of day."""
        day = self.day_of(after)
        at = self.clock(day, time)
        return at if at > after else self.clock(day + 1, time)

    def clock(self, day: int, time: int) -> int:
        """The same as `instant`, quick on all days but those on which the clock is changed."""
        return self.instant(day, time) if time and self.odd(day) else self.begin(day) + time

    def odd(self, day: int) -> bool:
        """Whether the clock is changed on this day."""
        return self.begin(day + 1) - self.begin(day) != DAY_US

    def next_odd(self, day: int) -> int:
        """The first day at or after this one on which the clock is changed, looking two years ahead."""
        known = self._next_odd.get(day)
        if known is None:
            if len(self._next_odd) > _KEPT:
                self._next_odd.clear()
            known = self._next_odd[day] = self._find_odd(day)
        return known

    def _find_odd(self, day: int) -> int:
        year = date.fromordinal(EPOCH + day).year
        for one in (year, year + 1, year + 2):
            if one not in self._looked:
                self._look(one)
        found = bisect_left(self._odd, day)
        limit = date(year + 2, 12, 31).toordinal() - EPOCH
        return self._odd[found] if found < len(self._odd) and self._odd[found] < limit else limit

    def wall(self, instant: int) -> datetime:
        """The wall clock at an instant, with its offset, for people."""
        return datetime.fromtimestamp(instant // SECOND_US, UTC).astimezone(self._info)

    def at(self, wall: datetime) -> int:
        """The instant of a wall time without offset, or of one that carries it."""
        if wall.tzinfo is not None:
            return round((wall - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
        moment = wall - datetime.combine(wall.date(), datetime.min.time())
        return self.instant(wall.toordinal() - EPOCH, _micros(moment))

    def _jump(self, wall: int, offsets: set[int]) -> int:
        """The instant of the clock change that leaves a wall time out."""
        low, high = wall - max(offsets) - SECOND_US, wall - min(offsets)
        while high - low > SECOND_US:
            middle = (low + high) // 2 // SECOND_US * SECOND_US
            if middle + self.offset(middle) >= wall:
                high = middle
            else:
                low = max(middle, low + SECOND_US)
        return high

    def _look(self, year: int) -> None:
        first, last = date(year, 1, 1).toordinal() - EPOCH, date(year + 1, 1, 1).toordinal() - EPOCH
        for week in range(first, last, 7):
            ends = range(week, min(week + 7, last))
            if self.begin(ends[-1] + 1) - self.begin(week) != len(ends) * DAY_US:
                for day in ends:
                    if self.odd(day) and day not in self._odd:
                        insort(self._odd, day)
        self._looked.add(year)


def _rules(name: str) -> ZoneInfo:
    """The rules of the `tzdata` package, never those of the host, which may be older or missing."""
    if _NAME.fullmatch(name):
        try:
            with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
                return ZoneInfo.from_file(file, key=name)
        except (OSError, ValueError):
            pass
    raise TariffError(Problem("unknown_zone", "zone", f"there is no time zone `{name}`"))


@lru_cache(maxsize=700)
def zone_named(name: str) -> Zone:
    """The zone of that name; its days are worked out once for all plans."""
    return Zone(name)


def _micros(delta: timedelta | None) -> int:
    return round((delta or timedelta()) / timedelta(microseconds=1))
