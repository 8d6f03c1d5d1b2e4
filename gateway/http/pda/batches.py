"""What devices did without a line: accepted later, in order, each operation once, conflicts told one by one.

An operation is known by its device and that device's own number of it. It is kept before it is applied, so whoever
breaks off in the middle goes on where that was: each step is the same when it is done again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal

import msgspec

from actors.messages.bay import BayAnswer, BayQuery, ReportExit, ReportPlate, SessionAt
from actors.messages.session import NotePlate, PayByHand, ScheduleQuery
from actors.messages.session_shown import Schedule
from actors.plates import normal
from actors.values import HOUR_US, MINUTE_US, Micros, Ref
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.pda.money import RecoveryPlan, carry_out, owed_by, own_shift
from gateway.http.pda.rules import Fen, Instant, Place, PlateText, Text, Word, lot, made_id, place, rules, said_at, tell
from gateway.http.pda.street import Percent, asked, may_be_special
from gateway.http.pda.waiving import waive
from gateway.identity import Claims
from storage.field import OperationRow

OPERATIONS_MOST: Final = 500
SCHEDULE_US: Final = 24 * HOUR_US
CLOCKS_US: Final = MINUTE_US
"""A device's clock and a sensor's may differ by so much about one arrival."""


class Operation(Typed, frozen=True, kw_only=True):
    """One thing that was done at a time (the device's clock), by the device's own `id` for it.

    `plate` and `exit` name the `bay`; `pay` and `free` the `session`, or by `of` an earlier operation that made it;
    `recover` the `plate`. What a kind does not need is left out.
    """

    id: Word
    kind: Literal["plate", "exit", "pay", "free", "recover"]
    at_us: Instant
    bay: Text = ""
    session: Text = ""
    of: Text = ""
    plate: PlateText | None = None
    colour: Text = ""
    confidence_pct: Percent = 100
    no_plate: bool = False
    special: Text = ""
    channel: Literal["cash", "card", "city_card"] = "cash"
    fen: Fen = 0
    shift: Text = ""
    reference: Text = ""
    reason: Text = ""


class OfflineBatch(Typed, frozen=True):
    """What a device did, in order."""

    device: Word
    operations: Annotated[list[Operation], msgspec.Meta(max_length=OPERATIONS_MOST)]


class Outcome(Shown, frozen=True):
    """What became of an operation: `applied`; `conflict`, it was applied and the city had gone on meanwhile; `refused`;
    `waiting`, send it again. `again`: this batch was not the first to bring it.
    """

    id: str
    outcome: Literal["applied", "conflict", "refused", "waiting"]
    code: str = ""
    details: dict[str, str] = {}
    again: bool = False


class BatchDone(Shown, frozen=True):
    """What became of each operation, in the batch's order, and how many of them want a look."""

    items: list[Outcome]
    conflicts: int
    waiting: int


class StepShown(Shown, frozen=True):
    """Leaving up to and at that time, so much is owed."""

    until_us: Micros
    due_fen: int


class ScheduleShown(Shown, frozen=True):
    """What an open stay costs whenever it leaves, for a device that may lose its line."""

    session: str
    bay: str
    plate: str
    entry_us: Micros
    steps: list[StepShown]


class Schedules(Shown, frozen=True):
    """The schedules of all open stays of a section."""

    items: list[ScheduleShown]


class Made(msgspec.Struct, frozen=True):
    """What an operation led to."""

    details: dict[str, str]
    conflict: str = ""


class Doing(msgspec.Struct, frozen=True):
    """An operation under way: whose, on which device."""

    who: str
    device: str
    said: Operation

    @property
    def key(self) -> str:
        """The same whenever this operation is sent."""
        return made_id("operation", self.device, self.said.id)


async def take(house: House, call: Call[NoQuery, OfflineBatch]) -> BatchDone:
    """Applies a batch."""
    return await apply(house, call.user, call.body)


async def apply(house: House, user: Claims, batch: OfflineBatch) -> BatchDone:
    """Applies operations one after the other; where the city does not answer the rest waits."""
    items: list[Outcome] = []
    for said in batch.operations:
        if items and items[-1].outcome == "waiting":
            items.append(Outcome(said.id, "waiting"))
            continue
        try:
            items.append(await _once(house, Doing(user.user, batch.device, said)))
        except Problem as no:
            items.append(Outcome(said.id, "waiting", no.reason.code))
    conflicts = sum(each.outcome in ("conflict", "refused") for each in items)
    return BatchDone(items, conflicts, sum(each.outcome == "waiting" for each in items))


async def _once(house: House, doing: Doing) -> Outcome:
    """Applies an operation, unless it was; raises if nobody can say now what became of it."""
    said, now = doing.said, house.lookout.clock()
    body = msgspec.json.encode(said).decode()
    row = OperationRow(doing.device, said.id, doing.who, said.kind, body, said.at_us, now)
    known = await house.fieldwork.begin(row)
    if known.body != body or known.who != doing.who:
        return Outcome(said.id, "refused", "id_taken")
    if not known.outcome:
        known = await house.fieldwork.finish(await _applied(house, doing, known))
        return _outcome(known, again=False)
    return _outcome(known, again=True)


async def _applied(house: House, doing: Doing, row: OperationRow) -> OperationRow:
    try:
        said_at(house, doing.said.at_us)
        made = await DO[doing.said.kind](house, doing)
    except Problem as no:
        if no.reason.status >= 500:
            raise
        code = no.details.get("refused", no.reason.code)
        details = msgspec.json.encode({k: v for k, v in no.details.items() if k != "refused"}).decode()
        return msgspec.structs.replace(row, outcome="refused", code=code, details=details)
    details = msgspec.json.encode(made.details).decode()
    outcome = "conflict" if made.conflict else "applied"
    return msgspec.structs.replace(row, outcome=outcome, code=made.conflict, details=details)


def _outcome(row: OperationRow, again: bool) -> Outcome:
    said: Any = (row.id, row.outcome, row.code, msgspec.json.decode(row.details or "{}", type=dict[str, str]), again)
    return Outcome(*said)


async def _plate(house: House, doing: Doing) -> Made:
    """The plate goes to the stay that was there then; if that is over it is still its plate."""
    said = doing.said
    here = await place(house, said.bay)
    if said.special:
        await may_be_special(house, here.bay.lot)
    known = said.session or await _stay_then(house, here, said.at_us)
    plate, conflict = said.plate or "", ""
    read = ("pda", doing.device, said.confidence_pct, said.at_us, doing.who, said.no_plate)
    if known:
        note = NotePlate(plate, said.colour, *read)
        await tell(house, Ref("session", known), note, doing.key)
        conflict = "left_meanwhile" if (await asked(house, known)).face.exit_us else ""
    else:
        at = await tell(house, here.ref, ReportPlate(plate, said.colour, *read), doing.key)
        assert isinstance(at, SessionAt)
        known = at.session
    if said.special:
        await waive(house, known, f"special: {said.special}", doing.who, f"w{doing.key}")
    return Made({"session": known}, conflict)


async def _exit(house: House, doing: Doing) -> Made:
    """The stay that was there then is over; one that a sensor ended meanwhile stays as that said."""
    said = doing.said
    here = await place(house, said.bay)
    known, plate = await _session(house, doing) or await _stay_then(house, here, said.at_us), ""
    if known:
        answer = await asked(house, known)
        plate = answer.face.plate
        if answer.face.exit_us is not None:
            return Made({"session": known, "exit_us": str(answer.face.exit_us)}, "left_meanwhile")
    at = await tell(house, here.ref, ReportExit(said.at_us, "pda", doing.device, doing.who, plate=plate), doing.key)
    assert isinstance(at, SessionAt)
    return Made({"session": at.session})


async def _pay(house: House, doing: Doing) -> Made:
    """Money that was taken is taken; what was paid otherwise meanwhile becomes the vehicle's credit."""
    said, session = doing.said, await _session(house, doing)
    if not session or not said.fen:
        raise Problem("invalid_body", "Which stay was paid, and how much?", {"path": "$.session"})
    shift = own_shift(doing.who, said.shift)
    paid = PayByHand(doing.key, said.channel, said.fen, doing.who, shift, said.at_us, True, said.reference)
    await tell(house, Ref("session", session), paid)
    answer = await asked(house, session)
    got = next((each for each in answer.got if each.payment == doing.key), None)
    back_fen = got.returned_fen if got else 0
    details = {"session": session, "payment": doing.key, "credit_fen": str(back_fen)}
    return Made(details, "paid_meanwhile" if back_fen or "credit_unclaimed" in answer.face.flags else "")


async def _free(house: House, doing: Doing) -> Made:
    """The stay goes free, for a reason of the dictionary."""
    said, session = doing.said, await _session(house, doing)
    if said.reason not in (await rules(house)).free_reasons:
        raise Problem("unknown_reason", details={"reason": said.reason})
    if not session:
        raise Problem("invalid_body", "Which stay?", {"path": "$.session"})
    await waive(house, session, said.reason, doing.who, doing.key)
    return Made({"session": session})


async def _recover(house: House, doing: Doing) -> Made:
    """Arrears that were taken offline, oldest first; what is more than is owed now becomes credit of the last. How it
    is shared out is kept before anything is paid: who breaks off here does not share out again what is left.
    """
    said = doing.said
    plate, left = normal(said.plate or ""), said.fen
    sums: dict[str, int] = {}
    for each in await owed_by(house, plate) if plate else ():
        if left > 0:
            sums[each.session] = min(left, each.fen)
            left -= sums[each.session]
    if sums:
        sums[next(reversed(sums))] += left
    plan = RecoveryPlan(plate, said.channel, own_shift(doing.who, said.shift), sums, said.at_us, True, left)
    kept = await house.fieldwork.noted(doing.device, said.id, msgspec.json.encode(plan).decode())
    plan = msgspec.json.decode(kept.details, type=RecoveryPlan)
    if not plan.sums:
        raise Problem("nothing_owed", details={"plate": plate})
    made = await carry_out(house, doing.key, doing.who, plan)
    details = {each.session: str(each.fen) for each in made.items if each.paid}
    return Made(details, "paid_meanwhile" if plan.over_fen else "")


DO: Final[dict[str, Callable[[House, Doing], Awaitable[Made]]]] = {
    "plate": _plate,
    "exit": _exit,
    "pay": _pay,
    "free": _free,
    "recover": _recover,
}


async def _session(house: House, doing: Doing) -> str:
    """The stay that an operation names itself, or that an earlier one of the device led to."""
    if doing.said.session or not doing.said.of:
        return doing.said.session
    earlier = await house.fieldwork.operation(doing.device, doing.said.of)
    details = msgspec.json.decode(earlier.details or "{}", type=dict[str, str]) if earlier else {}
    if "session" not in details:
        raise Problem("earlier_refused", details={"of": doing.said.of})
    return details["session"]


async def _stay_then(house: House, here: Place, at_us: Micros) -> str:
    """The stay that was in a bay then; empty: none, and none is there now. `another_stay`: only who came later is."""
    reply = await tell(house, here.ref, BayQuery())
    assert isinstance(reply, BayAnswer)
    now = reply.face.session
    if now and (await asked(house, now)).face.entry_us <= at_us + CLOCKS_US:
        return now
    # Tables may be late: what they say of a stay that has ended is asked of itself.
    then = await house.crew.stay_at(here.bay.lot, here.bay.id, at_us, CLOCKS_US)
    if then and then != now and ((await asked(house, then)).face.exit_us or at_us) >= at_us:
        return then
    if now:
        raise Problem("another_stay", details={"session": now})
    return ""


async def schedules(house: House, call: Call[NoQuery, None]) -> Schedules:
    """What each open stay of a section will cost, for a day."""
    known = await lot(house, call.path["id"])
    open_ = [row.session for row in await house.crew.bays(known.id) if row.session]
    found = await asyncio.gather(*(_schedule(house, session) for session in open_))
    return Schedules(list(found))


async def _schedule(house: House, session: str) -> ScheduleShown:
    reply = await tell(house, Ref("session", session), ScheduleQuery(SCHEDULE_US))
    assert isinstance(reply, Schedule)
    steps = [StepShown(step.until_us, step.due_fen) for step in reply.steps]
    return ScheduleShown(session, reply.face.bay, reply.face.plate, reply.face.entry_us, steps)
