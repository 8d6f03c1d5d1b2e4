"""The one way in which owners pay: every payee holds a price, then the wallet or a provider pays them all."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from actors.messages.account import CouponsHeld, FreeCoupons, HoldCoupons, PayFromWallet, WalletPaid
from actors.messages.money import CloseBill, Due
from actors.messages.payment import StartPayment
from actors.messages.session import OpenBill, SessionQuery
from actors.messages.session_shown import Bill, BillOpened, SessionAnswer
from actors.values import Ref
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.house import House
from gateway.http.own.shown import OwnPaymentShown, PaidStay

WALLET = "wallet"


class Wanted(NamedTuple):
    """What is to be paid, by whom (an account, or nobody we know), and how."""

    payment: str
    account: str
    stays: Sequence[str]
    way: str
    method: str = "native"
    openid: str = ""
    coupons: Sequence[str] = ()


def payment_of(what: str, user: str, key: str) -> str:
    """The number of the payment that this caller's key stands for."""
    return blake2b(f"{what} {user} {key}".encode(), digest_size=16).hexdigest()


async def pay(house: House, wanted: Wanted) -> OwnPaymentShown:
    """Pays, or begins to; the same payment again is the same payment."""
    if len(set(wanted.stays)) < len(wanted.stays):
        raise Problem("invalid_body", "A stay is named twice", {"path": "$.stays"})
    if wanted.coupons and (len(wanted.stays) > 1 or not wanted.account):
        raise Problem("invalid_body", "Coupons go with one stay", {"path": "$.coupons"})
    if wanted.coupons and await _paid_by_coupons(house, wanted):
        return OwnPaymentShown(wanted.payment, wanted.way, "paid", 0, [])
    if wanted.way == WALLET:
        return await _from_wallet(house, wanted)
    return await _by_provider(house, wanted)


async def _paid_by_coupons(house: House, wanted: Wanted) -> bool:
    """Whether this payment was asked for before, and coupons left nothing to be paid."""
    answer = await ask(house.post, Ref("session", wanted.stays[0]), SessionQuery()) if wanted.stays else None
    got = answer.got if isinstance(answer, SessionAnswer) else ()
    return any(each.payment == wanted.payment and not each.fen for each in got)


async def _from_wallet(house: House, wanted: Wanted) -> OwnPaymentShown:
    done = await paid_before(house, wanted.payment, wanted.account)
    if done is not None:
        return done
    bills = await _bills(house, wanted)
    if not any(bill.due_fen for bill in bills):
        return _shown(wanted, "paid", bills)
    dues = tuple(Due("session", key, bill.due_fen) for key, bill in zip(wanted.stays, bills, strict=True))
    try:
        paid = await ask(house.post, Ref("account", wanted.account), PayFromWallet(wanted.payment, dues))
    except Problem as no:
        if no.reason.code == "refused":
            await _let_go(house, wanted, wanted.stays)
        raise
    assert isinstance(paid, WalletPaid)
    return _shown(wanted, "paid", bills)


async def paid_before(house: House, payment: str, account: str) -> OwnPaymentShown | None:
    """What the wallet paid when this payment was asked for before; a payment without parts pays nothing."""
    try:
        known = await ask(house.post, Ref("account", account), PayFromWallet(payment, ()))
    except Problem as no:
        if no.details.get("refused") == "amount_wrong":
            return None
        raise
    assert isinstance(known, WalletPaid)
    return OwnPaymentShown(payment, WALLET, "paid", known.fen, [])


async def _by_provider(house: House, wanted: Wanted) -> OwnPaymentShown:
    merchant = paying.merchant_of(house, wanted.way)
    known = (await paying.asked(house, wanted.payment)).face
    if known.state:
        if [due.key for due in known.payees] != list(wanted.stays) or known.channel != wanted.way:
            raise Problem("key_used")
        start = StartPayment(known.channel, known.method, known.payees, known.payer, known.about, known.until_us)
        shown = await paying.begin(house, wanted.payment, start)
        parts = [PaidStay(due.key, due.fen, 0, 0) for due in known.payees]
        return OwnPaymentShown(wanted.payment, wanted.way, shown.state, shown.fen, parts, known.until_us, shown)
    bills = await _bills(house, wanted)
    if not any(bill.due_fen for bill in bills):
        return _shown(wanted, "paid", bills)
    dues = tuple(Due("session", key, bill.due_fen) for key, bill in zip(wanted.stays, bills, strict=True))
    until_us = min(bill.until_us for bill in bills)
    about = (wanted.account, paying.ABOUT, until_us, wanted.openid, "", merchant)
    try:
        shown = await paying.begin(house, wanted.payment, StartPayment(wanted.way, wanted.method, dues, *about))
    except Problem as no:
        if no.reason.code in ("refused", "provider_refused"):
            await _let_go(house, wanted, wanted.stays)
        raise
    made = _shown(wanted, shown.state, bills)
    return OwnPaymentShown(made.payment, made.way, made.state, made.fen, made.stays, until_us, shown)


async def _bills(house: House, wanted: Wanted) -> list[Bill]:
    """The held prices of all stays, or of none."""
    if not wanted.stays:
        raise Problem("refused", "Nothing is owed", {"refused": "nothing_due"})
    coupons = b""
    if wanted.coupons:
        hold = HoldCoupons(wanted.payment, tuple(wanted.coupons))
        held = await ask(house.post, Ref("account", wanted.account), hold)
        assert isinstance(held, CouponsHeld)
        coupons = held.coupons
    bills: list[Bill] = []
    try:
        for key in wanted.stays:
            opening = OpenBill(wanted.payment, wanted.way, wanted.account, coupons)
            answer = await ask(house.post, Ref("session", key), opening)
            assert isinstance(answer, BillOpened)
            bills.append(answer.bill)
    except Problem:
        await _let_go(house, wanted, wanted.stays[: len(bills)])
        raise
    return bills


async def _let_go(house: House, wanted: Wanted, stays: Sequence[str]) -> None:
    """Nothing was paid: held prices and coupons are free again."""
    for key in stays:
        await ask(house.post, Ref("session", key), CloseBill(wanted.payment, "cancelled"))
    if wanted.coupons:
        await ask(house.post, Ref("account", wanted.account), FreeCoupons(wanted.payment))


def _shown(wanted: Wanted, state: str, bills: Sequence[Bill]) -> OwnPaymentShown:
    parts = [
        PaidStay(key, bill.due_fen, sum(each.fen for each in bill.off), bill.covers_until_us)
        for key, bill in zip(wanted.stays, bills, strict=True)
    ]
    return OwnPaymentShown(wanted.payment, wanted.way, state, sum(each.fen for each in parts), parts)
