"""The smallest world that actors can live in: messages in order, wakes by time, facts remembered; no host."""

import heapq
from collections import deque
from itertools import count
from typing import TypeVar

import msgspec

from actors.engine.actor import Actor
from actors.engine.references import References
from actors.engine.turn import Reference, Turn
from actors.kinds import KINDS
from actors.messages.forms import Fact, Message, Reply
from actors.values import Micros, Ref

F = TypeVar("F", bound=Fact)


class World:
    """Actors, what each has recorded, and a clock that only `say` and `wait` move."""

    def __init__(self) -> None:
        self.now: Micros = 0
        self.actors: dict[Ref, Actor] = {}
        self.facts: dict[Ref, list[Fact]] = {}
        self.sent: list[tuple[Ref, Message]] = []
        self._wakes: dict[tuple[Ref, str], tuple[Micros, int, Message]] = {}
        self._heap: list[tuple[Micros, int, Ref, str]] = []
        self._numbers = count()
        self._references = References()
        self._kinds = {cls.kind: cls for cls in KINDS}

    def hears(self, kind: str, message: type[Message]) -> bool:
        return message in self._kinds[kind].handlers

    def at(self, name: str, now: Micros) -> Reference:
        return self._references.at(name, now)

    def version(self, name: str, number: int) -> Reference:
        return self._references.version(name, number)

    def after(self, reference: Reference, until: Micros) -> list[Reference]:
        return self._references.after(reference, until)

    def refer(self, name: str, value: object, effective_us: Micros = 0) -> None:
        """Publishes the next version of reference data."""
        version = self._references.known.get(name, 0) + 1
        self._references.add(name, version, effective_us, msgspec.msgpack.encode(value))

    def say(self, ref: Ref, message: Message, at: Micros | None = None) -> Reply | None:
        """Tells one actor, after all wakes before `at`; what it answers. All that follows happens too."""
        if at is not None:
            self.wait(at)
        waiting = deque([(ref, message)])
        answer: Reply | None = None
        while waiting:
            to, said = waiting.popleft()
            turn = self._turn(to, said)
            waiting.extend(turn.sends)
            self.sent.extend(turn.sends)
            answer = answer if to != ref or answer else turn.answer
        return answer

    def wait(self, until: Micros) -> None:
        """Lets time pass; due wakes ring in order."""
        while self._heap and self._heap[0][0] <= until:
            at, n, ref, name = heapq.heappop(self._heap)
            armed = self._wakes.get((ref, name))
            if armed and armed[1] == n:
                del self._wakes[ref, name]
                self.now = max(self.now, at)
                self.say(ref, armed[2])
        self.now = max(self.now, until)

    def said(self, ref: Ref, fact: type[F]) -> list[F]:
        """The facts of one type that an actor has recorded, in order."""
        return [f for f in self.facts.get(ref, []) if isinstance(f, fact)]

    def _turn(self, ref: Ref, message: Message) -> Turn:
        actor = self.actors.get(ref) or self._kinds[ref.kind]()
        turn = Turn(ref, self.now, actor, self, self)
        before = repr(actor)
        type(actor).handlers[type(message)](actor, message, turn)
        assert repr(actor) == before, "a handler wrote state"
        turn.check()
        self.actors[ref] = actor
        for fact in turn.facts:
            actor.remember(fact)
            self.facts.setdefault(ref, []).append(fact)
        for name, at, wake in turn.wakes:
            self._arm(ref, name, at, wake)
        return turn

    def _arm(self, ref: Ref, name: str, at: Micros, wake: Message | None) -> None:
        self._wakes.pop((ref, name), None)
        if wake is not None:
            n = next(self._numbers)
            self._wakes[ref, name] = (at, n, wake)
            heapq.heappush(self._heap, (at, n, ref, name))
