"""The steps lead to exactly the tables that are declared, in each world for itself."""

import re

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import checked_world
from storage.migrations import drop_world, migrate
from storage.schema import METADATA
from tests.storage.conftest import Home

NEXT_NUMBER = "'modify_default', None, 'frames', 'id'"
"""A sequence's next number is never the same twice: comparing it finds a difference."""


def ours(object: object, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    """Parts of tables come and go with the months."""
    return not (type_ == "table" and reflected and re.search(r"_(rest|\d{6})$", name or ""))


def differences(connection: Connection) -> list[object]:
    opts = {"compare_type": True, "compare_server_default": True, "include_object": ours}
    found = compare_metadata(MigrationContext.configure(connection, opts=opts), METADATA)
    return [each for each in found if NEXT_NUMBER not in str(each)]


async def test_migrated_tables_are_the_declared_ones(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(home: Home, engine: AsyncEngine) -> None:
    await migrate(*home)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_worlds_are_apart(home: Home, bare: asyncpg.Connection) -> None:
    other = home.world + "_b"
    await migrate(home.url, other)
    await bare.execute("INSERT INTO slots VALUES (1, 'cell-0')")
    assert await bare.fetchval(f"SELECT count(*) FROM {other}.slots") == 0
    await drop_world(home.url, other)
    assert await bare.fetchval("SELECT count(*) FROM slots") == 1


@pytest.mark.parametrize("name", ["", "Live", "a-b", "1a", "pg_x", 'a"; drop', "x" * 49])
def test_a_world_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a name for a world"):
        checked_world(name)
