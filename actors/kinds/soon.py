"""Kinds that are still to be written: what the others say to them is heard, and nothing more."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.collector import TakingsAdded
from actors.messages.forms import Face
from actors.messages.money import ReturnExcess
from actors.messages.passes import LeaveSeat, TakeSeat


class NoFace(Face, frozen=True, gc=False):
    """Nothing to see yet."""


class ParkingPass(Actor, kind="pass"):
    """A pass."""

    def on_take_seat(self, said: TakeSeat, turn: Turn) -> None: ...

    def on_leave_seat(self, said: LeaveSeat, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class Collector(Actor, kind="collector"):
    """A collector."""

    def on_takings_added(self, said: TakingsAdded, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class Payment(Actor, kind="payment"):
    """A payment."""

    def on_return_excess(self, said: ReturnExcess, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()
