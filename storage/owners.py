"""What owners look up: their stays, and what their wallets did."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import rows
from storage.rows import Row
from storage.schema.notices import wallet_records
from storage.schema.records import bays, lots, roads
from storage.schema.stays import session_payments, sessions

OPEN: Final = ("unplated", "running", "prepaid")
OWING: Final = ("unpaid", "part_paid", "arrears")
PAST: Final = (*OWING, "paid", "free", "written_off")
WORDS: Final = {"open": OPEN, "owing": OWING, "past": PAST, "paid": ("paid",)}

RECORDS: Final = {
    "top_up": ("top_up", "gift"),
    "spend": ("pay",),
    "refund": ("refund", "excess", "credit", "withdraw"),
}
"""What a wallet did, as its three lists tell it."""

After = tuple[Micros, str] | None


class OwnStay(Row, frozen=True):
    """A stay as an owner's list shows it; names and address are those of the register now."""

    session: str
    state: str
    plate: str
    lot: str
    lot_zh: str
    lot_en: str
    address_zh: str
    address_en: str
    bay: str
    bay_number: str
    street: bool
    entry_us: Micros
    exit_us: Micros | None
    charge_fen: int
    off_fen: int
    received_fen: int
    due_fen: int
    covers_until_us: Micros
    tariff: str
    tariff_version: int
    arrears_us: Micros | None
    quote: bytes


class OwnPayment(Row, frozen=True):
    """What came for a stay by one payment."""

    session: str
    payment: str
    channel: str
    paid_us: Micros
    fen: int
    returned_fen: int
    provider_ref: str


class WalletRecord(Row, frozen=True):
    """One movement of a wallet."""

    seq: int
    nth: int
    at_us: Micros
    why: str
    fen: int
    gift_fen: int
    other: str
    payment: str
    balance_fen: int
    balance_gift_fen: int


class Owners:
    """Read-only: stays and wallets by owner or plate."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def stays(self, which: str, plates: list[str], after: After, limit: int, account: str = "") -> list[OwnStay]:
        """Stays of these plates (only while they were this account's, if one is named), newest first."""
        mine: ColumnElement[bool] = sessions.c.plate.in_(plates)
        if account:
            mine = and_(mine, sessions.c.account == account)
        query = _stays().where(mine, sessions.c.state.in_(WORDS[which]))
        if after is not None:
            query = query.where(tuple_(sessions.c.entry_us, sessions.c.session) < tuple_(*after))
        query = query.order_by(sessions.c.entry_us.desc(), sessions.c.session.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, OwnStay)

    async def named(self, keys: list[str]) -> list[OwnStay]:
        """These very stays."""
        async with self._engine.connect() as connection:
            return await rows(connection, _stays().where(sessions.c.session.in_(keys)), OwnStay)

    async def to_pay(self, plates: list[str], most: int) -> list[str]:
        """Stays of these plates that are open or owe something, the oldest first."""
        owes = or_(sessions.c.state.in_(OPEN), and_(sessions.c.state.in_(OWING), sessions.c.due_fen > 0))
        query = select(sessions.c.session).where(sessions.c.plate.in_(plates), owes)
        async with self._engine.connect() as connection:
            found = await connection.execute(query.order_by(sessions.c.entry_us, sessions.c.session).limit(most))
            return [row.session for row in found]

    async def payments(self, keys: list[str]) -> list[OwnPayment]:
        """What came for these stays."""
        names = [session_payments.c[name] for name in OwnPayment.__struct_fields__]
        query = select(*names).where(session_payments.c.session.in_(keys)).order_by(session_payments.c.paid_us)
        async with self._engine.connect() as connection:
            return await rows(connection, query, OwnPayment)

    async def records(self, account: str, which: str, after: tuple[int, int] | None, limit: int) -> list[WalletRecord]:
        """What a wallet did, newest first, after (seq, nth) of the last one seen."""
        table = wallet_records.c
        query = select(*(table[name] for name in WalletRecord.__struct_fields__)).where(table.account == account)
        if which:
            query = query.where(table.why.in_(RECORDS[which]))
        if after is not None:
            query = query.where(tuple_(table.seq, table.nth) < tuple_(*after))
        query = query.order_by(table.seq.desc(), table.nth.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, query, WalletRecord)

    async def bay(self, number: str) -> tuple[str, str] | None:
        """The lot and the id of the bay of this number."""
        async with self._engine.connect() as connection:
            found = (await connection.execute(select(bays.c.lot_id, bays.c.id).where(bays.c.number == number))).first()
        return (found.lot_id, found.id) if found else None


def _stays() -> Select[Any]:
    stay = sessions.c
    received_fen = stay.got_fen - stay.excess_fen - (stay.returned_fen - stay.returned_excess_fen)
    return (
        select(
            *(stay.session, stay.state, stay.plate, stay.lot_id.label("lot"), stay.bay_id.label("bay"), stay.street),
            func.coalesce(lots.c.name_zh, "").label("lot_zh"),
            func.coalesce(lots.c.name_en, "").label("lot_en"),
            func.coalesce(roads.c.name_zh, "").label("address_zh"),
            func.coalesce(roads.c.name_en, "").label("address_en"),
            func.coalesce(bays.c.number, "").label("bay_number"),
            *(stay.entry_us, stay.exit_us, stay.charge_fen, stay.off_fen, received_fen.label("received_fen")),
            *(stay.due_fen, stay.covers_until_us, stay.tariff, stay.tariff_version, stay.arrears_us, stay.quote),
        )
        .outerjoin(lots, lots.c.id == stay.lot_id)
        .outerjoin(roads, roads.c.id == lots.c.road_id)
        .outerjoin(bays, (bays.c.id == stay.bay_id) & (bays.c.lot_id == stay.lot_id))
    )
