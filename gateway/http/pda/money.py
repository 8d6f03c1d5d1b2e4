"""Money on the street: stays paid by hand, arrears recovered, stays let go free, and what a collector took today."""

from typing import Annotated, Literal

import msgspec

from actors.messages.collector import AcceptCash, CollectorAnswer, OfferCash
from actors.messages.session import PayByHand
from actors.messages.session_shown import SessionChanged, SessionPaid
from actors.messages.vehicle import Owed, VehicleAnswer, VehicleQuery
from actors.plates import normal
from actors.values import Micros, Ref
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.pda.people import CollectorShown, shown
from gateway.http.pda.rules import Fen, PlateText, Text, Word, collector, made_id, rules, stay_of, tell
from gateway.http.pda.waiving import waive
from storage.field import OperationRow

Hand = Literal["cash", "card", "city_card"]
Sum = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
ARREARS_MOST = 500
AT_ONCE = "http"
"""In place of a device's name: the operation was not done offline."""


class HandPayment(Typed, frozen=True, kw_only=True):
    """So much was taken for the stay: by hand, or by a card whose slip says `reference`; in this shift (empty: the one
    that is open).
    """

    channel: Hand
    fen: Sum
    shift: Text = ""
    reference: Text = ""


class HandPaid(Shown, frozen=True):
    """What is still due after it; leaving until then costs no more."""

    session: str
    payment: str
    channel: str
    fen: int
    due_fen: int
    covers_until_us: Micros


class ArrearsShown(Shown, frozen=True):
    """Arrears of one stay: where it was, from when to when."""

    session: str
    section: str
    bay: str
    entry_us: Micros | None
    exit_us: Micros | None
    since_us: Micros
    fen: int


class AllArrears(Shown, frozen=True):
    """All that a plate owes, anywhere."""

    plate: str
    items: list[ArrearsShown]
    fen: int


class ArrearsRecovery(Typed, frozen=True, kw_only=True):
    """Arrears of a plate are paid by hand: of these stays, or (none named) of all. `confirm` is the token of a
    `needs_confirmation`: above the sum of the rules people are asked twice.
    """

    plate: PlateText
    channel: Hand
    sessions: Annotated[list[Word], msgspec.Meta(max_length=ARREARS_MOST)] = []
    shift: Text = ""
    confirm: Text = ""


class RecoveredStay(Shown, frozen=True):
    """What became of one stay's arrears: paid, or still open and why."""

    session: str
    fen: int
    paid: bool
    code: str = ""


class ArrearsRecovered(Shown, frozen=True):
    """A recovery: what was paid, and what is still open. `id` names its voucher."""

    id: str
    plate: str
    channel: str
    items: list[RecoveredStay]
    paid_fen: int
    open_fen: int


class FreeStay(Typed, frozen=True, kw_only=True):
    """The stay costs nothing: for a reason of the dictionary."""

    reason: Word
    note: Text = ""


class FreedStay(Shown, frozen=True):
    """The stay after it."""

    session: str
    state: str
    due_fen: int


class CashCount(Typed, frozen=True):
    """So much cash was counted."""

    counted_fen: Fen


async def pay(house: House, call: Call[NoQuery, HandPayment]) -> HandPaid:
    """Takes money for a stay; the same key again is the same payment."""
    session, body, me = await stay_of(house, call), call.body, call.user.user
    shift = await shift_of(house, me, body.shift)
    payment, now = made_id("pay", me, call.key), house.lookout.clock()
    said = PayByHand(payment, body.channel, body.fen, me, shift, now, False, body.reference)
    return paid_shown(await tell(house, Ref("session", session), said), body.channel)


async def shift_of(house: House, me: str, said: str) -> str:
    """The collector's shift in which money is counted, the open one if none is named: `no_shift`."""
    if said:
        return own_shift(me, said)
    shift = (await collector(house, me)).shift
    if shift is None:
        raise Problem("no_shift")
    return shift.id


def own_shift(me: str, shift: str) -> str:
    """A shift that is named, if it is the collector's own (or none): `no_shift`."""
    if shift and not shift.startswith(f"{me}-"):
        raise Problem("no_shift", details={"shift": shift})
    return shift


def paid_shown(reply: object, channel: str) -> HandPaid:
    """A payment as answers show it."""
    assert isinstance(reply, SessionPaid)
    return HandPaid(reply.session, reply.payment, channel, reply.fen, reply.due_fen, reply.covers_until_us)


async def arrears(house: House, call: Call[NoQuery, None]) -> AllArrears:
    """All that a plate owes."""
    plate = normal(call.path["plate"])
    items = [await _arrears(house, each) for each in await owed_by(house, plate)]
    return AllArrears(plate, items, sum(each.fen for each in items))


async def owed_by(house: House, plate: str) -> list[Owed]:
    """What a plate owes, the oldest first."""
    reply = await tell(house, Ref("vehicle", plate), VehicleQuery())
    assert isinstance(reply, VehicleAnswer)
    return sorted(reply.face.owed, key=lambda each: (each.since_us, each.session))


