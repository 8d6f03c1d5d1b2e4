"""The fence across a month's end, on a real server: whoever writes a page, it is filed where its rival looks."""

import asyncio

import asyncpg
import pytest

from actors.engine.catalogue import Catalogue
from actors.engine.eras import following, month_of
from actors.engine.flight import Flight, Group
from actors.engine.journal import Duplicate, Head, Page, Stretch
from actors.engine.slot import Slot
from actors.kinds import KINDS, PORTS
from actors.values import DAY_US, SECOND_US, Micros
from storage.journal import PostgresJournal
from storage.months import begin_of, month_after
from storage.session import connect
from tests.storage.conftest import Home
from tests.storage.test_journal import until_somebody_waits

NOVEMBER = begin_of(202611)
BEFORE, AFTER = NOVEMBER - SECOND_US, NOVEMBER + SECOND_US
CATALOGUE = Catalogue(KINDS, PORTS)
BODY = b"\x90"


def test_months_are_numbered_and_follow_each_other() -> None:
    assert [month_of(NOVEMBER - 1), month_of(NOVEMBER), month_after(202612)] == [202610, 202611, 202701]
    assert following(202611, BEFORE) == 202611, "an era never falls"
    assert all(begin_of(month_of(day * DAY_US)) <= day * DAY_US for day in range(20_000, 21_000))


def rivals_page(lease: int, at: Micros) -> Page:
    """The second page of slot 7 as a process writes it that has read the first one, at its own time."""
    slot = Slot(7, CATALOGUE.thaw)
    slot.seq, slot.era, slot.at = 1, month_of(BEFORE), at
    flight = Flight(1, Group())
    flight.add(slot, lease, slot.era, BODY)
    return flight.pages[0]


@pytest.fixture
async def begun(journal: PostgresJournal, bare: asyncpg.Connection) -> PostgresJournal:
    """Slot 7 has one page, written a second before the month's end; both months are there."""
    assert await journal.open([7], 1, 1, BEFORE, BODY, month_of(BEFORE)) == {7: 1}
    return journal


@pytest.mark.parametrize(("first", "second"), [(BEFORE, AFTER), (AFTER, BEFORE)])
async def test_of_two_commits_on_both_sides_of_a_months_end_one_is_refused(
    first: Micros,
    second: Micros,
    begun: PostgresJournal,
    other: PostgresJournal,
) -> None:
    await begun.append([rivals_page(1, first)])
    with pytest.raises(Duplicate):
        await other.append([rivals_page(2, second)])
    assert await begun.heads([7]) == {7: Head(2, 1, 1)}


@pytest.mark.parametrize("opened_first", [True, False])
@pytest.mark.parametrize(("commits", "opens"), [(BEFORE, AFTER), (AFTER, BEFORE)])
async def test_of_a_commit_and_an_opening_on_both_sides_one_is_fenced(
    opened_first: bool,
    commits: Micros,
    opens: Micros,
    begun: PostgresJournal,
    other: PostgresJournal,
) -> None:
    mine = rivals_page(1, commits)
    if opened_first:
        assert await other.open([7], 2, 1, opens, BODY, month_of(opens)) == {7: 2}
        with pytest.raises(Duplicate):
            await begun.append([mine])
    else:
        await begun.append([mine])
        assert await other.open([7], 2, 1, opens, BODY, month_of(opens)) == {7: 3}
        last = (await begun.read([Stretch(7, 1, 3)]))[7]
        assert [page.era for page in last] == [202610, mine.next_era]
        assert last[1].next_era == month_of(max(commits, opens))


async def test_an_opening_waits_for_the_commit_in_progress_in_another_month(
    home: Home,
    begun: PostgresJournal,
    other: PostgresJournal,
    bare: asyncpg.Connection,
) -> None:
    first = await connect(*home, "first")
    transaction = first.transaction()
    await transaction.start()
    mine = rivals_page(1, BEFORE)
    await first.copy_records_to_table("journal", schema_name=home.world, columns=list(Page._fields), records=[mine])
    opening = asyncio.create_task(other.open([7], 2, 1, AFTER, BODY, month_of(AFTER)))
    await until_somebody_waits(bare)
    await transaction.commit()
    with pytest.raises(Duplicate):
        await opening
    assert await other.heads([7]) == {7: Head(2, 1, 1)}
    await first.close()
