"""What the resources look like in answers; instants and lengths of time in microseconds, positions in degrees."""

from typing import Annotated, Literal

import msgspec

from actors.values import Micros
from gateway.http.route import Shown

Position = tuple[float, float]
"""Longitude, latitude."""

Next = Annotated[str | None, msgspec.Meta(description="`after` of the next page; null: this was the last")]


class Totals(Shown, frozen=True):
    """How many of each the register has."""

    regions: int
    roads: int
    lots: int
    bays: int
    devices: int


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


class Region(Shown, frozen=True):
    """A part of the city."""

    id: str
    name_zh: str
    name_en: str
    version: int


class Road(Shown, frozen=True):
    """A street within one region."""

    id: str
    region: str
    name_zh: str
    name_en: str
    version: int


class Lot(Shown, frozen=True):
    """A section of a street, or an off-street lot; `counts` are its bays by the state they show."""

    id: str
    road: str
    region: str
    operator: str
    name_zh: str
    name_en: str
    street: bool
    lon: float
    lat: float
    version: int
    counts: dict[str, int]


class Bay(Shown, frozen=True):
    """A bay and what it shows: since when (its device's clock), and since when we know."""

    id: str
    number: str
    lot: str
    type: str
    lon: float
    lat: float
    bearing: float | None
    version: int
    state: str
    since_us: Micros | None
    changed_us: Micros | None
    device: str | None


class Device(Shown, frozen=True):
    """A device and how it is; `state` is online, offline or unheard (never yet)."""

    id: str
    kind: str
    lot: str
    bay: str | None
    heartbeat_us: Micros
    debounce_us: Micros
    version: int
    state: str
    last_seen_us: Micros | None
    battery_pct: int | None
    rssi_dbm: int | None
    lost: int
    late: int
    drift_us: Micros
    offline_since_us: Micros | None
    frames: int


class Frame(Shown, frozen=True):
    """A raw frame as it came (payload in base64), and what became of it."""

    id: int
    received_us: Micros
    topic: str
    device: str | None
    kind: str | None
    payload: bytes
    outcome: str
    detail: str


class Passage(Shown, frozen=True):
    """A bay was taken or freed: since when, seen by which device when (its clock), received when (ours)."""

    at: Micros
    verb: str
    bay: str
    lot: str
    since_us: Micros
    device: str
    device_us: Micros
    received_us: Micros


class Regions(Shown, frozen=True):
    """One page of regions."""

    items: list[Region]
    next: Next


class Roads(Shown, frozen=True):
    """One page of roads."""

    items: list[Road]
    next: Next


class Lots(Shown, frozen=True):
    """One page of lots."""

    items: list[Lot]
    next: Next


class Bays(Shown, frozen=True):
    """One page of bays."""

    items: list[Bay]
    next: Next


class Devices(Shown, frozen=True):
    """One page of devices."""

    items: list[Device]
    next: Next


class Frames(Shown, frozen=True):
    """One page of raw frames, newest first."""

    items: list[Frame]
    next: Next


class Passages(Shown, frozen=True):
    """One page of passages, newest first."""

    items: list[Passage]
    next: Next


class Ingest(Shown, frozen=True):
    """How many frames had each outcome since the beginning, and the newest of them."""

    outcomes: dict[str, int]
    last: list[Frame]


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


class BayMark(Shown, frozen=True):
    """What the map knows of a bay besides its state."""

    id: str
    number: str
    lot: str
    road: str
    region: str
    type: str
    bearing: float | None


class RoadMark(Shown, frozen=True):
    """What the map knows of a road."""

    id: str
    name_zh: str
    name_en: str
    region: str


class BayFeature(Shown, frozen=True):
    """One bay on the map."""

    id: str
    geometry: Point
    properties: BayMark
    type: Literal["Feature"] = "Feature"


class RoadFeature(Shown, frozen=True):
    """One line of a road on the map; a road may have several."""

    geometry: Line
    properties: RoadMark
    type: Literal["Feature"] = "Feature"


class BayMap(Shown, frozen=True):
    """Every bay of the city as GeoJSON."""

    features: list[BayFeature]
    type: Literal["FeatureCollection"] = "FeatureCollection"


class RoadMap(Shown, frozen=True):
    """Every road of the city as GeoJSON."""

    features: list[RoadFeature]
    type: Literal["FeatureCollection"] = "FeatureCollection"
