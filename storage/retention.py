"""Retention: months that nobody needs any more are dropped whole, and coming ones are made before they begin.

Pages may go only when nobody will ask for them again. After them a snapshot is no cache but the memory of its slot.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import ARRAY, Integer, Text, any_, bindparam, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.engine.eras import FIRST, month_of
from actors.values import DAY_US, Micros
from storage.months import FRAMES, JOURNAL, PASSAGES, Monthly, begin_of, drop_months, make_months, month_after, parts
from storage.schema.engine import snapshots

SNAPSHOTS_A_LOOK = 16
LOCK_MS = 2_000

Mark = Callable[[list[int]], Awaitable[None]]
"""Has the cells of these slots write a page and a snapshot of each."""
Sound = Callable[[bytes], bool]
"""Whether the code that runs reads a snapshot whole, and would write it so again."""


class Keep(NamedTuple):
    """How many days each is kept at least; 0: for ever."""

    journal_days: int
    frames_days: int
    passages_days: int


class Reader(NamedTuple):
    """Who reads the journal: the projections that must have passed a page, and the code that must read a snapshot."""

    projections: Sequence[str]
    fold: str
    sound: Sound


class Kept(NamedTuple):
    """What was made and dropped; the slots whose pages must stay for now, because somebody still needs them."""

    made: list[str]
    dropped: list[str]
    waiting: list[int]


class Standing(NamedTuple):
    """A slot with pages in what may go: its last one there; whether it has later ones (the head names the next page), a
    snapshot above that one, and projections that have passed it.
    """

    slot: int
    top: int
    beyond: bool
    kept: bool
    projected: bool


_STANDING = text("""
    SELECT asked.slot, top.seq AS top, head.era > :last AS beyond,
           coalesce(kept.seq >= top.seq AND kept.fold = :fold, false) AS kept,
           NOT EXISTS (
               SELECT FROM unnest(:projections) AS each(name)
               LEFT JOIN projected ON projection = each.name AND projected.slot = asked.slot
               WHERE coalesce(projected.seq, 0) < top.seq
           ) AS projected
    FROM (SELECT generate_series(0, 1023) AS slot UNION SELECT slot FROM slots) AS asked
    CROSS JOIN LATERAL (
        SELECT seq FROM journal WHERE journal.slot = asked.slot AND era <= :last ORDER BY seq DESC LIMIT 1
    ) AS top
    CROSS JOIN LATERAL (
        SELECT era FROM journal WHERE journal.slot = asked.slot ORDER BY seq DESC LIMIT 1
    ) AS head
    LEFT JOIN snapshots AS kept ON kept.slot = asked.slot
    ORDER BY asked.slot
""").bindparams(bindparam("last", type_=Integer), bindparam("projections", type_=ARRAY(Text)))

_CLEAR_REST = text("""
    DELETE FROM journal_rest USING unnest(CAST(:slots AS int[]), CAST(:tops AS bigint[])) AS gone(slot, top)
    WHERE journal_rest.slot = gone.slot AND seq <= top
""")


async def keep_house(engine: AsyncEngine, now: Micros, keep: Keep, reader: Reader, mark: Mark) -> Kept:
    """Makes and drops months. It may be called at any time, by any number at once: whoever comes second finds it done.

    Where slots wait it has asked for what is missing: call it again in a while.
    """
    async with engine.begin() as connection:
        await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MS}"))
        made = await make_months(connection, now)
    dropped = await _plain(engine, FRAMES, now, keep.frames_days)
    dropped += await _plain(engine, PASSAGES, now, keep.passages_days)
    went, waiting = await _journal(engine, last_month(now, keep.journal_days), reader, mark)
    return Kept(made, dropped + went, waiting)


def last_month(now: Micros, days: int) -> int:
    """The last month that ended so many days ago; 0 for none."""
    return month_of(begin_of(month_of(now - days * DAY_US)) - 1) if days else 0


async def _plain(engine: AsyncEngine, monthly: Monthly, now: Micros, days: int) -> list[str]:
    """What nobody has to have passed: its time alone decides."""
    last = last_month(now, days)
    if not last:
        return []
    async with engine.begin() as connection:
        await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MS}"))
        older = f"DELETE FROM {monthly.rest} WHERE {monthly.column} < {monthly.bound(month_after(last))}"  # noqa: S608
        await connection.execute(text(older))
        return await drop_months(connection, monthly, last)


async def _journal(engine: AsyncEngine, last: int, reader: Reader, mark: Mark) -> tuple[list[str], list[int]]:
    async with engine.connect() as connection:
        if not await _something(connection, last):
            return [], []
        standing = await _standing(connection, last, reader)
        unsound = await _unsound(connection, [each.slot for each in standing if each.kept], reader.sound)
    lagging = [each.slot for each in standing if not (each.beyond and each.kept) or each.slot in unsound]
    if lagging:
        await mark(lagging)
    waiting = sorted({*lagging, *(each.slot for each in standing if not each.projected)})
    return (await _drop(engine, last, standing, reader), []) if not waiting else ([], waiting)


async def _something(connection: AsyncConnection, last: int) -> bool:
    stray = text("SELECT EXISTS (SELECT FROM journal_rest WHERE era BETWEEN 1 AND :last)")
    months = await parts(connection, JOURNAL)
    return any(month <= last for month in months) or bool((await connection.execute(stray, {"last": last})).scalar())


async def _standing(connection: AsyncConnection, last: int, reader: Reader) -> list[Standing]:
    asked = {"last": last, "fold": reader.fold, "projections": list(reader.projections)}
    return [Standing(*row) for row in await connection.execute(_STANDING, asked)]


async def _unsound(connection: AsyncConnection, slots: list[int], sound: Sound) -> set[int]:
    """Those whose snapshots this code would not write as they are."""
    found: set[int] = set()
    for some in _a_few(slots):
        among = snapshots.c.slot == any_(literal(some, ARRAY(Integer)))
        for row in await connection.execute(select(snapshots).where(among)):
            if not sound(row.body):
                found.add(row.slot)
    return found


def _a_few(slots: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(slots), SNAPSHOTS_A_LOOK):
        yield slots[first : first + SNAPSHOTS_A_LOOK]


async def _drop(engine: AsyncEngine, last: int, standing: list[Standing], reader: Reader) -> list[str]:
    """Looks once more while nobody can write, and drops; nothing, if anything has changed."""
    async with engine.begin() as connection:
        await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MS}"))
        await connection.execute(text("LOCK TABLE journal IN ACCESS EXCLUSIVE MODE"))
        if await _standing(connection, last, reader) != standing:
            return []
        gone = await drop_months(connection, JOURNAL, last)
        tops = {"slots": [each.slot for each in standing], "tops": [each.top for each in standing]}
        await connection.execute(_CLEAR_REST, tops)
        await _close(connection, last)
        return gone


async def _close(connection: AsyncConnection, last: int) -> None:
    """Lets nobody file anything under a month that went, nor name it for the next page.

    A process that slept through all of it would find no page of its rival there, and take its own for the first of
    that number.
    """
    for change in (
        "DROP CONSTRAINT IF EXISTS journal_gone",
        f"ADD CONSTRAINT journal_gone CHECK (next_era > {last} AND (era = {FIRST} OR era > {last})) NOT VALID",
    ):
        await connection.execute(text(f"ALTER TABLE journal {change}"))
