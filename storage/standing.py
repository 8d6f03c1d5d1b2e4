"""How a world's tables stand: how far projections are behind, what waits for somebody, how much room they take."""

from collections import deque
from collections.abc import Callable
from typing import Annotated

import msgspec
from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.engine.gauges import figure
from actors.values import MINUTE_US, SECOND_US, Micros
from storage.database import SERVER_US
from storage.schema.engine import outside, parked
from storage.schema.notices import notices
from storage.schema.records import outbox
from storage.schema.running import jobs
from storage.session import now_us

GROWTH_US: Micros = 10 * MINUTE_US
_BEHIND = text("""
    WITH place AS (SELECT DISTINCT slot, seq FROM projected), late AS (
        SELECT place.slot, place.seq, top.seq - place.seq AS pages, (
            SELECT at FROM journal WHERE journal.slot = place.slot AND journal.seq > place.seq ORDER BY seq LIMIT 1
        ) AS at
        FROM place CROSS JOIN LATERAL (
            SELECT seq FROM journal WHERE journal.slot = place.slot ORDER BY seq DESC LIMIT 1
        ) AS top
        WHERE top.seq > place.seq
    )
    SELECT projection, coalesce(sum(pages), 0)::bigint, min(at)
    FROM projected LEFT JOIN late USING (slot, seq) GROUP BY projection
""")
_SIZES = text("""
    SELECT coalesce(pg_partition_root(class.oid)::oid, class.oid)::regclass::text,
           sum(pg_total_relation_size(class.oid))::bigint
    FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
    WHERE space.nspname = current_schema() AND class.relkind = 'r'
    GROUP BY 1
""")

_ERRANDS = select(func.count(), func.min(outside.c.at)).select_from(outside)
_NOTICES = select(func.count(), func.min(notices.c.at_us)).where(notices.c.state == "waiting")
# By the clock by which runs are due.
_JOBS = select(func.count(), func.max(SERVER_US - jobs.c.due_us)).where(jobs.c.due_us <= SERVER_US)


class StoreGauges(msgspec.Struct, kw_only=True):
    """How the world's tables stand, as one gateway last saw them."""

    behind_pages: Annotated[dict[str, int], figure("Pages of the journal not yet taken", "projection")] = {}
    behind_seconds: Annotated[dict[str, float], figure("Age of the oldest page not yet taken", "projection")] = {}
    parked_messages: Annotated[int, figure("Messages set aside that staff have not settled")] = 0
    undelivered_orders: Annotated[int, figure("Orders of the register that no actor has taken yet")] = 0
    waiting_errands: Annotated[
        int, figure("What actors asked of the outside and have no answer to, under way or waiting for an envoy")
    ] = 0
    oldest_errand_seconds: Annotated[float, figure("Age of the oldest of what actors asked of the outside")] = 0.0
    waiting_notices: Annotated[int, figure("Notices to people that are not sent yet")] = 0
    oldest_notice_seconds: Annotated[float, figure("Age of the oldest notice that is not sent yet")] = 0.0
    late_jobs: Annotated[int, figure("Jobs whose run is due and not made yet")] = 0
    late_job_seconds: Annotated[float, figure("Time since the longest due of these runs was due")] = 0.0
    table_bytes: Annotated[
        dict[str, int], figure("Room that a table takes, indexes and partitions included", "table")
    ] = {}
    world_bytes: Annotated[int, figure("Room that all tables of the world take")] = 0
    grown_bytes: Annotated[
        int, figure("By how much the world grew within the last ten minutes, or since the start")
    ] = 0
    grown_seconds: Annotated[float, figure("Time within which it grew by that much")] = 0.0
    unread_seconds: Annotated[float, figure("Time since these figures of the tables were read")] = 0.0


class Standing:
    """Looks at the tables when asked and remembers what it saw."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], Micros] = now_us) -> None:
        self._engine = engine
        self._now = now
        self._sizes: deque[tuple[Micros, int]] = deque()
        self._seen = StoreGauges()
        self._read: Micros = now()

    async def look(self) -> None:
        """Reads all figures anew."""
        async with self._engine.connect() as connection:
            now = self._now()
            behind = [tuple(row) for row in await connection.execute(_BEHIND)]
            sizes = {str(row[0]): int(row[1]) for row in await connection.execute(_SIZES)}
            errands, errand = await _waiting(connection, _ERRANDS)
            unsent, notice = await _waiting(connection, _NOTICES)
            late, late_us = await _waiting(connection, _JOBS)
            seen = StoreGauges(
                behind_pages={name: pages for name, pages, _ in behind},
                behind_seconds={name: _age_s(now, at) for name, _, at in behind},
                parked_messages=await _count(connection, select(func.count()).where(parked.c.done_at.is_(None))),
                undelivered_orders=await _count(connection, select(func.count()).where(~outbox.c.delivered)),
                waiting_errands=errands,
                oldest_errand_seconds=_age_s(now, errand),
                waiting_notices=unsent,
                oldest_notice_seconds=_age_s(now, notice),
                late_jobs=late,
                late_job_seconds=(late_us or 0) / SECOND_US,
                table_bytes=sizes,
                world_bytes=sum(sizes.values()),
            )
        self._grown(seen, now)
        self._seen, self._read = seen, now

    def _grown(self, seen: StoreGauges, now: Micros) -> None:
        self._sizes.append((now, seen.world_bytes))
        while self._sizes[0][0] < now - GROWTH_US:
            self._sizes.popleft()
        then, size = self._sizes[0]
        seen.grown_bytes, seen.grown_seconds = seen.world_bytes - size, (now - then) / SECOND_US

    def gauges(self) -> StoreGauges:
        """What was seen last, and how long ago that was."""
        self._seen.unread_seconds = max(0, self._now() - self._read) / SECOND_US
        return self._seen


async def _count(connection: AsyncConnection, query: object) -> int:
    return int((await connection.execute(query)).scalar_one())  # type: ignore[call-overload]


async def _waiting(connection: AsyncConnection, query: Select[int, Micros | None]) -> tuple[int, Micros | None]:
    """How many wait, and of the one that has waited longest since when, or how long."""
    count, longest = (await connection.execute(query)).one()
    return int(count), longest


def _age_s(now: Micros, at: Micros | None) -> float:
    return max(0, now - at) / SECOND_US if at else 0.0
