"""How a world carries its actors is decided once; each gets one slot; one at a time moves them."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.directory import allot
from actors.values import Ref
from storage.journal import PostgresJournal
from storage.placement import decided, moving
from tests.storage.conftest import Home


async def test_the_first_decision_stands_and_a_new_kind_is_decided_later(engine: AsyncEngine) -> None:
    first = {"bay": "dedicated", "lot": "packed"}
    assert await decided(engine, first) == first
    assert await decided(engine, {"bay": "packed", "lot": "packed"}) == first
    assert await decided(engine, {"bay": "packed", "gate": "dedicated"}) == {**first, "gate": "dedicated"}


async def test_an_actor_gets_one_slot_however_many_give_it_one(home: Home) -> None:
    journals = [PostgresJournal(*home, name=f"gateway-{n}") for n in range(3)]
    lot, bays = Ref("lot", "a"), [Ref("bay", f"a/{n}") for n in range(8)]
    wanted = [[lot, *bays], [*reversed(bays)], [bays[3], lot, *bays]]
    given = await asyncio.gather(*[allot(journal, refs) for journal, refs in zip(journals, wanted, strict=True)])
    table = await journals[0].placed()
    assert sorted(str(row.ref) for row in table) == sorted(map(str, [lot, *bays]))
    for rows, refs in zip(given, wanted, strict=True):
        assert [row.ref for row in rows] == refs
        assert set(rows) <= set(table)
    for journal in journals:
        await journal.close()


async def test_one_moves_slots_of_a_world_at_a_time(engine: AsyncEngine) -> None:
    async with moving(engine, "here") as first, moving(engine, "here") as second, moving(engine, "there") as other:
        assert (first, second, other) == (True, False, True)
    async with moving(engine, "here") as again:
        assert again
