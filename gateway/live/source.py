"""What the live views are folded from: committed changes of slots, and a slot's whole state after a gap."""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from actors.messages.forms import Face, Fact
from actors.values import Micros, Ref


class Change(NamedTuple):
    """One committed page of a slot: the faces it changed and the facts it recorded; it follows page `prev`."""

    slot: int
    prev: int
    seq: int
    at: Micros
    faces: list[tuple[Ref, Face]]
    facts: list[tuple[Ref, Micros, Fact]]


class SlotFaces(NamedTuple):
    """Every face of a slot as of page `seq`; replaces all that was known of the slot."""

    slot: int
    seq: int
    faces: list[tuple[Ref, Face]]


Follow = Callable[[], AsyncIterator[Change | SlotFaces]]
"""Opens the stream of everything that is committed; it begins with each slot's faces."""
