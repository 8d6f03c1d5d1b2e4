"""The books in the database: a stay's facts become lines, and nobody writes, changes or removes anything else."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.projections import PROJECTIONS, Projector
from tests.actors.kinds.one_bay import STAY, hand, stay, street
from tests.storage.test_projections import CATALOGUE, page, write

LINE = (
    "INSERT INTO ledger_lines (slot, seq, nth, line, account, fen, fact, occurred_us, business_date, operator, lot, "
    "session, payment, owner) SELECT 9, 9, 0, n, 'a' || n, fen, 'Priced', 1, '2026-06-01', '', '', '', '', '' "
    "FROM unnest($1::bigint[]) WITH ORDINALITY AS said (fen, n)"
)


async def test_a_stay_that_was_paid_leaves_income_and_cash(bare: asyncpg.Connection, engine: AsyncEngine) -> None:
    world = stay(street(), 40)
    hand(world, "p1", 500, 41)
    await write(bare, page(7, 1, (STAY, 100, world.facts[STAY])))
    projector = Projector(engine, CATALOGUE.decode_told, PROJECTIONS)
    await projector.catch_up()
    await projector.rebuild("ledger")
    await projector.catch_up()
    rows = await bare.fetch("SELECT account, sum(fen) AS fen, count(*) AS n FROM ledger_lines GROUP BY account")
    found = {row["account"]: (int(row["fen"]), row["n"]) for row in rows}
    assert found == {"receivable": (0, 2), "income:north/7": (-500, 1), "cash:c1": (500, 1)}
    states = await bare.fetch("SELECT state, plate, charge_fen, due_fen FROM sessions")
    assert [tuple(row) for row in states] == [("paid", "京A12345", 500, 0)]


async def test_an_entry_that_does_not_sum_to_zero_is_refused(bare: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await bare.execute(LINE, [500, -499])
    assert await bare.fetchval("SELECT count(*) FROM ledger_lines") == 0
    await bare.execute(LINE, [500, -500])
    assert await bare.fetchval("SELECT count(*) FROM ledger_lines") == 2


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_lines SET fen = 2 * fen", "DELETE FROM ledger_lines", "TRUNCATE ledger_lines"]
)
async def test_what_is_written_stays(bare: asyncpg.Connection, change: str) -> None:
    await bare.execute(LINE, [500, -500])
    with pytest.raises(asyncpg.RestrictViolationError):
        await bare.execute(change)
    assert await bare.fetchval("SELECT sum(abs(fen)) FROM ledger_lines") == 1000
