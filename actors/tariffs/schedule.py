"""Which period is in force when, for one class of vehicles: each day's stretches, worked out once per kind of day."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple

from actors.tariffs.calendar import Code, Days, matches
from actors.tariffs.units import FAR
from actors.tariffs.zone import Zone
from actors.values import DAY_US

NOTHING = -1
"""Instead of the number of a period: no period is in force, parking is free."""


class Window(NamedTuple):
    """One window of one period: from and to since the midnight of its day, and the days on which it begins."""

    rule: int
    start: int
    end: int
    days: frozenset[str]


class Stretch(NamedTuple):
    """A time in which one occurrence of a period is in force without a break; offsets from its day's begin.

    `since` is where its window begins, and so the identity of the occurrence: another period may come before it for
    a while, and the same occurrence goes on afterwards.
    """

    start: int
    end: int
    rule: int
    since: int


class Cover(NamedTuple):
    """One window on one day: its period, and from where to where it would reach, as offsets."""

    rule: int
    end: int
    since: int


Ring = tuple[Stretch, ...]
"""The stretches that begin on one day; the last may end on the next."""

Reach = tuple[int, int, int]
"""A stretch as instants: its end, the number of its period, the begin of its occurrence."""

Laid = tuple[tuple[int, ...], tuple[Reach, ...]]
"""The begins of a day's stretches, and the stretches."""

_KEPT = 2_000


class Schedule:
    """The stretches of any day: `windows` in the order in which they take precedence."""

    def __init__(self, zone: Zone, windows: list[Window], weekend: frozenset[int], endless: int) -> None:
        self.zone = zone
        self.windows = windows
        self.weekend = weekend
        self.plain = not any(window.days for window in windows)
        """No day differs from another, but where the clock is changed."""
        self.endless = endless
        """The period that is always in force with edges that mean nothing: one stretch without an end."""
        self._known: dict[object, Ring] = {}
        self._laid: dict[int, Laid] = {}
        self._laid_for: Days | None = None

    def stretches(self, instant: int, days: Days) -> Iterator[Reach]:
        """From an instant on, without end."""
        if self.endless >= 0:
            return iter(((FAR, self.endless, 0),))
        day = self.zone.guess(instant)
        known = self._laid.get(day) if days is self._laid_for else None
        starts, reaches = known or self._day(day, days)
        # A stretch may begin a day before, on a day before the one that was guessed.
        while not starts or instant < starts[0]:
            day -= 1
            starts, reaches = self._day(day, days)
        while not starts or instant >= reaches[-1][0]:
            day += 1
            starts, reaches = self._day(day, days)
        first = bisect_right(starts, instant) - 1
        return chain(reaches[first:] if first else reaches, self._after(day, days))

    def _after(self, day: int, days: Days) -> Iterator[Reach]:
        while True:
            day += 1
            yield from self._day(day, days)[1]

    def _day(self, day: int, days: Days) -> Laid:
        """The stretches that begin on a day, as instants."""
        if days is not self._laid_for or len(self._laid) > _KEPT:
            self._laid, self._laid_for = self._laid if self.plain and len(self._laid) <= _KEPT else {}, days
        laid = self._laid.get(day)
        if laid is None:
            base = self.zone.begin(day)
            ring = self.ring(day, days)
            reaches = tuple((base + end, rule, base + since) for _, end, rule, since in ring)
            laid = self._laid[day] = (tuple(base + one.start for one in ring), reaches)
        return laid

    def ring(self, day: int, days: Days) -> Ring:
        """The stretches that begin on a day; the same for all days around which nothing differs."""
        odd = self.zone.begin(day + 3) - self.zone.begin(day - 2) != 5 * DAY_US
        codes = () if self.plain else tuple(days.code(day + n) for n in (-2, -1, 0, 1))
        key = (day, codes) if odd else codes
        known = self._known.get(key)
        if known is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            known = self._known[key] = self._lay_out(day, codes, odd)
        return known

    def _lay_out(self, day: int, codes: tuple[Code, ...], odd: bool) -> Ring:
        """Sweep over the days around: at each edge, the first window that covers what follows."""
        base = self.zone.begin(day)

        def offset(at: int, time: int) -> int:
            return self.zone.instant(at, time) - base if odd else (at - day) * DAY_US + time

        covers = [
            Cover(window.rule, offset(at, window.end), offset(at, window.start))
            for n, at in enumerate(range(day - 2, day + 2))
            for window in self.windows
            if not codes or matches(window.days, codes[n], self.weekend)
        ]
        covers.sort(key=lambda cover: cover.rule)
        midnights = [offset(at, 0) for at in range(day - 1, day + 3)]
        edges = sorted({edge for cover in covers for edge in cover[1:]} | set(midnights))
        found = _merged([(a, b, _first(covers, a), a in midnights) for a, b in pairwise(edges)])
        return tuple(one for one in found if midnights[1] <= one.start < midnights[2])


def _first(covers: list[Cover], at: int) -> Cover | None:
    """The occurrence in force at an offset."""
    return next((cover for cover in covers if cover.since <= at < cover.end), None)


def _merged(cells: list[tuple[int, int, Cover | None, bool]]) -> list[Stretch]:
    """Cells of one occurrence side by side made one; time without a period is cut at midnight."""
    stretches: list[Stretch] = []
    last: object = ()
    for start, end, cover, midnight in cells:
        if cover == last and not (cover is None and midnight):
            stretches[-1] = stretches[-1]._replace(end=end)
        else:
            stretches.append(
                Stretch(start, end, cover.rule, cover.since) if cover else Stretch(start, end, NOTHING, start)
            )
        last = cover
    return stretches
