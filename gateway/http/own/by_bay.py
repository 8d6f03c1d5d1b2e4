"""Paying by the code that stands at a bay: whoever scans it sees what the stay there costs, and may pay it."""

from actors.messages.bay import BayAnswer, BayQuery
from actors.messages.session_shown import SessionAnswer
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.by_plate import bill_of, masked_payment, may_try, sealed
from gateway.http.own.holding import bay_named
from gateway.http.own.payments import Wanted, pay, payment_of
from gateway.http.own.shown import MaskedBill, MaskedPayment
from gateway.http.own.stays import asked_of
from gateway.http.shown_holding import BayBillPayment
from storage.orders import bay_ref
from storage.rows import BayRow


async def bill(house: House, call: Call[NoQuery, None]) -> MaskedBill:
    """What the stay in this bay costs if it ends now; one client address may ask a few times a minute."""
    may_try(house, call.client)
    bay = await bay_named(house, call.path["number"])
    return bill_of(house, await _stay(house, bay), await house.lists.lot(bay.lot))


async def pay_bill(house: House, call: Call[NoQuery, BayBillPayment]) -> MaskedPayment:
    """Begins a payment of the bill that was seen; if another stay is there by now, there is no such bill."""
    may_try(house, call.client)
    body, number = call.body, call.path["number"]
    payment = payment_of("bay", call.client, f"{number} {call.key}")
    begun = [due.key for due in (await paying.asked(house, payment)).face.payees]
    stays = begun or [await _billed(house, number, body.bill)]
    return masked_payment(await pay(house, Wanted(payment, "", stays, body.way, body.method, body.openid)))


async def _billed(house: House, number: str, wanted: str) -> str:
    said = await _stay(house, await bay_named(house, number))
    if sealed(house, said.session) != wanted:
        raise Problem("not_found", details={"bill": wanted})
    return said.session


async def _stay(house: House, bay: BayRow) -> SessionAnswer:
    answer = await ask(house.post, bay_ref(bay.lot, bay.id), BayQuery())
    assert isinstance(answer, BayAnswer)
    if not answer.face.session:
        raise Problem("not_found", "No stay is open in this bay", {"number": bay.number})
    return await asked_of(house, answer.face.session)
