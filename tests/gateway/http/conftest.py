"""What the tests of HTTP share: a small city in a world of its own behind a real server, and callers at its door."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.directory import Directory
from actors.engine.post import Post
from gateway.http.house import House
from gateway.http.serve import listen
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.server import Sandbox
from gateway.workers import city as actors
from storage.database import open_engine
from storage.desk import Desk
from storage.journal import PostgresJournal
from storage.migrations import drop_world
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.houses import PASSWORD, furnished, inhabited
from tests.gateway.http.quarter import Quarter
from tests.gateway.http.streets import Collector, Street
from tests.gateway.http.till import has_accounts
from tests.storage.cities import city
from tests.storage.conftest import Home
from tests.worlds import make_world


@pytest.fixture(scope="module")
async def home(database_url: str) -> AsyncIterator[Home]:
    """A world for the tests of one file."""
    home = Home(database_url, f"t_{uuid4().hex[:12]}")
    await make_world(*home)
    yield home
    await drop_world(*home)


@pytest.fixture(scope="module")
async def engine(home: Home) -> AsyncIterator[AsyncEngine]:
    """A small city in it, and one user of each role."""
    engine = open_engine(*home)
    await Desk(engine).load("test", city())
    await inhabited(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """The time by which tokens are issued and expire."""
    return Clock()


@pytest.fixture
def house(engine: AsyncEngine, clock: Clock, tmp_path: Path) -> House:
    """What is behind the door, patient with the many requests of a test."""
    return furnished(engine, clock, tmp_path / "dist")


@pytest.fixture
def quarter(house: House, engine: AsyncEngine) -> Quarter:
    """Actors that the house asks; the house's time is the quarter's, tokens go by the real one."""
    house.post = quarter = Quarter(engine)
    house.lookout.clock = quarter.clock
    return quarter


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    """Where the real server listens."""
    runner = await listen(house, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def caller(address: str) -> AsyncIterator[Caller]:
    """Somebody who has not signed in."""
    async with aiohttp.ClientSession(address, auto_decompress=False) as session:
        yield Caller(session)


@pytest.fixture
def known(caller: Caller, house: House) -> Callable[[str, str], Caller]:
    """Somebody of this name, in this role."""
    return lambda name, role: Caller(caller.session, house.identity.issue(name, name, role, "s")[0])


@pytest.fixture
async def viewer(caller: Caller) -> Caller:
    """Somebody who may look."""
    return await caller.signed_in("viewer", PASSWORD)


@pytest.fixture
async def operator(caller: Caller) -> Caller:
    """Somebody who may change records."""
    return await caller.signed_in("operator", PASSWORD)


@pytest.fixture
async def street(house: House, engine: AsyncEngine, home: Home, clock: Clock) -> AsyncIterator[Street]:
    """Two sections with sensors and collectors, and their actors; a morning of its own."""
    here = Street(house, engine, *home, clock)
    await here.start()
    await here.ruled("L0", "L1")
    yield here
    for bay in ("L0-0", "L0-1", "L0-2", "L1-0", "L1-1", "L1-2"):
        await here.see(bay, False)
    await here.close()


@pytest.fixture
async def driver_pays(street: Street, address: str, keys: Keys) -> AsyncIterator[Callable[[str, str], Awaitable[None]]]:
    """Providers that the house has accounts at; whoever calls this pays an order of a channel, as a driver would."""
    sandbox = Sandbox(keys, street.clock)
    url = f"http://127.0.0.1:{await sandbox.start()}"
    street.house.cashier.clock = street.clock
    has_accounts(street.house, keys, url, address, street.clock)
    async with aiohttp.ClientSession(url) as door:

        async def pays(channel: str, order: str) -> None:
            async with door.post("/sandbox/pay", json={"channel": channel, "out_trade_no": order}) as said:
                assert said.status == 200, await said.text()

        yield pays
    await sandbox.stop()
    await street.house.cashier.merchants.close()


@pytest.fixture
async def li(street: Street, caller: Caller) -> AsyncIterator[Collector]:
    """A collector who works on L0."""
    await street.hired("li")
    li = Collector(street, caller, "li", "p1")
    assert (await li.sign_in()).status == 200
    assert (await li.begin("L0")).status == 201
    yield li
    await li.end()
    await li("POST", "sign-out", {"device": "p1"})


@pytest.fixture
async def second(
    street: Street, engine: AsyncEngine, home: Home, clock: Clock, tmp_path: Path
) -> AsyncIterator[aiohttp.ClientSession]:
    """Speaks to the other gateway: a port and a post of its own, nothing in common but the city and the secret."""
    journal = PostgresJournal(*home, "second")
    post = Post(actors(), street.call, Directory(), journal, clock)
    await post.start()
    house = furnished(engine, clock, tmp_path / "second" / "dist")
    house.lookout.clock, house.post = clock, post
    runner = await listen(house, "127.0.0.1", 0)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}", auto_decompress=False) as session:
        yield session
    await runner.cleanup()
    await post.close()
    await journal.close()
