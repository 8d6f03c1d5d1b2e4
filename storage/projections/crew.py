"""Collectors at work: shifts (attendance), what was taken in each, cash handed over."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.collector import CashHandedOver, Shift, ShiftClosed, ShiftOpened, Spot, TakingsNoted
from storage.projections.forms import Happened, columns_of, put
from storage.schema.crew import hand_overs, shifts, takings


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _spot(spot: Spot) -> tuple[float, float, str, str]:
    return spot.lon, spot.lat, spot.place, spot.picture


class Shifts:
    """One row a shift, as its collector last said it is. A collector lives in one slot: facts come in order."""

    name = "shifts"
    tables: tuple[Table, ...] = (shifts,)
    hears = (ShiftOpened, ShiftClosed)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A shift that was closed in the batch it was opened in is written once; a section lost stays in it."""
        names: dict[str, str] = {}
        said: dict[str, tuple[str, Shift]] = {}
        for each in happened:
            if isinstance(each.fact, ShiftOpened):
                names[each.fact.shift.id] = each.fact.name
                said[each.fact.shift.id] = each.ref.key, each.fact.shift
            elif isinstance(each.fact, ShiftClosed):
                said[each.fact.shift.id] = each.ref.key, each.fact.shift
        rows = sorted(_shift(who, names.get(id, ""), shift) for id, (who, shift) in said.items())
        for new in (True, False):
            some = [row for row in rows if (row[0] in names) is new]
            if some:
                await _write(connection, some, new)


async def _write(connection: AsyncConnection, rows: Sequence[tuple[Any, ...]], new: bool) -> None:
    names = _names(shifts)
    put_in = put(shifts, columns_of(names, rows))
    kept = ("id", "collector", "lots") if new else ("id", "collector", "name", "lots")
    set_ = {name: put_in.excluded[name] for name in names if name not in kept}
    await connection.execute(put_in.on_conflict_do_update(index_elements=["id"], set_=set_))


def _shift(who: str, name: str, shift: Shift) -> tuple[Any, ...]:
    said = (shift.operator, " ".join(shift.lots), shift.device, shift.opened_us)
    over = (shift.closed_us or None, *_spot(shift.closed_at), shift.by, shift.why)
    return shift.id, who, name, *said, *_spot(shift.opened_at), *over


class Takings:
    """One row for each taking."""

    name = "takings"
    tables: tuple[Table, ...] = (takings,)
    hears = (TakingsNoted,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's id is the row's key."""
        rows = [_taking(each, each.fact) for each in happened if isinstance(each.fact, TakingsNoted)]
        await connection.execute(put(takings, columns_of(_names(takings), rows)))


def _taking(each: Happened, fact: TakingsNoted) -> tuple[Any, ...]:
    said = (fact.shift, fact.session, fact.payment, fact.channel, fact.fen, fact.at_us, fact.late)
    return each.slot, each.seq, each.nth, each.ref.key, *said


class HandOvers:
    """One row for each time that cash changed hands."""

    name = "hand_overs"
    tables: tuple[Table, ...] = (hand_overs,)
    hears = (CashHandedOver,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's id is the row's key."""
        rows = [_hand_over(each, each.fact) for each in happened if isinstance(each.fact, CashHandedOver)]
        await connection.execute(put(hand_overs, columns_of(_names(hand_overs), rows)))


def _hand_over(each: Happened, fact: CashHandedOver) -> tuple[Any, ...]:
    sums = (fact.counted_fen, fact.expected_fen, fact.offered_us, fact.at_us)
    return each.slot, each.seq, each.nth, each.ref.key, fact.shift, fact.by, fact.operator, *sums
