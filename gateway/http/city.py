"""The city as a whole, its map, and how full it was."""

from typing import Annotated, Final

import msgspec

from actors.values import DAY_US
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, Document, NoQuery, Typed
from gateway.http.house import House
from gateway.http.shown import (
    BayFeature,
    BayMap,
    City,
    Line,
    Marked,
    Named,
    Occupancy,
    Point,
    RoadFeature,
    RoadMap,
)
from storage.history import BUCKET_US
from storage.rows import BayMark, RoadLines

GEOJSON: Final = "application/geo+json"
SPAN_US_MAX: Final = 32 * DAY_US
PLACE: Final = r"^(city|region/[^/]{1,64}|lot/[^/]{1,64})$"

Instant = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Span(Typed, frozen=True):
    """A place, from when (inclusive) to when (exclusive); without them the last 24 hours."""

    place: Annotated[str, msgspec.Meta(pattern=PLACE, description="city, region/<id> or lot/<id>")] = "city"
    from_us: Instant | None = None
    to_us: Instant | None = None


async def city(house: House, call: Call[NoQuery, None]) -> City:
    """The city as a whole."""
    known = found(await house.lists.city())
    west, south, east, north = known.bounds
    return City(
        name_zh=known.name_zh,
        name_en=known.name_en,
        zone=known.zone,
        attribution=known.attribution,
        bounds=known.bounds,
        center=((west + east) / 2, (south + north) / 2),
        counts=await house.lists.totals(),
        demand=house.demand(),
    )


async def bay_map(house: House, call: Call[NoQuery, None]) -> Document:
    """Every bay on the map."""

    async def make() -> BayMap:
        return BayMap([_bay(mark) for mark in await house.lists.bay_marks()])

    return await house.kept.document("bays", GEOJSON, make)


async def road_map(house: House, call: Call[NoQuery, None]) -> Document:
    """Every road on the map."""

    async def make() -> RoadMap:
        return RoadMap([line for road in await house.lists.road_lines() for line in _lines(road)])

    return await house.kept.document("roads", GEOJSON, make)


async def occupancy(house: House, call: Call[Span, None]) -> Occupancy:
    """How full a place was; nothing is said of the future."""
    asked, now = call.query, house.identity.now()
    to_us = now if asked.to_us is None else min(asked.to_us, now)
    from_us = to_us - DAY_US if asked.from_us is None else asked.from_us
    if to_us - from_us > SPAN_US_MAX:
        raise Problem("invalid_query", "At most 32 days at once", {"path": "$.from_us"})
    points = await house.history.occupancy(asked.place, from_us, to_us)
    return Occupancy(asked.place, BUCKET_US, points)


def _bay(mark: BayMark) -> BayFeature:
    known = Marked(mark.id, mark.number, mark.lot, mark.road, mark.region, mark.type, mark.bearing)
    return BayFeature(mark.id, Point((mark.lon, mark.lat)), known)


def _lines(road: RoadLines) -> list[RoadFeature]:
    named = Named(road.id, road.name_zh, road.name_en, road.region)
    return [RoadFeature(Line(line), named) for line in road.lines]
