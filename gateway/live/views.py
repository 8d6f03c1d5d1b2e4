"""The worker in which the city's topics are composed; gateways ask it, payloads are MessagePack in and out."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from time import perf_counter
from typing import Annotated

import msgspec

from actors.engine.gauges import FollowerGauges, Spread, figure, seconds
from actors.values import MINUTE_US, SECOND_US, Micros, uuid7
from gateway.live.aside import alarms
from gateway.live.composer import OF_LOTS, Composer
from gateway.live.register import LoadRegister, Register
from gateway.live.source import Follow
from gateway.live.topics import Piece
from storage.history import Aside

KEPT_TICKS = 300
KEPT_BYTES = 64 << 20
TICK_S = 0.1
FOLLOWED_US = MINUTE_US
"""How long a topic of a lot counts as followed after a gateway said so; each says so at every poll."""

Call = Callable[[str, bytes], Awaitable[bytes]]
"""Carries a method's name and payload to the worker and its answer back; raises when it cannot be reached."""

Beats = Callable[[float], AsyncIterator[None]]
"""Comes round every so many seconds."""

Die = Callable[[BaseException], None]
"""Ends this process: a fold that failed half-way knows nothing for certain, another one begins from the journal."""

log = logging.getLogger(__name__)


class Poll(msgspec.Struct, array_like=True):
    """What came after tick `after` of this life? Wait for it so long. `follows`: topics of lots that screens follow."""

    life: str
    after: int
    wait_us: Micros
    follows: list[str] = []


class Polled(msgspec.Struct, array_like=True):
    """All that changed up to `tick`; `lost`: not all of it is kept (another life, or too long ago): join anew."""

    life: str
    tick: int
    lost: bool
    pieces: list[Piece]


class Join(msgspec.Struct, array_like=True, frozen=True):
    """A subscriber wants a topic and has been at (epoch, seq), or nowhere."""

    topic: str
    epoch: str | None = None
    seq: int | None = None


class Joined(msgspec.Struct, array_like=True):
    """What brings that subscriber to `tick`; no pieces: there is no such topic."""

    life: str
    tick: int
    pieces: list[Piece]


class Note(msgspec.Struct, array_like=True):
    """What only a gateway knows of the city: where its demand comes from."""

    source: str


class ViewsGauges(msgspec.Struct, kw_only=True):
    """How the views are made and how close they are to the cells."""

    follower: FollowerGauges = msgspec.field(default_factory=FollowerGauges)
    tick_seconds: Annotated[Spread, figure("Time to close a tick that shows something")] = msgspec.field(
        default_factory=seconds
    )
    pieces_total: Annotated[int, figure("Topics' changes, one a topic and tick")] = 0
    kept_ticks: Annotated[int, figure("Ticks kept for gateways that come late")] = 0
    kept_bytes: Annotated[int, figure("Bytes of the ticks that are kept")] = 0
    joins_total: Annotated[int, figure("Snapshots and resumes that gateways asked for")] = 0
    lives_total: Annotated[int, figure("Lives of the topics, one more whenever the register was read")] = 0


_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.decode
_DONE = _encode(None)


