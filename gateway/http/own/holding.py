"""An owner's reservations: a bay is kept, its deposit paid, another bay taken instead, its lock lowered."""

from typing import Any, Final

from actors.messages.account import PayFromWallet, WalletPaid
from actors.messages.bay import BayAnswer, BayQuery
from actors.messages.forms import Message
from actors.messages.holder import (
    CancelReservation,
    HolderAnswer,
    HolderQuery,
    MoveReservation,
    Reservation,
    Reserve,
    Reserved,
)
from actors.messages.holding import LockLowered, LowerFor
from actors.messages.money import Due
from actors.messages.payment import StartPayment
from actors.plates import normal
from actors.values import Ref
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.own.account import own_plates
from gateway.http.own.payments import WALLET, paid_before, payment_of
from gateway.http.own.shown import OwnPaymentShown
from gateway.http.paging import key_after, page_of
from gateway.http.shown_holding import (
    DepositPayment,
    LockShown,
    LowerLock,
    NewReservation,
    Nothing,
    OtherBay,
    OwnReservations,
    Reservations,
    ReservationShown,
    WhichReservations,
)
from gateway.http.typed import plain
from storage.holdings import Wish
from storage.orders import bay_ref
from storage.rows import BayRow

ABOUT: Final = "车位预约押金"
OFFERS: Final = 3
TAKEN: Final = ("occupied", "verify")


async def listed(house: House, call: Call[NoQuery, None]) -> OwnReservations:
    """One's own reservations, as their actor says."""
    known = await _reservations(house, call.user.user)
    return OwnReservations([await _shown(house, each) for each in reversed(known)])


async def everybodys(house: House, call: Call[WhichReservations, None]) -> Reservations:
    """One page of anybody's, for staff."""
    asked = call.query
    wanted = {"account": asked.account, "lot": asked.lot, "state": asked.state}
    rows = await house.own.holdings.reservations(key_after(asked), asked.limit + 1, **wanted)
    return Reservations(*page_of(rows, asked.limit, lambda row: row.id))


async def reserve(house: House, call: Call[NoQuery, NewReservation]) -> ReservationShown:
    """Asks for a bay; whether it is kept stands in the reservation a moment later."""
    body, user = call.body, call.user.user
    plate = await _own_plate(house, user, body.plate)
    bay = await bay_named(house, body.number)
    id = f"{user}/{payment_of('reserve', user, call.key)}"
    known = await _named(house, user, id)
    if known is not None:
        return await _shown(house, known)
    await _must_be_free(house, bay, body.from_us)
    said = Reserve(id, bay.lot, bay.id, bay.type, plate, body.from_us, body.leave_us)
    return await _told(house, user, said)


async def cancel(house: House, call: Call[NoQuery, Nothing]) -> ReservationShown:
    """Gives it up; in time, the deposit goes back."""
    known = await _own(house, call)
    return await _told(house, call.user.user, CancelReservation(known.reservation), call.key)


async def move(house: House, call: Call[NoQuery, OtherBay]) -> ReservationShown:
    """Takes another bay, because another car stands in the one that was kept."""
    known, bay = await _own(house, call), await bay_named(house, call.body.number)
    await _must_be_free(house, bay, 0)
    return await _told(house, call.user.user, MoveReservation(known.reservation, bay.lot, bay.id, bay.type))


async def pay(house: House, call: Call[NoQuery, DepositPayment]) -> OwnPaymentShown:
    """Pays the deposit, or begins to; the same key again is the same payment."""
    body, user, known = call.body, call.user.user, await _own(house, call)
    payment = payment_of("deposit", user, call.key)
    dues = (Due("holder", user, known.deposit_fen),)
    if body.way == WALLET:
        return await _from_wallet(house, payment, user, known, dues)
    merchant = paying.merchant_of(house, body.way)
    begun = (await paying.asked(house, payment)).face
    if not begun.state:
        _must_be_unpaid(known)
    parts, until_us = (begun.payees, begun.until_us) if begun.state else (dues, known.pay_until_us)
    who = (user, ABOUT, until_us, body.openid, "", merchant)
    shown = await paying.begin(house, payment, StartPayment(body.way, body.method, parts, *who))
    return OwnPaymentShown(payment, body.way, shown.state, shown.fen, [], until_us, shown)


