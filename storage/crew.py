"""What tables tell of collectors at work, and of the sections they work on; read-only."""

from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import naming, only, rows
from storage.rows import Row
from storage.schema.crew import hand_overs, shifts, takings
from storage.schema.derived import bay_states
from storage.schema.records import bays, lots
from storage.schema.stays import session_plates, sessions

OPEN = and_(sessions.c.exit_us.is_(None), sessions.c.void_why == "")
CANDIDATES_MOST = 50


class ShiftRow(Row, frozen=True):
    """A shift; `lots`, and those of them `lost` to others, joined by spaces; `by` and `why`: who ended it for them."""

    id: str
    collector: str
    name: str
    operator: str
    lots: str
    lost: str
    device: str
    opened_us: Micros
    opened_lon: float
    opened_lat: float
    opened_place: str
    opened_picture: str
    closed_us: Micros | None
    closed_lon: float
    closed_lat: float
    closed_place: str
    closed_picture: str
    by: str
    why: str


class SumRow(Row, frozen=True):
    """How often and how much was taken by a channel in a shift."""

    shift: str
    channel: str
    n: int
    fen: int


class HandOverRow(Row, frozen=True):
    """Cash that a collector handed over."""

    slot: int
    seq: int
    nth: int
    collector: str
    shift: str
    by: str
    operator: str
    counted_fen: int
    expected_fen: int
    offered_us: Micros
    at_us: Micros


class BayNow(Row, frozen=True):
    """A bay of a section and the stay that is open there (empty: none); `flags` and `owes` mark it."""

    bay: str
    number: str
    type: str
    lot: str
    state: str
    since_us: Micros | None
    session: str
    plate: str
    colour: str
    entry_us: Micros | None
    stay_state: str
    list: str
    owes_fen: int
    owes: int
    flags: str


class SectionRow(Row, frozen=True):
    """A section and its bays: all, occupied, and those whose stay has no plate yet."""

    id: str
    name_zh: str
    name_en: str
    total: int
    occupied: int
    to_plate: int


class ActRow(Row, frozen=True):
    """What somebody did: `entry` (said a stay's plate first) or `exit`."""

    verb: str
    session: str
    lot: str
    bay: str
    plate: str
    at_us: Micros


class OrderRow(Row, frozen=True):
    """A stay in a list of free or abnormal ones; `why` is the reason, or the codes of what is wrong."""

    session: str
    lot: str
    bay: str
    plate: str
    entry_us: Micros
    exit_us: Micros | None
    charge_fen: int
    due_fen: int
    state: str
    why: str
    person: str
    remote: bool


def _maybe(column: Any, otherwise: object = "") -> Any:
    return func.coalesce(column, otherwise).label(column.key)


_BAYS_NOW: Select[Any] = (
    select(
        bays.c.id.label("bay"),
        bays.c.number,
        bays.c.bay_type.label("type"),
        bays.c.lot_id.label("lot"),
        func.coalesce(bay_states.c.state, "unknown").label("state"),
        bay_states.c.since_us,
        _maybe(sessions.c.session),
        _maybe(sessions.c.plate),
        _maybe(sessions.c.colour),
        sessions.c.entry_us,
        func.coalesce(sessions.c.state, "").label("stay_state"),
        _maybe(sessions.c.list),
        _maybe(sessions.c.owes_fen, 0),
        _maybe(sessions.c.owes, 0),
        _maybe(sessions.c.flags),
    )
    .join(bay_states, bay_states.c.bay_id == bays.c.id, isouter=True)
    .join(sessions, and_(sessions.c.lot_id == bays.c.lot_id, sessions.c.bay_id == bays.c.id, OPEN), isouter=True)
)

_ORDERS: Select[Any] = select(
    sessions.c.session,
    sessions.c.lot_id.label("lot"),
    sessions.c.bay_id.label("bay"),
    sessions.c.plate,
    sessions.c.entry_us,
    sessions.c.exit_us,
    sessions.c.charge_fen,
    sessions.c.due_fen,
    sessions.c.state,
    sessions.c.exit_remote.label("remote"),
)


