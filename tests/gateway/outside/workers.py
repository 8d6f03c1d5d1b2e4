"""What these tests carry on Ray: a cell of toy actors, and an envoy to a scale that notes who asked it what."""

import asyncio
from pathlib import Path

import msgspec

from actors.engine.cell import Cell
from actors.engine.cluster import Cluster, Worker
from actors.engine.directory import Directory
from actors.engine.post import Post
from actors.messages.forms import Command, Request
from gateway.outside.envoy import Envoy
from gateway.workers import Life, WorkerSettings
from storage.database import open_engine
from storage.journal import PostgresJournal
from storage.outside import Outside
from storage.session import now_us
from tests.actors.engine.world.scale import weighed
from tests.actors.engine.world.toys import TOYS, Weigh


class EnvoySettings(WorkerSettings, frozen=True):
    """An envoy's: where its scale notes things, how long it holds an errand, how many at once."""

    folder: str = ""
    lease_s: float = 1.0
    at_once: int = 100


class Scale:
    """Notes each request in a file that all its processes share; whoever is to be held hangs for ever."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name

    async def __call__(self, request: Request, key: str) -> Command:
        with (self._folder / "asked").open("a") as file:
            file.write(f"{self._name} {key}\n")
        if (self._folder / f"hold {self._name}").exists():
            await asyncio.Event().wait()
        _, slot, n = key.rsplit("-", 2)
        return weighed(int(slot), int(n))


def asked(folder: Path) -> list[tuple[str, str]]:
    """Who asked the scale with which key, in order."""
    file = folder / "asked"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(name, key) for name, _, key in (line.partition(" ") for line in lines)]


class EnvoyWorker:
    """An envoy in a process of its own."""

    def __init__(self, known: EnvoySettings) -> None:
        journal = PostgresJournal(known.database_url, known.world, known.name)
        self._post = Post(TOYS, Cluster(known.namespace).call, Directory(), journal, now_us)
        self._envoy = Envoy(
            known.world,
            {Weigh.port: Scale(Path(known.folder), known.name)},
            Outside(open_engine(known.database_url, known.world, known.name, pool=2), known.name),
            self._post,
            TOYS.decode_request,
            self._post.directory.cells,
            known.lease_s,
            known.at_once,
        )

    async def start(self) -> None:
        """Begins to carry."""
        await self._post.start()
        self._running = asyncio.create_task(self._envoy.run())

    async def call(self, method: str, payload: bytes) -> bytes:
        """Only `state`: it lives."""
        return b""


def envoy(settings: bytes) -> Worker:
    """An envoy."""
    return EnvoyWorker(msgspec.msgpack.decode(settings, type=EnvoySettings))


def toy_cell(known: WorkerSettings) -> Cell:
    """A cell of toy actors."""
    journal = PostgresJournal(known.database_url, known.world, known.name)
    call = Cluster(known.namespace).call
    life = Life(known)
    return Cell(known.name, life.number, TOYS, journal, call, now_us, life.end)


def cell(settings: bytes) -> Worker:
    """The same, on Ray."""
    return toy_cell(msgspec.msgpack.decode(settings, type=WorkerSettings))
