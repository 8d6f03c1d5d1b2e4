"""What the live views are folded from: committed changes of slots, and a slot's whole state after a gap."""

from collections.abc import AsyncIterator, Callable

from actors.engine.follow import Change, SlotFaces

__all__ = ["SHOWN", "Change", "Follow", "SlotFaces"]

SHOWN = frozenset({"bay", "device", "fleet"})
"""The kinds whose faces the topics show; what a lot counts follows from its bays."""

Follow = Callable[[], AsyncIterator[Change | SlotFaces]]
"""Opens the stream of everything that is committed; it begins with each slot's faces."""
