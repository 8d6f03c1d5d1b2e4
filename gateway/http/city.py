"""The city as a whole, its map, and how full it was."""

from typing import Annotated, Final

import msgspec

from actors.values import DAY_US, MINUTE_US, Micros
from gateway.http.errors import Problem
from gateway.http.house import House
from gateway.http.route import Call, Document, NoQuery, Typed
from gateway.http.shown import (
    BayFeature,
    BayMap,
    BayMark,
    City,
    Line,
    Occupancy,
    Point,
    RoadFeature,
    RoadMap,
    RoadMark,
    Totals,
)

GEOJSON: Final = "application/geo+json"
BUCKET_US: Final = 5 * MINUTE_US
SPAN_US_MAX: Final = 32 * DAY_US
PLACE: Final = r"^(city|region/[^/]{1,64}|lot/[^/]{1,64})$"

Instant = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Span(Typed, frozen=True):
    """A place, from when (inclusive) to when (exclusive); without them the last 24 hours."""

    place: Annotated[str, msgspec.Meta(pattern=PLACE, description="city, region/<id> or lot/<id>")] = "city"
    from_us: Instant | None = None
    to_us: Instant | None = None
