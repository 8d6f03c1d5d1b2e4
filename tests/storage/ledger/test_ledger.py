"""The ledger in a real database: what actors did, booked once, whatever the order; nothing in it can be changed."""

from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.session_facts import Priced, Received
from storage.ledger.again import again
from storage.ledger.books import About, Books
from storage.ledger.proof import LAWS, QUIET, invariants, prove
from storage.projections import Projector
from storage.projections.crew import HandOvers, Takings
from storage.projections.ledger import LedgerLines, Wallets
from storage.projections.sessions import SessionPayments, Sessions
from storage.schema.books import ledger_lines
from storage.schema.stays import sessions
from storage.stays import Stay
from tests.storage.books import Journal, decode
from tests.storage.stays import Act, Stays, acts, play

BOOKS = (LedgerLines(), Wallets(), Sessions(), SessionPayments(), Takings(), HandOvers())


def projector(engine: AsyncEngine) -> Projector:
    return Projector(engine, decode, BOOKS)


async def lines(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return sorted(tuple(row) for row in await connection.execute(select(ledger_lines)))


async def balances(engine: AsyncEngine) -> dict[str, int]:
    trial = await Books(engine).balances(About())
    return {row.account: row.balance_fen for row in trial.rows if row.balance_fen}


async def emptied(bare: asyncpg.Connection) -> None:
    """A world without facts; the lines' own law is not asked, which only the server's master may do."""
    names = ", ".join(each.name for kind in BOOKS for each in kind.tables)
    await bare.execute("SET session_replication_role = replica")
    await bare.execute(f"TRUNCATE journal, closings, {names}")
    await bare.execute("UPDATE projected SET seq = 0 WHERE seq > 0")
    await bare.execute("SET session_replication_role = DEFAULT")


async def test_a_stay_is_two_entries(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    stays = Stays()
    ref = stays.opened()
    stays.left(ref, 90)
    stays.paid(ref, 750)
    await Journal(bare).write(stays.turns)
    await projector(engine).catch_up()
    found = await Books(engine).lines(About(session=ref.key))
    assert [(row.fact, row.account, row.fen) for row in reversed(found)] == [
        ("Priced", "receivable", 750),
        ("Priced", "income:city/L0", -750),
        ("Received", "cash:li", 750),
        ("Received", "receivable", -750),
    ]
    assert {(row.session, row.lot, row.operator) for row in found} == {(ref.key, "L0", "city")}
    assert not (await prove(engine, quiet=True)).broken


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts(stays=4, most=24))
async def test_whatever_happens_the_laws_hold(engine: AsyncEngine, bare: asyncpg.Connection, script: list[Act]) -> None:
    """Real sessions through anything: each is booked as it says itself, and from nothing it comes out the same."""
    await emptied(bare)
    stays, journal = Stays(), Journal(bare)
    play(stays, script)
    half = len(stays.turns) // 2
    await journal.write(stays.turns[:half])
    await projector(engine).catch_up()
    await journal.write(stays.turns[half:])
    project = projector(engine)
    await project.catch_up()
    assert (await prove(engine)).broken == []
    assert await again(engine, decode) == []
    async with engine.connect() as connection:
        rows = {row[0]: Stay(*row) for row in await connection.execute(select(sessions))}
    for ref, actor in stays.actors.items():
        if ref.kind != "session":
            continue
        face, row = stays.session(ref).face(), rows[ref.key]
        said = (face.state, face.plate, face.charge_fen, face.off_fen, face.received_fen, face.due_fen, face.flags)
        kept = (row.state, row.plate, row.charge_fen, row.off_fen, row.received_fen, row.due_fen)
        assert (*kept, tuple(row.flags.split())) == said, actor
        assert (row.entry_us, row.exit_us, row.arrears_fen) == (
            face.entry_us,
            face.exit_us,
            stays.session(ref).arrears_fen,
        )
    before = await lines(engine)
    await project.rebuild("ledger")
    await project.rebuild("sessions")
    await project.catch_up()
    assert await lines(engine) == before
    async with engine.connect() as connection:
        assert {row[0]: Stay(*row) for row in await connection.execute(select(sessions))} == rows


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_lines SET fen = 0", "DELETE FROM ledger_lines", "TRUNCATE ledger_lines"]
)
async def test_nobody_changes_a_line(engine: AsyncEngine, bare: asyncpg.Connection, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await bare.execute(change)


async def test_the_database_refuses_what_does_not_sum_to_zero(bare: asyncpg.Connection) -> None:
    add = "INSERT INTO ledger_lines VALUES (1, $1, 0, $2, $3, $4, 'x', 0, '2026-11-26', NULL, '', '', '', '', '')"
    with pytest.raises(asyncpg.CheckViolationError):
        await bare.execute(add, 1, 0, "bank", 5)
    await bare.execute(
        "INSERT INTO ledger_lines SELECT 1, 1, 0, n, 'bank', fen, 'x', 0, DATE '2026-11-26', NULL, '', '', '', '', ''"
        " FROM unnest(ARRAY[0, 1], ARRAY[5, -5]) AS new(n, fen)"
    )


async def test_a_proof_finds_what_is_wrong(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    """One fact that lies about what it changed, and lines that somebody made by hand."""
    stays = Stays()
    ref = stays.opened()
    stays.left(ref, 90)
    stays.paid(ref, 750)
    for turn in stays.turns:
        for n, fact in enumerate(turn[2]):
            if isinstance(fact, Priced):
                turn[2][n] = Priced(750, (), 700, (), *(getattr(fact, name) for name in fact.__struct_fields__[4:]))
    await Journal(bare).write(stays.turns)
    await projector(engine).catch_up()
    broken = (await prove(engine)).broken
    assert {(each.law, each.what.split()[-1], each.should_fen, each.is_fen) for each in broken} == {
        ("stay_as_booked", "charge", 750, 700),
        ("stay_as_booked", "open", 0, -50),
    }
    await bare.execute(
        "INSERT INTO ledger_lines SELECT 1, 1, 0, n, account, fen, 'x', 0, DATE '2026-11-26', NULL, '', '', '', '', ''"
        " FROM unnest(ARRAY[0, 1], ARRAY['wallet:anna', 'clearing'], ARRAY[5, -5]) AS new(n, account, fen)"
    )
    laws = {each.law for each in (await prove(engine, quiet=True)).broken}
    assert laws == {"stay_as_booked", "wallet_never_below_zero", "clearing_is_zero"}
    assert [each.what for each in await again(engine, decode)] == []


async def test_money_that_two_actors_tell_each_other_meets_in_clearing(
    engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    stays = Stays()
    ref = stays.opened()
    stays.left(ref, 90)
    stays.paid(ref, 750, "p9", "wechat")
    await Journal(bare).write(stays.turns)
    await projector(engine).catch_up()
    (broken,) = (await prove(engine, quiet=True)).broken
    assert (broken.law, broken.what, broken.is_fen) == ("clearing_is_zero", "p9", 750)
    assert any(isinstance(fact, Received) for _, _, facts in stays.turns for fact in facts)


async def test_a_day_s_invariants_are_sentences(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    """Nothing to say of a stay paid in cash; a projector that sleeps and a collector who hides money are told."""
    stays = Stays()
    ref = stays.opened()
    stays.left(ref, 90)
    stays.paid(ref, 750)
    await Journal(bare).write(stays.turns)
    await projector(engine).catch_up()
    async with engine.connect() as connection:
        assert await invariants(connection) == []
    await bare.execute("UPDATE takings SET fen = 700")
    await bare.execute("UPDATE projected SET seq = 0 WHERE projection = 'wallets'")
    async with engine.connect() as connection:
        assert await invariants(connection) == [
            "wallets lacks pages of 2 slots",
            "cash_as_its_collector_says: li should be 700 fen and is 750",
        ]


@pytest.mark.parametrize(
    "script",
    [[(0, "offline", 80)], [(0, "plate", 1), (0, "leave", 90), (0, "write_off", 1)]],
    ids=["owed_back", "bad_debt"],
)
async def test_what_nobody_claims_and_what_is_given_up_is_explained(
    engine: AsyncEngine, bare: asyncpg.Connection, script: list[Act]
) -> None:
    stays = Stays()
    play(stays, script)
    await Journal(bare).write(stays.turns)
    await projector(engine).catch_up()
    assert (await balances(engine)).keys() & {"owed_back", "bad_debt"}
    assert (await prove(engine, quiet=True)).broken == []


BREACHES = {
    "refunds_at_most_paid": "UPDATE session_payments SET returned_fen = 751",
    "charged_is_accounted_for": "UPDATE session_payments SET fen = 749",
    "stay_as_booked": "UPDATE sessions SET arrears_fen = 1",
    "wallet_as_its_actor_says": "INSERT INTO wallets VALUES ('anna', 0, 7, 1, 1, 0)",
    "wallet_never_below_zero": """
        INSERT INTO ledger_lines
        SELECT 1, 1, 0, n, account, fen, 'x', 0, DATE '2026-11-26', NULL, '', '', '', '', ''
        FROM unnest(ARRAY[0, 1], ARRAY['wallet_gift:anna', 'gifts_given'], ARRAY[5, -5]) AS new(n, account, fen)
    """,
    "owner_gets_at_most_what_came": """
        INSERT INTO ledger_lines
        SELECT 1, 1, 0, n, account, fen, 'OwnerShared', 0, DATE '2026-11-26', NULL, '', '', 'L0/L0-0-1', '', ''
        FROM unnest(ARRAY[0, 1], ARRAY['merchants:owen', 'bank'], ARRAY[-751, 751]) AS new(n, account, fen)
    """,
    "clearing_is_zero": """
        INSERT INTO ledger_lines
        SELECT 1, 1, 0, n, account, fen, 'x', 0, DATE '2026-11-26', NULL, '', '', '', 'p7', ''
        FROM unnest(ARRAY[0, 1], ARRAY['clearing', 'bank'], ARRAY[5, -5]) AS new(n, account, fen)
    """,
    "cash_as_its_collector_says": "DELETE FROM takings",
    "entry_is_zero": """
        SET session_replication_role = replica;
        INSERT INTO ledger_lines VALUES
        (1, 1, 0, 0, 'bank', 5, 'x', 0, DATE '2026-11-26', NULL, '', '', '', '', '')
    """,
}
"""Law → what breaks it, as a mistake in the code or a hand in the database would."""


def test_every_law_is_known_to_be_breakable() -> None:
    assert set(BREACHES) == {*LAWS, *QUIET}


@pytest.mark.parametrize("law", BREACHES)
async def test_each_law_sees_what_breaks_it(engine: AsyncEngine, bare: asyncpg.Connection, law: str) -> None:
    stays = Stays()
    ref = stays.opened()
    stays.left(ref, 90)
    stays.paid(ref, 750)
    await Journal(bare).write(stays.turns)
    await projector(engine).catch_up()
    await bare.execute(BREACHES[law])
    assert law in {each.law for each in (await prove(engine, quiet=True)).broken}
