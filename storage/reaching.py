"""Whether the database answers, and which errors mean that it does not."""

from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

_UNREACHABLE: Final = (
    ConnectionError,
    TimeoutError,
    InterfaceError,
    OperationalError,
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # the driver no longer knows what this connection was about to say
)
_SQLSTATES: Final = ("08", "53", "57P", "58")
"""What the server says of itself: connection lost, full (disk, memory, connections), stopping or starting, I/O."""


def is_away(error: BaseException) -> bool:
    """Whether the server is away, starting, stopping or full: the same question may be asked again soon."""
    said = error.orig if isinstance(error, DBAPIError) else error
    told = (error, said, said.__cause__ if said else None)
    return any(isinstance(each, _UNREACHABLE) for each in told) or _sqlstate(said).startswith(_SQLSTATES)


def _sqlstate(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""


async def answers(engine: AsyncEngine) -> str:
    """Asks the server the time of day; a sentence, or an error for which `is_away` is true."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return "PostgreSQL answers"
