"""A town for a test: a world of its own on the run's real PostgreSQL and Ray, with cells, post and what it needs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.cluster import Cluster
from actors.engine.digest import Digest, Meaning
from actors.engine.directory import Directory, share_out
from actors.engine.entries import ByKey, FromDevice, Letter, Turned
from actors.engine.gauges import CellGauges
from actors.engine.host import Host
from actors.engine.journal import Page
from actors.engine.placing import Placing, Resized
from actors.engine.post import Post
from actors.messages.bay import Freed, InstallBay, Taken
from actors.messages.device import Heard, InstallDevice, LateHeard, Uplinked
from actors.messages.forms import Command, Fact
from actors.messages.lot import Counted
from actors.values import HOUR_US, SECOND_US, Micros, Ref, shared_slot
from gateway.cells import RayCells, shared_names
from gateway.observed import WorkerState
from gateway.workers import WorkerSettings, city, namespace_of
from storage.journal import PostgresJournal
from storage.session import connect, now_us
from tests.city.waiting import eventually

NOON: Micros = 1_772_758_800 * SECOND_US
_PAGES = f"SELECT {', '.join(Page._fields)} FROM journal ORDER BY slot, seq"
LASTING = (Taken, Freed, Heard, LateHeard, Counted)


def of_bays_and_devices(fact: Fact, at: Micros) -> object:
    """The same without the lots' facts: where bays have slots of their own, a lot hears them in no fixed order."""
    return fact if isinstance(fact, (Taken, Freed, Heard, LateHeard)) else None


def what_devices_said(fact: Fact, at: Micros) -> object:
    """A fact without the time of its turn, and nothing of facts that say when we noticed something."""
    return fact if isinstance(fact, LASTING) else None


class Town:
    """Cells of one world, and a post that reaches them."""

    def __init__(
        self,
        database_url: str,
        world: str,
        dedicated: Sequence[str] = (),
        virtual: bool = False,
        cells_url: str = "",
    ) -> None:
        self.url, self.world = database_url, world
        self.cells_url = cells_url or database_url
        self.dedicated = list(dedicated)
        self.virtual = virtual
        self.catalogue: Catalogue = city()
        self.cluster = Cluster(namespace_of(world))
        self.journal = PostgresJournal(database_url, world, "test")
        self.directory = Directory(frozenset(dedicated))
        self.post = Post(self.catalogue, self.cluster.call, self.directory, self.journal, now_us)
        self.meaning = of_bays_and_devices if self.dedicated else what_devices_said
        self.cells: list[str] = []
        self.others: list[str] = []
        self._watch: asyncio.Task[None] | None = None

    async def start(self, cells: int = 2, own: Sequence[Ref] = ()) -> None:
        """Shares the slots out and starts the cells."""
        self.cells = await share_out(self.journal, [f"cell-{n}" for n in range(cells)], list(own))
        for name in self.cells:
            self.start_cell(name)
        self._watch = asyncio.create_task(self.cluster.watch(lambda: [*self.cells, *self.others]))
        await self.post.start()

    def start_cell(self, name: str, process: str | None = None) -> None:
        """One more process that carries the cell `name` (under another name, to make it a rival)."""
        self.cluster.start(process or name, "gateway.workers.cell:cell", msgspec.msgpack.encode(self.known(name)))

    def known(self, name: str) -> WorkerSettings:
        """What a worker of this town is made from."""
        return WorkerSettings(name, self.cells_url, self.world, self.cluster.namespace, self.dedicated, self.virtual)

    async def resize(self, cells: int) -> Resized:
        """What `yunparking cells` does."""
        placing = Placing(self.journal, RayCells(self.cluster, self.known("")))
        done = await placing.resize(shared_names(cells))
        self.cells = done.cells
        return done

    async def install(self, lots: int, bays: int) -> list[Ref]:
        """Registers `bays` bays in each of `lots` lots, one device each; the devices."""
        devices = [Ref("device", f"{lot}/d{lot * bays + bay}") for lot in range(lots) for bay in range(bays)]
        await asyncio.gather(*[self.post.ask(ref, what, timeout_s=60) for ref, what in registered(devices)])
        return devices

    async def pages(self) -> list[Page]:
        """The whole journal, slot by slot."""
        line = await connect(self.url, self.world, "test")
        try:
            return [Page(*row) for row in await line.fetch(_PAGES)]
        finally:
            await line.close()

    async def digest(self) -> str:
        """What devices said and what followed from it, as the journal has it."""
        return Digest(self.catalogue, self.meaning).of_pages(page.body for page in await self.pages())

    async def readings(self) -> dict[Ref, list[tuple[int, int]]]:
        """Each device's (boot, n) in the order of its turns."""
        found: dict[Ref, list[tuple[int, int]]] = {}
        for page in await self.pages():
            for entry in self.catalogue.decode_page(page.body):
                if isinstance(entry, Turned) and isinstance(entry.input, FromDevice):
                    found.setdefault(entry.ref, []).append((entry.input.boot, entry.input.n))
        return found

    async def state(self, cell: str) -> CellGauges:
        """What a cell says of itself."""
        said = msgspec.msgpack.decode(await self.cluster.call(cell, "state", b""), type=WorkerState)
        return msgspec.msgpack.decode(said.part, type=CellGauges)

    async def settled(self) -> None:
        """Waits until no message between slots is under way."""
        await eventually(self._still, "no message is under way")

    async def _still(self) -> bool:
        states = [await self.state(name) for name in self.cells]
        return not any(state.outbox_letters or state.uncommitted_turns for state in states)

    async def stop(self) -> None:
        """Ends the cells and lets everything go."""
        await self.post.close()
        if self._watch is not None:
            self._watch.cancel()
        for name in self.cluster.names():
            self.cluster.stop(name)
        await self.journal.close()


