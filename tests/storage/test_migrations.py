"""The steps lead to exactly the tables that are declared, in each world for itself."""

import re

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.migrations import drop_world, migrate
from storage.months import begin_of
from storage.schema import METADATA
from storage.session import checked_world
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


async def test_pages_frames_and_passages_move_into_their_months(home: Home, bare: asyncpg.Connection) -> None:
    """Each page is filed where the page before it says, also where a clock once fell back."""
    other = home.world + "_b"
    await migrate(home.url, other, "0006")
    august, september, october = (begin_of(month) for month in (202608, 202609, 202610))
    pages = [(slot, seq, 1, seq, at, b"") for slot in (3, 4) for seq, at in enumerate((august, october, september), 1)]
    await bare.copy_records_to_table("journal", schema_name=other, records=pages)
    frames = [(nth, at, "t", None, None, b"", "accepted", "") for nth, at in enumerate((august, october), 1)]
    await bare.copy_records_to_table("frames", schema_name=other, records=frames)
    passage = (3, 1, 0, august, "taken", "b", "l", 0, "d", 0, 0, True)
    await bare.copy_records_to_table("passages", schema_name=other, records=[passage])
    await migrate(home.url, other)
    moved = await bare.fetch(
        f"SELECT slot, seq, lease, flight, at, body, era, next_era FROM {other}.journal ORDER BY 1, 2"
    )
    eras = [(0, 202608), (202608, 202610), (202610, 202610)] * 2
    assert [tuple(row) for row in moved] == [(*page, *era) for page, era in zip(pages, eras, strict=True)]
    assert [tuple(row) for row in await bare.fetch(f"SELECT * FROM {other}.frames ORDER BY id")] == frames
    assert [tuple(row) for row in await bare.fetch(f"SELECT * FROM {other}.passages")] == [passage]
    assert await bare.fetchval(f"SELECT nextval('{other}.frames_id')") == 3
    await drop_world(home.url, other)


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
