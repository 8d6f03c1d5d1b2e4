"""Before a gate with a phone: what the scanned code stands for, paying there, coming and going without a plate.

Nobody signs in for it: who holds a code of ours stands at the lane, and a car without a plate is known by what its
driver's phone was given when it came.
"""

from hashlib import blake2b
from typing import Annotated, Literal

import msgspec

from actors.messages.lane import Admitted, Leaving, ScanAtLane, TurnedAway
from actors.values import Micros, Ref
from gateway.http import paying
from gateway.http.asking import ask
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.gates import stands
from gateway.http.house import House
from gateway.http.own.by_plate import masked_payment
from gateway.http.own.payments import Wanted, pay, payment_of
from gateway.http.own.shown import MaskedPayment, Method, OpenId
from gateway.http.own.stays import asked_of, masked
from gateway.lanes.codes import Codes, ExitCode, Expired, LaneCode, Unreadable

Identity = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Bill = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class CarThere(Shown, frozen=True):
    """The car that waits to leave, as a stranger may see it: a payment names its `bill`, which holds `until_us`."""

    bill: str
    plate: str
    entry_us: Micros
    due_fen: int
    until_us: Micros


class GateShown(Shown, frozen=True):
    """A lot, and the car whose price is shown (null: none is; it may pass, or nobody waits)."""

    lot: str
    lot_zh: str
    lot_en: str
    car: CarThere | None


class GatePayment(Typed, frozen=True):
    """Pay this bill with a provider."""

    bill: Bill
    way: Literal["wechat", "alipay", "unionpay", "aggregate"] = "wechat"
    method: Method = "native"
    openid: OpenId = ""


class ComesIn(Typed, frozen=True):
    """A car without a plate comes; a phone that has an identity already keeps it."""

    identity: Identity | None = None


class CameIn(Shown, frozen=True):
    """It may pass. The phone keeps `identity`: with it the car leaves."""

    identity: str
    lot: str


class GoesOut(Typed, frozen=True):
    """A car without a plate leaves with the phone that it came with."""

    identity: Identity


async def look(house: House, call: Call[NoQuery, None]) -> GateShown:
    """What a code stands for, this moment."""
    lot, session, until_us = await _there(house, call.path["code"])
    return await _shown(house, lot, session, until_us)


async def pay_there(house: House, call: Call[NoQuery, GatePayment]) -> MaskedPayment:
    """Begins a payment of the car that was looked at; if another stands there now, that is not found."""
    body, code = call.body, call.path["code"]
    payment = payment_of("gate", code, f"{body.bill} {call.key}")
    begun = [due.key for due in (await paying.asked(house, payment)).face.payees]
    if not begun:
        _, session, _ = await _there(house, code)
        if not session or _bill(house, session) != body.bill:
            raise Problem("not_found", details={"bill": body.bill})
        begun = [session]
    return masked_payment(await pay(house, Wanted(payment, "", begun, body.way, body.method, body.openid)))


async def enter(house: House, call: Call[NoQuery, ComesIn]) -> CameIn:
    """The barrier opens for a car without a plate, which gets an identity."""
    where, code = _lane_of(house, call.path["code"]), call.path["code"]
    new = blake2b(house.identity.seal(f"phone {code} {call.client} {call.key}").encode(), digest_size=12).hexdigest()
    identity = call.body.identity or new
    answer = await _scan(house, where, identity, True, call.key)
    if not isinstance(answer, Admitted):
        raise Problem("turned_away", details={"why": answer.why if isinstance(answer, TurnedAway) else ""})
    return CameIn(identity, where.lot)


async def leave(house: House, call: Call[NoQuery, GoesOut]) -> GateShown:
    """The car that came with this phone stands at the exit: what is due, or nothing, and the barrier opens."""
    where = _lane_of(house, call.path["code"])
    answer = await _scan(house, where, call.body.identity, False, call.key)
    if not isinstance(answer, Leaving):
        raise Problem("turned_away", details={"why": answer.why if isinstance(answer, TurnedAway) else ""})
    there = await stands(house, where.lot, where.lane, answer.n)
    return await _shown(house, where.lot, answer.session if there.how == "pay" else "", there.until_us)


async def _scan(house: House, where: LaneCode, identity: str, entering: bool, key: str) -> object:
    said = ScanAtLane(where.lane, f"phone {identity}", house.lookout.clock(), entering)
    return await ask(house.post, Ref("lot", where.lot), said, f"scan {where.lane} {identity} {key}")


async def _there(house: House, code: str) -> tuple[str, str, Micros]:
    """The lot, the stay that waits to be paid there (empty: none), and until when its price holds."""
    said = _read(house, code)
    if isinstance(said, LaneCode):
        there = await stands(house, said.lot, said.lane, 0)
        return (said.lot, there.session, there.until_us) if there.how == "pay" else (said.lot, "", 0)
    return Ref("session", said.session).place, said.session, said.until_us


async def _shown(house: House, lot: str, session: str, until_us: Micros) -> GateShown:
    where, car = found(await house.lists.lot(lot)), None
    if session:
        said = await asked_of(house, session)
        plate = masked(said.face.plate)
        if said.due_fen > 0:
            car = CarThere(_bill(house, session), plate, said.face.entry_us, said.due_fen, until_us)
    return GateShown(lot, where.name_zh, where.name_en, car)


def _bill(house: House, session: str) -> str:
    return house.identity.seal(f"gate bill {session}")


def _lane_of(house: House, code: str) -> LaneCode:
    said = _read(house, code)
    if not isinstance(said, LaneCode):
        raise Problem("code_unknown")
    return said


def _read(house: House, code: str) -> LaneCode | ExitCode:
    try:
        return Codes(house.identity).read(code)
    except Unreadable:
        raise Problem("code_unknown") from None
    except Expired as over:
        raise Problem("code_expired", details={"until_us": str(over.until_us)}) from None
