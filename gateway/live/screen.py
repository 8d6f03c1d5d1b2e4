"""One client of the live line: its socket, what it follows, and what it is owed."""

import asyncio
from collections.abc import Iterable

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from actors.values import SECOND_US, Micros
from gateway.live.feed import Position
from gateway.live.rights import Claims
from gateway.live.wire import Limits, frame

BUFFER_BYTES = 256 << 10
CLOSE_S = 2.0


class Screen:
    """A client; `live` topics get every tick's frame, `owed` ones wait to be joined from where the client is.

    Frames are written to the transport as they are: the library would build one for each client. It never sends a
    fragmented message for us, so a whole frame fits between any two of its own (ping, pong, close).
    """

    def __init__(self, connection: ServerConnection, limits: Limits) -> None:
        self.claims: Claims | None = None
        self.live: frozenset[str] = frozenset()
        self.owed: dict[str, Position | None] = {}
        self.joining: asyncio.Task[None] | None = None
        self.full_since: Micros | None = None
        self.connection = connection
        self._limits = limits
        self._allowance = limits.frames_burst * SECOND_US
        self._asked_at: Micros | None = None

    def allows(self, now: Micros) -> bool:
        """May the client send one more frame now?"""
        passed = 0 if self._asked_at is None else max(0, now - self._asked_at)
        most = self._limits.frames_burst * SECOND_US
        self._allowance = min(most, self._allowance + passed * self._limits.frames_per_s)
        self._asked_at = now
        self._allowance -= SECOND_US
        return self._allowance >= 0

    def open(self) -> bool:
        """Can anything be sent at all?"""
        return self.connection.state is State.OPEN and not self.connection.transport.is_closing()

    def room(self) -> bool:
        """Does the client read what it gets?"""
        return self.connection.transport.get_write_buffer_size() <= BUFFER_BYTES

    def write(self, whole: bytes) -> None:
        """Send a prebuilt frame."""
        if self.open():
            self.connection.transport.write(whole)

    def say(self, chunks: Iterable[bytes]) -> None:
        """Send messages of this client's own as one frame."""
        parts = list(chunks)
        if parts:
            self.write(frame(parts))

    def follow(self, topic: str, at: Position | None) -> None:
        """Owe the client this topic from where it is."""
        self.live -= {topic}
        self.owed[topic] = at

    def unfollow(self, topic: str) -> None:
        """Owe it nothing of this topic any more."""
        self.live -= {topic}
        self.owed.pop(topic, None)

    def follows(self) -> set[str]:
        """All its topics."""
        return {*self.live, *self.owed}

    def joined(self, topics: Iterable[str]) -> None:
        """From here on these get every tick."""
        topics = set(topics)
        self.live |= topics
        for topic in topics:
            del self.owed[topic]

    async def close(self, code: int, reason: str) -> None:
        """Close with a code; whoever does not read it in time is cut off."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.connection.close(code, reason)
        except TimeoutError:
            self.connection.transport.abort()
