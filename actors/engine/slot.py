"""A slot: the actors of some places with their dedup state, outbox, wakes and remembered replies; all folded."""

from collections import deque
from collections.abc import Container
from sys import intern
from typing import Any

import msgspec

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue, union
from actors.engine.dedup import Kept, Taken, Window
from actors.engine.entries import (
    Acked,
    CancelWake,
    Entry,
    FromDevice,
    FromOutside,
    FromWake,
    Input,
    Left,
    Marked,
    Opened,
    Parked,
    Returned,
    Send,
    SetWake,
    Silent,
    Told,
    Turned,
)
from actors.engine.eras import FIRST
from actors.engine.journal import Errand
from actors.engine.marks import Marks
from actors.engine.roll import Roll, Thaw
from actors.messages.forms import Message, Refused
from actors.values import Micros, Ref

INTERNAL_ERROR = msgspec.msgpack.encode(
    Refused("internal_error", "This message could not be handled. It was kept for staff; nothing has changed.")
)


_bare: dict[type[Message], Message] = {}
"""One object for all messages of a type that says nothing more than its name."""


class Wake(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A durable alarm that is set, the n-th of its slot: due then, for this actor, under this name."""

    at: Micros
    slot: int
    n: int
    kind: str
    key: str
    name: str
    message: Message

    def __lt__(self, other: "Wake") -> bool:
        return (self.at, self.slot, self.n) < (other.at, other.slot, other.n)

    @property
    def ref(self) -> Ref:
        """Whom it wakes."""
        return Ref(self.kind, self.key)


class Slot:
    """The folded state of one slot. `fold` is its only writer, live and in recovery."""

    __slots__ = (
        "asks",
        "at",
        "era",
        "last_ask",
        "last_wake",
        "number",
        "opener",
        "outbox",
        "parked",
        "roll",
        "sent",
        "seq",
        "since_snapshot",
        "taken",
        "wakes",
        "weight",
    )

    def __init__(self, number: int, thaw: Thaw) -> None:
        self.number = number
        self.seq = 0
        self.at: Micros = 0
        self.era = FIRST
        self.opener = ""
        self.roll = Roll(thaw)
        self.taken = Taken()
        self.sent: dict[int, int] = {}
        self.outbox: dict[int, deque[Send[Any]]] = {}
        self.wakes: dict[int, Wake] = {}
        self.last_wake = 0
        self.asks: dict[int, Errand] = {}
        self.last_ask = 0
        self.parked: list[Parked] = []  # since the last snapshot, which is kept only after their rows
        self.since_snapshot = [0, 0]
        self.weight = 0

    def fold(self, entry: Entry[Any, Any], catalogue: Catalogue) -> None:
        """Makes one entry part of the state."""
        if isinstance(entry, Turned):
            if entry.facts:
                self._fold_facts(entry, catalogue)
            self.take(entry.input, entry.at, entry.reply)
            if entry.sends or entry.here:
                self._fold_sends(entry)
            if entry.wakes:
                self._fold_wakes(entry)
            if entry.asks:
                self._fold_asks(entry)
        elif isinstance(entry, Acked):
            self._fold_acked(entry)
        else:
            self._fold_rare(entry)

    def _fold_rare(self, entry: Silent) -> None:
        if isinstance(entry, Parked):
            self.take(entry.input, entry.at, INTERNAL_ERROR)
            self.parked.append(entry)
        elif isinstance(entry, Opened):
            self.opener = entry.cell
        elif isinstance(entry, Marked):
            self.at = max(self.at, entry.at)
        elif isinstance(entry, Left):
            self.roll.leave(entry.refs)
        elif isinstance(entry, Returned):
            self.roll.back(entry.ref, entry.held)

    def leave_actors(self, kinds: Container[str]) -> None:
        """Lets everything go but the actors of these kinds: all that `see` goes on with."""
        self.roll = self.roll.only(kinds)
        self.taken, self.sent = Taken(), {}
        self.outbox, self.wakes, self.asks = {}, {}, {}

    def see(self, seq: int, told: list[Told[Any]], catalogue: Catalogue) -> dict[Ref, Actor]:
        """Folds what page `seq` made true of actors, and nothing else: enough for who only follows. Each of them, as it
        is now, only to be looked at.
        """
        touched = {each.ref: self._fold_facts(each, catalogue) for each in told}
        self.seq = seq
        return touched

    def _fold_facts(self, turned: Turned[Any, Any] | Told[Any], catalogue: Catalogue) -> Actor:
        held = self.roll.join(turned.ref)
        actor = held.actor
        if actor is None:
            actor = held.actor = catalogue.new(turned.ref)
        folds = type(actor).folds
        for fact in turned.facts:
            folds[type(fact)](actor, fact)
        return actor

    def verdict(self, source: Input) -> str:
        """new, repeat, late or gap. What is answered from outside is new while it is awaited.

        An answer to what this memory never asked is a gap: it is an old owner's, and the new one asked.
        """
        if isinstance(source, FromDevice):
            held = self.roll.of(source.ref)
            return held.window.verdict(source.boot, source.n) if held is not None and held.window is not None else "new"
        if not isinstance(source, FromOutside):
            return self.taken.verdict(source, self.wakes)
        if source.n in self.asks:
            return "new"
        return "repeat" if source.n <= self.last_ask else "gap"

    def take(self, source: Input, at: Micros, reply: bytes | None) -> None:
        """Notes an input as taken at page time `at`: every accepted one, also a refused or failed one."""
        if at > self.at:
            self.at = at
        if type(source) is FromDevice:  # of each turn: `isinstance` takes much longer to say no
            self._take_number(source)
        elif type(source) is FromWake:
            self._disarm(source.n)
        elif type(source) is FromOutside:
            self.asks.pop(source.n, None)
        else:
            self.taken.take(source, at, reply)
        if self.at > self.taken.due:
            self.taken.forget(self.at)

    def _take_number(self, source: FromDevice) -> None:
        held = self.roll.join(source.ref)
        if held.window is None:
            held.window = Window(source.boot)
        held.window.take(source.boot, source.n)

    def _fold_sends(self, turned: Turned[Any, Any]) -> None:
        for to, n in turned.here:  # of several to one slot these are the first
            self.sent[to] = n
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

    def armed(self, ref: Ref) -> dict[str, int]:
        """The wakes that an actor has set, by name."""
        held = self.roll.of(ref)
        return {self.wakes[n].name: n for n in held.wakes} if held is not None else {}

    def _arm(self, wake: SetWake[Any], ref: Ref) -> None:
        held = self.roll.join(ref)
        held.wakes = (*held.wakes, wake.n)
        self.last_wake = wake.n
        self.keep(wake.at, wake.n, ref, wake.name, wake.message)

    def keep(self, at: Micros, n: int, ref: Ref, name: str, message: Message) -> None:
        """Keeps an alarm of one who is on the roll, sharing with others all that can be shared."""
        said = message if message.__struct_fields__ else _bare.setdefault(type(message), message)
        self.wakes[n] = Wake(at, self.number, n, *self.roll.name(ref), intern(name), said)

    def _disarm(self, n: int) -> None:
        wake = self.wakes.pop(n, None)
        if wake is not None:
            held = self.roll.join(wake.ref)
            held.wakes = tuple(other for other in held.wakes if other != n)

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
    """A slot as a snapshot keeps it; `roll` and messages in the encoding of the catalogue."""

    number: int
    seq: int
    at: Micros
    opener: str
    roll: dict[str, dict[str, msgspec.Raw]]
    seen: dict[int, int]
    keys: list[tuple[str, Kept]]
    streams: list[tuple[str, tuple[int, Micros]]]
    sent: dict[int, int]
    outbox: list[Send[Any]]
    wakes: list[Any]
    last_wake: int
    asks: list[Errand] = []
    last_ask: int = 0
    left: bytes = b""


def image(slot: Slot) -> Image:
    """All of a slot, ready to be encoded; taken only when nothing of it is uncommitted."""
    return Image(
        slot.number,
        slot.seq,
        slot.at,
        slot.opener,
        slot.roll.packed(),
        slot.taken.seen,
        list(slot.taken.keys.items()),
        list(slot.taken.streams.items()),
        slot.sent,
        [send for waiting in slot.outbox.values() for send in waiting],
        [slot.wakes[n] for n in sorted(slot.wakes)],
        slot.last_wake,
        list(slot.asks.values()),
        slot.last_ask,
        slot.roll.left.packed(),
    )


class Images:
    """Encodes and decodes snapshots of slots for one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        message = union(set(catalogue.messages))
        typed: Any = msgspec.defstruct(
            "TypedImage",
            [self._typed(field, message) for field in msgspec.structs.fields(Image)],
            array_like=True,
        )
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(typed)

    def _typed(self, field: msgspec.structs.FieldInfo, message: Any) -> tuple[Any, ...]:
        own: dict[str, Any] = {
            "outbox": list[Send[message]],
            "wakes": list[tuple[Micros, int, int, str, str, str, message]],
        }
        default = {} if field.required else {"default": field.default, "default_factory": field.default_factory}
        return (field.name, own.get(field.name, field.type), msgspec.field(**default))

    def encode(self, slot: Slot) -> bytes:
        """A slot as bytes."""
        return self._catalogue.encode(image(slot))

    def sound(self, body: bytes) -> bool:
        """Whether all of a snapshot can be read, and would be written so again."""
        try:
            slot = self.decode(body)
            slot.roll.check()
        except msgspec.MsgspecError:
            return False
        return self.encode(slot) == body

    def decode(self, body: bytes) -> Slot:
        """The slot again."""
        kept = self._decoder.decode(body)
        slot = Slot(kept.number, self._catalogue.thaw)
        slot.weight = len(body)
        slot.seq, slot.at, slot.opener = kept.seq, kept.at, kept.opener
        slot.last_wake, slot.last_ask = kept.last_wake, kept.last_ask
        slot.roll.unpack(kept.roll)
        slot.roll.left = Marks(kept.left)
        slot.taken.seen, slot.sent = kept.seen, kept.sent
        slot.taken.keys = dict(kept.keys)
        slot.taken.streams = dict(kept.streams)
        for send in kept.outbox:
            slot.outbox.setdefault(send.to, deque()).append(send)
        for at, _, n, kind, key, name, message in kept.wakes:
            slot.keep(at, n, Ref(kind, key), name, message)
        slot.asks = {errand.n: errand for errand in kept.asks}
        return slot
