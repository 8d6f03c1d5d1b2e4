"""What the command asks of the other rooms: a migrated world, its city, its administrator, its cells on Ray."""

import asyncio
import contextlib
import importlib
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import uvloop

from actors.engine.cluster import Cluster
from actors.engine.directory import share_out
from actors.values import Ref
from gateway.command.options import Refusal
from gateway.http.session import ensure_administrator, replace_password
from gateway.settings import Settings
from gateway.workers import PROJECTOR, VIEWS, WorkerSettings, namespace_of
from sim.city import MELBOURNE, Unsound, load
from storage.database import Engine, open_engine
from storage.desk import Desk, Loaded
from storage.errors import Declined
from storage.journal import PostgresJournal
from storage.migrations import migrate
from storage.placement import decided
from storage.records import Register
from storage.users import Users

T = TypeVar("T")

PROGRAMS = {"gateway": "gateway.door:serve_gateway", "replay": "gateway.replay:serve_replay"}
"""The long-running sub-commands: each is `async def serve(settings)` and ends when it is cancelled."""


def run_program(name: str, settings: Settings) -> None:
    """Be this program until SIGTERM or Ctrl-C; imported only now, since the other sub-commands need none of it."""
    module, _, function = PROGRAMS[name].partition(":")
    serve = getattr(importlib.import_module(module), function)

    async def until_stopped() -> None:
        serving = asyncio.ensure_future(serve(settings))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    uvloop.run(until_stopped())


def prepare_world(settings: Settings) -> None:
    """Make the world if it is not there, and bring its tables up to date."""
    try:
        asyncio.run(migrate(settings.database.url, settings.world))
    except OSError as error:
        raise Refusal(f"The database does not answer ({error}). Is --database-url right, and the server up?") from None


def hold_placement(settings: Settings) -> None:
    """Keep the placement of a first start; refuse another one later, which would leave actors behind in their slots."""
    wanted: dict[str, str] = msgspec.structs.asdict(settings.placement)
    known = _in_world(settings, lambda engine: decided(engine, wanted))
    changed = [kind for kind, placed in wanted.items() if known[kind] != placed]
    if changed:
        before = " and ".join(f"placement.{kind}={known[kind]}" for kind in changed)
        raise Refusal(
            f"The world {settings.world} was first started with {before}, and its actors keep their slots. "
            f"Set {before} again, or start another world: --world NAME."
        )


def new_administrator(settings: Settings) -> str | None:
    """The one-time password of the first administrator, made now; None if there are users already."""
    return _in_world(settings, lambda engine: ensure_administrator(Users(engine), settings.auth.administrator))


def renewed_password(settings: Settings, name: str) -> str:
    """Another one-time password for a user whose own is lost; Refusal if nobody has this name."""
    password = _in_world(settings, lambda engine: replace_password(Users(engine), name, "command"))
    if password is None:
        raise Refusal(f"Nobody in the world {settings.world} is called {name}.")
    return password


def city_file(settings: Settings) -> Path:
    """The city to load: the one of the settings, else the one that comes with the product."""
    return Path(settings.city.file).expanduser() if settings.city.file else MELBOURNE / "city.json.gz"


def read_city(file: Path) -> Register:
    """A checked city out of a file; Refusal says what is wrong with it."""
    try:
        return load(file)
    except OSError as error:
        raise Refusal(f"Cannot read the city file {file}: {error.strerror or error}.") from None
    except Unsound as error:
        raise Refusal("\n".join((f"{file} cannot be loaded:", *error.faults))) from None


def load_city(settings: Settings, register: Register) -> Loaded:
    """Make the world's records be as this city says, all or none."""
    return _in_world(settings, lambda engine: Desk(engine).load("setup", register))


def export_city(settings: Settings) -> Register | None:
    """The whole city as it is now; None if none was loaded."""

    async def export(engine: Engine) -> Register | None:
        try:
            return await Desk(engine).export()
        except Declined as declined:
            if declined.code == "not_found":
                return None
            raise

    return _in_world(settings, export)


class Carriers:
    """The Ray cluster and the named workers of this world on it: cells, views, projector."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._namespace = namespace_of(settings.world)
        self._cluster = Cluster(self._namespace)
        self.address = ""

    def start(self) -> None:
        """Join or start Ray, share the slots out and start the workers; then `address` is where others can join."""
        cells = [f"cell-{number}" for number in range(self._settings.ray.cells)]
        self.address = self._cluster.join(self._settings.ray.address or None, processes=len(cells) + 2)
        for name in asyncio.run(self._place(cells)):
            self._start_worker(name, "gateway.workers:cell")
        self._start_worker(VIEWS, "gateway.workers:views")
        self._start_worker(PROJECTOR, "gateway.workers:projector")

    def _start_worker(self, name: str, factory: str) -> None:
        settings = self._settings
        dedicated = settings.placement.dedicated()
        worker = WorkerSettings(name, settings.database.url, settings.world, self._namespace, dedicated)
        self._cluster.start(name, factory, msgspec.msgpack.encode(worker))

    def stop(self) -> None:
        """Leave the cluster, and end it if it was started here."""
        self._cluster.leave()

    async def _place(self, cells: list[str]) -> list[str]:
        """Shares the slots out, and gives actors of dedicated kinds slots and cells of their own; all cells."""
        journal = PostgresJournal(self._settings.database.url, self._settings.world, "up")
        try:
            own = actors_of(await self._register(), self._settings.placement.dedicated())
            return await share_out(journal, cells, own)
        finally:
            await journal.close()

    async def _register(self) -> Register:
        engine = open_engine(self._settings.database.url, self._settings.world, "command", pool=1)
        try:
            return await Desk(engine).export()
        finally:
            await engine.dispose()


def actors_of(register: Register, kinds: list[str]) -> list[Ref]:
    """The registered actors of these kinds."""
    every = [Ref("lot", lot.id) for lot in register.lots]
    every += [Ref("bay", f"{bay.lot_id}/{bay.id}") for bay in register.bays]
    every += [Ref("device", f"{device.lot_id}/{device.id}") for device in register.devices]
    return [ref for ref in every if ref.kind in kinds]


def _in_world(settings: Settings, work: Callable[[Engine], Awaitable[T]]) -> T:
    async def run() -> T:
        engine = open_engine(settings.database.url, settings.world, "command", pool=2)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())
