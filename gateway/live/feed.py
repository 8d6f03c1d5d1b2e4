"""A gateway's end of the views: follows the worker, and brings subscribers to where the stream is, without a gap."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import msgspec

from actors.values import SECOND_US, Micros
from gateway.live.composer import OF_LOTS
from gateway.live.topics import Piece
from gateway.live.views import Call, Join, Joined, Note, Poll, Polled

POLL_WAIT_US = SECOND_US // 2
ANSWER_LIMIT_S = 5.0
RETRY_S = 0.2
RECENT = 50
FRESH_US = 2 * SECOND_US

Position = tuple[str, int]
"""Where a subscriber is in a topic: (epoch, seq)."""

log = logging.getLogger(__name__)


class Feed:
    """The stream of all topics' changes, tick by tick, and the place in it at which a subscriber may join.

    `publish` gets every tick's pieces once and in order; `lost` is called when the stream broke (the worker began
    another life, or we were away for too long): everybody has to join again, from where they are.
    """

    def __init__(
        self,
        call: Call,
        clock: Callable[[], Micros],
        publish: Callable[[list[Piece]], None],
        lost: Callable[[], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._call, self._clock, self._publish, self._lost, self._pause = call, clock, publish, lost, pause
        self._life, self._tick = "", 0
        self._heard: Micros = 0
        self._positions: dict[str, Position] = {}
        self._recent: dict[str, deque[Piece]] = {}
        self._joins: dict[Join, asyncio.Task[Joined]] = {}
        self._follows: set[str] = set()
        self._moved = asyncio.Event()
        self._base = 0
        self._note: Note | None = None
        self._untold: Note | None = None
        self._telling: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Follow the worker until cancelled, over its deaths."""
        away = False
        while True:
            try:
                await self.step()
            except Exception as error:  # whatever the port raises: the worker is away, and comes back
                log.log(logging.DEBUG if away else logging.WARNING, "the views do not answer: %s", error)
                away = True
                await self._pause(RETRY_S)
            else:
                away = False

    async def step(self) -> None:
        """One poll: whatever came since the last one is published."""
        ask = msgspec.msgpack.encode(Poll(self._life, self._tick, POLL_WAIT_US, sorted(self._follows)))
        async with asyncio.timeout(ANSWER_LIMIT_S):
            raw = await self._call("poll", ask)
        news = msgspec.msgpack.decode(raw, type=Polled)
        self._heard = self._clock()
        if news.lost:
            self._begin(news.life, news.tick)
        elif news.pieces:
            self._tick = news.tick
            self._keep(news.pieces)
            self._publish(news.pieces)
        self._moved.set()
        self._moved = asyncio.Event()
        self._tell_rest()

    def _begin(self, life: str, tick: int) -> None:
        self._lost()
        self._positions.clear()
        self._recent.clear()
        if life != self._life:
            self._untold = self._note
        self._life, self._tick, self._base = life, tick, tick

    def _keep(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            self._positions[piece.topic] = (piece.epoch, piece.seq)
            self._recent.setdefault(piece.topic, deque(maxlen=RECENT)).append(piece)

    def now(self) -> Micros:
        """The time as of which screens are right: now, or when the worker was last heard."""
        now = self._clock()
        return now if now - self._heard < FRESH_US else self._heard

    def unheard_us(self) -> Micros:
        """How long ago the worker was last heard; 0 before it ever was."""
        return max(0, self._clock() - self._heard) if self._heard else 0

    def position(self, topic: str) -> Position | None:
        """Where the stream is in a topic; None before anyone joined it or it changed."""
        return self._positions.get(topic)

    def keep(self, followed: Iterable[str]) -> None:
        """These are now all topics that screens follow: the worker is told which lots those are, and with each join."""
        self._follows = {topic for topic in followed if _of_a_lot(topic)}

    async def join(self, topic: str, at: Position | None) -> Joined:
        """Ask the worker what brings a subscriber from `at` to the last tick; askers of the same share one call."""
        if _of_a_lot(topic):
            self._follows.add(topic)
        ask = Join(topic, *(at or (None, None)))
        task = self._joins.get(ask)
        if task is None:
            task = self._joins[ask] = asyncio.create_task(self._ask(ask))
            task.add_done_callback(lambda _: self._joins.pop(ask, None))
        return await asyncio.shield(task)

    async def _ask(self, ask: Join) -> Joined:
        while True:
            with suppress(Exception):  # as above
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    raw = await self._call("join", msgspec.msgpack.encode(ask))
                return msgspec.msgpack.decode(raw, type=Joined)
            await self._pause(RETRY_S)

    def caught_up(self, joined: Joined) -> list[Piece] | None:
        """What the worker answered, brought to where the stream is now; None if the two do not meet: ask again.

        To be called in one step with joining: nothing may be published between this answer and that.
        """
        if joined.life != self._life or joined.tick < self._base or not joined.pieces:
            return None
        last = joined.pieces[-1]
        epoch, seq = self._positions.setdefault(last.topic, (last.epoch, last.seq))
        if epoch != last.epoch:
            return None
        if seq <= last.seq:
            return joined.pieces
        newer = [piece for piece in self._recent.get(last.topic, ()) if piece.seq > last.seq]
        return joined.pieces + newer if newer and newer[0].prev == last.seq else None

    async def moved(self) -> None:
        """Wait for the next answer of the worker."""
        await self._moved.wait()

    def note(self, source: str) -> None:
        """Say what only the gateway knows of the city: where its demand comes from."""
        note = Note(source)
        if note != self._note:
            self._note = self._untold = note
            self._tell_rest()

    def _tell_rest(self) -> None:
        if self._untold is not None and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while (note := self._untold) is not None:
            try:
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    await self._call("note", msgspec.msgpack.encode(note))
            except Exception as error:
                log.warning("the views did not hear a note, they will be told again: %s", error)
                return
            if self._untold is note:
                self._untold = None


def _of_a_lot(topic: str) -> bool:
    return topic.partition("/")[0] in OF_LOTS
