"""A host: the turns of many actors in one thread, without I/O and without a clock.

The same object runs under Ray, in tests and in virtual time. It works ahead in memory; nothing of it may be shown
before the flight that carries it is durable: whoever drives it asks `ticket()` what an answer has to wait for.
"""

from collections import deque
from itertools import count
from typing import Any

import msgspec

from actors.engine.answers import ASKERS, done, known, no
from actors.engine.catalogue import Catalogue
from actors.engine.dedup import expired
from actors.engine.directory import Directory
from actors.engine.due import Due
from actors.engine.entries import (
    AGAIN,
    BUSY,
    DONE,
    Acked,
    Answer,
    ByKey,
    FromSlot,
    FromWake,
    Input,
    Letter,
    Marked,
    Send,
    SetWake,
    Silent,
    Turned,
)
from actors.engine.flight import Flight, Group
from actors.engine.gone import Gone
from actors.engine.journal import Page, Snapshot
from actors.engine.near import Near
from actors.engine.outgoing import NOTHING, Outgoing, Pair, asked, full, sent
from actors.engine.poison import Poison
from actors.engine.recovery import again, folded
from actors.engine.references import References
from actors.engine.slot import INTERNAL_ERROR, Images, Slot, Wake
from actors.engine.turn import Turn
from actors.engine.wakes import Alarms, changes_of_wakes
from actors.engine.warmth import HOT_MOST, Warmth
from actors.messages.forms import Message, Query, Refused
from actors.values import Micros, Ref


