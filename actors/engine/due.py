"""Which slots are due for a snapshot; at a commit some of them get one, so that it never takes long."""

from actors.engine.journal import Snapshot
from actors.engine.slot import Images, Slot

SNAPSHOT_PAGES = 500
SNAPSHOT_BYTES = 256 * 1024
WEIGHTS = 3
"""Making a snapshot costs what it weighs, and reading pages what they weigh: how many times its weight they may."""
A_CUT = 512 * 1024
"""Bytes of snapshots that one commit makes: where all slots are due at once, they take turns."""


def earliness(number: int) -> float:
    """The part of what is allowed after which this slot is due: a half to all of it. The slots of a city come about as
    far as each other, and would all be due in the same second.
    """
    return 0.5 + number * 40_503 % 65_536 / 131_072


class Due:
    """The slots that have come far since their last snapshots, the last one first."""

    def __init__(self) -> None:
        self._slots: dict[int, None] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._slots)

    def add(self, number: int) -> None:
        """This slot gets one at the next commit that has room."""
        self._slots[number] = None

    def waits(self, number: int) -> bool:
        """Whether this slot is due and has not had its turn."""
        return number in self._slots

    def opened(self, number: int, snapshot: Snapshot | None, fingerprint: str) -> None:
        """A snapshot of other code is replaced soon: pages may go only below one of this code."""
        if snapshot is not None and snapshot.fold != fingerprint:
            self.add(number)

    def grown(self, slot: Slot, size: int) -> None:
        """One more page of this size: it is due when they are many, or weigh much more than its snapshot."""
        slot.since_snapshot[0] += 1
        slot.since_snapshot[1] += size
        pages, weight = slot.since_snapshot
        early = earliness(slot.number)
        if pages >= early * SNAPSHOT_PAGES or weight >= early * max(SNAPSHOT_BYTES, WEIGHTS * slot.weight):
            self.add(slot.number)

    def some(self, slots: dict[int, Slot], images: Images, fingerprint: str) -> list[Snapshot]:
        """Those that this commit makes, also of slots that it does not touch: at a cut, all that any slot is stands in
        its pages up to this commit's.
        """
        made: list[Snapshot] = []
        weight = 0
        while self._slots and weight < A_CUT:
            number, _ = self._slots.popitem()
            slot = slots.get(number)
            if slot is not None:
                body = images.encode(slot)
                slot.since_snapshot, slot.weight, slot.parked = [0, 0], len(body), []
                weight += len(body)
                made.append(Snapshot(number, slot.seq, fingerprint, body))
        return made
