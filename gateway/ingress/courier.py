"""Takes to the actors what was written for them together with a record: the register's word, once and in order."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Annotated
from zlib import crc32

import msgspec

from actors.engine.entries import Answer, ByKey
from actors.engine.gauges import figure
from actors.messages.forms import Command, Message, Order, Refused
from actors.values import Ref
from gateway.ingress.ports import Outbox, Post
from storage.outbox import OutboxRow
from storage.reaching import to_be_traced

log = logging.getLogger(__name__)

BATCH = 500
LOOK_EVERY_S = 1.0

Decode = Callable[[bytes], Message]
"""Turns the bytes of a message back into the message; raises msgspec.MsgspecError for what is none."""

Told = Callable[[Ref], None]
"""Hears of each actor whose order is durable, before the row is marked."""

_refused = msgspec.msgpack.Decoder(Refused)


Settle = Callable[[Ref], Awaitable[None]]
"""Sees to it, before an actor is told something, that it and its lot have slots (their own, if they are dedicated)."""


class CourierGauges(msgspec.Struct, kw_only=True):
    """What the courier has delivered; how much waits is the tables' to tell."""

    delivered_orders_total: Annotated[int, figure("Orders of the register taken by their actors")] = 0
    refused_orders_total: Annotated[int, figure("Orders that their actors refused or that were no messages")] = 0
    failures_total: Annotated[int, figure("Rounds or places given up and tried again")] = 0
    waiting_places: Annotated[int, figure("Places to which an order is under way now")] = 0


class Courier:
    """Delivers the outbox. A row is marked when its turn is durable; told twice after a crash, it is taken once.

    Each place goes at its own pace, with one row under way: a cell that is away holds up its own places only.
    """

    def __init__(
        self,
        outbox: Outbox,
        post: Post,
        decode: Decode,
        settle: Settle,
        told: Told,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._outbox = outbox
        self._post = post
        self._decode = decode
        self._settle = settle
        self._told = told
        self._look_every_s = look_every_s
        self._nudged = asyncio.Event()
        self._gauges = CourierGauges()
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def gauges(self) -> CourierGauges:
        """What was delivered so far, and what is under way."""
        self._gauges.waiting_places = len(self._under_way)
        return self._gauges

    def nudge(self) -> None:
        """There is something new: look now."""
        self._nudged.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                self._nudged.clear()
                if not await self._look():
                    await self._next_look()
        finally:
            await self._drop()

    async def _look(self) -> bool:
        """Sends out the oldest rows of the places that have none under way; True if there may be more."""
        try:
            rows = await self._outbox.undelivered(BATCH, self._under_way)
        except Exception as error:
            self._gauges.failures_total += 1
            log.error("the outbox could not be read, trying again: %r", error, exc_info=to_be_traced(error))
            return False
        places: dict[str, list[OutboxRow]] = {}
        for row in rows:
            places.setdefault(row.ref.place, []).append(row)
        for place, its in places.items():
            self._under_way[place] = asyncio.create_task(self._deliver(place, its))
        return len(rows) == BATCH

    async def _deliver(self, place: str, rows: list[OutboxRow]) -> None:
        try:
            await self._in_order(rows)
            self.nudge()  # what was written for this place meanwhile
        except Exception as error:
            self._gauges.failures_total += 1
            log.warning("the orders for %s could not be delivered, trying again: %r", place, error)
        finally:
            self._under_way.pop(place, None)

    async def _drop(self) -> None:
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()

    async def _in_order(self, rows: list[OutboxRow]) -> None:
        told = []
        try:
            for row in rows:
                self._look_at(row, await self._tell(row))
                self._told(row.ref)
                told.append(row.id)
        finally:
            if told:
                await self._outbox.delivered(told)
                self._gauges.delivered_orders_total += len(told)

    async def _tell(self, row: OutboxRow) -> Answer:
        try:
            order = self._order(row)
        except msgspec.MsgspecError as error:
            # It will never be readable: marking it lets the rows behind it pass, the log keeps it.
            self._gauges.refused_orders_total += 1
            log.error("outbox row %d for %s is no order: %s (%s)", row.id, row.ref, error, row.message.hex())
            return Answer("done")
        await self._settle(row.ref)
        return await self._post.send(row.ref, ByKey(f"desk-{row.id}", crc32(row.message)), order)

    def _order(self, row: OutboxRow) -> Command:
        """An order is numbered by its row: a courier that stood still may tell it when its key is long forgotten. Other
        commands in the outbox bear that they are told again.
        """
        message = self._decode(row.message)
        if isinstance(message, Order):
            return msgspec.structs.replace(message, order=row.id)
        if not isinstance(message, Command):
            raise msgspec.ValidationError(f"nobody is told {type(message).__name__} by the outbox")
        return message

    def _look_at(self, row: OutboxRow, answer: Answer) -> None:
        if answer.reply is None:
            return
        try:
            refused = _refused.decode(answer.reply)
        except msgspec.MsgspecError:
            return
        self._gauges.refused_orders_total += 1
        log.error("outbox row %d for %s was refused: %s: %s", row.id, row.ref, refused.code, refused.message)

    async def _next_look(self) -> None:
        # Not `wait_for`: it forgets that it was cancelled if the event came in the same moment.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._look_every_s):
                await self._nudged.wait()
