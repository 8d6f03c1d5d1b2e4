"""What runs in processes of its own, and what each is made from: the factories that Ray calls by name."""

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.cell import Cell
from actors.engine.cluster import Cluster, Worker
from actors.engine.directory import Directory
from actors.engine.follow import Follower
from actors.kinds import KINDS, PORTS
from gateway.large_pages import seek_large_pages
from gateway.live.aside import QUIET_US
from gateway.live.beats import every
from gateway.live.register import BayRow, DeviceRow, Register
from gateway.live.source import SHOWN, Change, SlotFaces
from gateway.live.views import Views
from gateway.observed import Observed
from gateway.settings import Settings
from storage.database import now_us, open_engine
from storage.desk import Desk
from storage.errors import Declined
from storage.history import History
from storage.journal import PostgresJournal
from storage.processors import give_way, stand_alone
from storage.projections import PROJECTIONS, Projector
from storage.recoveries import last_word

DOUBT_EXIT = 70
LAST_WORD_S = 1.0
LOOK_EVERY_S = 1.0
VIEWS = "views"
PROJECTOR = "projector"

log = logging.getLogger("yunparking.workers")


class WorkerSettings(msgspec.Struct, frozen=True):
    """What a worker needs to know; the same for every life of it."""

    name: str
    database_url: str
    world: str
    namespace: str
    dedicated_kinds: list[str] = []
    virtual: bool = False


def worker_settings(settings: Settings) -> WorkerSettings:
    """What the workers of this world are made from; each gets its own name."""
    world, dedicated = settings.world, settings.placement.dedicated()
    return WorkerSettings("", settings.database.url, world, namespace_of(world), dedicated)


def namespace_of(world: str) -> str:
    """The names of a world's workers are their own: two worlds in one Ray cluster never meet."""
    return f"yunparking-{world}"


@cache
def city() -> Catalogue:
    """All kinds of the city, and the ports that they may ask; made once, for nothing about it ever changes."""
    return Catalogue(KINDS, PORTS)


class Life:
    """One life of a worker: a number that no other life has, and how it ends."""

    def __init__(self, known: WorkerSettings) -> None:
        self._known = known
        self.number = secrets.randbits(62)

    def end(self, reason: BaseException) -> None:
        """On any doubt a process exits; whoever supervises it starts another, which folds the journal again."""
        why = f"{type(reason).__name__}: {reason}"
        log.critical("this process must end: %s", why)
        # In a thread, with a loop of its own and little time: nothing of this process can be relied on any more.
        word = threading.Thread(target=self._say, args=(why,), daemon=True)
        word.start()
        word.join(LAST_WORD_S)
        os._exit(DOUBT_EXIT)

    def _say(self, why: str) -> None:
        known = self._known
        with contextlib.suppress(Exception):
            asyncio.run(last_word(known.database_url, known.world, known.name, self.number, now_us(), why))

    def ends_with(self, task: "asyncio.Task[None]") -> None:
        """The process ends if this task fails."""
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self.end(task.exception() or EOFError())


def settle() -> None:
    """What every worker that Ray starts does first."""
    stand_alone()
    collect_seldom()


def collect_seldom() -> None:
    """Lets the collector look a hundred times less often: these processes hold much and tie hardly any knots."""
    gc.freeze()
    gc.set_threshold(70_000, 20, 20)


def cell(settings: bytes) -> Worker:
    """A cell: many thousand actors in one process."""
    settle()
    seek_large_pages()
    known = msgspec.msgpack.decode(settings, type=WorkerSettings)
    life = Life(known)
    carried = Cell(
        known.name,
        life.number,
        city(),
        PostgresJournal(known.database_url, known.world, known.name),
        Cluster(known.namespace).call,
        now_us,
        life.end,
        frozenset(known.dedicated_kinds),
        known.virtual,
    )
    return Observed(carried, life.number)


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


class ProjectorWorker:
    """What makes query tables of facts."""

    def __init__(self, known: WorkerSettings, life: Life) -> None:
        self._life = life
        engine = open_engine(known.database_url, known.world, known.name, pool=2, gives_way=True)
        self._projector = Projector(engine, city().decode_told, PROJECTIONS)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follows the journal from where the tables stand."""
        self._running = asyncio.create_task(self._projector.run())
        self._life.ends_with(self._running)

    async def call(self, method: str, payload: bytes) -> bytes:
        """Only `state`."""
        return msgspec.msgpack.encode(self._projector.gauges)


def projector(settings: bytes) -> Worker:
    """The projections; they may lag when the cores are busy, cells and screens may not."""
    settle()
    give_way(os.getpid())
    known = msgspec.msgpack.decode(settings, type=WorkerSettings)
    life = Life(known)
    return Observed(ProjectorWorker(known, life), life.number)
