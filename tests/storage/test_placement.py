"""How a world carries its actors is decided once."""

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.placement import decided


async def test_the_first_decision_stands_and_a_new_kind_is_decided_later(engine: AsyncEngine) -> None:
    first = {"bay": "dedicated", "lot": "packed"}
    assert await decided(engine, first) == first
    assert await decided(engine, {"bay": "packed", "lot": "packed"}) == first
    assert await decided(engine, {"bay": "packed", "gate": "dedicated"}) == {**first, "gate": "dedicated"}
