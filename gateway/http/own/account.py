"""An owner's account: plates, ways to pay by itself, wallet, top-ups; and what staff may do to it."""

from typing import Any

import msgspec

from actors.messages.account import (
    AccountAnswer,
    AccountFace,
    AccountQuery,
    BindPlate,
    ChooseDefault,
    FreeSum,
    FreezeSum,
    OpenTopUp,
    OwnCoupon,
    RefundTopUp,
    SetWays,
    TopUpOpened,
)
from actors.messages.forms import Message
from actors.messages.money import Due
from actors.messages.owners import OWNERS, OwnerRules, owner_rules_in
from actors.messages.ownership import ReleaseOwner
from actors.messages.payment import StartPayment
from actors.plates import normal
from actors.tariffs.offsets import Coupon
from actors.values import MINUTE_US, Ref
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.payments import payment_of
from gateway.http.own.shown import (
    AccountShown,
    CouponShown,
    Freezing,
    NewPlate,
    NewTopUp,
    Offers,
    PlateShown,
    Records,
    Refund,
    TopUpShown,
    Ways,
    WhichPlate,
    WhichRecords,
)
from gateway.http.paging import cursor, key_after
from gateway.http.typed import plain

TOP_UP_US = 30 * MINUTE_US
ABOUT = "钱包充值"

_coupon = msgspec.msgpack.Decoder(Coupon)


async def account(house: House, call: Call[NoQuery, None]) -> AccountShown:
    """One's own account."""
    return await _said(house, call.user.user, AccountQuery())


async def anybodys(house: House, call: Call[NoQuery, None]) -> AccountShown:
    """Anybody's account, for staff."""
    return await _said(house, call.path["account"], AccountQuery())


async def bind(house: House, call: Call[NoQuery, NewPlate]) -> AccountShown:
    """The plate is asked for; the vehicle says at once whether it is free."""
    body = call.body
    return await _said(house, call.user.user, BindPlate(body.plate, body.evidence), call.key)


async def unbind(house: House, call: Call[NoQuery, None]) -> None:
    """The plate is given up, unless a stay with it is open or unpaid: the vehicle decides."""
    user, plate = call.user.user, normal(call.path["plate"])
    known = await face_of(house, user)
    if plate not in {each.plate for each in known.plates}:
        raise Problem("not_found")
    owed = await house.own.owners.to_pay([plate], 1)
    if owed:
        raise Problem("refused", details={"refused": "plate_in_use", "session": owed[0]})
    await ask(house.post, Ref("vehicle", plate), ReleaseOwner(user))


async def choose(house: House, call: Call[NoQuery, WhichPlate]) -> AccountShown:
    """Another default plate."""
    return await _said(house, call.user.user, ChooseDefault(call.body.plate))


async def set_ways(house: House, call: Call[NoQuery, Ways]) -> AccountShown:
    """Paying by itself at exit, on or off."""
    body = call.body
    return await _said(house, call.user.user, SetWays(call.path["plate"], tuple(body.ways), body.openid))


async def records(house: House, call: Call[WhichRecords, None]) -> Records:
    """One page of what one's own wallet did."""
    return await _records(house, call.user.user, call.query)


async def anybodys_records(house: House, call: Call[WhichRecords, None]) -> Records:
    """The same of anybody's, for staff."""
    return await _records(house, call.path["account"], call.query)


async def offers(house: House, call: Call[NoQuery, None]) -> Offers:
    """Offers for top-ups."""
    return Offers((await rules_of(house)).offers)


async def top_up(house: House, call: Call[NoQuery, NewTopUp]) -> TopUpShown:
    """A top-up begins: the account holds the offer, the provider gets the order."""
    body, user = call.body, call.user.user
    merchant = paying.merchant_of(house, body.channel)
    payment = payment_of("top-up", user, call.key)
    opened = await ask(house.post, Ref("account", user), OpenTopUp(payment, body.fen, body.offer))
    assert isinstance(opened, TopUpOpened)
    if opened.fen != body.fen:
        raise Problem("key_used")
    known = await paying.asked(house, payment)
    until_us = known.face.until_us or house.identity.now() + TOP_UP_US
    parts = (Due("account", user, opened.fen),)
    start = StartPayment(body.channel, body.method, parts, user, ABOUT, until_us, body.openid, "", merchant)
    return TopUpShown(opened.fen, opened.gift_fen, await paying.begin(house, payment, start))


async def refund(house: House, call: Call[NoQuery, Refund]) -> AccountShown:
    """Staff give a top-up back."""
    body, who = call.body, call.user.name
    asked = RefundTopUp(body.payment, body.fen, who, call.key)
    return await _said(house, call.path["account"], asked, call.key)


async def freeze(house: House, call: Call[NoQuery, Freezing]) -> AccountShown:
    """Staff freeze a sum of a wallet under a name, or free it."""
    body, name, who = call.body, call.path["name"], call.user.name
    asked: Message = FreezeSum(name, body.fen, body.reason, who) if body.fen else FreeSum(name, who)
    return await _said(house, call.path["account"], asked)


async def face_of(house: House, account: str) -> AccountFace:
    """The account as its actor says it is."""
    answer = await ask(house.post, Ref("account", account), AccountQuery())
    assert isinstance(answer, AccountAnswer)
    return answer.face


async def own_plates(house: House, account: str) -> list[str]:
    """Plates that are the account's beyond doubt."""
    return [each.plate for each in (await face_of(house, account)).plates if each.state == "bound"]


async def rules_of(house: House) -> OwnerRules:
    """What holds for owners' accounts now."""
    known = await house.published.in_force(OWNERS, house.identity.now())
    return owner_rules_in(known.body) if known else OwnerRules()


async def _said(house: House, account: str, message: Any, key: str | None = None) -> AccountShown:
    answer = await ask(house.post, Ref("account", account), message, key)
    assert isinstance(answer, AccountAnswer)
    return _shown(account, answer.face, (await rules_of(house)).score_start)


def _shown(account: str, face: AccountFace, score: int) -> AccountShown:
    spendable_fen = face.balance_fen - face.frozen_fen + face.gift_fen
    plates = [PlateShown(each.plate, each.state, each.plate == face.default, each.ways) for each in face.plates]
    return AccountShown(
        account,
        face.balance_fen,
        face.gift_fen,
        face.frozen_fen,
        spendable_fen,
        score if face.score is None else face.score,
        plates,
        [_coupon_shown(each) for each in face.coupons],
    )


def _coupon_shown(own: OwnCoupon) -> CouponShown:
    terms = _coupon.decode(own.terms)
    said = (terms.kind, terms.minutes, str(terms.rate), terms.amount_fen, terms.most_fen, terms.stackable)
    return CouponShown(own.coupon, own.campaign, *said, own.until_us, bool(own.payment))


async def _records(house: House, account: str, asked: WhichRecords) -> Records:
    seq, _, nth = (key_after(asked) or "").partition("-")
    if asked.after and not (seq.isdecimal() and nth.isdecimal() and len(asked.after) < 40):
        raise Problem("invalid_query", "This is not a cursor of ours", {"path": "$.after"})
    after = (int(seq), int(nth)) if seq else None
    rows = await house.own.owners.records(plain(account, "$.account"), asked.which, after, asked.limit + 1)
    page = rows[: asked.limit]
    more = len(rows) > asked.limit
    return Records(page, cursor(f"{page[-1].seq}-{page[-1].nth}") if more else None)
