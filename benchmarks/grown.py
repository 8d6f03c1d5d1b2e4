"""A generated city of any size, its letters to a cell, and a host that holds it without a database."""

import gc
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psutil

from actors.engine.catalogue import Catalogue
from actors.engine.directory import Directory
from actors.engine.entries import ByKey, FromDevice, Letter
from actors.engine.host import Host
from actors.engine.journal import Page, Snapshot
from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.values import HOUR_US, MINUTE_US, SECOND_US, SHARED_SLOTS, Micros, Ref, shared_slot

BAYS_A_LOT = 100
HEARTBEAT_US = 6 * HOUR_US
START_US: Micros = 1_790_000_000_000_000
FIRST_SERIAL = 20_000
BATCH = 1_000
PASSING = 3
"""How many times as many readings pass as are measured: by then who is an object is settled, and memory lies in pages
of the size that it keeps.
"""


class Spot(NamedTuple):
    """One bay of the generated city with its device."""

    bay: Ref
    device: Ref
    number: str


def spots(bays: int, cells: int = 1, cell: int = 0) -> Iterator[Spot]:
    """So many bays of those whose slots this one of `cells` equal cells carries, lot by lot."""
    lot = found = 0
    while found < bays:
        lot += 1
        place = f"{100_000 + lot}"
        if shared_slot(place) * cells // SHARED_SLOTS != cell:
            continue
        for nth in range(min(BAYS_A_LOT, bays - found)):
            own = f"{lot * BAYS_A_LOT + nth}"
            device = f"70B3D5E7{lot:05X}{nth:03X}"
            yield Spot(Ref("bay", f"{place}/{own}"), Ref("device", f"{place}/{device}"), f"{place}-{nth + 1}")
            found += 1


def installing(city: Iterable[Spot]) -> Iterator[Letter[Any]]:
    """What the courier tells the actors of the city."""
    for n, spot in enumerate(city):
        slot = shared_slot(spot.bay.key)
        yield Letter(slot, ByKey(f"desk-{2 * n}", n), spot.bay, InstallBay(spot.number, "common", 0))
        install = InstallDevice("yun-v1", spot.bay.own_id, HEARTBEAT_US)
        yield Letter(slot, ByKey(f"desk-{2 * n + 1}", n), spot.device, install)


def reading(spot: Spot, nth: int, now: Micros) -> Letter[Any]:
    """The nth reading of a device; each changes its bay."""
    n = FIRST_SERIAL + nth
    seen = Uplinked(
        now - SECOND_US, now, bool(nth % 2), n, 65_535, 1, 93, 3_590, -87, 21.5, snr_db=7.5, clock_us=now - SECOND_US
    )
    return Letter(shared_slot(spot.device.key), FromDevice(spot.device, 1, n), spot.device, seen)


class Alone:
    """A host whose commits succeed at once, with the slots of one of so many cells (0: none).

    `pages` and `snapshots` keep what it wrote, if that is asked for.
    """

    def __init__(self, catalogue: Catalogue, keep: bool = False, cells: int = 1) -> None:
        self.catalogue = catalogue
        self.host = Host(catalogue, "cell-0", 1, Directory())
        self.pages: list[Page] | None = [] if keep else None
        self.snapshots: dict[int, Snapshot] = {}
        self.cells = cells
        for slot in range(SHARED_SLOTS // cells if cells else 0):
            self.host.open(slot, None, [])

    def take(self, letters: Iterable[Letter[Any]], now: Micros) -> int:
        """Delivers these in batches, as bytes, and commits each; how many were taken."""
        taken, batch = 0, list[Letter[Any]]()
        for letter in letters:
            batch.append(letter)
            if len(batch) == BATCH:
                taken += self._deliver(batch, now)
                batch = []
        return taken + self._deliver(batch, now)

    def _deliver(self, batch: list[Letter[Any]], now: Micros) -> int:
        answers = self.host.deliver(self.catalogue.decode_letters(self.catalogue.encode(batch)), now)
        self.host.tick(now)
        while (flight := self.host.cut()) is not None:
            if self.pages is not None:
                self.pages += flight.pages
                self.snapshots |= {snapshot.slot: snapshot for snapshot in flight.snapshots}
            self.host.committed(flight)
        return sum(answer.how == "done" for answer in answers)

    def settle(self, bays: int, readings: int = 3) -> None:
        """Installs a city, lets its devices report so often, half an hour apart, and become silent."""
        now = START_US
        self.take(installing(spots(bays, self.cells)), now)
        for nth in range(readings):
            now += 30 * MINUTE_US
            self.take((reading(spot, nth, now) for spot in spots(bays, self.cells)), now)


def own_bytes() -> int:
    """What this process has for itself, after everything that nobody needs was thrown away."""
    gc.collect()
    return int(psutil.Process().memory_full_info().uss)
