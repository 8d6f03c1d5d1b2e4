"""The pool of connections: what it hands out works, and reading and writing mean what they should."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import database
from storage.database import open_engine
from storage.reaching import is_away
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


@asynccontextmanager
async def never_ending(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Another way to a server, by which nobody hears that a connection has ended; and whether one has."""
    there, ended = make_url(url), asyncio.Event()
    carrying: set[asyncio.StreamWriter] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying.add(writer)
        while some := await reader.read(1 << 16):
            writer.write(some)
        ended.set()

    async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(there.host, there.port)
        await asyncio.gather(carry(reader, to_server), carry(from_server, writer), return_exceptions=True)

    async with await asyncio.start_server(carried, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            yield there.set(host="127.0.0.1", port=port).render_as_string(hide_password=False), ended
        finally:
            for writer in carrying:
                writer.transport.abort()


async def test_a_connection_whose_server_said_that_it_ends_is_handed_to_nobody_twice(
    home: Home, bare: asyncpg.Connection
) -> None:
    """It may say so before the network does, and then the driver takes the connection for a good one."""
    url, world = home
    async with never_ending(url) as (by_way, ended):
        engine = open_engine(by_way, world, pool=1)
        async with engine.connect() as connection:
            was = (await connection.execute(WHO)).scalar_one()
        await bare.execute("SELECT pg_terminate_backend($1)", was)
        async with asyncio.timeout(20):
            await ended.wait()
        with pytest.raises(DBAPIError) as caught:
            async with engine.connect() as connection:
                await connection.execute(WHO)
        assert is_away(caught.value)
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
