"""The port to what is durable: the journal of pages, and the few tables beside it.

The primary key `(slot, seq, era)` of the journal is the fence: a page names the era of the next one (`eras.py`), so
`(slot, seq)` has one era only. An implementation raises `Duplicate` when a page of a
commit is already there (then nothing of that commit was stored), and `Unknown` for everything whose outcome cannot be
told: a lost connection, a time-out, a deadlock, a restarting server.
"""

from typing import NamedTuple, Protocol

from actors.values import Micros, Ref


class Page(NamedTuple):
    """All turns of one slot in one commit: one row of the journal; `body` is a MessagePack array of entries.

    It is filed under `era`, which the page before it named, and names `next_era` for the one after it.
    """

    slot: int
    seq: int
    lease: int
    flight: int
    at: Micros
    body: bytes
    era: int = 0
    next_era: int = 0


class Stretch(NamedTuple):
    """Some pages of a slot: those with after < seq ≤ upto."""

    slot: int
    after: int
    upto: int


class Head(NamedTuple):
    """The highest page of a slot and the commit that wrote it."""

    seq: int
    lease: int
    flight: int


class Snapshot(NamedTuple):
    """A slot's folded state after page `seq`, made by the fold code with fingerprint `fold`."""

    slot: int
    seq: int
    fold: str
    body: bytes


class ParkedMessage(NamedTuple):
    """A message whose turn failed, kept for staff."""

    slot: int
    input: bytes
    at: Micros
    ref: str
    error: str
    message: bytes


class Errand(NamedTuple):
    """What an actor asked of the outside and has no answer to: `(slot, n)` names it for ever, to the provider too."""

    slot: int
    n: int
    at: Micros
    ref: Ref
    port: str
    request: bytes


class Absent(NamedTuple):
    """Somebody who leaves his slot's memory: all that was held of him after page `seq`."""

    slot: int
    kind: str
    key: str
    seq: int
    held: bytes


class Placed(NamedTuple):
    """A row of the placement table: which cell should carry a slot; `ref` only for a dedicated actor's slot."""

    slot: int
    cell: str
    ref: Ref | None = None


class Duplicate(Exception):
    """A page of the commit is in the journal already; nothing of this commit was stored."""


class Unknown(Exception):
    """The outcome of a statement cannot be told; the same bytes may be sent again."""


class Journal(Protocol):
    """Durable memory of a cell; every method may raise `Unknown`."""

    async def append(self, pages: list[Page]) -> None:
        """Store all pages in one statement, or none (`Duplicate`). Pages come in order of slot."""

    async def heads(self, slots: list[int]) -> dict[int, Head]:
        """The highest page of each of these slots that has one, on a fresh connection if the last one broke."""

    async def writers(self, pages: list[Page]) -> dict[tuple[int, int], tuple[int, int]]:
        """(slot, seq) → (lease, flight) of those of these pages' keys that are in the journal."""

    async def open(
        self, slots: list[int], lease: int, flight: int, at: Micros, body: bytes, era: int
    ) -> dict[int, int]:
        """Write the opening page at each slot's head in one statement, in order of slot; slot → its seq.

        The head names the era of the page, which names `era` for the next one if that is not lower.
        Raises `Duplicate` when another writer came in between; the caller says it again.
        """

    async def read(self, stretches: list[Stretch]) -> dict[int, list[Page]]:
        """The pages of these stretches, of each slot in order, in one statement; no slot twice."""

    async def snapshots(self, slots: list[int]) -> dict[int, Snapshot]:
        """The kept snapshots of these slots."""

    async def save_snapshots(self, snapshots: list[Snapshot]) -> None:
        """Keep these, each only if its `seq` is higher than the one kept."""

    async def park(self, parked: list[ParkedMessage]) -> None:
        """Keep messages whose turns failed; the same (slot, input) twice is one."""

    async def ask(self, errands: list[Errand]) -> None:
        """Keep these for whoever carries them outside; the same (slot, n) twice is one."""

    async def leave(self, absent: list[Absent]) -> None:
        """Keep these, each only if its `seq` is higher than the one kept of the same name."""

    async def absent(self, slot: int, refs: list[Ref]) -> list[Absent]:
        """What is kept of these who left."""

    async def placed(self) -> list[Placed]:
        """The whole placement table."""

    async def place(self, slot: int, was: str | None, cell: str, ref: Ref | None = None) -> bool:
        """Compare-and-set of one placement (`was` None: insert); False if it said something else."""

    async def place_new(self, cells: dict[int, str]) -> None:
        """First placements of shared slots, slot → cell, in one statement; a slot that has a cell keeps it."""

    async def references(self, after: dict[str, int]) -> list[tuple[str, int, Micros, bytes]]:
        """Reference data (name, version, effective_from, body) with a version above `after` of its name."""

    async def close(self) -> None:
        """Give the connection back."""
