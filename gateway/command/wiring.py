"""What the command asks of the other rooms: a migrated world, its city, its administrator, its cells on Ray."""

import asyncio
import gzip
import importlib
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine
from storage.users import Users

import sim
from actors.engine.cluster import Cluster
from actors.engine.directory import place
from gateway.command.options import Refusal
from gateway.settings import Settings
from gateway.workers import CellSettings
from storage.database import open_engine
from storage.desk import Desk, Loaded
from storage.errors import Declined
from storage.journal import PostgresJournal
from storage.migrations import migrate
from storage.records import Register

T = TypeVar("T")

MELBOURNE = Path(sim.__path__[0]) / "data/melbourne/city.json.gz"
"""The city that comes with the product."""

PROGRAMS = {"gateway": "gateway.process:run", "replay": "gateway.replay:run"}
"""The long-running sub-commands: each is `run(settings)` and ends by SIGTERM."""


def run_program(name: str, settings: Settings) -> None:
    """Be this program until told to stop; imported only now, since the other sub-commands need none of it."""
    module, _, function = PROGRAMS[name].partition(":")
    getattr(importlib.import_module(module), function)(settings)


def prepare_world(settings: Settings) -> None:
    """Make the world if it is not there, and bring its tables up to date."""
    try:
        asyncio.run(migrate(settings.database.url, settings.world))
    except OSError as error:
        raise Refusal(f"The database does not answer ({error}). Is --database-url right, and the server up?") from None


def new_administrator(settings: Settings) -> str | None:
    """The one-time password of the first administrator, made now; None if there are users already."""

    async def make(engine: AsyncEngine) -> str | None:
        users = Users(engine)
        if await users.any():
            return None
        password = secrets.token_urlsafe(12)
        hashed = await asyncio.to_thread(PasswordHasher().hash, password)
        return password if await users.add(settings.auth.administrator, hashed, "administrator") else None

    return _in_world(settings, make)


def city_file(settings: Settings) -> Path:
    """The city to load: the one of the settings, else the one that comes with the product."""
    return Path(settings.city.file).expanduser() if settings.city.file else MELBOURNE


def read_city(file: Path) -> Register:
    """A city's records out of a JSON file, which may be gzipped; Refusal says what is wrong with it."""
    try:
        raw = file.read_bytes()
        return msgspec.json.decode(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw, type=Register)
    except OSError as error:
        raise Refusal(f"Cannot read the city file {file}: {error.strerror or error}.") from None
    except msgspec.MsgspecError as error:
        raise Refusal(f"{file} is not a city file: {error}.") from None


def load_city(settings: Settings, register: Register) -> Loaded:
    """Make the world's records be as this city says, all or none."""
    return _in_world(settings, lambda engine: Desk(engine).load("setup", register))


def export_city(settings: Settings) -> Register | None:
    """The whole city as it is now; None if none was loaded."""

    async def export(engine: AsyncEngine) -> Register | None:
        try:
            return await Desk(engine).export()
        except Declined as declined:
            if declined.code == "not_found":
                return None
            raise

    return _in_world(settings, export)


class Carriers:
    """The Ray cluster and the named cells of this world on it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cluster = Cluster()
        self.address = ""

    def start(self) -> None:
        """Join or start Ray, share the slots out and start the cells; then `address` is where others can join."""
        settings = self._settings
        cells = [f"cell-{number}" for number in range(settings.ray.cells)]
        self.address = self._cluster.join(settings.ray.address or None, processes=len(cells) + 2)
        asyncio.run(self._place(cells))
        for name in cells:
            cell = CellSettings(name, settings.database.url, settings.world, settings.placement.dedicated())
            self._cluster.start(name, "gateway.workers:cell", msgspec.msgpack.encode(cell))

    def stop(self) -> None:
        """Leave the cluster, and end it if it was started here."""
        self._cluster.leave()

    async def _place(self, cells: list[str]) -> None:
        journal = PostgresJournal(self._settings.database.url, self._settings.world, "up")
        try:
            await place(journal, cells)
        finally:
            await journal.close()


def _in_world(settings: Settings, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    async def run() -> T:
        engine = open_engine(settings.database.url, settings.world, "command", pool=2)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())
