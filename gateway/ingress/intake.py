"""The frames of one connection, in order of arrival: told to their actors, kept, then acknowledged.

Only the head of the line is waited for. When its turn is durable, all finished frames behind it go together: one
batch of rows, then one write of PUBACKs. So acknowledgements leave in the order of arrival, nothing is acknowledged
that is not both kept and durable, and there is no task per frame.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from actors.engine.directory import NoSlot
from actors.engine.entries import Answer
from actors.values import SECOND_US, Micros
from gateway.ingress.counters import Counters
from gateway.ingress.frames import Frame
from gateway.ingress.ports import FrameStore, Post
from gateway.ingress.sorter import Sorter, Told
from storage.reaching import to_be_traced

log = logging.getLogger(__name__)

HELD_RETRY_S = 0.02
KEEP_PACE_S = 0.025
STORE_RETRY_MOST_S = 2.0

RETAINED, REDELIVERED = "retained", "redelivered"
UNKEPT = frozenset({RETAINED, REDELIVERED})
"""What is acknowledged in its turn but is no frame of its own."""


@dataclass(frozen=True)
class Limits:
    """How much may be under way: frames at once, frames a batch of rows, bytes a payload, and how long a turn may
    take before its frame is parked.
    """

    in_flight: int = 8000
    batch: int = 2000
    payload: int = 8192
    stuck_us: Micros = 30 * SECOND_US


class Acknowledging(Protocol):
    """The part of a connection that the intake drives."""

    def acknowledge(self, numbers: list[int]) -> None:
        """Send these PUBACKs, in this order."""

    def pause(self) -> None:
        """Stop reading."""

    def resume(self) -> None:
        """Read on."""


class Intake:
    """What has arrived on one connection and is not acknowledged yet. A new connection gets a new one."""

    def __init__(
        self,
        post: Post,
        sorter: Sorter,
        store: FrameStore,
        counters: Counters,
        limits: Limits,
        now_us: Callable[[], Micros],
    ) -> None:
        self._post = post
        self._sorter = sorter
        self._store = store
        self._counters = counters
        self._limits = limits
        self._now_us = now_us
        self._line: deque[Frame] = deque()
        self._held: deque[tuple[Frame, Told]] = deque()
        self._under_way: dict[int, Frame] = {}
        self._acknowledged: dict[int, int] = {}  # packet numbers have 16 bits
        self._arrival = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self.wire: Acknowledging | None = None

    def arrived(
        self, number: int, topic: str, payload: bytes, redelivered: bool, retained: bool, left_out: int = 0
    ) -> None:
        """A PUBLISH came in, without the last `left_out` bytes of its payload. Never raises."""
        if self._is_under_way(number, topic, payload, left_out, redelivered):
            self._counters.redelivered += 1
            return
        due = self._clock() + self._limits.stuck_us / SECOND_US
        frame = Frame(number, topic, payload, self._now_us(), due, left_out)
        if retained:
            # The broker's memory of a frame that came live before: no news, and nobody's turn.
            self._counters.retained += 1
            frame.close(RETAINED)
        elif redelivered and self._acknowledged.get(number) == frame.fingerprint:
            # It crossed our acknowledgement on the way: kept and taken already.
            self._counters.redelivered += 1
            frame.close(REDELIVERED)
        else:
            self._sort(frame)
        self._line.append(frame)
        if number:
            self._under_way[number] = frame
        self._counters.in_flight = len(self._line)
        if len(self._line) >= self._limits.in_flight and self.wire is not None:
            self.wire.pause()
        self._arrival.set()

    async def run(self) -> None:
        """Settle, keep and acknowledge, for as long as the connection lives."""
        while True:
            await self._timed_head()
            batch = self._finished()
            if batch:
                await self._keep(batch)
                self._release(batch)
                if len(batch) < self._limits.batch:
                    await asyncio.sleep(KEEP_PACE_S)  # what is finished meanwhile shares a transaction
            self._tell_held()

    def _is_under_way(self, number: int, topic: str, payload: bytes, left_out: int, redelivered: bool) -> bool:
        """Whether this packet is one that we hold already: brokers send again what is not acknowledged in time."""
        held = self._under_way.get(number) if number else None
        return held is not None and (redelivered or held.is_copy(topic, payload, left_out))

    def _sort(self, frame: Frame) -> None:
        self._counters.received += 1
        if told := self._sorter.sort(frame):
            self._tell(frame, told)

    def _tell(self, frame: Frame, told: Told) -> None:
        if told.message.simulated:
            self._counters.simulated_us = frame.received_us
        # Nothing overtakes what is held: an actor's frames keep their order.
        if self._held or not self._send(frame, told):
            self._held.append((frame, told))
            self._counters.held = len(self._held)

    def _tell_held(self) -> None:
        while self._held and (self._held[0][0].outcome or self._send(*self._held[0])):
            self._held.popleft()
            self._counters.held = len(self._held)

    def _send(self, frame: Frame, told: Told) -> bool:
        """Whether the frame waits for room no more: it is sent, or closed because its actor lives nowhere yet."""
        try:
            if not self._post.room(told.ref):
                return False
            frame.taken = self._post.send(told.ref, told.source, told.message)
        except NoSlot:
            frame.close("unknown_device", "no_slot: Its actor has no slot of its own yet.")
        return True

    async def _timed_head(self) -> None:
        """Waits for the head of the line, once there is one, and notes how long it kept the others waiting."""
        while not self._line:
            self._arrival.clear()
            await self._arrival.wait()
        began = self._clock()
        await self._head_finished()
        self._counters.head_waits.see(self._clock() - began)

    async def _head_finished(self) -> None:
        """Waits until the head of the line is finished, or has waited too long."""
        head = self._line[0]
        # What is durable is settled before the clock is asked: it may have waited for nothing but the database.
        while not self._settled(head):
            patience = head.due - self._clock()
            if patience <= 0:
                self._park(head, f"no durable turn within {self._limits.stuck_us // SECOND_US} s")
            elif head.taken is None:
                await asyncio.sleep(min(HELD_RETRY_S, patience))
                self._tell_held()
            else:
                await asyncio.wait({head.taken}, timeout=patience)

    def _settled(self, frame: Frame) -> bool:
        """Whether the frame's outcome is known; it is, as soon as its turn is durable."""
        if not frame.outcome and frame.taken is not None and frame.taken.done():
            self._settle(frame, frame.taken)
        return bool(frame.outcome)

    def _settle(self, frame: Frame, taken: asyncio.Future[Answer]) -> None:
        if taken.cancelled():
            # Its turn may never come, so neither may its acknowledgement: the next gateway gets it again.
            raise ConnectionAbortedError("the post was closed")
        if taken.exception() is not None:
            self._park(frame, f"not told: {taken.exception()!r}")
        else:
            frame.settle(taken.result())

    def _park(self, frame: Frame, why: str) -> None:
        log.warning("frame of %s on %r parked: %s", frame.device, frame.topic, why)
        frame.close("parked", why)

    def _finished(self) -> list[Frame]:
        """The finished prefix of the line, up to one batch."""
        batch: list[Frame] = []
        for frame in islice(self._line, self._limits.batch):
            if not self._settled(frame):
                break
            batch.append(frame)
        return batch

    async def _keep(self, batch: list[Frame]) -> None:
        """Store the rows, however long the database is away: until then nothing is acknowledged."""
        rows = [frame.row() for frame in batch if frame.outcome not in UNKEPT]
        wait_s = HELD_RETRY_S
        while rows:
            try:
                await self._store.store(rows)
                break
            except Exception as error:
                self._counters.store_failures += 1
                traced = to_be_traced(error)
                log.error("%d frames could not be kept, trying again: %r", len(rows), error, exc_info=traced)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, STORE_RETRY_MOST_S)
        self._counters.stored(rows)

    def _release(self, batch: list[Frame]) -> None:
        for frame in batch:
            self._line.popleft()
            if frame.mid and self._under_way.get(frame.mid) is frame:
                del self._under_way[frame.mid]
                self._acknowledged[frame.mid] = frame.fingerprint
        self._counters.in_flight = len(self._line)
        self._counters.released((frame.received_us for frame in batch if frame.outcome not in UNKEPT), self._now_us())
        self._counters.acknowledged += sum(frame.outcome not in UNKEPT for frame in batch)
        if self.wire is not None:
            self.wire.acknowledge([frame.mid for frame in batch if frame.mid])
            if len(self._line) <= self._limits.in_flight // 2:
                self.wire.resume()
