"""Payments with providers over HTTP: begun for stays, looked at, called off, refunds asked for again; our accounts."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from actors.messages.forms import Command
from actors.messages.money import CloseBill, Due
from actors.messages.payment import (
    CancelPayment,
    OrderCreated,
    OrderRefused,
    PaymentAnswer,
    PaymentFace,
    PaymentQuery,
    QueryOrder,
    RetryRefund,
    SettleTrouble,
    StartPayment,
)
from actors.messages.session import OpenBill
from actors.messages.session_shown import Bill, BillOpened
from actors.values import Ref
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import key_after, number_after, page_of
from gateway.http.shown_payments import (
    BackShown,
    DueShown,
    MerchantChange,
    MerchantShown,
    MerchantsShown,
    NewPayment,
    PaymentLine,
    PaymentLines,
    PaymentShown,
    RefusedNotification,
    RefusedNotifications,
    WhichPayments,
    WhichRefused,
    Why,
)
from gateway.outside.merchants import NoMerchant
from gateway.outside.payments import order_of
from gateway.outside.provider import Created, OrderKnown, ProviderAway, ProviderRefused, Untrusted
from gateway.outside.wechat.account import WrongAccount
from storage.payments import PaymentRow

ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
PLACE: Final = re.compile(r"\d{1,18}-[0-9a-f]{32}", re.ASCII)
"""A row's place in the list: when it began, and its id."""
ABOUT: Final = "停车费"
OPEN: Final = ("started", "created")
AWAY_RETRY_S: Final = 2


async def pay(house: House, call: Call[NoQuery, NewPayment]) -> PaymentShown:
    """Holds the stays' prices, begins a payment of their sum, and has the provider make the order."""
    body = call.body
    payment = begun_by(call.user.user, call.key)
    if len(set(body.sessions)) < len(body.sessions):
        raise Problem("invalid_body", "A stay is named twice", {"path": "$.sessions"})
    merchant = merchant_of(house, body.channel)
    known = await asked(house, payment)
    if not known.face.state:
        bills = await _bills(house, payment, body.channel, body.sessions)
        payees = tuple(Due("session", key, bill.due_fen) for key, bill in zip(body.sessions, bills, strict=True))
        until_us = min(bill.until_us for bill in bills)
        who = (body.channel, body.method, payees, "", ABOUT, until_us, body.openid, "", merchant)
        return await begin(house, payment, StartPayment(*who))
    if [due.key for due in known.face.payees] != body.sessions or known.face.channel != body.channel:
        raise Problem("refused", details={"refused": "payment_taken"})
    return await _made(house, payment, known.face)


async def begin(house: House, payment: str, start: StartPayment) -> PaymentShown:
    """Begins a payment that is durable before its provider hears of it; again, it is the same payment and order."""
    return await _made(house, payment, (await _told(house, payment, start)).face)


async def asked(house: House, payment: str) -> PaymentAnswer:
    """How a payment stands; its `state` is empty if nobody began it."""
    answer = await ask(house.post, Ref("payment", payment), PaymentQuery())
    assert isinstance(answer, PaymentAnswer)
    return answer


async def _made(house: House, payment: str, face: PaymentFace) -> PaymentShown:
    """Has the order made, for somebody who waits; whoever dies here, the payment asks the provider by itself."""
    if face.state not in OPEN:
        return shown(payment, face)
    try:
        answer, created = await _ordered(house, payment, face)
    except ProviderRefused as no:
        await _told(house, payment, OrderRefused(no.code))
        raise Problem("provider_refused", details={"provider": no.code, "payment": payment}) from None
    except (ProviderAway, Untrusted) as error:
        details = {"payment": payment, "why": type(error).__name__}
        raise Problem("provider_away", details=details, retry_after_s=AWAY_RETRY_S) from None
    return shown(payment, answer.face, created)


async def _ordered(house: House, payment: str, face: PaymentFace) -> tuple[PaymentAnswer, Created | None]:
    """The order is made; or it was, and how it stands is asked."""
    who = (face.channel, face.method, face.payees, face.payer, face.about, face.until_us, face.openid)
    try:
        created = await house.cashier.port.begin(order_of(payment, StartPayment(*who)))
    except OrderKnown:
        said = await house.cashier.port(QueryOrder(payment, face.channel, face.method), payment)
        return await _told(house, payment, said), None
    return await _told(house, payment, OrderCreated(created.merchant, created.code_url)), created


async def _bills(house: House, payment: str, channel: str, sessions: Sequence[str]) -> list[Bill]:
    """The held prices of all of them, or of none."""
    bills: list[Bill] = []
    try:
        for key in sessions:
            answer = await ask(house.post, Ref("session", key), OpenBill(payment, channel))
            assert isinstance(answer, BillOpened)
            bills.append(answer.bill)
    except Problem:
        for key in sessions[: len(bills)]:
            await ask(house.post, Ref("session", key), CloseBill(payment, "cancelled"))
        raise
    return bills


def begun_by(user: str, key: str) -> str:
    """The id of the payment that this user begins with this key, and nobody else can."""
    return blake2b(f"{user} {key}".encode(), digest_size=16).hexdigest()


async def one(house: House, call: Call[NoQuery, None]) -> PaymentShown:
    """One payment, as it stands this moment."""
    return await _standing(house, _id(call))


async def mine(house: House, call: Call[NoQuery, None]) -> PaymentShown:
    """A payment of the caller's own, for those who may begin payments but not look at everybody's."""
    return await _standing(house, begun_by(call.user.user, call.path["key"]))


