"""Takes to the actors what was written for them together with a record: the register's word, once and in order."""

import asyncio
import logging
from collections.abc import Callable
from zlib import crc32

import msgspec

from actors.engine.entries import Answer, ByKey
from actors.messages.forms import Message, Refused
from gateway.ingress.ports import Outbox, Post
from storage.outbox import OutboxRow

log = logging.getLogger(__name__)

BATCH = 500
LOOK_EVERY_S = 1.0

Decode = Callable[[bytes], Message]
"""Turns the bytes of a message back into the message; raises msgspec.MsgspecError for what is none."""

_refused = msgspec.msgpack.Decoder(Refused)


class Courier:
    """Delivers the outbox. A row is marked when its turn is durable; told twice after a crash, it is taken once."""

    def __init__(self, outbox: Outbox, post: Post, decode: Decode, look_every_s: float = LOOK_EVERY_S) -> None:
        self._outbox = outbox
        self._post = post
        self._decode = decode
        self._look_every_s = look_every_s
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """There is something new: look now."""
        self._nudged.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._nudged.clear()
            try:
                more = await self.deliver()
            except Exception:
                log.exception("the outbox could not be delivered; trying again")
                more = False
            if not more:
                await self._next_look()

    async def deliver(self) -> bool:
        """Deliver the oldest rows; True if there may be more.

        Each slot has one row under way: a later row is told when the one before it is durable.
        """
        rows = await self._outbox.undelivered(BATCH)
        slots: dict[str, list[OutboxRow]] = {}
        for row in rows:
            slots.setdefault(row.ref.place, []).append(row)
        ends = await asyncio.gather(*(self._in_order(each) for each in slots.values()), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return len(rows) == BATCH

    async def _in_order(self, rows: list[OutboxRow]) -> None:
        told = []
        try:
            for row in rows:
                self._look_at(row, await self._tell(row))
                told.append(row.id)
        finally:
            if told:
                await self._outbox.delivered(told)

    async def _tell(self, row: OutboxRow) -> Answer:
        try:
            message = self._decode(row.message)
        except msgspec.MsgspecError as error:
            # It will never be readable: marking it lets the rows behind it pass, the log keeps it.
            log.error("outbox row %d for %s is no message: %s (%s)", row.id, row.ref, error, row.message.hex())
            return Answer("done")
        return await self._post.send(row.ref, ByKey(f"desk-{row.id}", crc32(row.message)), message)

    def _look_at(self, row: OutboxRow, answer: Answer) -> None:
        if answer.reply is None:
            return
        try:
            refused = _refused.decode(answer.reply)
        except msgspec.MsgspecError:
            return
        log.error("outbox row %d for %s was refused: %s: %s", row.id, row.ref, refused.code, refused.message)

    async def _next_look(self) -> None:
        try:
            await asyncio.wait_for(self._nudged.wait(), self._look_every_s)
        except TimeoutError:
            return
