"""Placement: spread evenly, moved little, compare-and-set, and slots of their own for dedicated actors."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engine.directory import Directory, NoSlot, allot, place, spread
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


async def test_a_carried_slot_is_for_its_cell_to_give() -> None:
    tables = Tables()
    journal = MemoryJournal(tables)
    await place(journal, ["cell-0", "cell-1"])
    then = dict(tables.rows)
    assert len(await place(journal, ["cell-0", "cell-1", "cell-2"])) == 341
    assert tables.rows == then


CELLS = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=7, unique=True)


@given(st.integers(), CELLS, CELLS, st.floats(0, 1))
def test_slots_are_spread_evenly_with_as_few_moves_as_possible(
    seed: int, before: list[str], after: list[str], favour: float
) -> None:
    """From any placement, also a torn one: no cell has two more than another, and nobody could have moved fewer."""
    chance = Random(seed)
    held = {
        slot: before[0] if chance.random() < favour else chance.choice([*before, ""]) for slot in range(SHARED_SLOTS)
    }
    moves = spread({slot: cell for slot, cell in held.items() if cell}, after)
    assert len({move.slot for move in moves}) == len(moves)
    assert all(move.was == held[move.slot] != move.now for move in moves)
    loads = Counter({**held, **{move.slot: move.now for move in moves}}.values())
    assert set(loads) <= set(after)
    assert max(loads.values()) - min(loads[cell] for cell in after) <= 1
    assert len(moves) == fewest(Counter(held.values()), after)


def fewest(loads: Counter[str], cells: list[str]) -> int:
    """Every slot outside must move; of the others, what lies above the largest allowed shares, given to the fullest."""
    least, more = divmod(SHARED_SLOTS, len(cells))
    inside = sorted((loads[cell] for cell in cells), reverse=True)
    shares = [least + 1] * more + [least] * (len(cells) - more)
    surplus = sum(max(0, load - share) for load, share in zip(inside, shares, strict=True))
    return SHARED_SLOTS - sum(inside) + surplus


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
    assert directory.lacks(GATE)
    with pytest.raises(NoSlot):
        directory.slot_of(GATE)
    await allot(journal, [GATE])
    await directory.refresh(journal)
    assert directory.slot_of(GATE) == SHARED_SLOTS
    assert not directory.lacks(GATE)
    assert not directory.lacks(Ref("lot", "20042"))
    assert directory.slot_of(Ref("bay", "20042/1")) == directory.slot_of(Ref("lot", "20042")) == shared_slot("20042")
    assert directory.cell_of(shared_slot("20042")) == "cell-0"
    assert directory.cell_of(SHARED_SLOTS + 7) == ""
