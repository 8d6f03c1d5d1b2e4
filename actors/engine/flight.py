"""What is on its way to the journal: the group that fills, and the flight that is being committed."""

from typing import Any

import msgspec

from actors.engine import eras
from actors.engine.entries import Acked, Entry, Turned
from actors.engine.journal import Absent, Errand, Page, ParkedMessage, Snapshot
from actors.engine.slot import Slot


class Group:
    """The turns taken since the last cut, over all slots of the cell; `bytes`: of the batches that brought them;
    `last_sent`: the number of the last message that each (slot, to) sends by mail.

    An entry is bytes as soon as it is made: as objects, those of a commit are more than a processor's cache holds.
    """

    def __init__(self) -> None:
        self.entries: dict[int, list[msgspec.Raw]] = {}
        self.last_sent: dict[tuple[int, int], int] = {}
        self.parked: list[ParkedMessage] = []
        self.errands: list[Errand] = []
        self.turns = 0
        self.bytes = 0
        self.urgent = False

    def add(self, slot: int, entry: Entry[Any, Any], body: bytes) -> None:
        """One more entry and its bytes; acknowledgements alone are not urgent."""
        known = self.entries.get(slot)
        if known is None:
            known = self.entries[slot] = []
        known.append(msgspec.Raw(body))
        if isinstance(entry, Turned):
            for send in entry.sends:
                self.last_sent[slot, send.to] = send.n
        self.turns += 1
        if not self.urgent:
            self.urgent = not isinstance(entry, Acked)


class Flight:
    """One commit: its pages never change, whatever becomes of it."""

    def __init__(self, number: int, group: Group) -> None:
        self.number = number
        self.entries = group.entries
        self.last_sent = group.last_sent
        self.parked = group.parked
        self.errands = group.errands
        self.pages: list[Page] = []
        self.snapshots: list[Snapshot] = []
        self.leavers: list[Absent] = []

    @property
    def turns(self) -> int:
        """How many entries it has."""
        return sum(len(entries) for entries in self.entries.values())

    @property
    def size(self) -> int:
        """Bytes of its pages."""
        return sum(len(page.body) for page in self.pages)

    @property
    def keeps(self) -> bool:
        """Whether something has to stand beside its pages."""
        return bool(self.parked or self.errands or self.leavers or self.snapshots)

    def add(self, slot: Slot, lease: int, era: int, body: bytes) -> None:
        """The next page of a slot, filed under this era."""
        slot.seq += 1
        slot.era = eras.following(era, slot.at)
        self.pages.append(Page(slot.number, slot.seq, lease, self.number, slot.at, body, era, slot.era))
