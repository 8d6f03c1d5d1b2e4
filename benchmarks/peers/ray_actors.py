"""What bare Ray carries: in a module of its own, for Ray sends a class of a program by value, and these cannot be."""

from typing import Any

import msgspec

from actors.values import Ref
from benchmarks.peers.town import CATALOGUE, same_turns

FEW_LOTS, FEW_BAYS = 1, 2
LOTS, BAYS_A_LOT = 50, 20


class Single:
    """A Ray process for one actor of the city."""

    def __init__(self, ref: tuple[str, str]) -> None:
        self._part = same_turns(FEW_LOTS, FEW_BAYS).parts[Ref(*ref)]
        self._others: dict[Ref, Any] = {}
        self._taken = 0

    def meet(self, others: dict[Ref, Any]) -> None:
        """Learns how to reach the others."""
        self._others = others

    def take(self, message: bytes) -> None:
        """Takes one message, tells others by one call each."""
        for ref, said in self._part.take(CATALOGUE.decode_message(message)):
            self._others[ref].take.remote(CATALOGUE.encode(said))
        self._taken += 1

    def taken(self) -> int:
        """How many messages it has taken."""
        return self._taken


class Whole:
    """A Ray process for all actors of the city; a call is a batch of readings as bytes."""

    def __init__(self) -> None:
        self._parts = same_turns(LOTS, BAYS_A_LOT).parts

    def take(self, batch: bytes) -> int:
        """Takes a batch: each reading goes through its device, bay and lot at once."""
        letters = msgspec.msgpack.decode(batch, type=list[tuple[Ref, msgspec.Raw]])
        for ref, message in letters:
            self._take(ref, CATALOGUE.decode_message(message))
        return len(letters)

    def _take(self, ref: Ref, message: Any) -> None:
        for to, said in self._parts[ref].take(message):
            self._take(to, said)
