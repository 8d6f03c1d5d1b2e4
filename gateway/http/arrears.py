"""Arrears of the whole city for the back office: who owes, the records behind it, settled or given up once."""

import re
from typing import Annotated, Final, Literal

import msgspec

from actors.messages.session import PayByHand, WriteOff
from actors.messages.session_shown import SessionPaid
from actors.plates import normal
from actors.values import Ref
from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.money import confirmed
from gateway.http.pda.rules import Text, key_of, made_id, tell
from gateway.http.query import Id
from gateway.http.shown import Next
from storage.arrears_lists import ArrearsRecord, ArrearsSums, Order, PlateArrears, Where, WhichArrears

NUMBERS: Final = re.compile(r"\d{1,18} \d{1,18} [^\0]+", re.ASCII)
"""A plate's place in the list: its two numbers in order, and itself."""
PLACE: Final = re.compile(r"\d{1,18} [^\0]+", re.ASCII)
"""A record's place in the list: since when, and its stay."""


class WhichOwing(Paged, frozen=True):
    """Who owes: on the street unless asked otherwise, by the sum or by the number of stays."""

    where: Where = "street"
    lot: Id = ""
    plate: Id = ""
    order: Order = "fen"


class Owing(Shown, frozen=True):
    """One page of plates that owe."""

    items: list[PlateArrears]
    next: Next


class WhichRecords(Paged, frozen=True):
    """Which stays that came into arrears: still open, recovered or void."""

    where: Where = "street"
    lot: Id = ""
    plate: Id = ""
    state: Literal["", "open", "recovered", "void"] = ""


class ArrearsRecords(Shown, frozen=True):
    """One page of records, newest first; `totals` are over all pages."""

    items: list[ArrearsRecord]
    totals: ArrearsSums
    next: Next


class ArrearsPayment(Typed, frozen=True, kw_only=True):
    """So much was taken by hand for a record that is open; `reference` is what the card machine printed,
    `confirm` the token of a `needs_confirmation`: above the sum of the rules people are asked twice.
    """

    channel: Literal["cash", "card", "city_card"]
    fen: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    reference: Annotated[str, msgspec.Meta(max_length=64)] = ""
    confirm: Text = ""


class ArrearsPaid(Shown, frozen=True):
    """The payment that was made, and the record after it: `due_fen` is what is still open."""

    session: str
    payment: str
    fen: int
    due_fen: int


class GivenUp(Typed, frozen=True):
    """Why what is owed is given up; kept with who said so."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


async def owing(house: House, call: Call[WhichOwing, None]) -> Owing:
    """One page of plates that owe."""
    asked = call.query
    which = WhichArrears(asked.where, asked.lot, normal(asked.plate))
    first, second, plate = (*(key_after(asked, NUMBERS) or "").split(" ", 2), "", "", "")[:3]
    after = (int(first), int(second), plate) if first else None
    rows = await house.arrears.plates(which, asked.order, after, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: _place(row, asked.order))
    return Owing(page, following)


async def records(house: House, call: Call[WhichRecords, None]) -> ArrearsRecords:
    """One page of records with the sums of all."""
    asked = call.query
    which = WhichArrears(asked.where, asked.lot, normal(asked.plate), asked.state)
    since, _, session = (key_after(asked, PLACE) or "").partition(" ")
    rows = await house.arrears.records(which, (int(since), session) if since else None, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.arrears_us} {row.session}")
    return ArrearsRecords(page, await house.arrears.sums(which), following)


async def settle(house: House, call: Call[NoQuery, ArrearsPayment]) -> ArrearsPaid:
    """Takes money for a record; the same key again is the same payment."""
    record, body, me = await _record(house, call.path), call.body, call.user.user
    await confirmed(house, me, record.plate, {record.session: body.fen}, body.confirm)
    payment = made_id("desk", me, call.key)
    said = (payment, body.channel, body.fen, me, "", house.lookout.clock(), False, body.reference)
    paid = await tell(house, Ref("session", record.session), PayByHand(*said))
    assert isinstance(paid, SessionPaid)
    return ArrearsPaid(record.session, payment, paid.fen, paid.due_fen)


async def give_up(house: House, call: Call[NoQuery, GivenUp]) -> None:
    """What is owed is owed no more: bad debt, once; the same key again is the same word."""
    record = await _record(house, call.path)
    said = WriteOff(call.body.reason, call.user.name)
    await tell(house, Ref("session", record.session), said, key_of(call, "give up"))


async def _record(house: House, path: dict[str, str]) -> ArrearsRecord:
    return found(await house.arrears.one(f"{path['lot']}/{path['id']}"))


def _place(row: PlateArrears, order: Order) -> str:
    numbers = (row.fen, row.stays) if order == "fen" else (row.stays, row.fen)
    return f"{numbers[0]} {numbers[1]} {row.plate}"
