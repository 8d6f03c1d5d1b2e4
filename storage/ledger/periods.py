"""Accounting periods: a month of business days is closed, and opened again, by somebody, for a reason that is kept."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.values import Micros
from storage.errors import Declined
from storage.ledger.calendar import CLOSE, calendar
from storage.ledger.dates import period_of
from storage.months import month_after
from storage.papers import Change, write_audit
from storage.reading import rows
from storage.rows import Row
from storage.schema.books import closings, ledger_lines
from storage.schema.derived import projected
from storage.session import now_us

LEDGER = "ledger"
"""The projection that writes the lines."""


class PeriodRow(Row, frozen=True):
    """A month of business days (202611), whether it takes lines, and who closed or opened it last, when and why."""

    period: int
    closed: bool = False
    times: int = 0
    """How often it was closed."""
    at_us: Micros | None = None
    who: str = ""
    why: str = ""


class Periods:
    """Where periods are closed and opened again; `Declined` for what cannot be done."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], Micros] = now_us) -> None:
        self._engine = engine
        self._now = now

    async def listed(self) -> list[PeriodRow]:
        """From the first month that has lines to the last, and all that were ever closed; newest first."""
        async with self._engine.connect() as connection:
            days = select(func.min(ledger_lines.c.business_date), func.max(ledger_lines.c.business_date))
            first, last = (await connection.execute(days)).one()
            known = {row.period: row for row in await rows(connection, _LAST, PeriodRow)}
        months = set(_months(period_of(first), period_of(last))) if first else set()
        return [known.get(month) or PeriodRow(month) for month in sorted(months | set(known), reverse=True)]

    async def close(self, period: int, who: str, why: str) -> PeriodRow:
        """No line is booked into this period any more; `period_not_over`, `period_closed`."""
        async with self._engine.begin() as connection:
            await connection.execute(CLOSE)
            now = self._now()
            if period_of((await calendar(connection)).day("", now)) <= period:
                raise Declined("period_not_over", "Its days are not over yet", period=str(period))
            before = await _last(connection, period)
            if before.closed:
                raise Declined("period_closed", "It is closed already", period=str(period))
            said = {"closed_us": now, "closed_by": who, "closed_why": why, "places": await places(connection)}
            await connection.execute(insert(closings).values(period=period, n=before.times + 1, **said))
            return await _audited(connection, "closed", period, who, why, now)

    async def reopen(self, period: int, who: str, why: str) -> PeriodRow:
        """Lines are booked into this period again; `period_open`."""
        async with self._engine.begin() as connection:
            await connection.execute(CLOSE)
            before, now = await _last(connection, period), self._now()
            if not before.closed:
                raise Declined("period_open", "It is open", period=str(period))
            said = {"reopened_us": now, "reopened_by": who, "reopened_why": why}
            this = (closings.c.period == period) & (closings.c.n == before.times)
            await connection.execute(
                update(closings).where(this).values(reopened_places=await places(connection), **said)
            )
            return await _audited(connection, "reopened", period, who, why, now)


_LAST = select(
    closings.c.period,
    closings.c.reopened_us.is_(None).label("closed"),
    closings.c.n.label("times"),
    func.coalesce(closings.c.reopened_us, closings.c.closed_us).label("at_us"),
    func.coalesce(closings.c.reopened_by, closings.c.closed_by).label("who"),
    func.coalesce(closings.c.reopened_why, closings.c.closed_why).label("why"),
).where(
    closings.c.n
    == select(func.max((again := closings.alias()).c.n)).where(again.c.period == closings.c.period).scalar_subquery()
)


async def places(connection: AsyncConnection) -> dict[str, int]:
    """How far the ledger is in each slot of the journal that has pages."""
    here = (projected.c.projection == LEDGER) & (projected.c.seq > 0)
    found = await connection.execute(select(projected.c.slot, projected.c.seq).where(here).order_by(projected.c.slot))
    return {str(row.slot): row.seq for row in found}


async def _last(connection: AsyncConnection, period: int) -> PeriodRow:
    found = await rows(connection, _LAST.where(closings.c.period == period), PeriodRow)
    return found[0] if found else PeriodRow(period)


async def _audited(connection: AsyncConnection, verb: str, period: int, who: str, why: str, now: Micros) -> PeriodRow:
    said: dict[str, Any] = {"why": why}
    await write_audit(connection, who, now, [Change(verb, f"period/{period}", None, said)])
    return await _last(connection, period)


def _months(first: int, last: int) -> Iterator[int]:
    while first <= last:
        yield first
        first = month_after(first)
