"""Placement: spread evenly, moved little, compare-and-set, and slots of their own for dedicated actors."""

from collections import Counter

import pytest

from actors.engine.directory import Directory, NoSlot, allot, place
from actors.engine.journal import Placed
from actors.values import SHARED_SLOTS, Ref, shared_slot
from tests.actors.engine.world.memory import MemoryJournal, Tables

GATE, DESK = Ref("gate", "20042/north"), Ref("gate", "20042/south")


def loads(tables: Tables) -> Counter[str]:
    """How many slots each cell has."""
    return Counter(row.cell for row in tables.rows.values())


async def test_the_first_placement_spreads_all_slots_evenly() -> None:
    tables = Tables()
    assert await place(MemoryJournal(tables), ["cell-0", "cell-1", "cell-2"]) == []
    assert sorted(loads(tables).values()) == [341, 341, 342]
    assert len(tables.rows) == SHARED_SLOTS


async def test_the_same_cells_again_move_nothing() -> None:
    journal = MemoryJournal(Tables())
    await place(journal, ["cell-0", "cell-1"])
    assert await place(journal, ["cell-0", "cell-1"]) == []


@pytest.mark.parametrize(("before", "after"), [(2, 3), (3, 2), (1, 4), (4, 4)])
async def test_another_number_of_cells_moves_as_few_as_it_can(before: int, after: int) -> None:
    tables = Tables()
    journal = MemoryJournal(tables)
    await place(journal, [f"cell-{n}" for n in range(before)])
    then = dict(tables.rows)
    moves = await place(journal, [f"cell-{n}" for n in range(after)])
    assert tables.rows == then  # a carried slot is for its cell to give
    held = {slot: row.cell for slot, row in then.items()}
    assert all(held[slot] == was for slot, was, _ in moves)
    loads = Counter({**held, **{slot: now for slot, _, now in moves}}.values())
    most = -(-SHARED_SLOTS // after)
    assert len(loads) == after
    assert max(loads.values()) <= most
    if after > before:
        assert len(moves) == sum(n - most for n in Counter(held.values()).values())


async def test_a_dedicated_actor_gets_one_slot_for_ever() -> None:
    tables = Tables()
    journal = MemoryJournal(tables)
    (first,) = await allot(journal, [GATE])
    assert first == Placed(SHARED_SLOTS, "own-gate-20042-north-1024", GATE)
    both = await allot(journal, [DESK, GATE])
    assert both == [Placed(SHARED_SLOTS + 1, "own-gate-20042-south-1025", DESK), first]


async def test_cells_of_keys_that_read_alike_have_different_names() -> None:
    rows = await allot(MemoryJournal(Tables()), [Ref("gate", "a/b-c"), Ref("gate", "a-b/c")])
    assert len({row.cell for row in rows}) == 2


async def test_two_who_allot_at_once_agree() -> None:
    class Hasty(MemoryJournal):
        """Somebody else is quicker, once."""

        async def place(self, slot: int, was: str | None, cell: str, ref: Ref | None = None) -> bool:
            self.tables.rows.setdefault(SHARED_SLOTS, Placed(SHARED_SLOTS, "own-x", DESK))
            return await super().place(slot, was, cell, ref)

    (row,) = await allot(Hasty(Tables()), [GATE])
    assert row.slot == SHARED_SLOTS + 1


async def test_a_directory_knows_where_everybody_lives() -> None:
    tables = Tables()
    journal = MemoryJournal(tables)
    await place(journal, ["cell-0"])
    directory = Directory(frozenset({"gate"}))
    with pytest.raises(NoSlot):
        directory.slot_of(GATE)
    await allot(journal, [GATE])
    await directory.refresh(journal)
    assert directory.slot_of(GATE) == SHARED_SLOTS
    assert directory.slot_of(Ref("bay", "20042/1")) == directory.slot_of(Ref("lot", "20042")) == shared_slot("20042")
    assert directory.cell_of(shared_slot("20042")) == "cell-0"
    assert directory.cell_of(SHARED_SLOTS + 7) == ""
