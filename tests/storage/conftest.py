"""What the tests of storage share: a fresh, migrated world in the real server."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_engine
from storage.journal import PostgresJournal
from storage.session import connect


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


@pytest.fixture
async def journal(home: Home) -> AsyncIterator[PostgresJournal]:
    """The journal of one cell."""
    journal = PostgresJournal(*home, name="cell-0")
    yield journal
    await journal.close()


@pytest.fixture
async def other(home: Home) -> AsyncIterator[PostgresJournal]:
    """The journal of its rival."""
    journal = PostgresJournal(*home, name="cell-1")
    yield journal
    await journal.close()
