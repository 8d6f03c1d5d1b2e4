"""Sessions as lists need them: a row a stay, its plates, payments, flags and evidence."""

from typing import Any

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.session_facts import (
    EvidenceAdded,
    FlagCleared,
    Flagged,
    PlateNoted,
    Received,
    Returned,
    SessionOpened,
)
from storage.projections.forms import Happened, among, columns_of, put, write
from storage.schema.stays import session_evidence, session_flags, session_payments, session_plates, sessions
from storage.stays import LEARNS, Stay, learn, settle

_PLATE = tuple(column.name for column in session_plates.columns)
_EVIDENCE = tuple(column.name for column in session_evidence.columns)


def _keys(happened: list[Happened]) -> set[str]:
    return {each.ref.key for each in happened}


class Sessions:
    """One row a stay. All facts of a stay are in its lot's slot, in order."""

    name = "sessions"
    tables: tuple[Table, ...] = (sessions,)
    hears = tuple(LEARNS)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole; those that begin here need not be read."""
        begun = {each.ref.key for each in happened if isinstance(each.fact, SessionOpened)}
        known = await connection.execute(select(sessions).where(among(sessions.c.session, _keys(happened) - begun)))
        stays = {row[0]: Stay(*row) for row in known}
        for each in happened:
            key = each.ref.key
            if key not in stays:
                stays[key] = Stay(key, each.ref.place)
            learn(stays[key], each.at, each.fact)
        for stay in stays.values():
            settle(stay)
        await write(connection, sessions, ["session"], stays.values())


class SessionPlates:
    """Every word on a plate."""

    name = "session_plates"
    tables: tuple[Table, ...] = (session_plates,)
    hears = (PlateNoted,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """One row a fact; a stay lives in one slot, so page and number tell its facts apart."""
        rows = [_plate(each, each.fact) for each in happened if isinstance(each.fact, PlateNoted)]
        await connection.execute(put(session_plates, columns_of(_PLATE, rows)))


def _plate(each: Happened, fact: PlateNoted) -> tuple[Any, ...]:
    said = (fact.plate, fact.colour, fact.plate_class, fact.source, fact.device, fact.person)
    return each.ref.key, each.seq, each.nth, *said, fact.confidence_pct, fact.taken, fact.at_us


class Payment(msgspec.Struct):
    """A row of `session_payments`, in its columns' order."""

    session: str
    payment: str
    channel: str = ""
    payer: str = ""
    person: str = ""
    shift: str = ""
    provider_ref: str = ""
    operator: str = ""
    lot_id: str = ""
    offline: bool = False
    paid_us: int = 0
    fen: int = 0
    arrears_fen: int = 0
    excess_fen: int = 0
    returned_fen: int = 0
    returned_excess_fen: int = 0


class SessionPayments:
    """What came for a stay by each payment, and went back."""

    name = "session_payments"
    tables: tuple[Table, ...] = (session_payments,)
    hears = (Received, Returned)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        of_these = among(session_payments.c.session, _keys(happened))
        known = await connection.execute(select(session_payments).where(of_these))
        rows = {(row[0], row[1]): Payment(*row) for row in known}
        for each in happened:
            fact = each.fact
            if isinstance(fact, Received):
                row = rows.setdefault((each.ref.key, fact.payment), Payment(each.ref.key, fact.payment))
                _received(row, each.ref.place, fact)
            elif isinstance(fact, Returned):
                row = rows.setdefault((each.ref.key, fact.payment), Payment(each.ref.key, fact.payment))
                row.returned_fen += fact.fen
                row.returned_excess_fen += fact.excess_fen
        await write(connection, session_payments, ["session", "payment"], rows.values())


def _received(row: Payment, lot: str, fact: Received) -> None:
    row.channel, row.payer, row.person, row.shift = fact.channel, fact.payer, fact.person, fact.shift
    row.provider_ref, row.operator, row.lot_id, row.offline = fact.provider_ref, fact.operator, lot, fact.offline
    row.paid_us = fact.paid_us
    row.fen += fact.fen
    row.arrears_fen += fact.arrears_fen
    row.excess_fen += fact.excess_fen


class Flag(msgspec.Struct):
    """A row of `session_flags`, in its columns' order."""

    session: str
    code: str
    detail: str = ""
    at_us: int = 0
    cleared_us: int | None = None
    cleared_by: str = ""
    note: str = ""


class SessionFlags:
    """Why a stay needs a person, and who has looked."""

    name = "session_flags"
    tables: tuple[Table, ...] = (session_flags,)
    hears = (Flagged, FlagCleared)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        of_these = among(session_flags.c.session, _keys(happened))
        known = await connection.execute(select(session_flags).where(of_these))
        rows = {(row[0], row[1]): Flag(*row) for row in known}
        for each in happened:
            fact = each.fact
            if isinstance(fact, Flagged):
                rows[each.ref.key, fact.code] = Flag(each.ref.key, fact.code, fact.detail, fact.at_us)
            elif isinstance(fact, FlagCleared):
                row = rows.setdefault((each.ref.key, fact.code), Flag(each.ref.key, fact.code))
                row.cleared_us, row.cleared_by, row.note = fact.at_us, fact.person, fact.note
        await write(connection, session_flags, ["session", "code"], rows.values())


class SessionEvidence:
    """Pictures and videos of stays; the same one again is the same row."""

    name = "session_evidence"
    tables: tuple[Table, ...] = (session_evidence,)
    hears = (EvidenceAdded,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """One row for each picture and role."""
        facts = [(each.ref.key, each.fact) for each in happened if isinstance(each.fact, EvidenceAdded)]
        rows = [(key, fact.evidence, fact.role, fact.source, fact.device, fact.at_us) for key, fact in facts]
        await connection.execute(put(session_evidence, columns_of(_EVIDENCE, rows)).on_conflict_do_nothing())
