"""Streets fitted through the bays along them: a bay stands at the kerb, so a section's bays draw its line."""

import math
import re
from itertools import pairwise
from statistics import median
from typing import NamedTuple

EARTH_M = 6_371_008.8
Point = tuple[float, float]
"""Metres east and north of a fixed place."""

REACH_M = 90.0
BEND_M = 14.0
STEP_M = 45.0
STRAY_M = 150.0
GAP_LEAST_M = 3.0
GAP_MOST_M = 260.0
STRAIGHT = 0.95


class Plane:
    """Flat metres around one place; exact enough for one city."""

    def __init__(self, lon: float, lat: float) -> None:
        self._lon, self._lat = lon, lat
        self._north = math.radians(1) * EARTH_M
        self._east = self._north * math.cos(math.radians(lat))

    def metres(self, lon: float, lat: float) -> Point:
        """Where a longitude and latitude lie."""
        return (lon - self._lon) * self._east, (lat - self._lat) * self._north

    def degrees(self, point: Point) -> tuple[float, float]:
        """Longitude and latitude, to about 10 cm."""
        return round(self._lon + point[0] / self._east, 6), round(self._lat + point[1] / self._north, 6)


class Named(NamedTuple):
    """A section's description taken apart: its street and the streets at its two ends ("" if unknown)."""

    street: str
    ends: tuple[str, str]


def named(description: str) -> Named:
    """`X between Y and Z`, `Intersection of X and Y` and `X from Y` taken apart."""
    if found := re.fullmatch(r"(.+?) between (.+?) and (.+)", description):
        return Named(found[1], (found[2], found[3]))
    if found := re.fullmatch(r"Intersection of (.+?) and (.+)", description):
        return Named(found[1], (found[2], ""))
    if found := re.fullmatch(r"(.+?) from (.+)", description):
        return Named(found[1], (found[2], ""))
    return Named(description, ("", ""))


class Axis:
    """The straight line through a section's bays (their main direction), from its first bay to its last."""

    def __init__(self, points: list[Point]) -> None:
        n = len(points)
        self.centre = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
        off = [(p[0] - self.centre[0], p[1] - self.centre[1]) for p in points]
        xx, yy, xy = sum(x * x for x, _ in off), sum(y * y for _, y in off), sum(x * y for x, y in off)
        angle = 0.5 * math.atan2(2 * xy, xx - yy)
        self.way = math.cos(angle), math.sin(angle)
        along = [self.along(p) for p in points]
        self.first, self.last = min(along), max(along)
        self.spread = math.sqrt(sum(self.aside(p) ** 2 for p in points) / n)

    def along(self, point: Point) -> float:
        """How far along the line a point lies."""
        return (point[0] - self.centre[0]) * self.way[0] + (point[1] - self.centre[1]) * self.way[1]

    def aside(self, point: Point) -> float:
        """How far beside the line a point lies."""
        return (point[1] - self.centre[1]) * self.way[0] - (point[0] - self.centre[0]) * self.way[1]

    def at(self, along: float) -> Point:
        """The point of the line there."""
        return self.centre[0] + along * self.way[0], self.centre[1] + along * self.way[1]

    def crossing(self, other: "Axis") -> float | None:
        """Where along this line the other one crosses it; None if they run almost the same way."""
        turn = self.way[0] * other.way[1] - self.way[1] * other.way[0]
        if abs(turn) < 0.3:
            return None
        dx, dy = other.centre[0] - self.centre[0], other.centre[1] - self.centre[1]
        return (dx * other.way[1] - dy * other.way[0]) / turn

    @property
    def bearing(self) -> float:
        """Degrees clockwise from north, 0 to 180: a street has two directions."""
        return round(math.degrees(math.atan2(self.way[0], self.way[1])) % 180, 1)