async def lower(house: House, call: Call[NoQuery, LowerLock]) -> LockShown:
    """Lowers the lock of a bay that is kept for the caller, is his own, or shared now."""
    plate = await _own_plate(house, call.user.user, call.body.plate)
    bay = await bay_named(house, call.path["number"])
    said = LowerFor(call.user.user, plate, house.lookout.clock())
    answer = await ask(house.post, Ref("holding", f"{bay.lot}/{bay.id}"), said, call.key)
    assert isinstance(answer, LockLowered)
    return LockShown(answer.as_what)


async def bay_named(house: House, number: str) -> BayRow:
    """The bay of this number; `not_found`."""
    _, bay = found(await house.own.owners.bay(plain(number, "$.number")))
    return found(await house.lists.bay(bay))


async def _from_wallet(
    house: House, payment: str, user: str, known: Reservation, dues: tuple[Due, ...]
) -> OwnPaymentShown:
    done = await paid_before(house, payment, user)
    if done is not None:
        return done
    _must_be_unpaid(known)
    paid = await ask(house.post, Ref("account", user), PayFromWallet(payment, dues))
    assert isinstance(paid, WalletPaid)
    return OwnPaymentShown(payment, WALLET, "paid", paid.fen, [])


def _must_be_unpaid(known: Reservation) -> None:
    if known.state != "unpaid":
        raise Problem("refused", "No deposit is to be paid now", {"refused": "nothing_due", "state": known.state})


async def _must_be_free(house: House, bay: BayRow, from_us: int) -> None:
    """Nobody stands in a bay that is to be kept from now on; what its holding does not know, its actor does."""
    if from_us > house.lookout.clock():
        return
    answer = await ask(house.post, bay_ref(bay.lot, bay.id), BayQuery())
    assert isinstance(answer, BayAnswer)
    if answer.face.state in TAKEN:
        raise Problem("refused", "A car stands there", {"refused": "bay_taken"})


async def _own_plate(house: House, user: str, text: str) -> str:
    plate = normal(text)
    if plate not in await own_plates(house, user):
        raise Problem("refused", "The plate is not this account's", {"refused": "not_owner", "plate": plate})
    return plate


async def _reservations(house: House, user: str) -> tuple[Reservation, ...]:
    answer = await ask(house.post, Ref("holder", user), HolderQuery())
    assert isinstance(answer, HolderAnswer)
    return answer.face.reservations


async def _named(house: House, user: str, id: str) -> Reservation | None:
    return next((each for each in await _reservations(house, user) if each.reservation == id), None)


async def _own(house: House, call: Call[Any, Any]) -> Reservation:
    return found(await _named(house, call.user.user, f"{call.user.user}/{call.path['id']}"))


async def _told(house: House, user: str, said: Message, key: str | None = None) -> ReservationShown:
    answer = await ask(house.post, Ref("holder", user), said, key)
    assert isinstance(answer, Reserved)
    return await _shown(house, await _named(house, user, answer.said.reservation) or answer.said)


async def _shown(house: House, said: Reservation) -> ReservationShown:
    offers = []
    if said.state == "wrong_car":
        bay = found(await house.lists.bay(said.bay))
        offers = await house.own.holdings.nearest(Wish(bay.lon, bay.lat, bay.type, but=bay.id), OFFERS, bay.lot)
    return ReservationShown(
        said.reservation.rpartition("/")[2],
        said.lot,
        said.bay,
        said.plate,
        said.state,
        said.why,
        said.from_us,
        said.until_us,
        said.leave_us,
        said.deposit_fen,
        bool(said.payment),
        said.pay_until_us,
        said.cancel_us,
        said.wanted,
        offers,
    )
