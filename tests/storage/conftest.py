"""What the tests of storage share: a fresh, migrated world in the real server."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import connect, open_engine


class Home(NamedTuple):
    """Where a test keeps its things."""

    url: str
    world: str


@pytest.fixture
def home(database_url: str, world: str) -> Home:
    """A world of the test's own."""
    return Home(database_url, world)


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
