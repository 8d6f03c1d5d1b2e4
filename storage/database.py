"""How a world is reached: one PostgreSQL schema per world, through SQLAlchemy or a bare asyncpg connection.

The schema's name is the session's `search_path`, so that every table is written without it.
"""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import msgspec
import sqlalchemy
from sqlalchemy import BigInteger, QueuePool, event, extract, func, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from actors.engine.gauges import figure
from actors.values import Micros
from storage.processors import give_way_behind
from storage.reaching import is_over

CONNECT_S = 10.0
STATEMENT_S = 60.0

Engine = AsyncEngine
"""A pool of connections into one world."""

SERVER_US = (extract("epoch", func.clock_timestamp()) * 1_000_000).cast(BigInteger)
"""The server's clock in microseconds: what several machines must agree on is timed by it, and not by their own."""

_WORLD = re.compile(r"[a-z][a-z0-9_]{0,47}")
_KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


def now_us() -> Micros:
    """The wall clock in microseconds."""
    return time.time_ns() // 1000


def checked_world(world: str) -> str:
    """The name itself, if it may be the name of a world; ValueError otherwise."""
    if not _WORLD.fullmatch(world) or world.startswith("pg_"):
        raise ValueError(f"not a name for a world: {world!r} (a-z, 0-9 and _, a letter first, at most 48)")
    return world


def session_settings(world: str, name: str) -> dict[str, str]:
    """What every session of ours asks of the server."""
    return {"search_path": checked_world(world), "application_name": f"yunparking {name}"[:63], **_KEEPALIVE}


def plain_url(url: str) -> str:
    """The address without SQLAlchemy's driver: `postgresql://…`, as asyncpg and psql read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


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


async def connect(url: str, world: str, name: str, statement_s: float | None = None) -> asyncpg.Connection:
    """One bare connection into a world; parameters of the address (`sslmode`) mean what they mean to psql."""
    settings = session_settings(world, name)
    return await asyncpg.connect(
        plain_url(url), server_settings=settings, timeout=CONNECT_S, command_timeout=statement_s
    )