class Views:
    """Follows what is committed, folds it, closes a tick every 100 ms, and keeps 30 s of ticks for slow gateways."""

    def __init__(self, load: LoadRegister, follow: Follow, clock: Callable[[], Micros], beats: Beats, die: Die) -> None:
        self.composer = Composer(Register(), uuid7(clock()))
        self.gauges = ViewsGauges()
        self._load, self._follow, self._clock, self._beats, self._die = load, follow, clock, beats, die
        self._ticks: deque[tuple[int, list[Piece], int]] = deque()
        self._bytes = 0
        self._tick = 0
        self._followed: dict[str, Micros] = {}
        self._forgot: Micros = 0
        self._ready = asyncio.Event()
        self._moved = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read the register, then follow and tick until `stop`."""
        await self.reload(b"")
        self._ready.set()
        self._tasks = [asyncio.create_task(self._fold()), asyncio.create_task(self._run_ticks())]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End both tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.critical("the views cannot go on", exc_info=error)
            self._die(error)

    async def _fold(self) -> None:
        async for change in self._follow():
            if not self.composer.fold(change):
                # Nobody would ask for the pages between: another life reads the journal.
                raise RuntimeError(f"slot {change.slot}: page {change.seq} came before those between")

    async def _run_ticks(self) -> None:
        async for _ in self._beats(TICK_S):
            self.tick()

    def tick(self) -> None:
        """Close a tick now and wake whoever waits for it."""
        began, now = perf_counter(), self._clock()
        pieces = self.composer.tick(now)
        self._forget(now)
        if not pieces:
            return
        self.gauges.tick_seconds.see(perf_counter() - began)
        self.gauges.pieces_total += len(pieces)
        self._tick += 1
        size = sum(len(piece.body) for piece in pieces)
        self._ticks.append((self._tick, pieces, size))
        self._bytes += size
        while len(self._ticks) > KEPT_TICKS or (self._bytes > KEPT_BYTES and len(self._ticks) > 1):
            self._bytes -= self._ticks.popleft()[2]
        self.gauges.kept_ticks, self.gauges.kept_bytes = len(self._ticks), self._bytes
        self._moved.set()
        self._moved = asyncio.Event()

    def _hear(self, topics: list[str]) -> None:
        """A gateway's screens follow these topics of lots."""
        now = self._clock()
        for topic in topics:
            self._followed[topic] = now
            self.composer.follow(topic)

    def _forget(self, now: Micros) -> None:
        """Topics that no gateway has named for long, looked for once a second."""
        if now - self._forgot >= SECOND_US:
            self._forgot = now
            self._followed = {topic: at for topic, at in self._followed.items() if now - at < FOLLOWED_US}
            self.composer.forget(self._followed)

    async def poll(self, payload: bytes) -> bytes:
        """`Poll` → `Polled`: at once if there is something, else when there is or the wait is over."""
        ask = _decode(payload, type=Poll)
        await self._ready.wait()
        self._hear(ask.follows)
        if ask.life == self.composer.life and ask.after == self._tick:
            with suppress(TimeoutError):
                async with asyncio.timeout(ask.wait_us / 1e6):
                    await self._moved.wait()
        return _encode(self._polled(ask))

    def _polled(self, ask: Poll) -> Polled:
        oldest = self._ticks[0][0] if self._ticks else self._tick + 1
        lost = ask.life != self.composer.life or not oldest - 1 <= ask.after <= self._tick
        news = [] if lost else [piece for n, pieces, _ in self._ticks if n > ask.after for piece in pieces]
        return Polled(self.composer.life, self._tick, lost, news)

    async def join(self, payload: bytes) -> bytes:
        """`Join` → `Joined`."""
        ask = _decode(payload, type=Join)
        self.gauges.joins_total += 1
        await self._ready.wait()
        if ask.topic.partition("/")[0] in OF_LOTS:
            self._hear([ask.topic])
        return _encode(Joined(self.composer.life, self._tick, self.composer.join(ask.topic, ask.epoch, ask.seq) or []))

    async def note(self, payload: bytes) -> bytes:
        """`Note` → nothing."""
        await self._ready.wait()
        self.composer.note(_decode(payload, type=Note).source)
        return _DONE

    def see_aside(self, aside: Aside) -> None:
        """This is now all that was set aside."""
        self.composer.set_aside(aside.unknown, alarms(aside), self._clock())

    async def reload(self, payload: bytes) -> bytes:
        """Read the register anew and begin a new life over the same faces; the payload says nothing."""
        register = await self._load()
        self.gauges.lives_total += 1
        self.composer = self.composer.reborn(register, uuid7(self._clock()))
        self._ticks.clear()
        self._bytes = self._tick = 0
        self._moved.set()
        self._moved = asyncio.Event()
        return _DONE
