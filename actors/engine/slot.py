"""A slot: the actors of some places with their dedup state, outbox, wakes and remembered replies; all folded."""

from collections import deque
from typing import Any

import msgspec

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue, union
from actors.engine.dedup import Kept, Taken, Window
from actors.engine.entries import (
    Acked,
    CancelWake,
    Entry,
    FromOutside,
    FromWake,
    Input,
    Opened,
    Parked,
    Send,
    SetWake,
    Told,
    Turned,
)
from actors.engine.journal import Errand
from actors.messages.forms import Message, Refused
from actors.values import Micros, Ref

INTERNAL_ERROR = msgspec.msgpack.encode(
    Refused("internal_error", "This message could not be handled. It was kept for staff; nothing has changed.")
)


class Wake(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A durable alarm that is set: due then, for this actor, under this name."""

    at: Micros
    ref: Ref
    name: str
    message: Message


class Slot:
    """The folded state of one slot. `fold` is its only writer, live and in recovery."""

    __slots__ = (
        "actors",
        "armed",
        "asks",
        "at",
        "last_ask",
        "last_wake",
        "number",
        "opener",
        "outbox",
        "sent",
        "seq",
        "since_snapshot",
        "taken",
        "wakes",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.seq = 0
        self.at: Micros = 0
        self.opener = ""
        self.actors: dict[Ref, Actor] = {}
        self.taken = Taken()
        self.sent: dict[int, int] = {}
        self.outbox: dict[int, deque[Send[Any]]] = {}
        self.wakes: dict[int, Wake] = {}
        self.armed: dict[tuple[Ref, str], int] = {}
        self.last_wake = 0
        self.asks: dict[int, Errand] = {}
        self.last_ask = 0
        self.since_snapshot = [0, 0]

    def fold(self, entry: Entry[Any, Any], catalogue: Catalogue) -> None:
        """Makes one entry part of the state."""
        if isinstance(entry, Turned):
            self._fold_facts(entry, catalogue)
            self.take(entry.input, entry.at, entry.reply)
            if entry.sends:
                self._fold_sends(entry)
            if entry.wakes:
                self._fold_wakes(entry)
            if entry.asks:
                self._fold_asks(entry)
        elif isinstance(entry, Acked):
            self._fold_acked(entry)
        elif isinstance(entry, Parked):
            self.take(entry.input, entry.at, INTERNAL_ERROR)
        elif isinstance(entry, Opened):
            self.opener = entry.cell

    def see(self, seq: int, told: list[Told[Any]], catalogue: Catalogue) -> None:
        """Folds what page `seq` made true of the actors, and nothing else: enough for who only follows."""
        for each in told:
            self._fold_facts(each, catalogue)
        self.seq = seq

    def _fold_facts(self, turned: Turned[Any, Any] | Told[Any], catalogue: Catalogue) -> None:
        if not turned.facts:
            return
        actor = self.actors.get(turned.ref)
        if actor is None:
            actor = self.actors[turned.ref] = catalogue.new(turned.ref)
        folds = type(actor).folds
        for fact in turned.facts:
            folds[type(fact)](actor, fact)

    def verdict(self, source: Input) -> str:
        """new, repeat, late or gap. What is answered from outside is new while it is awaited.

        An answer to what this memory never asked is a gap: it is an old owner's, and the new one asked.
        """
        if not isinstance(source, FromOutside):
            return self.taken.verdict(source, self.wakes)
        if source.n in self.asks:
            return "new"
        return "repeat" if source.n <= self.last_ask else "gap"

    def take(self, source: Input, at: Micros, reply: bytes | None) -> None:
        """Notes an input as taken at page time `at`: every accepted one, also a refused or failed one."""
        if at > self.at:
            self.at = at
        if isinstance(source, FromWake):
            self._disarm(source.n)
        elif isinstance(source, FromOutside):
            self.asks.pop(source.n, None)
        else:
            self.taken.take(source, at, reply)
        if self.at > self.taken.due:
            self.taken.forget(self.at)

    def _fold_sends(self, turned: Turned[Any, Any]) -> None:
        for send in turned.sends:
            self.sent[send.to] = send.n
            if not send.here:
                self.outbox.setdefault(send.to, deque()).append(send)

    def _fold_wakes(self, turned: Turned[Any, Any]) -> None:
        for change in turned.wakes:
            if isinstance(change, CancelWake):
                self._disarm(change.n)
            else:
                self._arm(change, turned.ref)

    def _arm(self, wake: SetWake[Any], ref: Ref) -> None:
        self.last_wake = wake.n
        self.wakes[wake.n] = Wake(wake.at, ref, wake.name, wake.message)
        self.armed[ref, wake.name] = wake.n

    def _disarm(self, n: int) -> None:
        wake = self.wakes.pop(n, None)
        if wake is not None and self.armed.get((wake.ref, wake.name)) == n:
            del self.armed[wake.ref, wake.name]

    def _fold_asks(self, turned: Turned[Any, Any]) -> None:
        for n, port, request in ((ask.n, ask.port, ask.request) for ask in turned.asks):
            self.asks[n] = Errand(self.number, n, turned.at, turned.ref, port, request)
            self.last_ask = n

    def _fold_acked(self, acked: Acked) -> None:
        waiting = self.outbox.get(acked.to)
        while waiting and waiting[0].n <= acked.n:
            waiting.popleft()
        if waiting is not None and not waiting:
            del self.outbox[acked.to]


class Image(msgspec.Struct, array_like=True, gc=False):
    """A slot as a snapshot keeps it; actors and messages in the encoding of the catalogue."""

    number: int
    seq: int
    at: Micros
    opener: str
    actors: list[tuple[Ref, Any]]
    seen: dict[int, int]
    windows: list[tuple[Ref, Window]]
    keys: list[tuple[str, Kept]]
    streams: list[tuple[str, tuple[int, Micros]]]
    sent: dict[int, int]
    outbox: list[Send[Any]]
    wakes: list[tuple[int, Wake]]
    last_wake: int
    asks: list[Errand] = []
    last_ask: int = 0


def image(slot: Slot) -> Image:
    """All of a slot, ready to be encoded; taken only when nothing of it is uncommitted."""
    return Image(
        slot.number,
        slot.seq,
        slot.at,
        slot.opener,
        sorted(slot.actors.items()),
        slot.taken.seen,
        list(slot.taken.windows.items()),
        list(slot.taken.keys.items()),
        list(slot.taken.streams.items()),
        slot.sent,
        [send for waiting in slot.outbox.values() for send in waiting],
        sorted(slot.wakes.items(), key=lambda item: item[0]),
        slot.last_wake,
        list(slot.asks.values()),
        slot.last_ask,
    )


class Images:
    """Encodes and decodes snapshots of slots for one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        message = union(set(catalogue.messages))
        actor = union(set(catalogue.kinds.values()))
        typed: Any = msgspec.defstruct(
            "TypedImage",
            [self._typed(field, actor, message) for field in msgspec.structs.fields(Image)],
            array_like=True,
        )
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(typed)

    def _typed(self, field: msgspec.structs.FieldInfo, actor: Any, message: Any) -> tuple[Any, ...]:
        wake = tuple[Micros, Ref, str, message]
        own: dict[str, Any] = {
            "actors": list[tuple[Ref, actor]],
            "outbox": list[Send[message]],
            "wakes": list[tuple[int, wake]],
        }
        default = {} if field.required else {"default": field.default, "default_factory": field.default_factory}
        return (field.name, own.get(field.name, field.type), msgspec.field(**default))

    def encode(self, slot: Slot) -> bytes:
        """A slot as bytes."""
        return self._catalogue.encode(image(slot))

    def decode(self, body: bytes) -> Slot:
        """The slot again."""
        kept = self._decoder.decode(body)
        slot = Slot(kept.number)
        slot.seq, slot.at, slot.opener = kept.seq, kept.at, kept.opener
        slot.last_wake, slot.last_ask = kept.last_wake, kept.last_ask
        slot.actors = dict(kept.actors)
        slot.taken.seen, slot.sent = kept.seen, kept.sent
        slot.taken.windows, slot.taken.keys = dict(kept.windows), dict(kept.keys)
        slot.taken.streams = dict(kept.streams)
        for send in kept.outbox:
            slot.outbox.setdefault(send.to, deque()).append(send)
        for n, (at, ref, name, message) in kept.wakes:
            slot.wakes[n] = Wake(at, ref, name, message)
            slot.armed[ref, name] = n
        slot.asks = {errand.n: errand for errand in kept.asks}
        return slot
