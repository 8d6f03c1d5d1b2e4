"""The cells of a benchmark: a PostgreSQL and a Ray of its own, worlds with cells and views, and devices that report."""

import asyncio
import shutil
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Self

import msgspec

from actors.engine.cluster import Cluster
from actors.engine.directory import Directory, share_out
from actors.engine.entries import FromDevice
from actors.engine.post import Post
from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.values import HOUR_US, Ref
from gateway.live.views import Join, Joined
from gateway.workers import WorkerSettings, city, namespace_of
from storage.journal import PostgresJournal
from storage.migrations import migrate
from storage.postgres import Postgres
from storage.session import now_us

LOTS, BAYS_A_LOT = 400, 8
NEWEST = 16
SHOWN_LOOK_S = 0.02


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that is gone afterwards and through which every user may pass, as a server that does not run as root."""
    folder = Path(tempfile.mkdtemp(prefix="yunparking-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of this run's own, as the product starts it."""
    with open_folder() as folder:
        server = Postgres(folder / "postgres")
        try:
            yield server.start()
        finally:
            server.stop()


class Town:
    """One world on the cluster: its cells and views, and every device of a small city, installed and counting. No two
    bays of it have the same id, as in a register.

    The views follow all that is committed, as in the product: their work is part of what is measured.
    """

    def __init__(self, database_url: str, cluster: Cluster, cells: int) -> None:
        self.world = f"bench_{cells}"
        self.cells = cells
        self.cluster = cluster
        self.url = database_url
        self._names: list[str] = []
        self._views = f"views-{cells}"
        self._newest: deque[tuple[Ref, int]] = deque(maxlen=NEWEST)
        self.catalogue = city()
        self.journal = PostgresJournal(database_url, self.world, "benchmark")
        self.devices = [Ref("device", f"lot-{lot}/d{lot}-{bay}") for bay in range(BAYS_A_LOT) for lot in range(LOTS)]
        self._turn = cycle(range(len(self.devices)))
        self._numbers = [0] * len(self.devices)
        self._awake: asyncio.Task[None] | None = None

    async def start(self) -> Self:
        """Starts the cells and installs the devices."""
        await migrate(self.url, self.world)
        wanted = [f"cell-{self.cells}-{n}" for n in range(self.cells)]
        self._names = await share_out(self.journal, wanted, [])
        for name, factory in [*((name, "cell") for name in self._names), (self._views, "views")]:
            known = WorkerSettings(name, self.url, self.world, self.cluster.namespace)
            self.cluster.start(name, f"gateway.workers.{factory}:{factory}", msgspec.msgpack.encode(known))
        self._awake = asyncio.create_task(self.cluster.watch(lambda: [*self._names, self._views]))
        async with self.post() as post:
            await asyncio.gather(*[post.ask(ref, what, timeout_s=120) for ref, what in self._registered()])
        return self

    def _registered(self) -> Iterator[tuple[Ref, Any]]:
        for device in self.devices:
            bay = device.own_id.removeprefix("d")
            yield Ref("bay", f"{device.place}/{bay}"), InstallBay(bay, "common")
            yield device, InstallDevice("yun-json", bay, 24 * HOUR_US)

    @asynccontextmanager
    async def post(self, batch: int = 1_000, lanes: int = 4) -> AsyncIterator[Post]:
        """A post of its own to this world."""
        post = Post(self.catalogue, self.cluster.call, Directory(), self.journal, now_us, batch, lanes)
        await post.start()
        try:
            yield post
        finally:
            await post.close()

    def reading(self) -> tuple[Ref, FromDevice, Uplinked]:
        """The next reading: device after device, each time its bay changes."""
        which = next(self._turn)
        n = self._numbers[which] = self._numbers[which] + 1
        device, now = self.devices[which], now_us()
        self._newest.append((device, now))
        return device, FromDevice(device, 1, n), Uplinked(now, now, bool(n % 2), serial=n, boot=1, battery_pct=80)

    async def turns(self) -> int:
        """How many turns the cells have made durable."""
        states = await asyncio.gather(*[self.cluster.call(name, "state", b"") for name in self._names])
        return sum(msgspec.msgpack.decode(state)["part"]["turns_total"] for state in states)

    async def shown(self) -> None:
        """Waits until the live views show the newest readings; they spread over all cells."""
        for device, at in self._newest:
            while await self._seen_us(device) < at:  # noqa: ASYNC110 - another process shows it
                await asyncio.sleep(SHOWN_LOOK_S)

    async def _seen_us(self, device: Ref) -> int:
        """When the device was last heard, as its lot's screen has it."""
        asked = msgspec.msgpack.encode(Join(f"lot/{device.place}"))
        joined = msgspec.msgpack.decode(await self.cluster.call(self._views, "join", asked), type=Joined)
        body = msgspec.msgpack.decode(joined.pieces[-1].body) if joined.pieces else {"devices": {}}
        return int(body["devices"].get(device.own_id, [0])[0])

    async def stop(self) -> None:
        """Ends the cells and the views."""
        if self._awake is not None:
            self._awake.cancel()
        for name in [*self._names, self._views]:
            self.cluster.stop(name)
        await self.journal.close()


@asynccontextmanager
async def towns(database_url: str, cells: tuple[int, ...]) -> AsyncIterator[list[Town]]:
    """Worlds with so many cells each, side by side on one Ray of this run's own."""
    cluster = Cluster(namespace_of("bench"))
    cluster.join(None, processes=sum(cells) + len(cells))
    started = [Town(database_url, cluster, count) for count in cells]
    try:
        yield [await town.start() for town in started]
    finally:
        for town in started:
            await town.stop()
        cluster.leave()
