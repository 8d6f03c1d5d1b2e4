"""What the register knows: one declared class per table, field by column; `version` 0 is not kept yet."""

from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Table

from actors.values import Micros
from storage.schema import records as tables


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the register; whoever changes it names the version that they saw."""

    id: str
    version: int = 0


class City(Record, frozen=True, kw_only=True):
    """The one city of a world; bounds are west, south, east, north; `body` is what else is known of it."""

    id: str = "city"
    name_zh: str
    name_en: str
    zone: str
    attribution: str
    bounds: tuple[float, float, float, float]
    body: dict[str, Any] = {}


class Region(Record, frozen=True, kw_only=True):
    """A part of the city."""

    name_zh: str
    name_en: str


class Road(Record, frozen=True, kw_only=True):
    """A street within one region; its lines are lists of (longitude, latitude)."""

    region_id: str
    name_zh: str
    name_en: str
    lines: list[list[tuple[float, float]]] = []


class Lot(Record, frozen=True, kw_only=True):
    """A section of a street (`street`), or an off-street lot."""

    road_id: str
    region_id: str
    operator: str
    name_zh: str
    name_en: str
    street: bool
    lon: float
    lat: float


class Bay(Record, frozen=True, kw_only=True):
    """One parking bay; no two have one number. Bearing: degrees clockwise from north, if known; `charging`: it has a
    pile that charges vehicles.
    """

    number: str
    lot_id: str
    bay_type: str
    lon: float
    lat: float
    bearing: float | None = None
    charging: bool = False


class Device(Record, frozen=True, kw_only=True):
    """What watches a bay or a lot: it reports every heartbeat, and is believed after its debounce. A camera watches
    `bays` by number, from 1; an empty name is a number that is not bound. With a `secret` it has a login of its own.
    """

    kind: str
    lot_id: str
    bay_id: str | None = None
    heartbeat_us: Micros
    debounce_us: Micros = 0
    bays: list[str] = []
    secret: str | None = None


class Lane(Record, frozen=True, kw_only=True):
    """Where a car passes a barrier: in, out or both ways, and which devices stand there."""

    lot_id: str
    name: str
    direction: Literal["in", "out", "both"]
    camera_id: str | None = None
    barrier_id: str | None = None
    screen_id: str | None = None


class Kept(NamedTuple):
    """How one class of records is kept: its table, the fields that never change, those no audit may show."""

    record: type[Record]
    table: Table
    fixed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """Its name in the audit: `bay`."""
        return self.record.__name__.lower()


# An actor's key begins with its lot: what moved to another lot would be another actor.
KEPT = (
    Kept(City, tables.city),
    Kept(Region, tables.regions),
    Kept(Road, tables.roads),
    Kept(Lot, tables.lots),
    Kept(Bay, tables.bays, fixed=("lot_id",)),
    Kept(Device, tables.devices, fixed=("lot_id",), hidden=("secret",)),
    Kept(Lane, tables.lanes, fixed=("lot_id",)),
)
"""Parents before children."""

_BY_RECORD = {kept.record: kept for kept in KEPT}


def kept(record: type[Record]) -> Kept:
    """How records of this class are kept."""
    return _BY_RECORD[record]


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A whole city's records."""

    city: City
    regions: list[Region] = []
    roads: list[Road] = []
    lots: list[Lot] = []
    bays: list[Bay] = []
    devices: list[Device] = []
    lanes: list[Lane] = []

    @property
    def every(self) -> list[Record]:
        """All of them, parents before children."""
        return [self.city, *self.regions, *self.roads, *self.lots, *self.bays, *self.devices, *self.lanes]

    @property
    def size(self) -> int:
        """How many records."""
        return len(self.every)

    def of(self, record: type[Record]) -> list[Record]:
        """All of one class."""
        return [each for each in self.every if type(each) is record]
