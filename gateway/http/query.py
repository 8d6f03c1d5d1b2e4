"""The parameters of the lists: what to filter by; empty means all."""

from typing import Annotated, Literal

import msgspec

from gateway.http.paging import Paged

Id = Annotated[str, msgspec.Meta(max_length=64, description="Only of this one; empty: of all")]
Search = Annotated[str, msgspec.Meta(max_length=64, description="Part of a name or number")]
BayState = Literal["", "free", "occupied", "reserved", "owing", "verify", "faulty", "stale", "unknown"]
DeviceState = Literal["", "online", "offline", "unheard"]
Outcome = Literal[
    "", "accepted", "repeat", "late", "unknown_device", "undecodable", "oversized", "wrong_topic", "parked"
]


class WhichRoads(Paged, frozen=True):
    """Which roads."""

    region: Id = ""
    q: Search = ""


class WhichLots(Paged, frozen=True):
    """Which lots."""

    region: Id = ""
    road: Id = ""
    street: bool | None = None
    q: Search = ""


class WhichBays(Paged, frozen=True):
    """Which bays."""

    region: Id = ""
    road: Id = ""
    lot: Id = ""
    state: BayState = ""
    type: Id = ""
    q: Search = ""


class WhichDevices(Paged, frozen=True):
    """Which devices."""

    lot: Id = ""
    bay: Id = ""
    kind: Id = ""
    state: DeviceState = ""
    q: Search = ""


class WhichFrames(Paged, frozen=True):
    """Which raw frames."""

    outcome: Outcome = ""
    device: Id = ""


class WhichPassages(Paged, frozen=True):
    """Which passages."""

    lot: Id = ""
    bay: Id = ""
