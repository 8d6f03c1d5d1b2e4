"""The projections as a process."""

import asyncio
import os

import msgspec

from actors.engine.cluster import Worker
from gateway.observed import Observed
from gateway.workers import Life, WorkerSettings, city, settle
from storage.database import open_engine
from storage.processors import give_way
from storage.projections import PROJECTIONS, Projector


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
