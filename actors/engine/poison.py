"""Messages that a handler or a fold cannot take: parked and shown, never tried in a loop."""

from typing import Any

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.entries import Input, Parked, Send
from actors.engine.journal import ParkedMessage
from actors.engine.slot import Slot
from actors.messages.forms import Message
from actors.values import Micros, Ref

SENTENCE_MOST = 500


def parked_row(slot: int, parked: Parked) -> ParkedMessage:
    """What staff read of it."""
    source = msgspec.msgpack.encode(parked.input)
    return ParkedMessage(slot, source, parked.at, str(parked.ref), parked.error, parked.message)


def _written(catalogue: Catalogue, message: Message) -> bytes:
    """The message as bytes; none if it was told by an actor here and nobody could write it down."""
    try:
        return catalogue.encode(message)
    except Exception:
        return b""


class Poison:
    """A message that failed: its entry in the journal, and the row that staff read."""

    def __init__(
        self,
        catalogue: Catalogue,
        slot: Slot,
        source: Input,
        ref: Ref,
        message: Message,
        now: Micros,
        error: Exception,
    ) -> None:
        sentence = f"{type(error).__name__}: {error}"[:SENTENCE_MOST]
        self.entry = Parked(source, ref, max(now, slot.at), sentence, _written(catalogue, message))
        self.row = parked_row(slot.number, self.entry)
        self.held: list[tuple[int, Send[Any]]] = []
        """Local messages that reached the slot after its fold had failed; they wait until it is folded again."""
