"""What slots of this cell still have to tell other slots, and how much of it may leave: only what is durable."""

from collections.abc import Callable
from typing import Any

from actors.engine.entries import Ask, FromSlot, Letter, Send
from actors.engine.flight import Flight
from actors.engine.slot import Slot
from actors.engine.turn import Turn
from actors.values import Ref

OUTBOX_MOST = 1_000
Pair = tuple[int, int]
TakesHere = Callable[[Slot, int, int, Ref], bool]
"""Whether the n-th message of a slot to another, and there to this actor, may be taken at once, in the same commit."""


def full(slot: Slot) -> bool:
    """Whether one of the slot's outboxes is full: then what comes from outside has to wait."""
    return any(len(waiting) >= OUTBOX_MOST for waiting in slot.outbox.values())


Sent = tuple[list[Send[Any]], list[Send[Any]], list[Pair]]
"""What a turn tells others: what has to travel, what is taken here, and of the latter each (slot, n)."""
NOTHING: Sent = ([], [], [])


def sent(slot: Slot, turn: Turn, slot_of: Callable[[Ref], int], takes_here: TakesHere) -> Sent:
    """What a turn tells others, numbered for each slot that it goes to."""
    if len(turn.sends) == 1:  # as nearly always
        ref, message = turn.sends[0]
        to = slot_of(ref)
        n = slot.sent.get(to, 0) + 1
        send = [Send(to, n, turn.now, turn.me, ref, message)]
        return ([], send, [(to, n)]) if takes_here(slot, to, n, ref) else (send, [], [])
    sends: tuple[list[Send[Any]], list[Send[Any]]] = ([], [])
    last: dict[int, int] = {}
    near: dict[int, int] = {}
    for ref, message in turn.sends:
        to = slot_of(ref)
        n = last[to] = last.get(to, slot.sent.get(to, 0)) + 1
        taken = takes_here(slot, to, n - near.get(to, 0), ref)
        near[to] = near.get(to, 0) + taken
        sends[taken].append(Send(to, n, turn.now, turn.me, ref, message))
    return *sends, [(send.to, send.n) for send in sends[True]]


def asked(slot: Slot, turn: Turn, encode: Callable[[object], bytes]) -> list[Ask]:
    """What a turn asks of the outside, numbered by its slot."""
    return [Ask(n, request.port, encode(request)) for n, request in enumerate(turn.asks, slot.last_ask + 1)]


class Outgoing:
    """How far each pair of slots has become durable."""

    def __init__(self) -> None:
        self._durable: dict[Pair, int] = {}

    def opened(self, slot: Slot) -> list[Pair]:
        """A slot was folded from the journal: all of its outbox is durable."""
        for to, waiting in slot.outbox.items():
            self._durable[slot.number, to] = waiting[-1].n
        return [(slot.number, to) for to in slot.outbox]

    def committed(self, flight: Flight) -> list[Pair]:
        """A flight is durable; the pairs that now have something new to send."""
        self._durable |= flight.last_sent
        return list(flight.last_sent)

    def forget(self, number: int) -> None:
        """The slot is no longer here."""
        for pair in [pair for pair in self._durable if pair[0] == number]:
            del self._durable[pair]

    def durable_to(self, number: int, to: int) -> int:
        """The last message of a slot to another that is durable."""
        return self._durable.get((number, to), 0)

    def letters(self, slot: Slot, to: int, most: int, timed: bool) -> list[Letter[Any]]:
        """The oldest unacknowledged durable messages of a slot to another; `timed`: each with its own time."""
        durable = self.durable_to(slot.number, to)
        letters: list[Letter[Any]] = []
        for send in slot.outbox.get(to, ()):
            if send.n > durable or len(letters) == most:
                break
            source = FromSlot(slot.number, send.n)
            letters.append(Letter(to, source, send.ref, send.message, send.at if timed else 0))
        return letters
