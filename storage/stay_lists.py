"""Stays of the whole city as the back office reads them: filtered, paged, and summed over all that were found."""

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import only, rows, total
from storage.rows import Row
from storage.schema.stays import session_evidence, session_flags, session_payments, session_plates, sessions


class StayRow(Row, frozen=True):
    """A stay in one line; sums in fen. `receivable_fen` is the charge less what was taken off, `received_fen` what came
    and was owed, less what went back. `car_state` is one of `CAR_STATES`, empty while the vehicle is there.
    """

    session: str
    lot_id: str
    bay_id: str
    state: str
    car_state: str
    operator: str
    entry_us: Micros
    exit_us: Micros | None
    plate: str
    colour: str
    plate_class: str
    cover: str
    list: str
    disabled: bool
    company: bool
    charge_fen: int
    prepaid_fen: int
    receivable_fen: int
    received_fen: int
    due_fen: int
    free_why: str
    void_why: str
    void_by: str
    flags: str


class StaySums(Row, frozen=True):
    """How many stays were found, how many of them stand, are over or void, and their sums in fen."""

    stays: int
    parked: int
    finished: int
    void: int
    prepaid_fen: int
    receivable_fen: int
    received_fen: int
    due_fen: int


class PlateWord(Row, frozen=True):
    """One word on a stay's plate: who or what said it, and whether it was taken."""

    plate: str
    colour: str
    source: str
    device_id: str
    person: str
    confidence_pct: int
    taken: bool
    at_us: Micros


class PaidRow(Row, frozen=True):
    """What came for a stay by one payment, and how much of it went back."""

    payment: str
    channel: str
    payer: str
    person: str
    provider_ref: str
    paid_us: Micros
    fen: int
    returned_fen: int


class FlagRow(Row, frozen=True):
    """Why a stay needs a person, and who has looked."""

    code: str
    detail: str
    at_us: Micros
    cleared_us: Micros | None
    cleared_by: str
    note: str


class PictureRow(Row, frozen=True):
    """A picture or video of a stay, by the id under which it is kept."""

    evidence: str
    role: str
    source: str
    device_id: str
    at_us: Micros


class StayParts(NamedTuple):
    """All of one stay; `quote` is its price as MessagePack, empty if nothing was priced."""

    stay: StayRow
    plates: list[PlateWord]
    payments: list[PaidRow]
    flags: list[FlagRow]
    evidence: list[PictureRow]
    quote: bytes


class WhichOrders(NamedTuple):
    """Which stays; empty: all. `standing` is parked, finished or void; `kind` one of `KINDS`, `car_state` one of
    `CAR_STATES`.
    """

    standing: str = ""
    state: str = ""
    lot: str = ""
    plate: str = ""
    kind: str = ""
    flagged: bool | None = None
    car_state: str = ""


_S = sessions.c
_VOID = _S.void_why != ""
_STANDING: Final[dict[str, ColumnElement[bool]]] = {
    "parked": and_(~_VOID, _S.exit_us.is_(None)),
    "finished": and_(~_VOID, _S.exit_us.is_not(None)),
    "void": _VOID,
}
KINDS: Final[dict[str, ColumnElement[bool]]] = {
    "pass": _S.cover != "",
    "new_energy": _S.plate_class.startswith("new_energy"),
    "company": _S.company,
    "special": _S.list == "special",
    "disabled": _S.disabled,
}
"""Kinds of vehicles, and how a stay of each is known."""

_FREE_TIME = and_(_S.state == "free", _S.free_why == "within_free_time")
CAR_STATES: Final[dict[str, ColumnElement[bool]]] = {
    "arrears": _S.state == "arrears",
    "part_paid": _S.state == "part_paid",
    "unpaid": _S.state == "unpaid",
    "free_time": _FREE_TIME,
    "left": _S.state.in_(("paid", "free")) & ~_FREE_TIME,
}
"""How a vehicle left: owing, having paid a part, not yet having paid, within the free time, or as it should."""

_CAR_STATE = case(*((holds, name) for name, holds in CAR_STATES.items()), else_="")
_RECEIVED = _S.got_fen - _S.excess_fen - (_S.returned_fen - _S.returned_excess_fen)
_RECEIVABLE = _S.charge_fen - _S.off_fen
_ORDERS = select(
    sessions, _CAR_STATE.label("car_state"), _RECEIVABLE.label("receivable_fen"), _RECEIVED.label("received_fen")
)


class Orders:
    """Read-only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def listed(self, which: WhichOrders, after: tuple[int, str] | None, limit: int) -> list[StayRow]:
        """Newest entry first, after the (entry, session) last seen."""
        query = _which(_ORDERS, which).order_by(_S.entry_us.desc(), _S.session.desc()).limit(limit)
        if after is not None:
            query = query.where(tuple_(_S.entry_us, _S.session) < after)
        async with self._engine.connect() as connection:
            return await rows(connection, query, StayRow)

    async def sums(self, which: WhichOrders) -> StaySums:
        """Over all stays that the filter finds, whatever the page."""
        counts = [func.count().filter(holds).label(name) for name, holds in _STANDING.items()]
        columns: list[ColumnElement[Any]] = [
            func.count().label("stays"),
            *counts,
            total(_S.prepaid_fen).label("prepaid_fen"),
            total(_RECEIVABLE).label("receivable_fen"),
            total(_RECEIVED).label("received_fen"),
            total(_S.due_fen).label("due_fen"),
        ]
        async with self._engine.connect() as connection:
            return (await rows(connection, _which(select(*columns), which), StaySums))[0]

    async def one(self, session: str) -> StayParts | None:
        """One stay with all that belongs to it, oldest first."""
        plates, paid, flags, pictures = session_plates, session_payments, session_flags, session_evidence
        words = select(plates).where(plates.c.session == session).order_by(plates.c.seq, plates.c.nth)
        came = select(paid).where(paid.c.session == session).order_by(paid.c.paid_us, paid.c.payment)
        raised = select(flags).where(flags.c.session == session).order_by(flags.c.at_us, flags.c.code)
        seen = select(pictures).where(pictures.c.session == session)
        seen = seen.order_by(pictures.c.at_us, pictures.c.evidence, pictures.c.role)
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            found = await rows(connection, _ORDERS.where(_S.session == session), StayRow)
            if not found:
                return None
            return StayParts(
                found[0],
                await rows(connection, words, PlateWord),
                await rows(connection, came, PaidRow),
                await rows(connection, raised, FlagRow),
                await rows(connection, seen, PictureRow),
                await connection.scalar(select(_S.quote).where(_S.session == session)) or b"",
            )


def _which(query: Select[Any], which: WhichOrders) -> Select[Any]:
    query = only(query, state=(_S.state, which.state), lot=(_S.lot_id, which.lot), plate=(_S.plate, which.plate))
    if which.standing:
        query = query.where(_STANDING[which.standing])
    if which.kind:
        query = query.where(KINDS[which.kind])
    if which.car_state:
        query = query.where(CAR_STATES[which.car_state])
    if which.flagged is not None:
        query = query.where((_S.flags != "") if which.flagged else (_S.flags == ""))
    return query
