"""Who carries which slot: the placement table as one process knows it. Advice only; the journal's key is the law."""

from typing import NamedTuple

import msgspec

from actors.engine.journal import Journal, Placed
from actors.values import SHARED_SLOTS, Ref, shared_slot


class NoSlot(LookupError):
    """A dedicated actor that has no slot yet."""


class Move(NamedTuple):
    """A slot that should change its cell; `was` is empty if it never had one."""

    slot: int
    was: str
    now: str


class Given(msgspec.Struct, array_like=True, frozen=True):
    """A calm move: give these slots to that cell."""

    slots: list[int]
    to: str


class Directory:
    """A copy of the placement table, and where refs live."""

    def __init__(self, dedicated_kinds: frozenset[str] = frozenset()) -> None:
        self.dedicated_kinds = dedicated_kinds
        self.cells: dict[int, str] = {}
        self.dedicated: dict[Ref, int] = {}
        self.refs: dict[int, Ref] = {}

    async def refresh(self, journal: Journal) -> None:
        """Reads the table again; may raise `Unknown`."""
        for row in await journal.placed():
            self.cells[row.slot] = row.cell
            if row.ref is not None:
                self.dedicated[row.ref] = row.slot
                self.refs[row.slot] = row.ref

    def lacks(self, ref: Ref) -> bool:
        """Whether this actor should have a slot of its own and has none that is known here."""
        return ref.kind in self.dedicated_kinds and ref not in self.dedicated

    def cell_of(self, slot: int) -> str:
        """The cell that should carry a slot; empty if nobody knows."""
        return self.cells.get(slot, "")

    def moved(self, slot: int, cell: str) -> None:
        """A cell said that it does not carry the slot, and who should."""
        self.cells[slot] = cell

    def slot_of(self, ref: Ref) -> int:
        """Where an actor lives; `NoSlot` for a dedicated one that has no slot yet."""
        if ref.kind not in self.dedicated_kinds:
            return shared_slot(ref.key)
        try:
            return self.dedicated[ref]
        except KeyError:
            raise NoSlot(f"{ref} has no slot of its own yet") from None


async def share_out(journal: Journal, cells: list[str], own: list[Ref]) -> list[str]:
    """Spreads the slots over cells none of which runs yet, `own` actors in cells of their own; the names of all."""
    for slot, was, now in await place(journal, cells):
        await journal.place(slot, was, now)  # nobody carries it: nobody has to give it
    return cells + [row.cell for row in await allot(journal, own)]


async def place(journal: Journal, cells: list[str]) -> list[Move]:
    """Spreads the shared slots evenly over the cells, moving as few as it can; the moves of carried slots.

    The first placement of a slot is written here; a move of a carried slot is for its cell to give (`Cell.give`).
    """
    held = {row.slot: row.cell for row in await journal.placed() if row.ref is None}
    moves = spread(held, cells)
    await journal.place_new({slot: now for slot, was, now in moves if not was})
    return [move for move in moves if move.was]


def spread(held: dict[int, str], cells: list[str]) -> list[Move]:
    """The fewest moves after which the shared slots lie on these cells, none with two more than another."""
    mine: dict[str, list[int]] = {cell: [] for cell in cells}
    homeless: list[int] = []
    for slot in range(SHARED_SLOTS):
        mine.get(held.get(slot, ""), homeless).append(slot)
    least, more = divmod(SHARED_SLOTS, len(cells))
    fullest = sorted(cells, key=lambda cell: -len(mine[cell]))  # who has more now keeps one more
    share = {cell: least + (place < more) for place, cell in enumerate(fullest)}
    spare = homeless + [slot for cell in cells for slot in mine[cell][share[cell] :]]
    room = [cell for cell in cells for _ in range(share[cell] - len(mine[cell]))]
    return [Move(slot, held.get(slot, ""), cell) for slot, cell in zip(spare, room, strict=True)]


async def allot(journal: Journal, refs: list[Ref]) -> list[Placed]:
    """Gives each dedicated actor that has none a slot and a cell of its own; the rows for all of `refs`."""
    rows = await _own(journal)
    for ref in refs:
        while ref not in rows:
            top = max([SHARED_SLOTS - 1, *(row.slot for row in rows.values())]) + 1
            # The slot makes the name unique: without it a/b-c and a-b/c would be one cell.
            cell = f"own-{ref.kind}-{ref.key.replace('/', '-')}-{top}"
            if await journal.place(top, None, cell, ref):
                rows[ref] = Placed(top, cell, ref)
            else:  # somebody else has just taken this slot, or given this actor another
                rows = await _own(journal)
    return [rows[ref] for ref in refs]


async def _own(journal: Journal) -> dict[Ref, Placed]:
    return {row.ref: row for row in await journal.placed() if row.ref is not None}
