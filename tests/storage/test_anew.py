"""The comparison with tables folded anew sees what a projector that takes a page twice, or not at all, would leave."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.bay import Freed, Shown, Taken
from actors.messages.device import Heard
from storage.projections import PROJECTIONS, Projector
from tests.anew import SHOWN_MOST, comes_out_the_same
from tests.storage.conftest import Home
from tests.storage.test_projections import BAY, CATALOGUE, DEVICE, LOT, counted, page, write

AGAIN = "UPDATE projected SET seq = 1 WHERE projection = '{}' AND slot = 7"
"""As if a projector had died when the rows of page 2 were stored and its place was not."""
WRONG = {
    "occupancy taken twice": (AGAIN.format("occupancy"), ["occupancy: 4 rows differ", "only live: place='city'"]),
    "counts taken twice": (AGAIN.format("lot_counts"), ["lot_counts: 3 rows differ", "state='occupied', n=2"]),
    "a device heard twice": (AGAIN.format("device_states"), ["device_states: 2 rows differ", "only from page 1: devi"]),
    "a passage doubled": (
        "INSERT INTO passages SELECT fact_slot, 9, fact_index, at, verb, bay_id, lot_id, since_us, device_id,"
        " device_us, received_us, first FROM passages WHERE verb = 'taken'",
        ["passages: 1 rows differ", "only live: fact_slot=7, fact_seq=9"],
    ),
    "a passage lost": (
        "DELETE FROM passages WHERE verb = 'freed'",
        ["passages: 1 rows differ", "only from page 1: fact_slot=7, fact_seq=1"],
    ),
}


@pytest.fixture
async def live(engine: AsyncEngine, bare: asyncpg.Connection) -> Projector:
    """Two pages of one slot, taken in two rounds."""
    projector = Projector(engine, CATALOGUE.decode_told, PROJECTIONS)
    freed = (BAY, 100, [Freed(90, "d", 91, 95, 0), Shown("free", 100)])
    taken = (BAY, 200, [Taken(190, "d", 191, 195), Shown("occupied", 200)])
    await write(bare, page(7, 1, freed, (LOT, 100, [counted("", "free")])))
    await projector.catch_up()
    await write(bare, page(7, 2, taken, (LOT, 200, [counted("free", "occupied")]), (DEVICE, 200, [Heard(1, 2, 3, 1)])))
    await projector.catch_up()
    return projector


async def test_what_was_taken_once_comes_out_the_same(
    live: Projector, home: Home, engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    """And the live world is not touched, nor is anything left beside it."""
    assert await bare.fetchval("SELECT count(*) FROM lot_counts") == 2, "one row says that nothing is free any more"
    await comes_out_the_same(*home, CATALOGUE.decode_told)
    assert await bare.fetchval("SELECT count(*) FROM passages") == 2
    assert not await bare.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname LIKE $1", f"{home.world}\\_%")


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_was_not_differs_and_is_named(
    live: Projector, home: Home, engine: AsyncEngine, bare: asyncpg.Connection, wrong: str
) -> None:
    what, says = WRONG[wrong]
    await bare.execute(what)
    await Projector(engine, CATALOGUE.decode_told, PROJECTIONS).catch_up()
    with pytest.raises(AssertionError) as found:
        await comes_out_the_same(*home, CATALOGUE.decode_told)
    message = str(found.value)
    assert all(each in message for each in says), message
    assert message.count("rows differ") == 1, "all others are the same"


async def test_of_many_rows_some_are_shown(live: Projector, home: Home, bare: asyncpg.Connection) -> None:
    await bare.execute(
        "INSERT INTO device_states SELECT n::text, 'L0', 1, 1, 1, 0, 0, 0, NULL, 0 FROM generate_series(1, 30) AS n"
    )
    with pytest.raises(AssertionError, match=f"device_states: 30 rows differ(.|\n)*and {30 - SHOWN_MOST} more"):
        await comes_out_the_same(*home, CATALOGUE.decode_told)
