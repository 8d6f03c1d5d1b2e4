"""Passes over HTTP: opened, paid, renewed, changed and ended, by staff, collectors and owners."""

from hashlib import blake2b
from typing import Any, Final

import msgspec

from actors.messages.account import PayFromWallet
from actors.messages.forms import Message
from actors.messages.money import Due
from actors.messages.passes import (
    ChangePlates,
    EndPass,
    OpenPass,
    PassAnswer,
    PassQuery,
    RenewPass,
    ReplacePlate,
)
from actors.messages.payment import StartPayment
from actors.messages.session import PayByHand
from actors.plates import normal
from actors.values import Micros, Ref
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.shown_passes import (
    ByProvider,
    Ending,
    FromWallet,
    HandPayment,
    InsideShown,
    NewPass,
    OfferShown,
    OwnNewPass,
    PassLine,
    PassLines,
    PassShown,
    PlateChanges,
    PlateChangeShown,
    PlatesChange,
    Renewal,
    ReplacementChange,
    ReplacementShown,
    SoldInField,
    WhichPasses,
)
from gateway.http.shown_payments import PaymentShown
from storage.plates import PassRow

ABOUT: Final = "停车包月"


async def listed(house: House, call: Call[WhichPasses, None]) -> PassLines:
    """One page of passes."""
    asked = call.query
    wanted = {"phone": asked.phone, "account": asked.account, "operator": asked.operator, "state": asked.state}
    return await _lines(house, asked, plate=normal(asked.plate), ends_before_us=asked.ends_before_us, **wanted)


async def own(house: House, call: Call[Paged, None]) -> PassLines:
    """One page of the caller's passes."""
    return await _lines(house, call.query, account=call.user.user)


async def one(house: House, call: Call[NoQuery, None]) -> PassShown:
    """One pass."""
    return await _told(house, call.path["pass"], PassQuery())


async def changes(house: House, call: Call[NoQuery, None]) -> PlateChanges:
    """Who changed its plates."""
    rows = await house.plates.changes_of(call.path["pass"])
    return PlateChanges([PlateChangeShown(**msgspec.structs.asdict(row)) for row in rows])


async def open_by_staff(house: House, call: Call[NoQuery, NewPass]) -> PassShown:
    """Holds the price of a pass; the same key again finds the same pass."""
    body = call.body
    holder = (body.account, body.holder, body.phone)
    wish = OpenPass(body.rule, tuple(body.plates), body.from_us, body.periods, "desk", call.user.name, *holder)
    return await _told(house, new_id(call), wish, call.key)


async def open_own(house: House, call: Call[NoQuery, OwnNewPass]) -> PassShown:
    """Holds the price of a pass for the caller."""
    body = call.body
    holder = (call.user.user, body.holder, body.phone)
    wish = OpenPass(body.rule, tuple(body.plates), body.from_us, body.periods, "online", call.user.name, *holder)
    return await _told(house, new_id(call), wish, call.key)


async def sell_in_field(house: House, call: Call[NoQuery, SoldInField]) -> PassShown:
    """A pass that is opened and paid into the collector's hand at once; begun again, it goes on where it was."""
    body, id = call.body, new_id(call)
    who = (call.user.name, "", body.holder, body.phone)
    wish = OpenPass(body.rule, tuple(body.plates), 0, body.periods, "collector", *who)
    made = await _told(house, id, wish, call.key)
    if made.offer is None:
        return made
    paid = PayByHand(f"{id}-1", body.channel, body.fen, call.user.user, body.shift, house.lookout.clock())
    return await _told(house, id, paid)


async def pay_by_hand(house: House, call: Call[NoQuery, HandPayment]) -> PassShown:
    """The desk takes the money."""
    body, payment = call.body, new_id(call)
    paid = PayByHand(payment, body.channel, body.fen, call.user.user, body.shift, house.lookout.clock())
    return await _told(house, call.path["pass"], paid)


async def pay_own(house: House, call: Call[NoQuery, FromWallet]) -> PassShown:
    """The caller's wallet pays the price; the pass takes it a moment later, or gives it back if it is another."""
    id = call.path["pass"]
    await _own(house, call)
    dues = (Due("pass", id, call.body.fen),)
    await ask(house.post, Ref("account", call.user.user), PayFromWallet(new_id(call), dues), call.key)
    return await _told(house, id, PassQuery())


