"""A turn: what one actor may do while it takes one message."""

import random
from typing import NamedTuple, Protocol
from zlib import crc32

from actors.engine.actor import Actor
from actors.engine.law import LawBroken
from actors.messages.forms import Command, Fact, Message, Refused, Reply, Request
from actors.values import Micros, Ref


class Reference(NamedTuple):
    """A version of reference data (a tariff, a list, a switch) that is in force; a fact carries what it used."""

    name: str
    version: int
    effective_from: Micros
    value: object


class Hearing(Protocol):
    """Knows who takes which message (the catalogue)."""

    def hears(self, kind: str, message: type[Message]) -> bool:
        """Whether actors of this kind take this message."""

    def asks(self, kind: str, request: type[Request]) -> bool:
        """Whether actors of this kind may ask this of the outside."""


class InForce(Protocol):
    """Knows the versions of reference data."""

    def at(self, name: str, now: Micros) -> Reference:
        """The version in force at `now`; KeyError if there is none."""

    def version(self, name: str, number: int) -> Reference:
        """This very version; KeyError if it is not known here."""

    def after(self, reference: Reference, until: Micros) -> list[Reference]:
        """The versions that take effect after that one, up to `until`, in that order."""


class Turn:
    """One message being taken: the actor decides here; nothing of it counts until the handler returns."""

    __slots__ = ("_hearing", "_in_force", "answer", "asks", "facts", "folds", "me", "now", "query", "sends", "wakes")

    def __init__(
        self, me: Ref, now: Micros, actor: Actor, hearing: Hearing, in_force: InForce, query: bool = False
    ) -> None:
        self.me = me
        self.now = now
        self.query = query
        self.folds = type(actor).folds
        self.facts: list[Fact] = []
        self.sends: list[tuple[Ref, Message]] = []
        self.wakes: list[tuple[str, Micros, Message | None]] = []
        self.asks: list[Request] = []
        self.answer: Reply | None = None
        self._hearing = hearing
        self._in_force = in_force

    def record(self, fact: Fact) -> None:
        """What became true; folded into the actor when the handler returns."""
        if type(fact) not in self.folds:
            raise LawBroken(f"{self.me} cannot remember {type(fact).__name__}")
        if self.query:
            self._only_asked("record")
        self.facts.append(fact)

    def send(self, ref: Ref, message: Command) -> None:
        """Tells another actor, exactly once, in order, after this turn is durable."""
        if self.query:
            self._only_asked("send")
        if not self._hearing.hears(ref.kind, type(message)):
            raise LawBroken(f"{ref.kind} does not hear {type(message).__name__}")
        self.sends.append((ref, message))

    def wake(self, name: str, at: Micros, message: Command) -> None:
        """Lets me hear `message` at that time; the same name again replaces it."""
        if self.query:
            self._only_asked("set a wake")
        self.wakes.append((name, at, message))

    def cancel(self, name: str) -> None:
        """Takes the wake of that name back, if there is one."""
        if self.query:
            self._only_asked("cancel a wake")
        self.wakes.append((name, 0, None))

    def outside(self, request: Request) -> None:
        """Asks something of the request's port; its answer comes back as a message, once, whoever dies meanwhile."""
        if self.query:
            self._only_asked("ask something outside")
        if not self._hearing.asks(self.me.kind, type(request)):
            raise LawBroken(f"{self.me} may not ask {type(request).__name__}")
        self.asks.append(request)

    def reply(self, reply: Reply) -> None:
        """What whoever asked gets to know."""
        if self.answer is not None:
            raise LawBroken(f"{self.me} answered twice")
        self.answer = reply

    def refuse(self, code: str, message: str, **details: str) -> None:
        """Says no with a stable word and a sentence; nothing else may follow from this turn."""
        self.reply(Refused(code, message, details))

    def reference(self, name: str, at: Micros | None = None) -> Reference:
        """The version of this reference data in force now, or when something happened; KeyError if there is none."""
        return self._in_force.at(name, self.now if at is None else at)

    def version(self, name: str, number: int) -> Reference:
        """This very version of reference data: one that a fact has named."""
        return self._in_force.version(name, number)

    def later(self, reference: Reference, until: Micros) -> list[Reference]:
        """The versions that took effect after that one, up to `until`."""
        return self._in_force.after(reference, until)

    @property
    def rng(self) -> random.Random:
        """Chance that is the same whenever this turn is decided again."""
        return random.Random(crc32(f"{self.me} {self.now}".encode()))  # noqa: S311

    def check(self) -> None:
        """After the handler: a refusal must stand alone."""
        acted = self.facts or self.sends or self.wakes or self.asks
        if acted and isinstance(self.answer, Refused):
            raise LawBroken(f"{self.me} refused and acted in one turn")

    def _only_asked(self, what: str) -> None:
        raise LawBroken(f"{self.me} may not {what} while it answers a query")
