"""One connection that is never cut by us while it speaks, and is replaced after any doubt."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from actors.engine.journal import Duplicate, Unknown
from storage.session import connect

T = TypeVar("T")

log = logging.getLogger(__name__)

OUR_FAULT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, TypeError, OverflowError)
"""What was asked could never be stored: asking again would never end."""


class Line:
    """One connection, opened when first needed; it says one thing at a time and is replaced after an error.

    `limit_ms` bounds a transaction on the server, `patience_s` an answer: a line that stays silent longer is
    cut, and what it was asked has an unknown outcome.
    """

    def __init__(self, url: str, world: str, name: str, limit_ms: int) -> None:
        self._url, self._world, self._name = url, world, name
        self._limit_ms = limit_ms
        self.patience_s = limit_ms / 1000 + 5
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None

    @property
    def pid(self) -> int | None:
        """The server's process behind the line, if it is open."""
        open_now = self._connection is not None and not self._connection.is_closed()
        return self._connection.get_server_pid() if open_now and self._connection else None

    async def say(self, ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """The answer, or `Duplicate`, or `Unknown`; an error of our own making comes as it is, to end the process.

        It runs in a task of its own: a cancelled caller does not cancel what the server may be committing.
        """
        task = asyncio.ensure_future(self._said(ask))
        return await asyncio.shield(task)

    async def _said(self, ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        async with self._turn:
            try:
                connection = await self._open()
                return await self._patiently(connection, ask)
            except asyncpg.UniqueViolationError as error:
                raise Duplicate(str(error)) from error
            except Exception as error:
                ours = isinstance(error, OUR_FAULT) or self._misused(error)
                self.cut()
                if ours:
                    raise
                # Whatever else it was, the server may or may not have done it.
                log.warning("the outcome of a statement is unknown: %s: %s", type(error).__name__, error)
                raise Unknown(f"{type(error).__name__}: {error}") from error

    def _misused(self, error: Exception) -> bool:
        # The same class tells of a closed connection, which is nobody's fault.
        return isinstance(error, asyncpg.InterfaceError) and self.pid is not None

    async def _patiently(self, connection: asyncpg.Connection, ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        work = asyncio.ensure_future(ask(connection))
        done, _ = await asyncio.wait({work}, timeout=self.patience_s)
        if not done:
            connection.terminate()
        return await work

    async def _open(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            connection = await connect(self._url, self._world, self._name)
            await self._settle(connection)
            self._connection = connection
        return self._connection

    async def _settle(self, connection: asyncpg.Connection) -> None:
        """Commits are on disk when answered, and no transaction of ours can stand in the way for ever."""
        await connection.execute("SET synchronous_commit = on")
        if connection.get_server_version().major >= 17:
            await connection.execute(f"SET transaction_timeout = {int(self._limit_ms)}")

    def cut(self) -> None:
        """Throw the connection away without a word; the next thing said opens another."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None

    async def close(self) -> None:
        """Say goodbye; what is being said is finished first."""
        async with self._turn:
            connection, self._connection = self._connection, None
            if connection is not None and not connection.is_closed():
                await connection.close()