async def _arrears(house: House, owed: Owed) -> ArrearsShown:
    section, _, own = owed.session.partition("/")
    row = await house.crew.stay(owed.session)
    entry_us, exit_us = (row.entry_us, row.exit_us) if row else (None, None)
    return ArrearsShown(owed.session, section, row.bay if row else own, entry_us, exit_us, owed.since_us, owed.fen)


async def recover(house: House, call: Call[NoQuery, ArrearsRecovery]) -> ArrearsRecovered:
    """Pays arrears by hand, stay by stay: what cannot be paid stays open and is told. The same key is the same
    recovery, however many stays came into arrears meanwhile.
    """
    body, me = call.body, call.user.user
    id = made_id("recover", me, call.key)
    plate = normal(body.plate)
    known = await house.fieldwork.operation(AT_ONCE, id)
    if known is None:
        chosen = await _chosen(house, plate, body.sessions)
        await confirmed(house, me, plate, chosen, body.confirm)
        shift = await shift_of(house, me, body.shift)
        plan = RecoveryPlan(plate, body.channel, shift, chosen)
        now = house.lookout.clock()
        row = OperationRow(AT_ONCE, id, me, "recover", msgspec.json.encode(plan).decode(), now, now)
        known = await house.fieldwork.begin(row)
    if known.outcome:
        return msgspec.json.decode(known.details, type=ArrearsRecovered)
    made = await carry_out(house, id, me, msgspec.json.decode(known.body, type=RecoveryPlan))
    done = msgspec.structs.replace(known, outcome="applied", details=msgspec.json.encode(made).decode())
    return msgspec.json.decode((await house.fieldwork.finish(done)).details, type=ArrearsRecovered)


class RecoveryPlan(msgspec.Struct, frozen=True):
    """What a recovery is to pay, decided once: so much for each of these stays, `over_fen` of it more than is owed."""

    plate: str
    channel: str
    shift: str
    sums: dict[str, int]
    paid_us: Micros = 0
    offline: bool = False
    over_fen: int = 0


async def _chosen(house: House, plate: str, sessions: list[str]) -> dict[str, int]:
    owed = {each.session: each.fen for each in await owed_by(house, plate)}
    chosen = {each: owed.get(each, 0) for each in sessions} if sessions else owed
    if not any(chosen.values()):
        raise Problem("nothing_owed", details={"plate": plate})
    return chosen


async def confirmed(house: House, me: str, plate: str, sums: dict[str, int], token: str) -> None:
    """Whether nobody has to be asked again: `needs_confirmation`, with the token that says yes."""
    fen, limit = sum(sums.values()), (await rules(house)).confirm_above_fen
    if fen <= limit:
        return
    wanted = house.identity.seal(f"recover {me} {plate} {fen} {' '.join(sorted(sums))}")
    if token != wanted:
        raise Problem("needs_confirmation", details={"confirm": wanted, "fen": str(fen), "above_fen": str(limit)})


async def carry_out(house: House, id: str, me: str, plan: RecoveryPlan) -> ArrearsRecovered:
    """Pays each stay; one that refuses stops no other."""
    items: list[RecoveredStay] = []
    for session, fen in plan.sums.items():
        paid_us = plan.paid_us or house.lookout.clock()
        said = PayByHand(made_id(id, session), plan.channel, fen, me, plan.shift, paid_us, plan.offline)
        try:
            if not fen:
                raise Problem("nothing_owed")
            await tell(house, Ref("session", session), said)
            items.append(RecoveredStay(session, fen, True))
        except Problem as no:
            if no.reason.status >= 500:
                raise  # not known, or not now: the same key goes on from here
            items.append(RecoveredStay(session, fen, False, no.details.get("refused", no.reason.code)))
    paid_fen = sum(each.fen for each in items if each.paid)
    open_fen = sum(each.fen for each in items if not each.paid)
    return ArrearsRecovered(id, plan.plate, plan.channel, items, paid_fen, open_fen)


async def free(house: House, call: Call[NoQuery, FreeStay]) -> FreedStay:
    """Lets a stay go free, for a reason of the dictionary."""
    session, body = await stay_of(house, call), call.body
    if body.reason not in (await rules(house)).free_reasons:
        raise Problem("unknown_reason", details={"reason": body.reason})
    why = f"{body.reason}: {body.note}" if body.note else body.reason
    reply = await waive(house, session, why, call.user.user)
    assert isinstance(reply, SessionChanged)
    return FreedStay(reply.session, reply.state, reply.due_fen)


async def offer(house: House, call: Call[NoQuery, CashCount]) -> CollectorShown:
    """The collector signs for the cash that was counted."""
    me = call.user.user
    reply = await tell(house, Ref("collector", me), OfferCash(call.body.counted_fen))
    assert isinstance(reply, CollectorAnswer)
    return shown(me, reply.face)


async def accept(house: House, call: Call[NoQuery, CashCount]) -> CollectorShown:
    """The cashier signs for the same sum: the cash changes hands."""
    user = found(await house.users.get(call.path["id"]))
    accepted = AcceptCash(call.body.counted_fen, call.user.user)
    key = f"accept-{made_id(call.user.user, call.key)}"
    reply = await tell(house, Ref("collector", user.id), accepted, key)
    assert isinstance(reply, CollectorAnswer)
    return shown(user.id, reply.face)
