"""Reservations and shared bays: a row each."""

from typing import Any

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.forms import Fact
from actors.messages.holder import (
    DepositKept,
    DepositReceived,
    DepositReturned,
    Reservation,
    ReservationAsked,
    ReservationTurned,
)
from actors.messages.holding import Share, ShareApplied, ShareAsked, ShareDecided
from storage.projections.forms import Happened, among
from storage.projections.plates import write_rows
from storage.schema.holdings import bay_shares, reservations

DEPOSITS: dict[type[Fact], str] = {DepositReceived: "held", DepositReturned: "returned", DepositKept: "kept"}


class ReservationRecord(msgspec.Struct):
    """A row of `reservations`, in its columns' order."""

    id: str
    account: str = ""
    lot_id: str = ""
    bay_id: str = ""
    plate: str = ""
    state: str = ""
    why: str = ""
    operator: str = ""
    from_us: int = 0
    until_us: int = 0
    deposit_fen: int = 0
    deposit: str = ""
    payment: str = ""
    asked_us: int = 0
    changed_us: int = 0

    def take(self, said: Reservation) -> None:
        """It is so now."""
        self.lot_id, self.bay_id, self.plate, self.operator = said.lot, said.bay, said.plate, said.operator
        self.from_us, self.until_us, self.deposit_fen = said.from_us, said.until_us, said.deposit_fen
        self.state, self.why, self.payment = said.state, said.why, said.payment


class Reservations:
    """One row a reservation; all facts of one holder lie in one slot, in order."""

    name = "reservations"
    tables: tuple[Table, ...] = (reservations,)
    hears: tuple[type[Fact], ...] = (ReservationAsked, ReservationTurned, *DEPOSITS)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        keys = {_id(each.fact) for each in happened}
        known = await connection.execute(select(reservations).where(among(reservations.c.id, keys)))
        found = {row[0]: ReservationRecord(*row) for row in known}
        for each in happened:
            id, fact = _id(each.fact), each.fact
            row = found.setdefault(id, ReservationRecord(id, each.ref.key))
            if isinstance(fact, ReservationAsked | ReservationTurned):
                row.take(fact.said)
            row.asked_us = fact.at_us if isinstance(fact, ReservationAsked) else row.asked_us
            row.deposit, row.changed_us = DEPOSITS.get(type(fact), row.deposit), each.at
        await write_rows(connection, reservations, 1, [msgspec.structs.astuple(row) for row in found.values()])


class BayShares:
    """One row for each time that an owner asked to share a bay."""

    name = "bay_shares"
    tables: tuple[Table, ...] = (bay_shares,)
    hears = (ShareApplied, ShareAsked, ShareDecided)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """The last word on each is written; who decided last is kept until the next decision."""
        keys = {_share(each.fact).share for each in happened}
        known = await connection.execute(select(bay_shares).where(among(bay_shares.c.id, keys)))
        found: dict[str, tuple[Any, ...]] = {row[0]: tuple(row) for row in known}
        for each in happened:
            fact, said = each.fact, _share(each.fact)
            decided = found[said.share][7:9] if said.share in found else ("", "")
            if isinstance(fact, ShareDecided):
                decided = (fact.person, fact.reason)
            where = (said.share, each.ref.place, each.ref.own_id, said.owner, said.state, said.asked)
            found[said.share] = (*where, msgspec.msgpack.encode(said), *decided, each.at)
        await write_rows(connection, bay_shares, 1, list(found.values()))


def _id(fact: Fact) -> str:
    if isinstance(fact, ReservationAsked | ReservationTurned):
        return fact.said.reservation
    assert isinstance(fact, DepositReceived | DepositReturned | DepositKept)
    return fact.reservation


def _share(fact: Fact) -> Share:
    assert isinstance(fact, ShareApplied | ShareAsked | ShareDecided)
    return fact.share
