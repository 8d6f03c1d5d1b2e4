"""The wire between the cells and their database: it carries bytes, and breaks at a chosen moment of a commit."""

import asyncio
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

Moment = Literal["before", "after", "hang"]
"""`before` a commit arrives; `after` it is durable and before the answer; `hang`: then too, but nobody hears of it."""

COMMIT = b'"journal"('
"""Stands in the COPY by which a cell commits."""
COMMITTED = b"COPY "
"""Stands in the answer to it, which leaves the server when the commit is durable."""
CHUNK = 1 << 16


class Pair:
    """One connection over the wire: two ends, and whether a commit is on its way."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.ends = (client, server)
        self.committing = False

    def cut(self) -> None:
        for end in self.ends:
            end.transport.abort()


class Wire:
    """Another way to a server. It breaks once armed, at the next commit that comes, and stays broken until mended."""

    def __init__(self, url: str) -> None:
        self._server = urlsplit(url)
        self._pairs: set[Pair] = set()
        self._armed: Moment | None = None
        self._whole = asyncio.Event()
        self._whole.set()
        self._silent = False
        self.broke = asyncio.Event()
        self.commits = 0

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        self._cut()

    @property
    def url(self) -> str:
        """The server's address by way of this wire."""
        login, _, _ = self._server.netloc.rpartition("@")
        port = self._listening.sockets[0].getsockname()[1]
        return urlunsplit(self._server._replace(netloc=f"{login}@127.0.0.1:{port}"))

    def arm(self, moment: Moment) -> None:
        """Break at this moment of the next commit."""
        self.broke.clear()
        self._armed = moment

    def mend(self) -> None:
        """Whole again: what hung is cut at last."""
        self._cut()
        self._armed = None
        self._silent = False
        self._whole.set()

    def _cut(self) -> None:
        for pair in self._pairs:
            pair.cut()

    def _break(self) -> None:
        self._silent = self._armed == "hang"
        self._armed = None
        self._whole.clear()
        self.broke.set()
        if not self._silent:
            self._cut()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole.is_set() and not self._silent:
            writer.transport.abort()
            return
        try:
            there, to_there = await asyncio.open_connection(self._server.hostname, self._server.port)
        except OSError:
            writer.transport.abort()
            return
        pair = Pair(writer, to_there)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pump(pair, reader, to_there), self._pump(pair, there, writer, answers=True))
        finally:
            self._pairs.discard(pair)
            pair.cut()

    async def _pump(
        self, pair: Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool = False
    ) -> None:
        try:
            while chunk := await reader.read(CHUNK):
                if self._is_the_moment(pair, chunk, answers):
                    self._break()
                await self._whole.wait()
                writer.write(chunk)
                await writer.drain()
        except OSError:
            return
        finally:
            pair.cut()

    def _is_the_moment(self, pair: Pair, chunk: bytes, answers: bool) -> bool:
        if not answers and COMMIT in chunk:
            pair.committing = True
            self.commits += 1
            return self._armed == "before"
        if answers and pair.committing and COMMITTED in chunk:
            pair.committing = False
            return self._armed in ("after", "hang")
        return False
