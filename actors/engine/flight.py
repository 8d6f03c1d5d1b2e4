"""What is on its way to the journal: the group that fills, and the flight that is being committed."""

from typing import Any

from actors.engine import eras
from actors.engine.entries import Acked, Entry
from actors.engine.journal import Page, ParkedMessage, Snapshot
from actors.engine.slot import Slot


class Group:
    """The turns taken since the last cut, over all slots of the cell."""

    def __init__(self) -> None:
        self.entries: dict[int, list[Entry[Any, Any]]] = {}
        self.parked: list[ParkedMessage] = []
        self.turns = 0
        self.urgent = False

    def add(self, slot: int, entry: Entry[Any, Any]) -> None:
        """One more entry; acknowledgements alone are not urgent."""
        known = self.entries.get(slot)
        if known is None:
            self.entries[slot] = [entry]
        else:
            known.append(entry)
        self.turns += 1
        if not self.urgent:
            self.urgent = not isinstance(entry, Acked)


class Flight:
    """One commit: its pages never change, whatever becomes of it."""

    def __init__(self, number: int, entries: dict[int, list[Entry[Any, Any]]], parked: list[ParkedMessage]) -> None:
        self.number = number
        self.entries = entries
        self.parked = parked
        self.pages: list[Page] = []
        self.snapshots: list[Snapshot] = []

    def add(self, slot: Slot, lease: int, era: int, body: bytes) -> None:
        """The next page of a slot, filed under this era."""
        slot.seq += 1
        slot.era = eras.following(era, slot.at)
        self.pages.append(Page(slot.number, slot.seq, lease, self.number, slot.at, body, era, slot.era))
