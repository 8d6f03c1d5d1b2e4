"""What is owed in the whole city, as the back office reads it: a line a plate, and a record a stay with its sums."""

from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import only, rows, total
from storage.rows import Row
from storage.schema.stays import sessions

Order = Literal["fen", "stays"]
Where = Literal["street", "lots", "all"]


class PlateArrears(Row, frozen=True):
    """What a plate owes: in how many stays, how much (fen), since when, and the stay that it left last."""

    plate: str
    plate_class: str
    stays: int
    fen: int
    oldest_us: Micros
    session: str
    lot_id: str
    bay_id: str
    left_us: Micros


class ArrearsRecord(Row, frozen=True):
    """A stay that came into arrears: what is open, was recovered and was given up (fen), by whom and why."""

    session: str
    lot_id: str
    bay_id: str
    street: bool
    plate: str
    plate_class: str
    operator: str
    entry_us: Micros
    exit_us: Micros | None
    arrears_us: Micros
    state: str
    open_fen: int
    recovered_fen: int
    given_up_fen: int
    why: str
    who: str


class ArrearsSums(Row, frozen=True):
    """How many records were found of each state, and their sums in fen."""

    open: int
    recovered: int
    void: int
    open_fen: int
    recovered_fen: int
    given_up_fen: int


class WhichArrears(NamedTuple):
    """Whose and where; empty: all. `where` tells stays on the street from those in lots."""

    where: Where = "street"
    lot: str = ""
    plate: str = ""
    state: str = ""


_S = sessions.c
_OPEN = _S.arrears_fen > 0
_PAID = and_(~_OPEN, _S.arrears_got_fen > 0, _S.arrears_off_fen == 0, _S.void_why == "")
STATES: Final[dict[str, ColumnElement[bool]]] = {"open": _OPEN, "recovered": _PAID, "void": and_(~_OPEN, ~_PAID)}
"""What became of a record; each is in one of these. Void: nobody has to pay it any more, and not all of it was paid."""

_WHY = case((_S.void_why != "", _S.void_why), (_S.given_up_by != "", _S.given_up_why), else_=_S.waived_why)
_WHO = case((_S.void_why != "", _S.void_by), (_S.given_up_by != "", _S.given_up_by), else_=_S.waived_by)
_NAMED = (
    case(*((holds, name) for name, holds in STATES.items())).label("state"),
    _S.arrears_fen.label("open_fen"),
    _S.arrears_got_fen.label("recovered_fen"),
    _S.arrears_off_fen.label("given_up_fen"),
    _WHY.label("why"),
    _WHO.label("who"),
)
_PLAIN = (_S[name] for name in ArrearsRecord.__struct_fields__ if name in _S and name != "state")
_CAME = or_(_OPEN, _S.arrears_got_fen > 0, _S.arrears_off_fen > 0, _S.void_why != "")
_KEPT = and_(_S.arrears_us.is_not(None), _CAME)
"""Stays with a record. One whose arrears ended because it goes on has none until they come again."""
_RECORDS = select(*_PLAIN, *_NAMED).where(_KEPT)


class Arrears:
    """Read-only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def plates(
        self, which: WhichArrears, order: Order, after: tuple[int, int, str] | None, limit: int
    ) -> list[PlateArrears]:
        """Plates that owe: the largest sum (or the most stays) first, ties by the other; after the line last seen."""
        lines = _by_plate(which).subquery().c
        numbers = (lines.fen, lines.stays) if order == "fen" else (lines.stays, lines.fen)
        key = tuple_(*numbers, lines.plate)
        query = select(*lines).order_by(*(each.desc() for each in (*numbers, lines.plate))).limit(limit)
        if after is not None:
            query = query.where(key < after)
        async with self._engine.connect() as connection:
            return await rows(connection, query, PlateArrears)

    async def records(self, which: WhichArrears, after: tuple[int, str] | None, limit: int) -> list[ArrearsRecord]:
        """Newest first, after the (since when, session) last seen."""
        query = _which(_RECORDS, which).order_by(_S.arrears_us.desc(), _S.session.desc()).limit(limit)
        if after is not None:
            query = query.where(tuple_(_S.arrears_us, _S.session) < after)
        async with self._engine.connect() as connection:
            return await rows(connection, query, ArrearsRecord)

    async def sums(self, which: WhichArrears) -> ArrearsSums:
        """Over all records that the filter finds, whatever the page."""
        columns: list[ColumnElement[Any]] = [
            *(func.count().filter(holds).label(name) for name, holds in STATES.items()),
            *(
                total(column).label(f"{name}_fen")
                for name, column in (
                    ("open", _S.arrears_fen),
                    ("recovered", _S.arrears_got_fen),
                    ("given_up", _S.arrears_off_fen),
                )
            ),
        ]
        query = _which(select(*columns).where(_KEPT), which)
        async with self._engine.connect() as connection:
            return (await rows(connection, query, ArrearsSums))[0]

    async def one(self, session: str) -> ArrearsRecord | None:
        """The record of one stay; None if it never came into arrears."""
        async with self._engine.connect() as connection:
            found = await rows(connection, _RECORDS.where(_S.session == session), ArrearsRecord)
        return found[0] if found else None


def _by_plate(which: WhichArrears) -> Select[Any]:
    lines = _which(select(_S.plate), which._replace(state="open")).where(_S.plate != "")
    last = (_S.exit_us.desc(), _S.session.desc())
    return lines.group_by(_S.plate).add_columns(
        func.max(_S.plate_class).label("plate_class"),
        func.count().label("stays"),
        total(_S.arrears_fen).label("fen"),
        func.min(_S.arrears_us).label("oldest_us"),
        *(
            func.array_agg(aggregate_order_by(column, *last))[1].label(name)
            for name, column in (
                ("session", _S.session),
                ("lot_id", _S.lot_id),
                ("bay_id", _S.bay_id),
                ("left_us", _S.exit_us),
            )
        ),
    )


def _which(query: Select[Any], which: WhichArrears) -> Select[Any]:
    query = only(query, lot=(_S.lot_id, which.lot), plate=(_S.plate, which.plate))
    if which.where != "all":
        query = query.where(_S.street.is_(which.where == "street"))
    if which.state:
        query = query.where(STATES[which.state])
    return query
