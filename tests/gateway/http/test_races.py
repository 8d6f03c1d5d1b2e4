"""Races for one stay over HTTP: of two payments at once one is taken, and the other is told why it was not."""

import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.schema.stays import session_payments
from tests.gateway.http.streets import Collector, Street

DUE_FEN = 500


async def taken(engine: AsyncEngine, session: str) -> tuple[int, int]:
    """How many payments a stay has, and how much they brought."""
    query = select(func.count(), func.sum(session_payments.c.fen)).where(session_payments.c.session == session)
    async with engine.connect() as connection:
        n, fen = (await connection.execute(query)).one()
    return int(n), int(fen or 0)


async def test_of_payments_of_one_stay_at_once_one_is_taken(street: Street, li: Collector, engine: AsyncEngine) -> None:
    await street.came("L0-0", 59)
    session = (await li.plate("L0-0", "川T11111")).json["session"]
    said = await asyncio.gather(*(li.pay(session, DUE_FEN, "cash", Idempotency_Key=f"race-{n}") for n in range(4)))
    assert sorted(each.status for each in said) == [200, 409, 409, 409]
    lost = {(each.code, each.json["details"]["refused"]) for each in said if each.status != 200}
    assert lost == {("refused", "nothing_due")}
    await street.told()
    assert await taken(engine, session) == (1, DUE_FEN)


async def test_a_payment_and_the_exit_at_once_leave_nothing_due(
    street: Street, li: Collector, engine: AsyncEngine
) -> None:
    await street.came("L0-0", 59)
    session = (await li.plate("L0-0", "川T22222")).json["session"]
    paid, left = await asyncio.gather(li.pay(session, DUE_FEN), li.leave("L0-0"))
    assert (paid.status, left.status) == (200, 200), (paid.json, left.json)
    lot, _, own = session.partition("/")
    stay = await li.get(f"sections/{lot}/stays/{own}")
    assert (stay["state"], stay["received_fen"], stay["due_fen"]) == ("paid", DUE_FEN, 0)
    assert await taken(engine, session) == (1, DUE_FEN)
