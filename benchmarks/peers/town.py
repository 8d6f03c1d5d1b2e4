"""The small city that other actor systems carry: parts that take a message and say what follows, without any engine."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Protocol

import msgspec

from actors.engine.actor import Actor
from actors.engine.references import References
from actors.engine.turn import Turn
from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.forms import Message
from actors.values import HOUR_US, Ref
from gateway.workers import city
from storage.session import now_us

CATALOGUE, REFERENCES = city(), References()

Said = list[tuple[Ref, Any]]


class Part(Protocol):
    """What an actor of another system carries."""

    def take(self, message: Any) -> Said:
        """Takes one message; what it says to others."""


class OurPart:
    """One actor of our kinds: the same handlers and folds as in a cell, in memory only."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref
        self.actor: Actor = CATALOGUE.new(ref)

    def take(self, message: Message) -> Said:
        """One turn."""
        turn = Turn(self.ref, now_us(), self.actor, CATALOGUE, REFERENCES)
        type(self.actor).handlers[type(message)](self.actor, message, turn)
        turn.check()
        for fact in turn.facts:
            self.actor.remember(fact)
        return turn.sends


class LeanBay:
    """A bay by hand: is it taken, since when."""

    def __init__(self, ref: Ref) -> None:
        self.lot = Ref("lot", ref.place)
        self.occupied = False
        self.since_us = 0

    def take(self, occupied: bool) -> Said:
        """A change is told to the lot."""
        if occupied == self.occupied:
            return []
        self.occupied, self.since_us = occupied, now_us()
        return [(self.lot, 1 if occupied else -1)]


class LeanLot:
    """A lot by hand: how many of its bays are taken."""

    def __init__(self, ref: Ref) -> None:
        self.taken = 0

    def take(self, step: int) -> Said:
        """One more, or one less."""
        self.taken += step
        return []


class Town(msgspec.Struct):
    """The parts of a city by their refs, its endless readings, and how many messages a reading makes."""

    form: str
    parts: dict[Ref, Any]
    readings: Iterator[tuple[Ref, Any]]
    messages: int

    @property
    def last(self) -> set[Ref]:
        """The lots: a reading is done when its lot has taken its part of it."""
        return {ref for ref in self.parts if ref.kind == "lot"}


def same_turns(lots: int, bays: int) -> Town:
    """Devices, bays and lots of our kinds, installed."""
    places = [(f"lot-{lot}", str(bay)) for bay in range(bays) for lot in range(lots)]
    refs = [Ref(kind, f"{lot}/{own}") for lot, bay in places for kind, own in (("device", f"d{bay}"), ("bay", bay))]
    parts = {ref: OurPart(ref) for ref in [*refs, *(Ref("lot", f"lot-{lot}") for lot in range(lots))]}
    for lot, bay in places:
        _settle(parts, Ref("bay", f"{lot}/{bay}"), InstallBay(bay, "common"))
        _settle(parts, Ref("device", f"{lot}/d{bay}"), InstallDevice("yun-json", bay, 24 * HOUR_US))
    return Town("same turns", parts, _uplinks([Ref("device", f"{lot}/d{bay}") for lot, bay in places]), 3)


def lean(lots: int, bays: int) -> Town:
    """Bays and lots by hand."""
    refs = [Ref("bay", f"lot-{lot}/{bay}") for bay in range(bays) for lot in range(lots)]
    parts: dict[Ref, Any] = {ref: LeanBay(ref) for ref in refs}
    parts |= {ref: LeanLot(ref) for ref in (Ref("lot", f"lot-{lot}") for lot in range(lots))}
    return Town("lean", parts, ((ref, bool(n % 2)) for n in count(1) for ref in refs), 2)


FORMS: tuple[Callable[[int, int], Town], ...] = (same_turns, lean)


def _settle(parts: dict[Ref, OurPart], ref: Ref, message: Message) -> None:
    for to, said in parts[ref].take(message):
        _settle(parts, to, said)


def _uplinks(devices: list[Ref]) -> Iterator[tuple[Ref, Uplinked]]:
    for n in count(1):
        for device in devices:
            now = now_us()
            yield device, Uplinked(now, now, bool(n % 2), serial=n, boot=1, battery_pct=80)
