"""The job that keeps house, with a real cell and a real database: what is old goes while the city lives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from actors.engine import due
from actors.engine.cell import Cell
from actors.engine.directory import Directory, place
from actors.engine.eras import month_of
from actors.engine.post import Post
from actors.messages.bay import BayQuery, InstallBay
from actors.values import DAY_US, Ref
from gateway import keeping
from gateway.keeping import Keeper
from gateway.sections import Retention
from gateway.workers import city
from storage.database import open_engine
from storage.jobs import Run
from storage.journal import PostgresJournal
from storage.months import make_months
from storage.projections import PROJECTIONS, Projector
from storage.session import connect, now_us

BAYS = [Ref("bay", f"lot-{lot}/bay-{lot}") for lot in range(8)]


class Home:
    """A cell whose clock may be set, who projects what it commits, and who keeps house."""

    def __init__(self, database_url: str, world: str) -> None:
        self.catalogue, self.directory = city(), Directory()
        self.now = now_us() - 70 * DAY_US
        self.engine = open_engine(database_url, world)
        self.journal = PostgresJournal(database_url, world, "cell-0")
        self.deaths: list[BaseException] = []
        clock = lambda: self.now  # noqa: E731
        self.cell = Cell("cell-0", 1, self.catalogue, self.journal, self._call, clock, self.deaths.append)
        self.post = Post(self.catalogue, self._call, self.directory, self.journal, clock)
        self.projector = Projector(self.engine, self.catalogue.decode_told, PROJECTIONS)
        self.keeper = Keeper(
            self.catalogue, self.directory, self._call, Retention(journal_days=30, frames_days=30, passages_days=0)
        )

    async def _call(self, cell: str, method: str, payload: bytes) -> bytes:
        return await self.cell.call(method, payload)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator["Home"]:
        async with self.engine.begin() as connection:
            await make_months(connection, self.now)
        await place(self.journal, ["cell-0"])
        await self.cell.start()
        await self.post.start()
        projecting = asyncio.create_task(self.projector.run())
        try:
            yield self
        finally:
            await self.projector.stop()
            await projecting
            await self.post.close()
            self.cell.stop()
            await self.journal.close()
            await self.engine.dispose()
        assert self.deaths == []


async def test_a_month_goes_while_the_city_lives(
    database_url: str, world: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few snapshots fit into one commit, all are made that its going waits for."""
    monkeypatch.setattr(due, "A_CUT", 20_000)
    monkeypatch.setattr(keeping, "PAUSES_S", (0.1,) * 100)
    async with Home(database_url, world).opened() as home:
        then = month_of(home.now)
        for bay in BAYS:
            await home.post.ask(bay, InstallBay("N", "common"), str(bay))
        home.now = now_us()
        run = Run("keep_house", home.now)
        said = await home.keeper.tidy(home.engine, run)
        assert f"journal_{then}" in said
        assert said.endswith("older pages: 0")
        assert "dropped: nothing" in await home.keeper.tidy(home.engine, run)
        assert await months(database_url, world) >= month_of(home.now - 30 * DAY_US)
        for bay in BAYS:
            assert await home.post.ask(bay, BayQuery()) is not None


async def months(database_url: str, world: str) -> int:
    """The first month that has pages."""
    line: asyncpg.Connection = await connect(database_url, world, "test")
    try:
        return int(await line.fetchval("SELECT min(era) FROM journal"))
    finally:
        await line.close()
