"""One envoy, a cell and PostgreSQL in one process: what goes wrong at a port is kept, tried again, and shown."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.directory import Directory, share_out
from actors.engine.entries import Answer, Input
from actors.engine.post import Post
from actors.messages.forms import Command, Message, Request
from actors.values import Ref
from gateway.outside import envoy as envoys
from gateway.outside.envoy import Envoy
from gateway.workers import WorkerSettings
from storage.database import open_engine
from storage.journal import PostgresJournal
from storage.outside import Outside
from storage.session import connect, now_us
from tests.actors.engine.world.toys import TOYS, Bump, Look, Read, Total, Weighed
from tests.city.waiting import eventually
from tests.gateway.outside.workers import toy_cell

A, B = Ref("account", "a/a0"), Ref("account", "b/a0")
Adapter = Callable[[Request, str], Any]


class Home:
    """A cell of toys in this process, and a way to ask it."""

    def __init__(self, url: str, world: str) -> None:
        self.url, self.world = url, world
        self.engine: AsyncEngine = open_engine(url, world, "test", pool=2)
        self.journal = PostgresJournal(url, world, "test")
        self.bare: asyncpg.Connection

    async def start(self) -> None:
        self.bare = await connect(self.url, self.world, "test")
        await share_out(self.journal, ["cell-0"], [])
        self.cell = toy_cell(WorkerSettings("cell-0", self.url, self.world, ""))
        await self.cell.start()
        self.post = Post(
            TOYS, lambda name, method, body: self.cell.call(method, body), Directory(), self.journal, now_us
        )
        await self.post.start()

    @asynccontextmanager
    async def envoy(
        self, adapter: Adapter, post: "Post | Halved | None" = None, away: Ref | None = None, **bounds: int
    ) -> AsyncIterator[Envoy]:
        """An envoy at work, to this port; it takes `away` for an actor of another cell."""
        rows, carried = Outside(self.engine, "envoy"), dict(self.post.directory.cells)
        if away is not None:
            carried[self.post.directory.slot_of(away)] = "cell-1"
        post = post or self.post
        envoy = Envoy(self.world, {"scale": adapter}, rows, post, TOYS.decode_request, carried, **bounds)
        running = asyncio.create_task(envoy.run())
        try:
            yield envoy
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def failed(self, error: str) -> tuple[int, int]:
        """Waits for a row with this error: how often it was tried, and for how many seconds it rests."""
        query = "SELECT tries, held_until - extract(epoch FROM now()) * 1e6 AS rest FROM outside WHERE error LIKE $1"

        async def there() -> bool:
            return await self.bare.fetchrow(query, f"%{error}%") is not None

        await eventually(there, f"the row says {error}")
        row = await self.bare.fetchrow(query, f"%{error}%")
        assert row is not None
        return row["tries"], int(row["rest"] / 1_000_000)

    async def asks(self) -> None:
        """One actor asks the scale; the row that an envoy can hold is there soon after the turn."""
        await self.post.ask(A, Bump(7), "one")

        async def there() -> bool:
            return bool(await self.bare.fetchval("SELECT count(*) FROM outside"))

        await eventually(there, "what was asked is a row")

    async def gone(self) -> None:
        """Waits until nothing is asked any more."""

        async def none() -> bool:
            return await self.bare.fetchval("SELECT count(*) FROM outside") == 0

        await eventually(none, "everything is answered")

    async def stop(self) -> None:
        await self.post.close()
        self.cell.stop()
        await self.bare.close()
        await self.journal.close()
        await self.engine.dispose()


@pytest.fixture
async def home(database_url: str, world: str) -> AsyncIterator[Home]:
    home = Home(database_url, world)
    await home.start()
    yield home
    await home.stop()


async def test_an_error_is_kept_and_tried_again_with_the_same_key(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envoys, "REST_FIRST_S", 0.01)
    keys: list[str] = []

    async def scale(request: Request, key: str) -> Command:
        keys.append(key)
        if len(keys) < 3:
            raise ConnectionResetError(f"the line broke {len(keys)} times")
        return Weighed(5)

    await home.asks()
    async with home.envoy(scale):
        await home.gone()
    assert len(keys) == 3
    assert set(keys) == {f"{home.world}-{home.post.directory.slot_of(A)}-1"}
    answer = await home.post.ask(A, Look())
    assert isinstance(answer, Total)
    assert answer.total == 12


async def test_the_longer_it_fails_the_longer_it_rests(home: Home) -> None:
    async def scale(request: Request, key: str) -> Command:
        raise ValueError("never again")

    await home.asks()
    await home.bare.execute("UPDATE outside SET tries = 4")
    async with home.envoy(scale):
        tries, rest_s = await home.failed("ValueError: never again")
        assert tries == 5
        assert 8 < rest_s <= 16  # twice as long as after the fourth try
        await home.bare.execute("UPDATE outside SET tries = 40, held_until = 0, error = ''")
        tries, rest_s = await home.failed("ValueError: never again")
        assert tries == 41
        assert 150 < rest_s <= 300


async def test_an_answer_that_the_asker_does_not_hear_is_an_error_and_reaches_nobody(home: Home) -> None:
    async def scale(request: Request, key: str) -> Command:
        return Read(1)

    await home.asks()
    async with home.envoy(scale):
        await home.failed("WrongAnswer: scale answered Weigh with Read")
    assert list(home.cell.host.slots[home.post.directory.slot_of(A)].asks) == [1]


async def test_a_port_that_stays_silent_is_not_waited_for_for_ever(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envoys, "CALL_WITHIN_S", 0.01)

    async def scale(request: Request, key: str) -> Command:
        await asyncio.Event().wait()
        raise AssertionError

    await home.asks()
    async with home.envoy(scale):
        assert (await home.failed("TimeoutError"))[0] >= 1


class Halved:
    """A post whose cells are away for one actor; what it was told then, it keeps for ever."""

    def __init__(self, post: Post, away: Ref) -> None:
        self.post, self.away = post, away
        self.kept = asyncio.Event()

    def send(self, ref: Ref, source: Input | None, message: Message, at: int = 0) -> asyncio.Future[Answer]:
        if ref != self.away:
            return self.post.send(ref, source, message, at)
        self.kept.set()
        return asyncio.get_running_loop().create_future()


async def test_an_answer_that_waits_for_its_cell_keeps_no_other_errand_from_being_asked(home: Home) -> None:
    async def scale(request: Request, key: str) -> Command:
        return Weighed(5)

    async def told() -> bool:
        answer = await home.post.ask(B, Look())
        return isinstance(answer, Total) and answer.total == 12

    post = Halved(home.post, A)
    await home.asks()
    async with home.envoy(scale, post, at_once=1):
        async with asyncio.timeout(20):
            await post.kept.wait()
        await home.post.ask(B, Bump(7), "two")
        await eventually(told, "the other one has its answer")


async def test_a_cell_that_is_away_keeps_nothing_of_the_others_from_being_asked(home: Home) -> None:
    asked: list[str] = []

    async def scale(request: Request, key: str) -> Command:
        asked.append(key)
        return Weighed(5)

    async def told() -> bool:
        answer = await home.post.ask(B, Look())
        return isinstance(answer, Total) and answer.total == 12

    post = Halved(home.post, A)
    await home.asks()
    async with home.envoy(scale, post, away=A, a_cell_most=1) as envoy:
        async with asyncio.timeout(20):
            await post.kept.wait()
        await home.post.ask(A, Bump(7), "once more")
        await home.post.ask(B, Bump(7), "two")
        await eventually(told, "the other one has its answer")
        await envoy._look()
        assert len(asked) == 2
        assert await home.bare.fetchval("SELECT ref FROM outside WHERE tries = 0") == str(A)


async def test_no_more_is_held_than_may_be(home: Home) -> None:
    async def scale(request: Request, key: str) -> Command:
        return Weighed(5)

    async def two() -> bool:
        return await home.bare.fetchval("SELECT count(*) FROM outside") == 2

    post = Halved(home.post, A)
    await home.asks()
    async with home.envoy(scale, post, held_most=1) as envoy:
        async with asyncio.timeout(20):
            await post.kept.wait()
        await home.post.ask(B, Bump(7), "two")
        await eventually(two, "both are rows")
        await envoy._look()
        assert await home.bare.fetchval("SELECT ref FROM outside WHERE tries = 0") == str(B)


async def test_an_envoy_outlives_a_database_that_goes_away(home: Home) -> None:
    async def scale(request: Request, key: str) -> Command:
        return Weighed(5)

    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yunparking test'"
    await home.asks()
    async with home.envoy(scale):
        await home.gone()
        await home.bare.fetch(f"{ends} AND pid <> pg_backend_pid()")
        await home.post.ask(A, Bump(7), "two")
        await home.gone()
