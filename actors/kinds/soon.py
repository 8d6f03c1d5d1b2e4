"""Kinds that are still to be written: what the others say to them is heard, and nothing more."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.collector import TakingsAdded
from actors.messages.forms import Face


class NoFace(Face, frozen=True, gc=False):
    """Nothing to see yet."""


class Collector(Actor, kind="collector"):
    """A collector."""

    def on_takings_added(self, said: TakingsAdded, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()
