"""Paying by a typed plate: by anybody, signed in or not; what a stranger sees tells nobody where a car stands."""

import asyncio
from collections.abc import Sequence

from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import VehicleAnswer, VehicleQuery
from actors.plates import normal
from actors.values import Ref
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.payments import WALLET, Wanted, paid_before, pay, payment_of
from gateway.http.own.shown import (
    STAYS_MOST,
    BillsPayment,
    MaskedBill,
    MaskedBills,
    MaskedPayment,
    OwnPaymentShown,
    WhichBills,
)
from gateway.http.own.stays import asked_of, masked
from gateway.http.typed import plain


async def bills(house: House, call: Call[WhichBills, None]) -> MaskedBills:
    """What can be paid for a plate; one client address may ask a few times a minute."""
    may_try(house, call.client)
    plate = normal(plain(call.path["plate"], "$.plate"))
    payable = await _payable(house, plate)
    wanted = [each for each in payable if call.query.lot in ("", _lot(each))]
    names = {lot: await house.lists.lot(lot) for lot in {_lot(each) for each in wanted}}
    return MaskedBills([bill_of(house, each, names[_lot(each)]) for each in wanted])


async def pay_without_account(house: House, call: Call[NoQuery, BillsPayment]) -> MaskedPayment:
    """Begins a payment with a provider for a plate's bills."""
    if call.body.way == WALLET:
        raise Problem("not_signed_in", "Only a signed in owner pays from a wallet")
    may_try(house, call.client)
    return await _pay(house, call, "")


async def pay_for_other(house: House, call: Call[NoQuery, BillsPayment]) -> MaskedPayment:
    """Pays for anybody's car, from the wallet or with a provider."""
    return await _pay(house, call, call.user.user)


async def _pay(house: House, call: Call[NoQuery, BillsPayment], account: str) -> MaskedPayment:
    body, plate = call.body, normal(plain(call.path["plate"], "$.plate"))
    payment = payment_of("plate", account or call.client, f"{plate} {call.key}")
    done = await paid_before(house, payment, account) if body.way == WALLET else None
    if done is not None:
        return masked_payment(done)
    begun = [due.key for due in (await paying.asked(house, payment)).face.payees] if body.way != WALLET else []
    stays = begun or await _stays(house, plate, body.bills)
    return masked_payment(await pay(house, Wanted(payment, account, stays, body.way, body.method, body.openid)))


async def _stays(house: House, plate: str, bills: Sequence[str]) -> list[str]:
    """The stays that these bills are of."""
    known = {sealed(house, each.session): each.session for each in await _payable(house, plate)}
    missing = [each for each in bills if each not in known]
    if missing:
        raise Problem("not_found", details={"bill": missing[0]})
    return [known[each] for each in bills]


def masked_payment(made: OwnPaymentShown) -> MaskedPayment:
    """A payment as whoever has no account may see it."""
    leave_by_us = min((each.leave_by_us for each in made.stays if each.leave_by_us), default=None)
    provider = made.provider
    code_url, prepay = (provider.code_url, provider.prepay) if provider else ("", {})
    return MaskedPayment(made.payment, made.way, made.state, made.fen, made.until_us, leave_by_us, code_url, prepay)


def may_try(house: House, client: str) -> None:
    """Raises `too_many_requests` for a client address that has asked too often."""
    wait_s = house.own.tries.wait_s(client)
    if wait_s:
        raise Problem("too_many_requests", retry_after_s=wait_s)


async def _payable(house: House, plate: str) -> list[SessionAnswer]:
    """Stays of a plate that owe something now, whether they run or are over, as their actors say."""
    if not plate:
        return []
    vehicle = await ask(house.post, Ref("vehicle", plate), VehicleQuery())
    assert isinstance(vehicle, VehicleAnswer)
    there = [each.session for each in vehicle.face.present] + [each.session for each in vehicle.face.owed]
    late = await house.own.owners.to_pay([plate], STAYS_MOST)
    keys = list(dict.fromkeys([*there, *late]))[:STAYS_MOST]
    answers = await asyncio.gather(*(asked_of(house, key) for key in keys))
    return [each for each in answers if each.face.plate == plate and each.due_fen > 0]


def bill_of(house: House, said: SessionAnswer, lot: object) -> MaskedBill:
    """A stay as a stranger may see it."""
    names = (getattr(lot, "name_zh", ""), getattr(lot, "name_en", ""), getattr(lot, "street", True))
    face = said.face
    running = face.exit_us is None
    return MaskedBill(sealed(house, said.session), masked(face.plate), *names, running, face.entry_us, said.due_fen)


def sealed(house: House, session: str) -> str:
    """A name for a stay that tells nothing of it."""
    return house.identity.seal(f"bill {session}")


def _lot(said: SessionAnswer) -> str:
    return said.session.partition("/")[0]
