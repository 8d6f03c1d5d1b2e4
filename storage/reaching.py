"""Whether the database answers, and the errors that mean that it does not."""

from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

UNREACHABLE: Final[tuple[type[Exception], ...]] = (
    ConnectionError,
    TimeoutError,
    InterfaceError,
    OperationalError,
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
"""The server is away, starting, stopping or full: the same question may be asked again soon."""


async def answers(engine: AsyncEngine) -> str:
    """Asks the server the time of day; a sentence, or one of `UNREACHABLE`."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return "PostgreSQL answers"
