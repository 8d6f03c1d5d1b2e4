"""What the register says of the places: which lot lies in which region, and what stands in it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple
from zlib import crc32


class BayRow(NamedTuple):
    """A bay as registered: its id, the number painted on it, its lot."""

    id: str
    number: str
    lot: str


class DeviceRow(NamedTuple):
    """A device as registered: its id, kind, lot and the bay it watches (empty: none)."""

    id: str
    kind: str
    lot: str
    bay: str


class Register:
    """All registered regions, lots, bays and devices; never changed, only replaced whole."""

    def __init__(
        self,
        regions: Iterable[str] = (),
        lots: Iterable[tuple[str, str]] = (),
        bays: Iterable[BayRow] = (),
        devices: Iterable[DeviceRow] = (),
    ) -> None:
        """`lots` are pairs of a lot's id and its region's id."""
        self.regions = frozenset(regions)
        self.region_of = dict(lots)
        self.bays: dict[str, dict[str, BayRow]] = defaultdict(dict)
        self.devices: dict[str, dict[str, DeviceRow]] = defaultdict(dict)
        for bay in bays:
            self.bays[bay.lot][bay.id] = bay
        for device in devices:
            self.devices[device.lot][device.id] = device

    def lots(self) -> list[str]:
        """Every lot that is registered or that something registered stands in, in order of id."""
        return sorted(self.region_of.keys() | self.bays.keys() | self.devices.keys())

    def fingerprint(self, lot: str) -> str:
        """Names what the register says of a lot: equal in all processes that read the same rows."""
        rows = (sorted(self.bays.get(lot, {}).items()), sorted(self.devices.get(lot, {}).items()))
        return f"{crc32(repr(rows).encode()):08x}"


LoadRegister = Callable[[], Awaitable[Register]]
"""Reads the register as it is now."""