class Host:
    """Takes letters, decides, folds, and packs what follows into pages."""

    def __init__(
        self,
        catalogue: Catalogue,
        cell: str,
        lease: int,
        directory: Directory | None = None,
        *,
        virtual: bool = False,
        hot: int = HOT_MOST,
    ) -> None:
        self.catalogue = catalogue
        self.cell = cell
        self.lease = lease
        self.virtual = virtual
        self.directory = directory or Directory()
        self.images = Images(catalogue)
        self.references = References()
        self.slots: dict[int, Slot] = {}
        self.closing: dict[int, str] = {}
        self.broken: dict[int, Poison] = {}
        self.group, self.flights = Group(), deque[Flight]()
        self.outbox = Outgoing()
        self.refused = 0
        self._numbers = count(1)
        self.filling = next(self._numbers)
        self.alarms = Alarms()
        self._near = Near()
        self.due = Due()
        self._warmth = Warmth(hot)
        self.gone = Gone(catalogue, self._taking, self._note)

    # -- opening and closing slots

    def next_flight(self) -> int:
        """A number for a commit of its own (an opening)."""
        return next(self._numbers)

    def open(self, number: int, snapshot: Snapshot | None, pages: list[Page]) -> None:
        """Folds a slot from its snapshot and the pages after it, the last of which is this process's opening."""
        slot = folded(self.catalogue, self.images, number, snapshot, pages)
        self._warmth.forget(number)
        self.slots[number] = slot
        self.due.opened(number, snapshot, self.catalogue.fingerprint)
        self.closing.pop(number, None)
        self.rearm(slot)
        self.outbox.opened(slot)

    def rearm(self, slot: Slot) -> None:
        """Sets the slot's durable alarms again."""
        self.alarms.set(*slot.wakes.values())

    def give(self, number: int, to: str) -> None:
        """Stops taking for this slot; it may be forgotten once it is `clean`."""
        self.closing[number] = to

    def clean(self, number: int) -> bool:
        """Whether nothing of this slot is uncommitted."""
        return number not in self.broken and all(number not in entries for entries in self._uncommitted())

    def _uncommitted(self) -> list[dict[int, list[msgspec.Raw]]]:
        return [*(flight.entries for flight in self.flights), self.group.entries]

    def forget(self, number: int) -> None:
        """Lets a clean slot go."""
        self.slots.pop(number, None)
        self.closing.pop(number, None)
        self.outbox.forget(number)
        self._warmth.forget(number)

    # -- taking letters

    def deliver(self, letters: list[Letter[Any]], now: Micros) -> list[Answer]:
        """Takes a batch at once; the answers may be shown when `ticket()` is durable."""
        answers: list[Answer] = []
        stopped: set[int] = set()
        for letter in letters:
            if stopped and letter.slot in stopped:
                answers.append(AGAIN)
                continue
            if self.virtual and letter.at:
                self.tick(letter.at)
            answer = self._take(letter, letter.at or now)
            if answer.how != "done":
                stopped.add(letter.slot)
            answers.append(answer)
        return answers

    def _take(self, letter: Letter[Any], now: Micros) -> Answer:
        slot = self.slots.get(letter.slot)
        if slot is None or letter.slot in self.closing:
            return Answer("moved", cell=self.closing.get(letter.slot) or self.directory.cell_of(letter.slot))
        if letter.slot in self.broken:
            return BUSY
        if letter.input is None:
            return BUSY if self.gone.waits(slot, letter.ref, asked=True) else self._query(slot, letter, now)
        verdict = slot.verdict(letter.input)
        if verdict != "new":
            return known(slot.taken, letter.input, verdict)
        if type(letter.input) is ByKey and expired(letter.input.key, max(now, slot.at)):
            return no("key_expired", "This key is too old to be sure that it is new. Ask again with a new key.")
        if (slot.outbox and full(slot) and not isinstance(letter.input, FromSlot)) or self.gone.waits(slot, letter.ref):
            return BUSY
        reply = self._turn(slot, letter.input, letter.ref, letter.message, now)
        self._take_near(now)
        return BUSY if slot.number in self.broken else done(slot.taken, letter.input, reply)

    def _query(self, slot: Slot, letter: Letter[Any], now: Micros) -> Answer:
        if not isinstance(letter.message, Query):
            return no("key_missing", "A command needs an identity.")
        try:
            answer = self._decide(slot, letter.ref, letter.message, now, query=True).answer
            return Answer("done", reply=self.catalogue.encode(answer)) if answer is not None else DONE
        except Exception:
            return Answer("done", reply=INTERNAL_ERROR)

    # -- one turn

    def _turn(self, slot: Slot, source: Input, ref: Ref, message: Message, now: Micros) -> bytes | None:
        try:
            turn = self._decide(slot, ref, message, now, query=False)
            far, near, here = sent(slot, turn, self.directory.slot_of, self.takes_here) if turn.sends else NOTHING
            turned = self._turned(slot, source, turn, far, here)
            body = self.catalogue.encode(turned)
        except Exception as error:  # a bug in a handler: nothing of the turn remains
            self._park(slot, Poison(self.catalogue, slot, source, ref, message, now, error))
            return INTERNAL_ERROR
        try:
            slot.fold(turned, self.catalogue)
        except Exception as error:  # a bug in a fold: this memory of the slot cannot be trusted any more
            self.broken[slot.number] = Poison(self.catalogue, slot, source, ref, message, now, error)
            return None
        self.group.add(slot.number, turned, body)
        if near:
            self._near.add(slot, near)
        if turned.wakes or turned.asks:
            self._follow_up(slot, turned)
        return turned.reply

    def _decide(self, slot: Slot, ref: Ref, message: Message, now: Micros, query: bool) -> Turn:
        actor = (slot.roll.peek(ref) if query else slot.roll.actor(ref)) or self.gone.begun(slot, ref, query)
        turn = Turn(ref, now if now > slot.at else slot.at, actor, self.catalogue, self.references, query)
        type(actor).handlers[type(message)](actor, message, turn)
        if turn.answer is not None:
            turn.check()
        return turn

    def _turned(
        self, slot: Slot, source: Input, turn: Turn, far: list[Send[Any]], here: list[Pair]
    ) -> Turned[Any, Any]:
        reply = None
        if turn.answer is not None:
            if type(source) in ASKERS:
                reply = self.catalogue.encode(turn.answer)
            self.refused += isinstance(turn.answer, Refused)
        wakes = list(changes_of_wakes(slot, turn)) if turn.wakes else []
        asks = asked(slot, turn, self.catalogue.encode) if turn.asks else []
        return Turned(source, turn.me, turn.now, turn.facts, far, wakes, reply, asks, here)

    def takes_here(self, slot: Slot, to: int, n: int, ref: Ref) -> bool:
        """Whether the n-th message to slot `to` may be taken at once: nothing is before it, and its hearer is there."""
        target = self._taking(to)
        able = target is not None and not self.virtual and self._near.fits(slot, target, n)
        return able and not self.gone.away(self.slots[to], ref)

    def _taking(self, number: int) -> Slot | None:
        """A slot that takes messages now."""
        return None if number in self.closing or number in self.broken else self.slots.get(number)

    def _follow_up(self, slot: Slot, turned: Turned[Any, Any]) -> None:
        set_now = [change.n for change in turned.wakes if isinstance(change, SetWake)]
        self.alarms.set(*[slot.wakes[n] for n in set_now if n in slot.wakes])  # else the same turn took it back
        if turned.asks:
            self.group.errands += [slot.asks[ask.n] for ask in turned.asks]

    def _take_near(self, now: Micros) -> None:
        self._near.take(self._take_one_near, now)

    def _take_one_near(self, source: int, send: Send[Any], now: Micros) -> None:
        if send.to in self.broken:
            self.broken[send.to].held.append((source, send))
        else:
            self._turn(self.slots[send.to], FromSlot(source, send.n), send.ref, send.message, now)

    # -- bugs in actors

    def _park(self, slot: Slot, poison: Poison) -> None:
        self._note(slot, poison.entry)
        self.group.parked.append(poison.row)

    def durable_seq(self, number: int) -> int:
        """The slot's last page that is not in a flight."""
        return self.slots[number].seq - sum(number in flight.entries for flight in self.flights)

    def rebuild(self, number: int, snapshot: Snapshot | None, pages: list[Page], now: Micros) -> None:
        """Folds a broken slot again from what is durable and what is still in memory, without the poisoned message."""
        slot = folded(self.catalogue, self.images, number, snapshot, pages)
        again(self.catalogue, slot, self.slots[number], [each.get(number, []) for each in self._uncommitted()])
        self._warmth.forget(number)
        self.slots[number] = slot
        self.rearm(slot)
        poison = self.broken.pop(number)
        self._park(slot, poison)
        for source, send in poison.held:  # one of them may break the slot again: then the others wait on
            self._take_one_near(source, send, now)
            self._take_near(now)

    # -- wakes

    def tick(self, now: Micros) -> Micros | None:
        """Fires due wakes in (time, number) order; when the next one is due."""
        self.alarms.ring(now, self._ring)
        return self.next_wake()

    def next_wake(self) -> Micros | None:
        """When the next wake may be due."""
        return self.alarms.next()

    def _ring(self, wake: Wake, now: Micros) -> None:
        slot = self._taking(wake.slot)
        if slot is not None and wake.n in slot.wakes:
            self.fire(slot, wake.n, wake.at if self.virtual else now)

    def fire(self, slot: Slot, n: int, now: Micros) -> None:
        """One wake becomes a message to the actor that set it."""
        wake = slot.wakes[n]
        self._turn(slot, FromWake(n), wake.ref, wake.message, now)
        self._take_near(now)

    # -- commits

    def ticket(self) -> int:
        """The flight that an answer given now has to wait for; 0 if everything is durable."""
        if self.group.entries or self.broken:
            return self.filling
        return self.flights[-1].number if self.flights else 0

    def may_cut(self) -> bool:
        """At most one commit is in flight, and none while a slot is broken (a local message would be torn off)."""
        return not self.flights and not self.broken

    def cut(self) -> Flight | None:
        """The group becomes pages; None if there is nothing to commit or it is not the time."""
        if not self.group.entries or not self.may_cut():
            return None
        group, self.group = self.group, Group()
        flight = Flight(self.filling, group)
        self.filling = next(self._numbers)
        for number in sorted(group.entries):
            slot = self.slots[number]
            body = self.catalogue.encode(group.entries[number])
            flight.add(slot, self.lease, self.era_of(slot), body)
            self.due.grown(slot, len(body))
            self._warmth.heard(slot)
        self._warmth.settle()
        flight.snapshots = self.due.some(self.slots, self.images, self.catalogue.fingerprint)
        for one in () if self.virtual else flight.snapshots:  # in virtual time nobody could be read again
            flight.leavers += self.gone.leavers(self.slots[one.slot])
        self.flights.append(flight)
        return flight

    def era_of(self, slot: Slot) -> int:
        """The era of a slot's next page: what the page before it names, whatever the time is."""
        return slot.era

    def mark(self, number: int, now: Micros) -> None:
        """Writes a page and a snapshot of a slot to which nothing has happened, so that its older pages may go."""
        if (slot := self._taking(number)) is not None:
            self._note(slot, Marked(now))
            self.due.add(number)

    def _note(self, slot: Slot, entry: Silent) -> None:
        body = self.catalogue.encode(entry)
        slot.fold(entry, self.catalogue)
        self.group.add(slot.number, entry, body)

    def committed(self, flight: Flight) -> list[Pair]:
        """The flight is durable; the (slot, to) pairs that now have something new to send."""
        self.flights.remove(flight)
        return [pair for pair in self.outbox.committed(flight) if pair[0] in self.slots]

    # -- messages to other slots

    def pairs(self) -> list[Pair]:
        """All (slot, to) with something to send."""
        return [(n, to) for n, slot in self.slots.items() if n not in self.closing for to in slot.outbox]

    def outgoing(self, number: int, to: int, most: int) -> list[Letter[Any]]:
        """The oldest unacknowledged durable messages of a slot to another, as letters."""
        slot = None if number in self.closing else self.slots.get(number)
        return [] if slot is None else self.outbox.letters(slot, to, most, self.virtual)

    def acked(self, number: int, to: int, n: int) -> None:
        """Slot `to` has taken this slot's messages up to n."""
        slot = None if number in self.closing else self.slots.get(number)
        if slot is not None and (waiting := slot.outbox.get(to)) and waiting[0].n <= n:
            self._note(slot, Acked(to, n))
