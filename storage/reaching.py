"""Whether the database answers, and which errors mean that it does not."""

from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
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
)
_SQLSTATES: Final = ("08", "53", "57P", "58")
"""What the server says of itself: connection lost, full (disk, memory, connections), stopping or starting, I/O."""
_OUT_OF_STEP: Final = "cannot switch to state"
"""What the driver says of a connection whose server has said that it ends, before the network does."""


def is_away(error: BaseException) -> bool:
    """Whether the server is away, starting, stopping or full: the same question may be asked again soon."""
    met = _met(error)
    if isinstance(error, _UNREACHABLE) or isinstance(met, _UNREACHABLE):
        return True
    out_of_step = isinstance(met, asyncpg.InternalClientError) and _OUT_OF_STEP in str(met)
    return out_of_step or str(getattr(met, "sqlstate", None) or "").startswith(_SQLSTATES)


def to_be_traced(error: Exception) -> Exception | None:
    """The error, for a log that shows where it came from; None if it says that the server is away. For who asks nothing
    but the database: elsewhere a TimeoutError may be anybody's.
    """
    return None if is_away(error) else error


def is_over(error: BaseException) -> bool:
    """Whether the connection that met this error is good for nothing more, even if it does not say so itself: the
    server ends it, or says nothing for so long that it may be gone, or the driver no longer knows where it is.
    """
    met = _met(error)
    return isinstance(met, TimeoutError | asyncpg.InternalClientError) or _severity(met) in ("FATAL", "PANIC")


def _met(error: BaseException) -> BaseException | None:
    """What the driver met, under what SQLAlchemy has made of it."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return said.__cause__ if isinstance(said, AsyncAdapt_asyncpg_dbapi.Error) else said


def _severity(error: BaseException | None) -> str | None:
    return error.severity_en if isinstance(error, asyncpg.PostgresError) else None


async def answers(engine: AsyncEngine) -> str:
    """Asks the server the time of day; a sentence, or an error for which `is_away` is true."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return "PostgreSQL answers"
