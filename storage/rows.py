"""What lists show: records joined with what projections know of them; instants in microseconds."""

from typing import Any

import msgspec

from actors.values import Micros


class Row(msgspec.Struct, frozen=True):
    """One line of a list."""


class RegionRow(Row, frozen=True):
    """A part of the city."""

    id: str
    name_zh: str
    name_en: str
    version: int


class RoadRow(Row, frozen=True):
    """A street within one region."""

    id: str
    region: str
    name_zh: str
    name_en: str
    version: int


class LotRow(Row, frozen=True):
    """A lot with its bays by the state they show."""

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
    counts: dict[str, int] = {}


class BayRow(Row, frozen=True):
    """A bay and what it shows: since when (its device's clock), and since when we know."""

    id: str
    number: str
    lot: str
    type: str
    lon: float
    lat: float
    bearing: float | None
    charging: bool
    version: int
    state: str
    since_us: Micros | None
    changed_us: Micros | None
    device: str | None


class DeviceRow(Row, frozen=True):
    """A device and how it is: `state` is online, offline or unheard (never yet)."""

    id: str
    kind: str
    lot: str
    bay: str | None
    heartbeat_us: Micros
    debounce_us: Micros
    bays: list[str]
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
    firmware: str
    arm: str


class FleetRow(Row, frozen=True):
    """All devices of one kind and firmware (empty: they do not say), and how many they are."""

    kind: str
    firmware: str
    devices: int


class BayMark(Row, frozen=True):
    """A bay on the map."""

    id: str
    number: str
    lot: str
    road: str
    region: str
    type: str
    bearing: float | None
    lon: float
    lat: float


class RoadLines(Row, frozen=True):
    """A road on the map: lists of (longitude, latitude)."""

    id: str
    name_zh: str
    name_en: str
    region: str
    lines: list[list[tuple[float, float]]]


class Totals(Row, frozen=True):
    """How many of each the register has."""

    regions: int
    roads: int
    lots: int
    bays: int
    devices: int


class KeptFrame(Row, frozen=True):
    """A raw frame as it came, and what became of it."""

    id: int
    received_us: Micros
    topic: str
    device: str | None
    kind: str | None
    payload: bytes
    outcome: str
    detail: str


class PassageRow(Row, frozen=True):
    """A bay was taken or freed: since when, seen by which device when (its clock), received when (ours).

    `first`: nothing was known of the bay before, so nobody saw it come or go: it stood so already when first heard of.
    `id` is its place in the list, for the next page.
    """

    id: str
    at: Micros
    verb: str
    bay: str
    lot: str
    since_us: Micros
    device: str
    device_us: Micros
    received_us: Micros
    first: bool


class AuditRow(Row, frozen=True):
    """Who changed which record from what to what; a newer one has a greater id."""

    id: str
    at: Micros
    who: str
    verb: str
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class PublishedRow(Row, frozen=True):
    """A version of reference data: from when it holds, and who published it when and why."""

    name: str
    version: int
    effective_from: Micros
    body: bytes
    at: Micros
    who: str
    note: str
