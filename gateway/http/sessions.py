"""Stays for the back office: listed with sums over all that were found, one with all that belongs to it, and void."""

import re
from typing import Annotated, Final, Literal

import msgspec

from actors.messages.session import Charging, RefundPart, VoidSession
from actors.messages.session_shown import SessionChanged, SessionPaid
from actors.plates import normal
from actors.tariffs.quote import Quote
from actors.values import Ref
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import key_of, tell
from gateway.http.query import Id
from gateway.http.shown import Next
from storage.stay_lists import FlagRow, PaidRow, PictureRow, PlateWord, StayRow, StaySums, WhichOrders

PLACE: Final = re.compile(r"\d{1,18} [^\0]+", re.ASCII)
"""A row's place in the list: its entry, and its session."""

State = Literal[
    "", "unplated", "running", "prepaid", "unpaid", "part_paid", "arrears", "paid", "free", "written_off", "void"
]

_quote = msgspec.msgpack.Decoder(Quote)


class WhichSessions(Paged, frozen=True):
    """Which stays: `standing` is whether the vehicle is there, has left, or it is void; `car_state` how it left."""

    standing: Literal["", "parked", "finished", "void"] = ""
    state: State = ""
    lot: Id = ""
    plate: Id = ""
    kind: Literal["", "pass", "new_energy", "company", "special", "disabled"] = ""
    flagged: bool | None = None
    car_state: Literal["", "arrears", "left", "part_paid", "unpaid", "free_time"] = ""


class Sessions(Shown, frozen=True):
    """One page of stays, newest first; `totals` are over all pages."""

    items: list[StayRow]
    totals: StaySums
    next: Next


class SessionParts(Shown, frozen=True):
    """A stay with every word on its plate, its payments, flags and pictures, and the lines of its price (null: nothing
    was priced).
    """

    stay: StayRow
    plates: list[PlateWord]
    payments: list[PaidRow]
    flags: list[FlagRow]
    evidence: list[PictureRow]
    quote: Quote | None


class WhyVoid(Typed, frozen=True):
    """Why there was no such stay; kept with who said so."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ChargingWord(Typed, frozen=True):
    """The car is being charged from this moment on, or not any more (null: now); an earlier moment may be told late."""

    on: bool
    at_us: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] | None = None


class ChargingTaken(Shown, frozen=True):
    """The stay has taken the word of its charger."""

    session: str
    state: str
    due_fen: int


class Refund(Typed, frozen=True):
    """So much of what one payment brought goes back where it came from, for this reason."""

    payment: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    fen: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Refunded(Shown, frozen=True):
    """The stay after a refund: `due_fen` is what is owed for it then."""

    session: str
    payment: str
    due_fen: int


async def listed(house: House, call: Call[WhichSessions, None]) -> Sessions:
    """One page of stays with the sums of all."""
    asked = call.query
    what = (asked.standing, asked.state, asked.lot, normal(asked.plate), asked.kind, asked.flagged, asked.car_state)
    which = WhichOrders(*what)
    entry, _, session = (key_after(asked, PLACE) or "").partition(" ")
    rows = await house.orders.listed(which, (int(entry), session) if entry else None, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.entry_us} {row.session}")
    return Sessions(page, await house.orders.sums(which), following)


async def one(house: House, call: Call[NoQuery, None]) -> SessionParts:
    """All of one stay."""
    parts = found(await house.orders.one(_session(call.path)))
    return SessionParts(*parts[:-1], _quote.decode(parts.quote) if parts.quote else None)


async def void(house: House, call: Call[NoQuery, WhyVoid]) -> None:
    """There was no such stay; said again, the first word stays."""
    session = _session(call.path)
    found(await house.orders.one(session))
    await tell(house, Ref("session", session), VoidSession(call.body.reason, call.user.name))


async def charge(house: House, call: Call[NoQuery, ChargingWord]) -> ChargingTaken:
    """What the bay's charger says of the car; said again, it counts once."""
    session, now = _session(call.path), house.identity.now()
    stay = found(await house.orders.one(session)).stay
    bay = await house.lists.bay(stay.bay_id) if stay.bay_id else None
    if bay is None or not bay.charging:
        raise Problem("no_charger", details={"bay": stay.bay_id})
    at_us = now if call.body.at_us is None else min(call.body.at_us, now)
    answer = await tell(house, Ref("session", session), Charging(call.body.on, at_us))
    assert isinstance(answer, SessionChanged)
    return ChargingTaken(answer.session, answer.state, answer.due_fen)


async def refund(house: House, call: Call[NoQuery, Refund]) -> Refunded:
    """Gives back a part of a payment; the same key again is the same refund."""
    session, body = _session(call.path), call.body
    found(await house.orders.one(session))
    said = RefundPart(body.payment, body.fen, body.reason, call.user.user, key_of(call, "refund"))
    back = await tell(house, Ref("session", session), said)
    assert isinstance(back, SessionPaid)
    return Refunded(session, back.payment, back.due_fen)


def _session(path: dict[str, str]) -> str:
    return f"{path['lot']}/{path['id']}"
