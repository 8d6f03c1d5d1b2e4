"""What the tests of HTTP share: a small city in a world of its own behind a real server, and callers at its door."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.mail import Unreachable
from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.http.serve import listen
from gateway.http.session import Doorkeeper
from gateway.identity import Identity
from gateway.lookout import Lookout
from gateway.metrics import Metrics
from gateway.workers import city as kinds
from storage.database import open_engine
from storage.desk import Desk
from storage.history import History
from storage.lists import Lists
from storage.migrations import drop_world, migrate
from storage.parked import ParkedMessages
from storage.reaching import answers
from storage.recoveries import Recoveries
from storage.users import Users
from tests.gateway.http.callers import Caller, Clock
from tests.storage.cities import city

HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A world with a small city and one user of each role."""
    world = f"t_{uuid4().hex[:12]}"
    await migrate(database_url, world)
    engine = open_engine(database_url, world)
    await Desk(engine).load("test", city())
    users = Users(engine)
    for role in ("administrator", "operator", "viewer"):
        await users.add(role, HASHER.hash(PASSWORD), role)
    yield engine
    await engine.dispose()
    await drop_world(database_url, world)


@pytest.fixture
def clock() -> Clock:
    """The time by which tokens are issued and expire."""
    return Clock()


async def nobody(worker: str, method: str, payload: bytes) -> bytes:
    """There are no workers behind this door."""
    raise Unreachable(worker)


@pytest.fixture
def house(engine: AsyncEngine, clock: Clock, tmp_path: Path) -> House:
    """What is behind the door, patient with the many requests of a test."""
    identity = Identity(b"k" * 32, clock)
    return House(
        identity=identity,
        doorkeeper=Doorkeeper(Users(engine), identity, Buckets(per_s=0.1, burst=50), HASHER),
        lists=Lists(engine),
        history=History(engine),
        desk=Desk(engine),
        metrics=Metrics(),
        lookout=Lookout(nobody, list, dict, clock),
        recoveries=Recoveries(engine),
        parked=ParkedMessages(engine),
        catalogue=kinds(),
        checks={"database": lambda: answers(engine)},
        demand=lambda: "replay",
        pages=tmp_path / "dist",
        general=Buckets(per_s=10_000, burst=10_000),
    )


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
async def viewer(caller: Caller) -> Caller:
    """Somebody who may look."""
    return await caller.signed_in("viewer", PASSWORD)


@pytest.fixture
async def operator(caller: Caller) -> Caller:
    """Somebody who may change records."""
    return await caller.signed_in("operator", PASSWORD)
