"""Cells in virtual time that are killed at any moment: the real hosts, their pages in memory, and what is under way.

Everything has its own microsecond, whoever dies meanwhile: so a day with kills must make the facts of a calm one.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from random import Random
from typing import TypeVar
from zlib import crc32

from actors.engine.digest import Digest
from actors.engine.entries import Answer, ByKey, FromOutside, FromSlot, Input, Letter, Turned
from actors.engine.host import Host
from actors.engine.journal import Errand, Page
from actors.messages.forms import Command, Face, Fact, Message, Query, Reply, Request
from actors.values import Micros, Ref, shared_slot
from gateway.workers import city

F = TypeVar("F", bound=Face)
HOP_US: Micros = 1_000
OUTGOING_MOST = 1_000
CELLS = 2
CITY = city()
Outside = Callable[[Ref, Request, Micros], Command]
"""What answers what actors ask of the outside, as things stand at that time."""
Act = Callable[["Cells"], None]
Versions = list[tuple[str, int, bytes]]
"""Reference data: name, number, value as MessagePack; in force from the beginning."""


class Cells:
    """Two cells; `kills` draws when one of them is killed (None: never), before or after its commit."""

    def __init__(self, versions: Versions, outside: Outside, kills: Random | None = None) -> None:
        self.now: Micros = 0
        self.pages: dict[int, list[Page]] = defaultdict(list)
        self.killed = 0
        self._versions, self._outside, self._kills = versions, outside, kills
        self._order = count()
        self._heap: list[tuple[Micros, int, int, int, int, int, Act]] = []
        self._left: set[tuple[int, int, int]] = set()
        self._asked: set[tuple[int, int]] = set()
        self.hosts = [self._host() for _ in range(CELLS)]

    # -- from outside

    def at(self, at_us: Micros, act: Act) -> None:
        """Has this done then."""
        heapq.heappush(self._heap, (at_us, 0, 0, next(self._order), 0, 0, act))

    def say(self, source: Input | str, ref: Ref, message: Command) -> Reply | None:
        """Tells an actor now and waits until that is durable, however often its cell dies; text is a caller's key."""
        body = CITY.encode(message)
        own = ByKey(source, crc32(body)) if isinstance(source, str) else source
        return self._reply(self._take(Letter(shared_slot(ref.key), own, ref, message, self.now)))

    def look(self, ref: Ref, query: Query) -> Reply | None:
        """Asks an actor now."""
        return self._reply(self._take(Letter(shared_slot(ref.key), None, ref, query, self.now)))

    def run(self, until_us: Micros) -> None:
        """Lets everything happen up to then."""
        while True:
            wake = min((due for host in self.hosts if (due := host.next_wake()) is not None), default=until_us + 1)
            at_us = self._heap[0][0] if self._heap else until_us + 1
            if min(wake, at_us) > until_us:
                break
            self.now = max(self.now, min(wake, at_us))
            if wake <= at_us:
                self._ring(wake)
            else:
                heapq.heappop(self._heap)[-1](self)
        self.now = until_us

    # -- one thing in one cell, and what becomes of the cell

    def _take(self, letter: Letter[Message]) -> Answer:
        place = letter.slot % CELLS
        while True:
            host = self._carrying(letter.slot)
            (answer,) = host.deliver([letter], self.now)
            assert answer.how == "done", (letter, answer)
            if self._durable(place) or letter.input is None:
                return answer

    def _ring(self, wake: Micros) -> None:
        for place, host in enumerate(self.hosts):
            if (due := host.next_wake()) is not None and due <= wake:
                host.tick(wake)
                self._durable(place)

    def _durable(self, place: int) -> bool:
        """Commits what the cell has decided, unless it dies; whether it lives to say so."""
        chance = self._kills.random() if self._kills else 1.0
        if chance < 0.01:
            return self._kill(place)
        host = self.hosts[place]
        while flight := host.cut():
            for page in flight.pages:
                self.pages[page.slot].append(page)
            if chance < 0.02:
                return self._kill(place)
            for pair in host.committed(flight):
                self._send(host, *pair)
            self._ask(flight.errands)
        return True

    def _kill(self, place: int) -> bool:
        """The cell is gone with all that it knew; another folds what is durable, and says and asks it all again."""
        self.killed += 1
        host = self.hosts[place] = self._host()
        for number in sorted(slot for slot in self.pages if slot % CELLS == place):
            host.open(number, None, self.pages[number])
        for pair in sorted(host.pairs()):
            for source in [each for each in self._left if each[:2] == pair]:
                self._left.discard(source)
            self._send(host, *pair)
        for slot in host.slots.values():
            self._ask(list(slot.asks.values()))
        return False

    def _host(self) -> Host:
        host = Host(CITY, "days", 1, virtual=True)
        for name, number, body in self._versions:
            host.references.add(name, number, 0, body)
        return host

    def _carrying(self, slot: int) -> Host:
        host = self.hosts[slot % CELLS]
        if slot not in host.slots:
            host.open(slot, None, self.pages[slot])
        return host

    # -- between cells, and from them to the outside

    def _send(self, host: Host, slot: int, to: int) -> None:
        for letter in host.outgoing(slot, to, OUTGOING_MOST):
            source = letter.input
            assert isinstance(source, FromSlot)
            if (slot, to, source.n) not in self._left:
                self._left.add((slot, to, source.n))
                due = Letter(to, source, letter.ref, letter.message, letter.at + HOP_US)
                heapq.heappush(self._heap, (due.at, 1, slot, source.n, to, next(self._order), _arrives(due)))

    def arrived(self, letter: Letter[Message]) -> None:
        """A message between slots arrives; its sender hears that it was taken."""
        self._take(letter)
        source = letter.input
        assert isinstance(source, FromSlot)
        self._carrying(source.slot).acked(source.slot, letter.slot, source.n)

    def _ask(self, errands: list[Errand]) -> None:
        for errand in errands:
            if (errand.slot, errand.n) not in self._asked:
                self._asked.add((errand.slot, errand.n))
                at_us = errand.at + HOP_US
                heapq.heappush(self._heap, (at_us, 2, errand.slot, errand.n, 0, 0, self._answers(errand)))

    def _answers(self, errand: Errand) -> Act:
        def answer(here: "Cells") -> None:
            said = here._outside(errand.ref, CITY.decode_request(errand.request), here.now)
            here.say(FromOutside(errand.n), errand.ref, said)

        return answer

    @staticmethod
    def _reply(answer: Answer) -> Reply | None:
        return None if answer.reply is None else CITY.decode_reply(answer.reply)

    # -- what became true

    def digest(self) -> str:
        """Of all facts, each with its time."""
        return Digest(CITY).of_pages(page.body for slot in sorted(self.pages) for page in self.pages[slot])

    def so_far(self) -> dict[int, int]:
        """How many pages each slot has now."""
        return {slot: len(pages) for slot, pages in self.pages.items()}

    def turned(self, since: Mapping[int, int] | None = None) -> list[tuple[Ref, Micros, Fact]]:
        """All facts, actor by actor in order; or those that were recorded since."""
        first = since or {}
        bodies = [page.body for slot in sorted(self.pages) for page in self.pages[slot][first.get(slot, 0) :]]
        entries = [entry for body in bodies for entry in CITY.decode_page(body)]
        assert all(type(entry).__name__ != "Parked" for entry in entries), "a handler failed"
        return [(each.ref, each.at, fact) for each in entries if isinstance(each, Turned) for fact in each.facts]

    def faces(self) -> dict[Ref, bytes]:
        """How every actor looks now, as MessagePack."""
        actors = [each for host in self.hosts for slot in host.slots.values() for each in slot.roll.actors()]
        return {ref: CITY.encode(actor.face()) for ref, actor in actors}

    def faces_of(self, kind: str, face: type[F]) -> dict[Ref, F]:
        """How every actor of a kind looks now."""
        actors = [each for host in self.hosts for slot in host.slots.values() for each in slot.roll.actors()]
        found = {ref: actor.face() for ref, actor in actors if ref.kind == kind}
        return {ref: each for ref, each in found.items() if isinstance(each, face)}

    def folded_again(self) -> dict[Ref, bytes]:
        """The same, folded from the first page."""
        for place in range(CELLS):
            self._kill(place)
        return self.faces()


def _arrives(letter: Letter[Message]) -> Act:
    return lambda here: here.arrived(letter)
