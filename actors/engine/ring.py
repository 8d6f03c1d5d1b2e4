"""The last committed pages of a cell, kept for those who follow it; what has left the ring is read from the journal."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import msgspec

from actors.engine.flight import Flight
from actors.values import Micros

RING_BYTES = 32 * 1024 * 1024
ANSWER_PAGES = 2_000
LONG_POLL_S = 1.0


class Since(msgspec.Struct, array_like=True, frozen=True):
    """Where a follower stands: which life of the cell, and how many of its pages it has had."""

    lease: int
    cursor: int


class ShownPage(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A committed page, as its followers get it."""

    slot: int
    seq: int
    at: Micros
    body: bytes


class News(msgspec.Struct, array_like=True, frozen=True):
    """Committed pages in the order of their commits; `heads` (slot → durable seq) when continuity was lost.

    `end` is where the cursor of one who has had everything stands.
    """

    lease: int
    cursor: int
    pages: list[ShownPage]
    heads: dict[int, int] | None = None
    end: int = 0


class Ring:
    """Committed pages, bounded in bytes; a follower too far behind is told to read the journal."""

    def __init__(self, lease: int) -> None:
        self._lease = lease
        self._pages: deque[ShownPage] = deque()
        self._first = 0
        self._bytes = 0
        self._came = asyncio.Event()

    @property
    def size(self) -> int:
        """Bytes of the pages that are kept."""
        return self._bytes

    def add(self, flight: Flight) -> None:
        """A commit's pages."""
        for page in flight.pages:
            self._push(ShownPage(page.slot, page.seq, page.at, page.body))
        self._ring()

    def opened(self, number: int, seq: int, at: Micros) -> None:
        """An opening page: nothing in it to see, but the slot's count goes on."""
        self._push(ShownPage(number, seq, at, msgspec.msgpack.encode([])))
        self._ring()

    def _push(self, page: ShownPage) -> None:
        self._pages.append(page)
        self._bytes += len(page.body)
        while self._bytes > RING_BYTES:
            self._bytes -= len(self._pages.popleft().body)
            self._first += 1

    def _ring(self) -> None:
        self._came.set()
        self._came = asyncio.Event()

    async def follow(self, payload: bytes, heads: Callable[[], dict[int, int]]) -> bytes:
        """What came since; waits up to a second for it."""
        since = msgspec.msgpack.decode(payload, type=Since)
        news = self.news(since, heads)
        if news is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONG_POLL_S):
                    await self._came.wait()
            news = self.news(since, heads) or News(since.lease, since.cursor, [], end=since.cursor)
        return msgspec.msgpack.encode(news)

    def news(self, since: Since, heads: Callable[[], dict[int, int]]) -> News | None:
        """What came since, or where all slots are if that cannot be told; None if nothing came."""
        end = self._first + len(self._pages)
        if since.lease != self._lease or not self._first <= since.cursor <= end:
            return News(self._lease, end, [], heads(), end)
        if since.cursor == end:
            return None
        pages = self._from(since.cursor)
        return News(self._lease, since.cursor + len(pages), pages, end=end)

    def _from(self, cursor: int) -> list[ShownPage]:
        skip = max(0, cursor - self._first)
        return [self._pages[place] for place in range(skip, min(len(self._pages), skip + ANSWER_PAGES))]