async def _standing(house: House, payment: str) -> PaymentShown:
    answer = await asked(house, payment)
    if not answer.face.state:
        raise Problem("not_found")
    return shown(payment, answer.face)


async def cancel(house: House, call: Call[NoQuery, Why]) -> PaymentShown:
    """Calls it off, unless it is paid."""
    payment = await _known(house, call)
    answer = await _told(house, payment, CancelPayment(call.user.name))
    house.cashier.nudge()
    return shown(payment, answer.face)


async def settle(house: House, call: Call[NoQuery, Why]) -> PaymentShown:
    """Staff have looked at what was wrong with it."""
    payment = await _known(house, call)
    answer = await _told(house, payment, SettleTrouble(call.user.name, call.body.note))
    return shown(payment, answer.face)


async def retry(house: House, call: Call[NoQuery, Why]) -> PaymentShown:
    """Asks for a refund that failed once more."""
    payment, n = await _known(house, call), call.path["n"]
    if not (n.isascii() and n.isdigit() and len(n) < 6):
        raise Problem("not_found")
    answer = await _told(house, payment, RetryRefund(int(n), call.user.name))
    house.cashier.nudge()
    return shown(payment, answer.face)


async def listed(house: House, call: Call[WhichPayments, None]) -> PaymentLines:
    """One page of the payments, those that failed included."""
    which = call.query
    at, _, id = (key_after(which, PLACE) or "").partition("-")
    after = (int(at), id) if at else None
    wanted = (which.channel, which.state, which.openid, which.trouble)
    rows = await house.cashier.records.listed(after, which.limit + 1, *wanted)
    page, following = page_of(rows, which.limit, lambda row: f"{row.started_us}-{row.id}")
    return PaymentLines([_line(row) for row in page], following)


async def refused(house: House, call: Call[WhichRefused, None]) -> RefusedNotifications:
    """One page of what was not believed."""
    which = call.query
    rows = await house.cashier.refused.listed(number_after(which), which.limit + 1, which.channel, which.reason)
    page, following = page_of(rows, which.limit, lambda row: row.id)
    items = [RefusedNotification(*(getattr(row, name) for name in row.__struct_fields__)) for row in page]
    return RefusedNotifications(items, following)


async def merchants(house: House, call: Call[NoQuery, None]) -> MerchantsShown:
    """Our accounts, without their secrets."""
    known = house.cashier.merchants
    return MerchantsShown([MerchantShown(name, known.shown(name)) for name in known.names()])


async def save_merchant(house: House, call: Call[NoQuery, MerchantChange]) -> MerchantShown:
    """Keeps an account; the next call of its channel uses it."""
    channel, known = call.path["channel"], house.cashier.merchants
    try:
        await known.save(channel, call.body.fields)
    except NoMerchant:
        raise Problem("not_found", "There is no such channel here") from None
    except WrongAccount as error:
        raise Problem("invalid_body", str(error), {"path": "$.fields"}) from None
    return MerchantShown(channel, known.shown(channel))


def shown(payment: str, face: PaymentFace, created: Created | None = None) -> PaymentShown:
    """A payment as people see it."""
    return PaymentShown(
        id=payment,
        channel=face.channel,
        method=face.method,
        state=face.state,
        fen=face.fen,
        paid_fen=face.fen if face.state == "paid" else 0,
        refunding_fen=face.refunding_fen,
        refunded_fen=face.refunded_fen,
        about=face.about,
        payer=face.payer,
        openid=face.openid,
        started_us=face.started_us,
        until_us=face.until_us,
        paid_us=face.paid_us,
        provider_ref=face.provider_ref,
        bank=face.bank,
        merchant=face.merchant,
        why=face.why,
        trouble=face.trouble,
        payees=[DueShown(due.kind, due.key, due.fen) for due in face.payees],
        backs=[BackShown(back.n, back.fen, back.state, back.why) for back in face.backs],
        code_url=face.code_url if face.state in OPEN else "",
        prepay=dict(created.prepay) if created else {},
    )


async def _told(house: House, payment: str, message: Command) -> PaymentAnswer:
    answer = await ask(house.post, Ref("payment", payment), message)
    assert isinstance(answer, PaymentAnswer)
    return answer


def merchant_of(house: House, channel: str) -> str:
    """Our account at the provider of this channel; raises `no_merchant`."""
    try:
        return house.cashier.merchants.channel(channel).merchant
    except NoMerchant:
        raise Problem("no_merchant", details={"channel": channel}) from None


async def _known(house: House, call: Call[NoQuery, Why]) -> str:
    """The payment of the address, if somebody has begun it."""
    payment = _id(call)
    if not (await asked(house, payment)).face.state:
        raise Problem("not_found")
    return payment


def _id(call: Call[NoQuery, Any]) -> str:
    if not ID.fullmatch(call.path["id"]):
        raise Problem("not_found")
    return call.path["id"]


def _line(row: PaymentRow) -> PaymentLine:
    return PaymentLine(
        id=row.id,
        channel=row.channel,
        fen=row.fen,
        paid_fen=row.fen if row.state == "paid" else 0,
        follows=None,
        kind=row.method,
        bank=row.bank,
        use=row.about,
        state=row.state,
        openid=row.openid,
        provider_ref=row.provider_ref,
        merchant=row.merchant,
        started_us=row.started_us,
        paid_us=row.paid_us,
        refunding_fen=row.refunding_fen,
        refunded_fen=row.refunded_fen,
        why=row.why,
        trouble=row.trouble,
    )