class Section:
    """A street section: its description and its bays, and the line fitted through them."""

    def __init__(self, number: str, description: str, points: list[Point]) -> None:
        self.number = number
        self.description = description
        self.named = named(description)
        self.points = together(points)
        self.axis = Axis(self.points) if len(self.points) > 1 else None

    @property
    def centre(self) -> Point:
        """The middle of its bays."""
        n = len(self.points)
        return sum(p[0] for p in self.points) / n, sum(p[1] for p in self.points) / n

    def line(self, streets: dict[str, list["Section"]]) -> list[Point]:
        """Its line, drawn to where the streets at its ends cross it; empty if its bays give no direction."""
        axis = self.axis
        if axis is None or axis.last - axis.first < 8 or self.description.startswith("Intersection"):
            return []
        first, last = axis.first, axis.last
        for name in filter(None, self.named.ends):
            at = self._crossing(axis, streets.get(name, []))
            if at is not None and at < (axis.first + axis.last) / 2:
                first = at
            elif at is not None:
                last = at
        if axis.spread <= BEND_M:
            return [axis.at(first), axis.at(last)]
        return self._bent(axis)

    def _crossing(self, axis: Axis, others: list["Section"]) -> float | None:
        best: tuple[float, float] | None = None
        for other in others:
            at = axis.crossing(other.axis) if other.axis else None
            if at is None or other.axis is None:
                continue
            outside = min(abs(at - axis.first), abs(at - axis.last))
            away = other.axis.along(axis.at(at))
            beyond = max(other.axis.first - away, away - other.axis.last, 0.0)
            if outside <= REACH_M and beyond <= REACH_M:
                best = min(best or (math.inf, 0.0), (outside + beyond, at))
        return best[1] if best else None

    def _bent(self, axis: Axis) -> list[Point]:
        """A street that is not straight: the middle of its bays every few dozen metres."""
        bins: dict[int, list[Point]] = {}
        for point in self.points:
            bins.setdefault(int((axis.along(point) - axis.first) / STEP_M), []).append(point)
        middles = [(sum(p[0] for p in b) / len(b), sum(p[1] for p in b) / len(b)) for _, b in sorted(bins.items())]
        return middles if len(middles) > 1 else []


def bridges(lines: list[list[Point]]) -> list[tuple[int, list[Point]]]:
    """Where a street goes on straight over a gap without bays: the pieces that join its lines, each with the place of
    the line that it begins at.
    """
    found: list[tuple[int, list[Point]]] = []
    ends = [(place, end, before) for place, line in enumerate(lines) for end, before in _ends(line)]
    for place, end, before in ends:
        options = [
            (math.dist(end, other), other_place, other)
            for other_place, other, other_before in ends
            if other_place != place and _goes_on(before, end, other) and _goes_on(other_before, other, end)
        ]
        gap, _, other = min(options, default=(math.inf, place, end))
        if GAP_LEAST_M < gap <= GAP_MOST_M and [other, end] not in [piece for _, piece in found]:
            found.append((place, [end, other]))
    return found


def _ends(line: list[Point]) -> list[tuple[Point, Point]]:
    return [(line[0], line[1]), (line[-1], line[-2])]


def _goes_on(before: Point, end: Point, further: Point) -> bool:
    """Whether who comes from `before` over `end` goes straight on to `further`."""
    step, way = math.dist(before, end), math.dist(end, further)
    if not step or not way:
        return False
    along = (end[0] - before[0]) * (further[0] - end[0]) + (end[1] - before[1]) * (further[1] - end[1])
    return along / (step * way) > STRAIGHT


def together(points: list[Point]) -> list[Point]:
    """Without those far from all the others: a bay entered at a wrong place would turn its whole street."""
    middle = median(p[0] for p in points), median(p[1] for p in points)
    reach = max(STRAY_M, 4 * median(math.dist(p, middle) for p in points))
    return [p for p in points if math.dist(p, middle) <= reach] or points


def length(line: list[Point]) -> float:
    """Of a line, in metres."""
    return sum(math.dist(a, b) for a, b in pairwise(line))