class Crew:
    """Read-only; every method is a query or two."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open_shift(self, collector: str) -> ShiftRow | None:
        """The shift that this collector works in."""
        mine = (shifts.c.collector == collector) & shifts.c.closed_us.is_(None)
        found = await self._rows(select(shifts).where(mine).order_by(shifts.c.opened_us.desc()).limit(1), ShiftRow)
        return next(iter(found), None)

    async def shifts(
        self,
        from_us: Micros,
        to_us: Micros,
        collector: str = "",
        after: tuple[int, str] | None = None,
        limit: int = 100,
    ) -> list[ShiftRow]:
        """Shifts that were opened then, oldest first."""
        query = select(shifts).where(shifts.c.opened_us >= from_us, shifts.c.opened_us < to_us)
        query = only(query, who=(shifts.c.collector, collector)).order_by(shifts.c.opened_us, shifts.c.id).limit(limit)
        if after is not None:
            at, id = after
            query = query.where(or_(shifts.c.opened_us > at, (shifts.c.opened_us == at) & (shifts.c.id > id)))
        return await self._rows(query, ShiftRow)

    async def takings(self, collector: str, from_us: Micros, to_us: Micros) -> list[SumRow]:
        """What a collector took from then until then, by shift and channel."""
        mine = (takings.c.collector == collector) & (takings.c.at_us >= from_us) & (takings.c.at_us < to_us)
        return await self._sums(mine)

    async def _sums(self, which: Any) -> list[SumRow]:
        n, fen = func.count().filter(takings.c.fen > 0).label("n"), func.sum(takings.c.fen).label("fen")
        query = select(takings.c.shift, takings.c.channel, n, fen.cast(takings.c.fen.type).label("fen")).where(which)
        grouped = query.group_by(takings.c.shift, takings.c.channel).order_by(takings.c.shift, takings.c.channel)
        return await self._rows(grouped, SumRow)

    async def hand_overs(self, before: tuple[int, int, int, int] | None, limit: int) -> list[HandOverRow]:
        """Cash that was handed over, newest first."""
        key = (hand_overs.c.at_us, hand_overs.c.slot, hand_overs.c.seq, hand_overs.c.nth)
        query = select(hand_overs).order_by(*(column.desc() for column in key)).limit(limit)
        if before is not None:
            query = query.where(tuple_(*key) < tuple_(*(literal(one) for one in before)))
        return await self._rows(query, HandOverRow)

    async def bays(self, lot: str) -> list[BayNow]:
        """The bays of a section, by number."""
        return await self._rows(_BAYS_NOW.where(bays.c.lot_id == lot).order_by(bays.c.number, bays.c.id), BayNow)

    async def tasks(self, lots: list[str]) -> list[BayNow]:
        """Stays without a plate, oldest first."""
        unplated = _BAYS_NOW.where(bays.c.lot_id.in_(lots), sessions.c.plate == "")
        return await self._rows(unplated.order_by(sessions.c.entry_us, bays.c.id), BayNow)

    async def leaving(self, lots: list[str], part: str) -> list[BayNow]:
        """Open stays of these sections whose plate or bay has this part in it."""
        query = _BAYS_NOW.where(bays.c.lot_id.in_(lots), sessions.c.session.is_not(None))
        query = naming(query, part, sessions.c.plate, bays.c.number)
        return await self._rows(query.order_by(bays.c.number, bays.c.id).limit(CANDIDATES_MOST), BayNow)

    async def sections(self, lots_: list[str] | None, after: str | None, limit: int) -> list[SectionRow]:
        """These sections (None: all) in order of id."""
        bay = bays.c.id.distinct()  # several motorcycles may stand in one
        occupied = func.count(bay).filter(bay_states.c.state == "occupied")
        to_plate = func.count().filter(sessions.c.plate == "")
        query: Any = (
            select(
                lots.c.id,
                lots.c.name_zh,
                lots.c.name_en,
                func.count(bay).label("total"),
                occupied.label("occupied"),
                to_plate.label("to_plate"),
            )
            .join(bays, bays.c.lot_id == lots.c.id, isouter=True)
            .join(bay_states, bay_states.c.bay_id == bays.c.id, isouter=True)
            .join(sessions, and_(sessions.c.lot_id == lots.c.id, sessions.c.bay_id == bays.c.id, OPEN), isouter=True)
            .group_by(lots.c.id)
            .order_by(lots.c.id)
            .limit(limit)
        )
        if lots_ is not None:
            query = query.where(lots.c.id.in_(lots_))
        return await self._rows(query if after is None else query.where(lots.c.id > after), SectionRow)

    async def acts(self, person: str, from_us: Micros, limit: int) -> list[ActRow]:
        """Entries and exits that somebody made since then, newest first."""
        first = func.min(session_plates.c.at_us).label("at_us")
        mine = (session_plates.c.person == person) & session_plates.c.taken & (session_plates.c.at_us >= from_us)
        named = select(session_plates.c.session, first).where(mine).group_by(session_plates.c.session).subquery()
        entries = _act("entry", named.c.at_us).join(named, named.c.session == sessions.c.session)
        left = (sessions.c.exit_person == person) & (sessions.c.exit_us >= from_us)
        exits = _act("exit", sessions.c.exit_us).where(left)
        both = union_all(entries, exits).subquery()
        query: Any = select(both).order_by(both.c.at_us.desc(), both.c.session, both.c.verb).limit(limit)
        return await self._rows(query, ActRow)

    async def free(self, lots_: list[str], from_us: Micros, limit: int) -> list[OrderRow]:
        """Stays that cost nothing, and why, newest first."""
        free = (sessions.c.state == "free") & (sessions.c.exit_us >= from_us) & sessions.c.lot_id.in_(lots_)
        query = _ORDERS.add_columns(sessions.c.free_why.label("why"), sessions.c.waived_by.label("person"))
        return await self._rows(query.where(free).order_by(sessions.c.exit_us.desc()).limit(limit), OrderRow)

    async def abnormal(self, lots_: list[str], limit: int) -> list[OrderRow]:
        """Stays that need a person, and why, newest first."""
        query = _ORDERS.add_columns(sessions.c.flags.label("why"), sessions.c.person)
        flagged = query.where(sessions.c.flags != "", sessions.c.lot_id.in_(lots_))
        return await self._rows(flagged.order_by(sessions.c.entry_us.desc()).limit(limit), OrderRow)

    async def stay(self, session: str) -> OrderRow | None:
        """One stay."""
        query = _ORDERS.add_columns(sessions.c.free_why.label("why"), sessions.c.exit_person.label("person"))
        return next(iter(await self._rows(query.where(sessions.c.session == session), OrderRow)), None)

    async def stay_at(self, lot: str, bay: str, at_us: Micros, give_us: Micros) -> str:
        """The stay that was in a bay at a time, give or take how clocks differ; empty: none that is known here."""
        column = sessions.c
        begun = (column.lot_id == lot) & (column.bay_id == bay) & (column.entry_us <= at_us + give_us)
        there = begun & (column.void_why == "") & or_(column.exit_us.is_(None), column.exit_us >= at_us)
        query = select(column.session).where(there).order_by(column.entry_us.desc()).limit(1)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar() or ""

    async def _rows(self, query: Select[Any], shape: Any) -> list[Any]:
        async with self._engine.connect() as connection:
            return await rows(connection, query, shape)


def _act(verb: str, at: Any) -> Select[Any]:
    return select(
        literal(verb).label("verb"),
        sessions.c.session,
        sessions.c.lot_id.label("lot"),
        sessions.c.bay_id.label("bay"),
        sessions.c.plate,
        at.label("at_us"),
    )
