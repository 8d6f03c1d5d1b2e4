"""What the door for devices needs from other rooms, as ports."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from actors.messages.forms import Command
from actors.values import Micros, Ref


class FrameRow(NamedTuple):
    """One raw frame as it is kept: when and where it arrived, what it was, what became of it."""

    received_us: Micros
    topic: str
    device: str | None
    kind: str | None
    payload: bytes
    outcome: str
    detail: str


class FrameStore(Protocol):
    """Where raw frames are kept."""

    async def store(self, rows: Sequence[FrameRow]) -> None:
        """Keep these frames, in this order, durably; raises if that is not certain."""


class Registry(Protocol):
    """Which devices are known, and where their actors live."""

    def ref(self, device: str) -> Ref | None:
        """The device's actor, or None for a device that nobody has registered."""


class OutboxRow(NamedTuple):
    """A command that was written together with a record and waits to be told to its actor."""

    id: int
    ref: Ref
    message: bytes


class Outbox(Protocol):
    """The commands that records have left for actors."""

    async def undelivered(self, most: int) -> list[OutboxRow]:
        """The oldest rows not yet marked, in order of their id."""

    async def delivered(self, ids: Sequence[int]) -> None:
        """Mark these rows: their turns are durable."""


class Decoder(Protocol):
    """Turns the bytes of a command back into the command."""

    def __call__(self, message: bytes) -> Command:
        """The command that these bytes are."""
