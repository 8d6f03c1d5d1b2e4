"""What the resources look like in answers; times in microseconds, positions in degrees."""

from typing import Annotated, Literal

import msgspec

from actors.values import Micros
from gateway.http.forms import Shown
from storage.rows import BayRow, DeviceRow, KeptFrame, LotRow, PassageRow, RegionRow, RoadRow, Totals

Position = tuple[float, float]
"""Longitude, latitude."""

Next = Annotated[str | None, msgspec.Meta(description="`after` of the next page; null: this was the last")]


class City(Shown, frozen=True):
    """The city: bounds are west, south, east, north; `demand` says where its readings come from."""

    name_zh: str
    name_en: str
    zone: str
    attribution: str
    bounds: tuple[float, float, float, float]
    center: Position
    counts: Totals
    demand: str


class Regions(Shown, frozen=True):
    """One page of regions."""

    items: list[RegionRow]
    next: Next


class Roads(Shown, frozen=True):
    """One page of roads."""

    items: list[RoadRow]
    next: Next


class Lots(Shown, frozen=True):
    """One page of lots."""

    items: list[LotRow]
    next: Next


class Bays(Shown, frozen=True):
    """One page of bays."""

    items: list[BayRow]
    next: Next


class Devices(Shown, frozen=True):
    """One page of devices."""

    items: list[DeviceRow]
    next: Next


class Frames(Shown, frozen=True):
    """One page of raw frames, newest first."""

    items: list[KeptFrame]
    next: Next


class Passages(Shown, frozen=True):
    """One page of passages, newest first."""

    items: list[PassageRow]
    next: Next


class Ingest(Shown, frozen=True):
    """How many frames had each outcome since the beginning, and the newest of them."""

    outcomes: dict[str, int]
    last: list[KeptFrame]


class Occupancy(Shown, frozen=True):
    """A place over time; a point is (start of the bucket, occupied, known, total bays)."""

    place: str
    bucket_us: Micros
    points: list[tuple[Micros, int, int, int]]


class Dependency(Shown, frozen=True):
    """One thing that has to answer for us to work: whether it does, in how many ms, and a sentence."""

    name: str
    ready: bool
    ms: int
    sentence: str


class Readiness(Shown, frozen=True):
    """Whether everything that we depend on answers."""

    ready: bool
    dependencies: list[Dependency]


class Alive(Shown, frozen=True):
    """This process runs and answers."""

    alive: bool


class Point(Shown, frozen=True):
    """A GeoJSON point."""

    coordinates: Position
    type: Literal["Point"] = "Point"


class Line(Shown, frozen=True):
    """A GeoJSON line."""

    coordinates: list[Position]
    type: Literal["LineString"] = "LineString"


class Marked(Shown, frozen=True):
    """What the map knows of a bay besides its state."""

    id: str
    number: str
    lot: str
    road: str
    region: str
    type: str
    bearing: float | None


class Named(Shown, frozen=True):
    """What the map knows of a road."""

    id: str
    name_zh: str
    name_en: str
    region: str


class BayFeature(Shown, frozen=True):
    """One bay on the map."""

    id: str
    geometry: Point
    properties: Marked
    type: Literal["Feature"] = "Feature"


class RoadFeature(Shown, frozen=True):
    """One line of a road on the map; a road may have several."""

    geometry: Line
    properties: Named
    type: Literal["Feature"] = "Feature"


class BayMap(Shown, frozen=True):
    """Every bay of the city as GeoJSON."""

    features: list[BayFeature]
    type: Literal["FeatureCollection"] = "FeatureCollection"


class RoadMap(Shown, frozen=True):
    """Every road of the city as GeoJSON."""

    features: list[RoadFeature]
    type: Literal["FeatureCollection"] = "FeatureCollection"
