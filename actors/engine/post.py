"""The post: how a gateway, a test or a benchmark tells and asks actors. It keeps what it sent until it is durable."""

import asyncio
from collections import deque
from typing import Any, NamedTuple, Protocol
from zlib import crc32

from actors.engine.catalogue import Catalogue
from actors.engine.commit import insist
from actors.engine.directory import Directory
from actors.engine.entries import Answer, ByKey, Input, Letter
from actors.engine.gauges import PostGauges, tally
from actors.engine.journal import Journal, Unknown
from actors.engine.lanes import BATCH_MOST, LANES
from actors.engine.mail import CallCell, Clock, Mail
from actors.messages.forms import Message, Query, Refused, Reply
from actors.values import Micros, Ref, uuid7

QUEUE_MOST = 10_000
ASK_WITHIN_S = 5.0
LOOK_AGAIN_S = 1.0


class Full(Exception):
    """Too many messages wait for this slot: tell whoever sends to come back later."""


class Unanswered(Exception):
    """No answer in time: the outcome is not known; ask again with the same key."""


class NotDone(Exception):
    """The actor refused: a stable code, a sentence, details."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.code}: {refused.message}")
        self.code = refused.code
        self.message = refused.message
        self.details = refused.details


class Waiter(Protocol):
    """Who waits for an answer: a future, or whatever else takes one."""

    def done(self) -> bool:
        """Whether nobody waits any more."""

    def set_result(self, answer: Answer, /) -> None:
        """The answer came."""

    def cancel(self) -> bool:
        """There will be no answer."""


class Parcel(NamedTuple):
    """A letter and who waits for its answer."""

    letter: Letter[Any]
    done: Waiter


class SlotQueue:
    """The parcels for one slot, in the order they came."""

    def __init__(self, slot: int) -> None:
        self.slot = slot
        self.parcels: deque[Parcel] = deque()

    def peek(self, most: int) -> list[Letter[Any]]:
        """The oldest letters."""
        return [self.parcels[place].letter for place in range(min(most, len(self.parcels)))]

    def settle(self, letters: list[Letter[Any]], answers: list[Answer]) -> bool:
        """Answers the finished first ones; the rest stays in front."""
        for answer in answers:
            if answer.how != "done":
                return False
            parcel = self.parcels.popleft()
            if not parcel.done.done():
                parcel.done.set_result(answer)
        return True


class Post:
    """Sends messages to actors wherever they are, in order per slot, again and again until they are durable."""

    def __init__(
        self,
        catalogue: Catalogue,
        call: CallCell,
        directory: Directory,
        journal: Journal,
        clock: Clock,
        batch: int = BATCH_MOST,
        lanes: int = LANES,
        pace_us: Micros = 0,
    ) -> None:
        self.catalogue = catalogue
        self.directory = directory
        self._journal = journal
        self._clock = clock
        self._mail = Mail(catalogue, call, directory.cell_of, directory.moved, clock, batch, lanes, pace_us)
        self._queues: dict[int, SlotQueue] = {}
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learns the placement, and keeps learning it."""
        await insist(lambda: self.directory.refresh(self._journal), asyncio.sleep)
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            try:
                await self.directory.refresh(self._journal)
            except Unknown:
                continue  # the copy we have is advice, and still good

    def send(self, ref: Ref, source: Input | None, message: Message, at: int = 0) -> asyncio.Future[Answer]:
        """Sends one message; the future resolves when its turn is durable. `Full` if too many wait already.

        Order per slot is order of send. The answer's `how` is always done; its `note` says repeat or late.
        """
        slot = self.directory.slot_of(ref)
        queue = self._queues.get(slot)
        if queue is None:
            queue = self._queues[slot] = SlotQueue(slot)
        if len(queue.parcels) >= QUEUE_MOST:
            raise Full(f"{len(queue.parcels)} messages wait for {ref}")
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        queue.parcels.append(Parcel(Letter(slot, source, ref, message, at), done))
        self._mail.offer(slot, queue)
        return done

    async def ask(
        self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = ASK_WITHIN_S
    ) -> Reply | None:
        """Asks and waits for the reply (None if the actor says nothing).

        A command carries the caller's key, or one of ours. Raises `NotDone` for a refusal, `Unanswered` past the
        deadline (its outcome is then unknown: repeat with the same key), `Full`.
        """
        source = None if isinstance(message, Query) else self._by_key(key or uuid7(self._clock()), ref, message)
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self.send(ref, source, message)
        except TimeoutError:
            raise Unanswered(f"{ref} did not answer within {timeout_s} s") from None
        if answer.reply is None:
            return None
        reply = self.catalogue.decode_reply(answer.reply)
        if isinstance(reply, Refused):
            raise NotDone(reply)
        return reply

    def _by_key(self, key: str, ref: Ref, message: Message) -> ByKey:
        return ByKey(key, crc32(self.catalogue.encode((ref, message))))

    def waiting(self, ref: Ref) -> int:
        """How many messages wait for this actor's slot."""
        queue = self._queues.get(self.directory.slot_of(ref))
        return len(queue.parcels) if queue else 0

    def gauges(self) -> PostGauges:
        """What waits now, and what was sent so far."""
        waiting = dict.fromkeys(self.directory.cells.values(), 0)
        for slot, queue in self._queues.items():
            if queue.parcels:
                tally(waiting, self.directory.cell_of(slot), len(queue.parcels))
        return PostGauges(waiting_messages=waiting, mail=self._mail.gauges)

    def room(self, ref: Ref) -> bool:
        """Whether one more message for this actor would be taken."""
        return self.waiting(ref) < QUEUE_MOST

    async def close(self) -> None:
        """Stops sending; whoever waits gets a cancelled future."""
        if self._looking is not None:
            self._looking.cancel()
        await self._mail.close()
        for queue in self._queues.values():
            for parcel in queue.parcels:
                parcel.done.cancel()
