"""One host with a journal in memory, driven by hand."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from actors.engine.commit import commit, mend_slots, open_slots
from actors.engine.entries import Answer, ByKey, Entry, Input, Letter
from actors.engine.host import Host
from actors.engine.slot import Images, Slot
from actors.messages.forms import Message, Reply
from actors.values import Micros, Ref, shared_slot
from tests.actors.engine.world.memory import MemoryJournal, Tables
from tests.actors.engine.world.toys import PLACES, TOYS

T = TypeVar("T")
NOW: Micros = 1_700_000_000_000_000
SLOTS = sorted(shared_slot(place) for place in PLACES)
IMAGES = Images(TOYS)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


async def no_pause(delay_s: float) -> None:
    """Rests not at all."""


def letter(ref: Ref, message: Message, source: Input | str | None = None) -> Letter[Any]:
    """A letter; a plain word is a caller's key."""
    return Letter(shared_slot(ref.key), ByKey(source, 0) if isinstance(source, str) else source, ref, message)


class Bench:
    """A host that carries all toy slots, its journal, and the next life of it."""

    def __init__(self, tables: Tables | None = None, lease: int = 1) -> None:
        self.tables = tables or Tables()
        self.journal = MemoryJournal(self.tables)
        self.host = Host(TOYS, "cell-0", lease)
        finish(open_slots(self.host, self.journal, SLOTS, NOW, no_pause))

    def tell(self, ref: Ref, message: Message, source: Input | str | None = None, now: Micros = NOW) -> Answer:
        """Delivers one letter."""
        return self.host.deliver([letter(ref, message, source)], now)[0]

    def commit(self) -> None:
        """Makes all of it durable."""
        flight = self.host.cut()
        assert flight is not None
        finish(commit(self.journal, flight.pages, no_pause))
        self.tables.park(flight.parked)
        self.tables.save_snapshots(flight.snapshots)
        self.host.committed(flight)

    def mend(self, now: Micros = NOW) -> None:
        """Folds broken slots again."""
        finish(mend_slots(self.host, self.journal, lambda: now, no_pause))

    def again(self) -> "Bench":
        """The next life of the cell, folded from what is durable."""
        return Bench(self.tables, self.host.lease + 1)

    def slot(self, ref: Ref) -> Slot:
        """The slot in which an actor lives."""
        return self.host.slots[shared_slot(ref.key)]

    def actor(self, ref: Ref) -> Any:
        """An actor's state in memory."""
        return self.slot(ref).roll.peek(ref)

    def entries(self, ref: Ref) -> list[Entry[Any, Any]]:
        """All durable entries of an actor's slot but openings."""
        pages = self.tables.pages_of(shared_slot(ref.key))
        return [entry for page in pages[1:] for entry in TOYS.decode_page(page.body)]


def reply_in(answer: Answer) -> Reply:
    """What an answer replies."""
    assert answer.reply is not None
    return TOYS.decode_reply(answer.reply)