@asynccontextmanager
async def town(
    url: str,
    world: str,
    cells: int = 2,
    dedicated: Sequence[str] = (),
    own: Sequence[Ref] = (),
    virtual: bool = False,
) -> AsyncIterator[Town]:
    """A running town, ended afterwards."""
    here = Town(url, world, dedicated, virtual)
    await here.start(cells, own)
    try:
        yield here
    finally:
        await here.stop()


def reading(device: Ref, n: int, occupied: bool) -> tuple[Ref, FromDevice, Uplinked]:
    """The n-th reading of a device, seen and received a second after the one before."""
    at = NOON + n * SECOND_US
    return device, FromDevice(device, 1, n), Uplinked(at, at + 1000, occupied, serial=n, boot=1, battery_pct=80)


def calm_digest(said: Sequence[tuple[Ref, FromDevice, Uplinked]], meaning: Meaning) -> str:
    """The digest of the same readings in one host, in memory, where nothing dies."""
    catalogue = city()
    host = Host(catalogue, "calm", 1)
    digest = Digest(catalogue, meaning)
    installs = {device: None for device, _, _ in said}
    for slot in {shared_slot(device.key) for device in installs}:
        host.open(slot, None, [])
    letters = [Letter(shared_slot(ref.key), ByKey(str(ref), 0), ref, what) for ref, what in registered(list(installs))]
    letters += [Letter(shared_slot(ref.key), source, ref, uplink) for ref, source, uplink in said]
    host.deliver(letters, NOON)
    flight = host.cut()
    assert flight is not None
    return digest.of_pages(page.body for page in flight.pages)


def registered(devices: Sequence[Ref]) -> list[tuple[Ref, Command]]:
    """What the register tells the actors of these devices and of their bays (device `d7` watches bay `7`)."""
    told: list[tuple[Ref, Command]] = []
    for device in devices:
        bay = device.own_id.removeprefix("d")
        told.append((Ref("bay", f"{device.place}/{bay}"), InstallBay(bay, "common")))
        told.append((device, InstallDevice("yun-json", bay, 24 * HOUR_US)))
    return told
