"""The live views as a process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from actors.engine.cluster import Cluster, Worker
from actors.engine.directory import Directory
from actors.engine.follow import Follower
from gateway.large_pages import seek_large_pages
from gateway.live.aside import QUIET_US
from gateway.live.beats import every
from gateway.live.register import BayRow, DeviceRow, Register
from gateway.live.source import SHOWN, Change, SlotFaces
from gateway.live.views import Views
from gateway.observed import Observed
from gateway.workers import Life, WorkerSettings, city, settle
from storage.database import open_engine
from storage.desk import Desk
from storage.errors import Declined
from storage.history import History
from storage.journal import PostgresJournal
from storage.session import now_us

LOOK_EVERY_S = 1.0

log = logging.getLogger("yunparking.workers")


class ViewsWorker:
    """The live views of the whole city, composed once for all gateways."""

    def __init__(self, known: WorkerSettings, life: Life) -> None:
        self._life = life
        journal = PostgresJournal(known.database_url, known.world, known.name)
        directory = Directory(frozenset(known.dedicated_kinds))
        self._follower = Follower(city(), Cluster(known.namespace).call, journal, directory, SHOWN)
        engine = open_engine(known.database_url, known.world, known.name, pool=1)
        self._desk, self._history = Desk(engine), History(engine)
        self._read = ""
        self._views = Views(self._register, self._follow, now_us, every, life.end)
        views = self._views
        self._methods: dict[str, Callable[[bytes], Awaitable[bytes]]] = {
            "poll": views.poll,
            "join": views.join,
            "note": views.note,
            "reload": views.reload,
            "state": self._state,
        }

    async def _register(self) -> Register:
        self._read = await self._desk.latest()
        try:
            known = await self._desk.export()
        except Declined:
            return Register()  # no city is loaded yet
        return Register(
            (region.id for region in known.regions),
            ((lot.id, lot.region_id) for lot in known.lots),
            (BayRow(bay.id, bay.number, bay.lot_id) for bay in known.bays),
            (DeviceRow(d.id, d.kind, d.lot_id, d.bay_id or "") for d in known.devices),
        )

    def _follow(self) -> AsyncIterator[Change | SlotFaces]:
        self._starting = asyncio.create_task(self._follower.start())
        self._life.ends_with(self._starting)
        return self._follower.changes()

    async def start(self) -> None:
        """Reads the register and begins to follow."""
        await self._views.start()
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """Reads the register anew whenever a record has changed, and always what was set aside."""
        async for _ in every(LOOK_EVERY_S):
            try:
                if await self._desk.latest() != self._read:
                    await self._views.reload(b"")
                self._views.see_aside(await self._history.aside(now_us() - QUIET_US))
            except Exception as error:  # whatever the database says: what is known holds until it answers again
                log.warning("the database could not be read again: %s", error)

    async def call(self, method: str, payload: bytes) -> bytes:
        """The views' own methods, and `state`."""
        return await self._methods[method](payload)

    async def _state(self, payload: bytes) -> bytes:
        self._views.gauges.follower = self._follower.gauges(now_us())
        return msgspec.msgpack.encode(self._views.gauges)


def views(settings: bytes) -> Worker:
    """The live views."""
    settle()
    seek_large_pages()
    known = msgspec.msgpack.decode(settings, type=WorkerSettings)
    life = Life(known)
    return Observed(ViewsWorker(known, life), life.number)
