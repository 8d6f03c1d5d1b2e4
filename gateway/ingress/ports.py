"""What the door for devices needs from other rooms, as ports."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from actors.engine.entries import Answer, Input
from actors.messages.forms import Message
from actors.values import Micros, Ref
from storage.frames import FrameRow
from storage.outbox import OutboxRow


class Post(Protocol):
    """What tells messages to actors, again and again until their turns are durable."""

    def send(self, ref: Ref, source: Input, message: Message, at: Micros = 0) -> asyncio.Future[Answer]:
        """Tell it; per slot, turns are taken in the order of the calls. Resolves when the turn is durable.

        `NoSlot` for a dedicated actor that has no slot yet; so does `room`.
        """

    def room(self, ref: Ref) -> bool:
        """Whether another message for this actor may wait."""


class FrameStore(Protocol):
    """Where raw frames are kept."""

    async def store(self, rows: Iterable[FrameRow]) -> None:
        """Keep these frames, in this order, durably; raises if that is not certain."""


class Registry(Protocol):
    """Which devices are known, and where their actors live."""

    def ref(self, device: str) -> Ref | None:
        """The device's actor, or None for a device that nobody has registered."""


class Outbox(Protocol):
    """The commands that records have left for actors."""

    async def undelivered(self, most: int, besides: Collection[str] = ()) -> list[OutboxRow]:
        """The oldest rows not yet marked, in order of their id, without those for actors of `besides` (places)."""

    async def delivered(self, ids: Sequence[int]) -> None:
        """Mark these rows: their turns are durable."""


__all__ = ["FrameRow", "FrameStore", "Outbox", "OutboxRow", "Post", "Registry"]
