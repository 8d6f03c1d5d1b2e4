"""What the tests of storage share: a fresh, migrated world in the real server."""

from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import connect, open_engine
from storage.migrations import drop_world, migrate


class Home(NamedTuple):
    """Where a test keeps its things."""

    url: str
    world: str


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    """A world of the test's own."""
    world = f"t_{uuid4().hex[:12]}"
    await migrate(database_url, world)
    yield Home(database_url, world)
    await drop_world(database_url, world)


@pytest.fixture
async def engine(home: Home) -> AsyncIterator[AsyncEngine]:
    """A pool of connections into it."""
    engine = open_engine(*home)
    yield engine
    await engine.dispose()


@pytest.fixture
async def bare(home: Home) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection into it."""
    connection = await connect(*home, "test")
    yield connection
    await connection.close()
