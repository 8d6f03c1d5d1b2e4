"""How far each projection has come in each slot; never one number for all, for slots become visible in no order."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    func,
    literal,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.values import SHARED_SLOTS
from storage.projections.forms import table_of
from storage.schema.derived import projected
from storage.schema.engine import journal, slots

TOGETHER: Final = ("ledger", "sessions", "session_payments", "wallets", "takings", "hand_overs")
"""Projections whose tables are compared with each other: in each slot they are always written equally far."""


class Step(NamedTuple):
    """A projection goes on from one page of a slot to a later one."""

    projection: str
    slot: int
    was: int
    seq: int


class Overtaken(Exception):
    """Somebody else has moved a checkpoint: another projector runs, or a rebuild was asked for."""


class HistoryGone(Exception):
    """The first pages were dropped: what was made of them cannot be made of them again."""


class PageRow(NamedTuple):
    """A page that somebody has still to take."""

    slot: int
    seq: int
    body: bytes


async def load(connection: AsyncConnection, names: Iterable[str]) -> dict[str, dict[int, int]]:
    """The checkpoints of these projections in all shared and dedicated slots; new ones start at 0."""
    wanted = list(names)
    name = func.unnest(literal(wanted, ARRAY(Text))).table_valued("name").render_derived("asked")
    slot = func.generate_series(0, SHARED_SLOTS - 1).table_valued("slot").render_derived("shared")
    every = select(slot.c.slot).union(select(slots.c.slot)).subquery()
    there = select(projected).where(projected.c.projection == name.c.name, projected.c.slot == every.c.slot).exists()
    # What is there is left out before it could be a conflict, and comes as arrays: this is looked at again and again.
    start = select(name.c.name, every.c.slot, literal_column("0")).join(every, true()).where(~there)
    start = start.order_by(name.c.name, every.c.slot)  # in one order, so that of two at once none waits for the other
    await connection.execute(
        insert(projected).from_select(["projection", "slot", "seq"], start).on_conflict_do_nothing()
    )
    slots_of, seqs_of = func.array_agg(projected.c.slot), func.array_agg(projected.c.seq)
    query = select(projected.c.projection, slots_of, seqs_of).where(projected.c.projection.in_(wanted))
    found = await connection.execute(query.group_by(projected.c.projection))
    return {each: dict(zip(slots, seqs, strict=True)) for each, slots, seqs in found}


async def pages(connection: AsyncConnection, after: list[tuple[int, int]], a_slot: int, in_all: int) -> list[PageRow]:
    """The next pages after these (slot, seq), in order within a slot, at most so many of a slot and in all."""
    asked = table_of("asked", slot=(Integer, [slot for slot, _ in after]), seq=(BigInteger, [seq for _, seq in after]))
    following = (
        select(journal.c.seq, journal.c.body)
        .where(journal.c.slot == asked.c.slot, journal.c.seq > asked.c.seq)
        .order_by(journal.c.seq)
        .limit(a_slot)
        .lateral("page")
    )
    query = select(asked.c.slot, following.c.seq, following.c.body).join(following, true()).limit(in_all)
    return sorted(PageRow(*row) for row in await connection.execute(query))


async def refuse_if_gone(connection: AsyncConnection, projection: str) -> None:
    """Raises `HistoryGone` if a slot's first page is not there any more."""
    oldest = (
        select(journal.c.seq)
        .where(journal.c.slot == projected.c.slot)
        .order_by(journal.c.seq)
        .limit(1)
        .lateral("oldest")
    )
    query = select(projected.c.slot).join(oldest, true())
    gone = (await connection.execute(query.where(projected.c.projection == projection, oldest.c.seq > 1))).first()
    if gone is not None:
        raise HistoryGone(f"the first pages of slot {gone.slot} were dropped")


async def advance(connection: AsyncConnection, steps: list[Step]) -> None:
    """Compare-and-set of all these checkpoints; `Overtaken` if one is not where it was."""
    columns = list(zip(*sorted(steps), strict=True))
    step = table_of(
        "step",
        projection=(Text, columns[0]),
        slot=(Integer, columns[1]),
        was=(BigInteger, columns[2]),
        seq=(BigInteger, columns[3]),
    )
    mine = (projected.c.projection == step.c.projection) & (projected.c.slot == step.c.slot)
    moved = update(projected).where(mine, projected.c.seq == step.c.was).values(seq=step.c.seq)
    if (await connection.execute(moved)).rowcount != len(steps):
        raise Overtaken
