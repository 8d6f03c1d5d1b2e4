"""Errands in PostgreSQL: kept once, held by one owner at a time, rested after an error, gone when answered."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.journal import Errand
from actors.values import Ref
from storage.journal import PostgresJournal
from storage.outside import ERROR_MOST, HeldErrand, Outside
from tests.storage.conftest import Home

LONG_S, PAST_S = 600.0, -1.0
PORTS = {"scale"}


def errand(n: int, port: str = "scale") -> Errand:
    """The n-th request of slot 7."""
    return Errand(7, n, 1, Ref("account", "a/b:c"), port, b"%d" % n)


@pytest.fixture
async def journal(home: Home) -> PostgresJournal:
    """A cell's journal, with three errands of one port and one of another."""
    journal = PostgresJournal(*home, name="cell-0")
    await journal.ask([errand(3), errand(1), errand(2), errand(4, "printer")])
    await journal.close()
    return journal


async def numbers(owner: Outside, most: int = 10, lease_s: float = LONG_S) -> list[int]:
    """Which errands this owner gets."""
    return [held.n for held in await owner.claim(PORTS, most, lease_s)]


@pytest.mark.usefixtures("journal")
async def test_each_is_held_by_one_owner_until_its_lease_runs_out(engine: AsyncEngine) -> None:
    one, two = Outside(engine, "one"), Outside(engine, "two")
    (first,) = await one.claim(PORTS, 1, PAST_S)
    assert first == HeldErrand(7, 1, Ref("account", "a/b:c"), "scale", b"1", 1)
    assert await numbers(two, most=2) == [2, 3]
    (again,) = await two.claim(PORTS, 10, LONG_S)
    assert (again.n, again.tries) == (1, 2)
    assert await numbers(one) == []


@pytest.mark.usefixtures("journal")
async def test_a_lease_is_renewed_by_its_owner_only(engine: AsyncEngine) -> None:
    one, two = Outside(engine, "one"), Outside(engine, "two")
    assert await numbers(one, lease_s=PAST_S) == [1, 2, 3]
    await one.renew([(7, 1)], LONG_S)
    await two.renew([(7, 2)], LONG_S)
    assert await numbers(two) == [2, 3]


@pytest.mark.usefixtures("journal")
async def test_what_failed_rests_with_its_error_and_what_was_taken_over_is_left_alone(
    engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    one, two = Outside(engine, "one"), Outside(engine, "two")
    await numbers(one, lease_s=PAST_S)
    await one.failed((7, 1), "x" * 2 * ERROR_MOST, LONG_S)
    assert await numbers(two) == [2, 3]
    await one.failed((7, 2), "too late", PAST_S)
    assert await numbers(one) == []
    rows = await bare.fetch("SELECT tries, error, owner FROM outside WHERE n < 3 ORDER BY n")
    assert [tuple(row) for row in rows] == [(1, "x" * ERROR_MOST, ""), (2, "", "two")]


@pytest.mark.usefixtures("journal")
async def test_what_is_answered_is_gone_whoever_holds_it(engine: AsyncEngine) -> None:
    one, two = Outside(engine, "one"), Outside(engine, "two")
    await numbers(one)
    await two.answered((7, 2))
    await two.answered((7, 2))
    await one.renew([(7, 1), (7, 2), (7, 3)], PAST_S)
    assert await numbers(two) == [1, 3]


async def test_the_same_errand_again_changes_nothing(
    engine: AsyncEngine, journal: PostgresJournal, bare: asyncpg.Connection
) -> None:
    await numbers(Outside(engine, "one"))
    await journal.ask([errand(1), errand(2), errand(5)])
    assert await numbers(Outside(engine, "two")) == [5]
    assert await bare.fetchval("SELECT count(*) FROM outside") == 5
    await journal.close()


async def test_a_row_that_somebody_is_just_claiming_is_skipped(
    engine: AsyncEngine, journal: PostgresJournal, bare: asyncpg.Connection
) -> None:
    async with bare.transaction():
        await bare.execute("SELECT * FROM outside WHERE n = 1 FOR UPDATE")
        assert await numbers(Outside(engine, "one"), most=1) == [2]
    assert await numbers(Outside(engine, "two")) == [1, 3]
