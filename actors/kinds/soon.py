"""Kinds that are still to be written: what the others say to them is heard, and nothing more."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.collector import TakingsAdded
from actors.messages.forms import Face
from actors.messages.money import ReturnExcess
from actors.messages.payment import StartPayment


class NoFace(Face, frozen=True, gc=False):
    """Nothing to see yet."""


class Collector(Actor, kind="collector"):
    """A collector."""

    def on_takings_added(self, said: TakingsAdded, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class Payment(Actor, kind="payment"):
    """A payment."""

    def on_start_payment(self, said: StartPayment, turn: Turn) -> None: ...

    def on_return_excess(self, said: ReturnExcess, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()
