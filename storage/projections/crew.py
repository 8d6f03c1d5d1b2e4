"""Collectors at work: shifts (attendance), what was taken in each, cash handed over."""

from typing import Any

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.collector import CashHandedOver, SectionLost, ShiftClosed, ShiftOpened, Spot, TakingsNoted
from actors.messages.forms import Fact
from actors.values import Micros
from storage.projections.forms import Happened, among, columns_of, put
from storage.schema.crew import hand_overs, shifts, takings


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _spot(spot: Spot) -> tuple[float, float, str, str]:
    return spot.lon, spot.lat, spot.place, spot.picture


class ShiftRow(msgspec.Struct):
    """A row of `shifts`, in its columns' order."""

    id: str
    collector: str
    name: str = ""
    operator: str = ""
    lots: str = ""
    lost: str = ""
    device: str = ""
    opened_us: Micros = 0
    opened_lon: float = 0.0
    opened_lat: float = 0.0
    opened_place: str = ""
    opened_picture: str = ""
    closed_us: Micros | None = None
    closed_lon: float = 0.0
    closed_lat: float = 0.0
    closed_place: str = ""
    closed_picture: str = ""
    by: str = ""
    why: str = ""


class Shifts:
    """One row a shift: as it was opened, what of it was lost, how it ended. A collector lives in one slot: facts come
    in order.
    """

    name = "shifts"
    tables: tuple[Table, ...] = (shifts,)
    hears = (ShiftOpened, ShiftClosed, SectionLost)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        ids = {_shift_of(each.fact) for each in happened}
        known = await connection.execute(select(shifts).where(among(shifts.c.id, ids)))
        found = {row[0]: ShiftRow(*row) for row in known}
        for each in happened:
            id = _shift_of(each.fact)
            _learn(found.setdefault(id, ShiftRow(id, each.ref.key)), each.fact)
        names = _names(shifts)
        put_in = put(shifts, columns_of(names, sorted(msgspec.structs.astuple(row) for row in found.values())))
        set_ = {name: put_in.excluded[name] for name in names if name != "id"}
        await connection.execute(put_in.on_conflict_do_update(index_elements=["id"], set_=set_))


def _shift_of(fact: Fact) -> str:
    return fact.shift.id if isinstance(fact, ShiftOpened | ShiftClosed) else str(fact.shift)  # type: ignore[attr-defined]


def _learn(row: ShiftRow, fact: Fact) -> None:
    if isinstance(fact, ShiftOpened):
        opened = fact.shift
        row.name, row.operator, row.lots = fact.name, opened.operator, " ".join(opened.lots)
        row.device, row.opened_us = opened.device, opened.opened_us
        row.opened_lon, row.opened_lat, row.opened_place, row.opened_picture = _spot(opened.opened_at)
    elif isinstance(fact, ShiftClosed):
        closed = fact.shift
        row.closed_us, row.by, row.why = closed.closed_us, closed.by, closed.why
        row.closed_lon, row.closed_lat, row.closed_place, row.closed_picture = _spot(closed.closed_at)
    elif isinstance(fact, SectionLost):
        row.lost = f"{row.lost} {fact.lot}".strip()


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
