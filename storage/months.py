"""Tables that only grow are kept in parts, a month each: made ahead, and dropped whole when their time is over.

What belongs to no month that is there (a slot's first page, a clock gone wild) lies in the part `…_rest`, so that
nothing is ever refused.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.engine.eras import month_of
from actors.values import SECOND_US, Micros

AHEAD = 1
"""Months that are made before they begin."""


class Monthly(NamedTuple):
    """A table in parts by month: the column that says which, and whether as a month's number or as an instant."""

    table: str
    column: str
    numbered: bool = False

    def bound(self, month: int) -> int:
        """The least value of the column in this month."""
        return month if self.numbered else begin_of(month)

    def part(self, month: int) -> str:
        """The table that holds this month."""
        return f"{self.table}_{month}"

    @property
    def rest(self) -> str:
        """The table that holds what lies in no month."""
        return f"{self.table}_rest"


JOURNAL = Monthly("journal", "era", numbered=True)
FRAMES = Monthly("frames", "received_us")
PASSAGES = Monthly("passages", "at")
MONTHLY = (JOURNAL, FRAMES, PASSAGES)

_PARTS = text("""
    SELECT child.relname FROM pg_inherits
    JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = to_regclass(:table)
""")


def begin_of(month: int) -> Micros:
    """The first instant of a month (UTC)."""
    return int(datetime(month // 100, month % 100, 1, tzinfo=UTC).timestamp()) * SECOND_US


def month_after(month: int) -> int:
    """The next month."""
    return month + 1 if month % 100 < 12 else month + 89


def months_from(now: Micros, ahead: int = AHEAD) -> Iterator[int]:
    """The month of this instant, and so many after it."""
    month = month_of(now)
    for _ in range(ahead + 1):
        yield month
        month = month_after(month)


async def parts(connection: AsyncConnection, monthly: Monthly) -> list[int]:
    """The months that have a part, in order."""
    found = (await connection.execute(_PARTS, {"table": monthly.table})).scalars()
    return sorted(int(month) for name in found if (month := name.removeprefix(f"{monthly.table}_")).isdigit())


async def make_months(connection: AsyncConnection, now: Micros) -> list[str]:
    """Makes the parts of this month and the coming ones that are not there; what was made."""
    made = []
    for monthly in MONTHLY:
        known = set(await parts(connection, monthly))
        for month in months_from(now):
            if month not in known:
                await _make(connection, monthly, month)
                made.append(monthly.part(month))
    return made


async def _make(connection: AsyncConnection, monthly: Monthly, month: int) -> None:
    """A part, with what came for it while it was not there."""
    table, part, column = monthly.table, monthly.part(month), monthly.column
    low, high = monthly.bound(month), monthly.bound(month_after(month))
    statements = (
        f"CREATE TABLE {part} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"WITH came AS (DELETE FROM {monthly.rest} WHERE {column} >= {low} AND {column} < {high} RETURNING *) "  # noqa: S608
        f"INSERT INTO {part} SELECT * FROM came",
        f"ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({low}) TO ({high})",
    )
    for statement in statements:
        await connection.execute(text(statement))


async def drop_months(connection: AsyncConnection, monthly: Monthly, last: int) -> list[str]:
    """Drops all parts up to this month; what went."""
    gone = [monthly.part(month) for month in await parts(connection, monthly) if month <= last]
    for part in gone:
        await connection.execute(text(f"ALTER TABLE {monthly.table} DETACH PARTITION {part}"))
        await connection.execute(text(f"DROP TABLE {part}"))
    return gone
