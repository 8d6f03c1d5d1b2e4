"""The ledger made again from the first page of the journal, in memory, and held against the lines that are kept."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.engine.entries import Told
from storage.ledger.calendar import calendar
from storage.ledger.dates import Calendar
from storage.ledger.periods import LEDGER
from storage.ledger.proof import Broken
from storage.projections.checkpoints import refuse_if_gone
from storage.projections.forms import Happened
from storage.projections.ledger import LedgerLines, rows_of
from storage.schema.books import ledger_lines
from storage.schema.derived import projected
from storage.schema.engine import journal

PAGES_A_LOOK = 256

Decode = Callable[[bytes], Sequence[Told[Any]]]


async def again(engine: AsyncEngine, decode: Decode) -> list[Broken]:
    """Lines that are kept and would not be made so again, or would be and are not; `HistoryGone` if pages are gone."""
    here = (projected.c.projection == LEDGER) & (projected.c.seq > 0)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        await refuse_if_gone(connection, LEDGER)
        dates = await calendar(connection)
        places = await connection.execute(select(projected.c.slot, projected.c.seq).where(here))
        return [each for slot, seq in places.all() for each in await _slot(connection, decode, dates, slot, seq)]


async def _slot(connection: AsyncConnection, decode: Decode, dates: Calendar, slot: int, top: int) -> list[Broken]:
    made: set[tuple[Any, ...]] = set()
    for first in range(1, top + 1, PAGES_A_LOOK):
        last = min(top, first + PAGES_A_LOOK - 1)
        these = (journal.c.slot == slot) & journal.c.seq.between(first, last)
        for page in await connection.execute(select(journal.c.seq, journal.c.body).where(these)):
            made |= set(rows_of(_heard(slot, page.seq, decode(page.body)), dates))
    kept = {tuple(row) for row in await connection.execute(select(ledger_lines).where(ledger_lines.c.slot == slot))}
    missing = [Broken("made_again", _name(row), row[5], 0) for row in made - kept]
    return missing + [Broken("made_again", _name(row), 0, row[5]) for row in kept - made]


def _heard(slot: int, seq: int, told: Sequence[Told[Any]]) -> list[Happened]:
    facts = [(turn.ref, turn.at, fact) for turn in told for fact in turn.facts]
    return [Happened(slot, seq, nth, *each) for nth, each in enumerate(facts) if type(each[2]) in LedgerLines.hears]


def _name(row: tuple[Any, ...]) -> str:
    return f"{'-'.join(str(part) for part in row[:4])} {row[4]}"