async def pay_by_provider(house: House, call: Call[NoQuery, ByProvider]) -> PaymentShown:
    """Begins a payment of what is offered for the caller's pass; the same key again is the same payment."""
    body, id, payment = call.body, call.path["pass"], new_id(call)
    merchant = paying.merchant_of(house, body.channel)
    offer, known = (await _own(house, call)).offer, (await paying.asked(house, payment)).face
    if known.state:
        parts, until_us = known.payees, known.until_us
    elif offer is None:
        raise Problem("refused", details={"refused": "nothing_due"})
    else:
        parts, until_us = (Due("pass", id, offer.fen),), offer.pay_until_us
    who = (call.user.user, ABOUT, until_us, body.openid, "", merchant)
    return await paying.begin(house, payment, StartPayment(body.channel, body.method, parts, *who))


async def renew(house: House, call: Call[NoQuery, Renewal]) -> PassShown:
    """Holds the price of more time."""
    wish = RenewPass(call.body.periods, "desk", call.user.name)
    return await _told(house, call.path["pass"], wish, call.key)


async def renew_own(house: House, call: Call[NoQuery, Renewal]) -> PassShown:
    """Holds the price of more time for the caller's pass."""
    await _own(house, call)
    wish = RenewPass(call.body.periods, "online", call.user.name, call.user.user)
    return await _told(house, call.path["pass"], wish, call.key)


async def change_plates(house: House, call: Call[NoQuery, PlatesChange]) -> PassShown:
    """Other plates, for the next entry."""
    wish = ChangePlates(tuple(call.body.plates), call.body.reason, call.user.name)
    return await _told(house, call.path["pass"], wish)


async def replace(house: House, call: Call[NoQuery, ReplacementChange]) -> PassShown:
    """Another car instead of one, for a time."""
    body = call.body
    wish = ReplacePlate(body.plate, body.instead, body.from_us, body.until_us, call.user.name)
    return await _told(house, call.path["pass"], wish)


async def end(house: House, call: Call[NoQuery, Ending]) -> PassShown:
    """It ends now; what its rule gives back goes back."""
    return await _told(house, call.path["pass"], EndPass(call.body.reason, call.user.name), call.key)


def new_id(call: Call[Any, Any]) -> str:
    """The id of what this request makes: the same key of the same person makes the same."""
    return blake2b(f"{call.user.user} {call.key}".encode(), digest_size=16).hexdigest()


async def _own(house: House, call: Call[Any, Any]) -> PassShown:
    """The caller's own pass; another's is not there."""
    known = await _told(house, call.path["pass"], PassQuery())
    if known.account != call.user.user:
        raise Problem("not_found")
    return known


async def _told(house: House, id: str, message: Message, key: str | None = None) -> PassShown:
    try:
        answer = await ask(house.post, Ref("pass", id), message, key)
    except Problem as problem:
        if problem.details.get("refused") == "pass_unknown":
            raise Problem("not_found") from None
        raise
    assert isinstance(answer, PassAnswer)
    return shown(answer, house.lookout.clock())


async def _lines(house: House, asked: Paged, **wanted: Any) -> PassLines:
    now = house.lookout.clock()
    rows = await house.plates.passes(key_after(asked), asked.limit + 1, now=now, **wanted)
    page, following = page_of(rows, asked.limit, lambda row: row.id)
    return PassLines([_line(row, now) for row in page], following)


def shown(answer: PassAnswer, now: Micros) -> PassShown:
    """A pass as people see it."""
    face = answer.face
    held = face.offer
    offer = OfferShown(held.fen, held.from_us, held.until_us, held.pay_until_us, held.renewal) if held else None
    return PassShown(
        id=answer.pass_,
        state=state_at(face.state, face.from_us, face.until_us, now),
        rule=face.rule,
        operator=face.operator,
        plates=list(face.plates),
        lots=list(face.lots),
        groups=list(face.groups),
        seats=face.seats,
        account=face.account,
        holder=face.holder,
        phone=face.phone,
        issued_us=face.issued_us,
        from_us=face.from_us,
        until_us=face.until_us,
        offer=offer,
        inside=[InsideShown(each.session, each.plate, each.lot, each.until_us) for each in face.inside],
        replacements=[ReplacementShown(r.plate, r.instead, r.from_us, r.until_us) for r in face.replacements],
        refund_fen=answer.refund_fen,
    )


def state_at(state: str, from_us: Micros, until_us: Micros, now: Micros) -> str:
    """What a sold pass is at a time: `coming`, `valid` or `expired`."""
    if state != "sold":
        return state
    return "coming" if now < from_us else "valid" if now < until_us else "expired"


def _line(row: PassRow, now: Micros) -> PassLine:
    said = {name: getattr(row, name) for name in ("id", "rule", "operator", "account", "holder", "phone", "fen")}
    return PassLine(
        **said,
        state=state_at(row.state, row.from_us, row.until_us, now),
        plates=row.plates.split(),
        lots=row.lots.split(),
        groups=row.groups.split(),
        issued_us=row.issued_us,
        from_us=row.from_us,
        until_us=row.until_us,
    )
