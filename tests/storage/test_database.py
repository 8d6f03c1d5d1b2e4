"""The pool of connections: what it hands out works, and reading and writing mean what they should."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import database
from storage.database import open_engine
from tests.city.waiting import eventually
from tests.storage.conftest import Home

WHO, MANY = text("SELECT pg_backend_pid()"), text("SELECT count(*) FROM frame_counts")
ONE_MORE = "INSERT INTO frame_counts (outcome, n, last_us) VALUES ($1, 1, 1)"


async def driver_of(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


async def test_a_connection_whose_server_has_ended_is_handed_to_nobody(home: Home, bare: asyncpg.Connection) -> None:
    engine = open_engine(*home, pool=1)
    async with engine.connect() as connection:
        line, was = await driver_of(connection), (await connection.execute(WHO)).scalar_one()
    await bare.execute("SELECT pg_terminate_backend($1)", was)
    await eventually(lambda: asyncio.sleep(0, line.is_closed()), "the driver has heard of it")
    async with engine.connect() as connection:
        assert (await connection.execute(WHO)).scalar_one() != was
    await engine.dispose()


async def test_a_connection_that_did_not_answer_in_time_is_not_used_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_S", 0.5)
    engine = open_engine(*home, pool=1)
    async with engine.connect() as connection:
        was = (await connection.execute(WHO)).scalar_one()
    with pytest.raises(TimeoutError):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(60)"))
    async with engine.connect() as connection:
        assert (await connection.execute(WHO)).scalar_one() != was
    await engine.dispose()


async def test_a_connection_in_a_transaction_that_nobody_ended_is_handed_to_nobody(
    home: Home, bare: asyncpg.Connection
) -> None:
    engine = open_engine(*home, pool=1)
    async with engine.connect() as connection:
        await (await driver_of(connection)).execute("BEGIN")
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO frame_counts (outcome, n, last_us) VALUES ('x', 1, 1)"))
    assert await bare.fetchval("SELECT count(*) FROM frame_counts") == 1
    await engine.dispose()


async def test_who_asks_for_one_view_of_all_statements_has_it(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        before = (await connection.execute(MANY)).scalar_one()
        await bare.execute(ONE_MORE, "one")
        assert (await connection.execute(MANY)).scalar_one() == before
    async with engine.connect() as connection:  # the same connection of the pool: nothing of that is left
        assert (await connection.execute(MANY)).scalar_one() == before + 1
        await bare.execute(ONE_MORE, "two")
        assert (await connection.execute(MANY)).scalar_one() == before + 2


async def test_what_fails_in_a_transaction_leaves_nothing(engine: AsyncEngine) -> None:
    async def failing() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO frame_counts (outcome, n, last_us) VALUES ('x', 1, 1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    async with engine.connect() as connection:
        assert (await connection.execute(MANY)).scalar_one() == 0
