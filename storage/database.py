"""Pools of sessions into a world, through SQLAlchemy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import msgspec
import sqlalchemy
from sqlalchemy import BigInteger, QueuePool, event, extract, func
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from actors.engine.gauges import figure
from storage.processors import give_way_behind
from storage.reaching import is_over
from storage.session import checked_world, connect

STATEMENT_S = 60.0

Engine = AsyncEngine
"""A pool of connections into one world."""

SERVER_US = (extract("epoch", func.clock_timestamp()) * 1_000_000).cast(BigInteger)
"""The server's clock in microseconds: what several machines must agree on is timed by it, and not by their own."""


class _World(AsyncEngine):
    """A pool whose `connect()` is for reading: each statement by itself, as READ COMMITTED sees it anyway, without the
    two trips to the server that begin and end a transaction. Whatever writes does so in `begin()`, or in a transaction
    of the driver's own.
    """

    def __init__(self, pool: sqlalchemy.Engine) -> None:
        super().__init__(pool)
        self._reading = self.execution_options(isolation_level="AUTOCOMMIT")

    def connect(self) -> AsyncConnection:
        return self._reading.connect()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with super().connect() as connection, connection.begin():
            yield connection


def open_engine(url: str, world: str, name: str = "records", pool: int = 5, *, gives_way: bool = False) -> AsyncEngine:
    """A pool of connections into one world; the caller disposes of it. No statement may take more than a minute.

    One that `gives_way` is for what can be made again: the server's processes for it leave the processors to others,
    and none waits for the disk while it holds what others need. After a crash of the server its last commits may be
    missing, but none before them.
    """
    checked_world(world)

    async def connected() -> asyncpg.Connection:
        line = await connect(url, world, name, STATEMENT_S)
        if gives_way:
            try:
                await give_way_behind(line)
                await line.execute("SET synchronous_commit = off")
            except BaseException:
                line.terminate()
                raise
        return line

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connected,
        pool_size=pool,
        max_overflow=0,
    )
    event.listen(engine.sync_engine, "checkout", _check)
    event.listen(engine.sync_engine, "handle_error", _distrust)
    return _World(engine.sync_engine)


def _check(line: Any, *_: object) -> None:
    """A server that ended has said so to the driver, and a transaction that nobody ended would swallow what comes
    next: the pool makes another connection. The server is not asked for it.
    """
    if line.driver_connection.is_closed() or line.driver_connection.is_in_transaction():
        raise DisconnectionError


def _distrust(failed: sqlalchemy.ExceptionContext) -> None:
    """Nobody gets a connection again that is over, even if the network has not yet said so."""
    if is_over(failed.original_exception):
        failed.is_disconnect, failed.invalidate_pool_on_disconnect = True, False


class PoolGauges(msgspec.Struct):
    """How much of a pool of connections is in use."""

    used_connections: Annotated[int, figure("Connections of the gateway's pool in use now")]
    most_connections: Annotated[int, figure("Connections that the gateway's pool may have")]


def pool_gauges(engine: AsyncEngine) -> PoolGauges:
    """The use of this engine's pool."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    return PoolGauges(pool.checkedout(), pool.size())
