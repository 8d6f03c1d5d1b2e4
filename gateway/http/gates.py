"""Gates over HTTP: who needs a person and what that one decides, barriers lifted by hand, and gates forced open."""

import asyncio
import re
from typing import Final

from actors.messages.forms import Message, Reply
from actors.messages.lane import (
    DecideCar,
    Forced,
    ForceGates,
    InsideAnswer,
    InsideQuery,
    LaneAnswer,
    LaneQuery,
    LiftGate,
    QueueAnswer,
    Queued,
    QueueQuery,
)
from actors.plates import normal
from actors.values import Ref
from gateway.http.asking import ask
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import key_after, page_of
from gateway.http.shown_gates import (
    AllForced,
    CandidateShown,
    Decision,
    Emergencies,
    EmergencyStays,
    Force,
    Insiders,
    LanePassages,
    LaneStands,
    Lift,
    Lifters,
    Lifts,
    LiftShown,
    LotForced,
    Queue,
    QueuedShown,
    WhichEmergencies,
    WhichEmergency,
    WhichInside,
    WhichLanePassages,
    WhichLifters,
    WhichLifts,
    WhichQueue,
)
from storage.gates import LaneRow, WhichPassages

PLACE: Final = re.compile(r"\d{1,18}( \d{1,18}){3}", re.ASCII)
"""A lift's place in the list: when, and which fact."""
SEEN: Final = re.compile(r"\d{1,18} [^\0 ]+ [^\0 ]+ \d{1,18}", re.ASCII)
"""A vehicle's place in the list: when it was seen, in which lot, at which lane, as which of it."""
SINCE: Final = re.compile(r"\d{1,18} [^\0]+", re.ASCII)
"""An emergency's place in the list: when, and of which lot."""
FOR_EVER_US: Final = 1 << 62
INSIDE_MOST: Final = 500


async def queue(house: House, call: Call[WhichQueue, None]) -> Queue:
    """The cars that need a person, of all lots that are asked for; a lot that is silent hides no other."""
    lots = await house.gates.lots(region=call.query.region, lot=call.query.lot)
    answers = await asyncio.gather(*(_asked(house, lot, QueueQuery()) for lot in lots))
    told = {lot: answer for lot, answer in zip(lots, answers, strict=True) if isinstance(answer, QueueAnswer)}
    cars = [_queued(lot, car) for lot, answer in told.items() for car in answer.cars]
    silent = [lot for lot in lots if lot not in told]
    return Queue(sorted(cars, key=lambda car: (car.since_us, car.lot, car.lane)), silent)


async def decide(house: House, call: Call[NoQuery, Decision]) -> LaneStands:
    """A person has decided on the car at a lane; its lane does what follows from that."""
    lane, body = await _lane(house, call.path["id"]), call.body
    fen = -1 if body.fen is None else body.fen
    said = (body.verdict, call.user.name, body.reason, house.lookout.clock(), body.session, fen)
    await ask(house.post, Ref("lot", lane.lot), DecideCar(lane.id, body.n, *said), _key(call))
    return await stands(house, lane.lot, lane.id, body.n)


async def lift(house: House, call: Call[NoQuery, Lift]) -> None:
    """Opens a barrier by hand."""
    lane, body = await _lane(house, call.path["id"]), call.body
    if await house.evidence.one(body.picture) is None:
        raise Problem("unknown_picture", details={"picture": body.picture})
    said = (call.user.name, body.reason, house.lookout.clock(), body.picture, body.session)
    await ask(house.post, Ref("lot", lane.lot), LiftGate(lane.id, *said), _key(call))


async def lifts(house: House, call: Call[WhichLifts, None]) -> Lifts:
    """One page of barriers lifted by hand."""
    asked = call.query
    at = [int(each) for each in (key_after(asked, PLACE) or "").split()]
    after = (at[0], at[1], at[2], at[3]) if at else None
    span = (asked.from_us, asked.until_us or FOR_EVER_US)
    rows = await house.gates.lifts(after, asked.limit + 1, lot=asked.lot, person=asked.person, span=span)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.at_us} {row.slot} {row.seq} {row.nth}")
    shown = [
        LiftShown(row.at_us, row.lot_id, row.lane, row.person, row.reason, row.picture, row.session) for row in page
    ]
    return Lifts(shown, following)


async def passages(house: House, call: Call[WhichLanePassages, None]) -> LanePassages:
    """One page of vehicles that lanes saw."""
    asked = call.query
    at_us, lot, lane, n = (*(key_after(asked, SEEN) or "").split(" "), "", "", "", "")[:4]
    after = (int(at_us), lot, lane, int(n)) if n else None
    entering = None if asked.direction == "" else asked.direction == "in"
    span = (asked.from_us, asked.until_us or FOR_EVER_US)
    which = WhichPassages(asked.lot, asked.lane, normal(asked.plate), entering, span)
    rows = await house.gates.passages(after, asked.limit + 1, which)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.seen_us} {row.lot_id} {row.lane} {row.n}")
    return LanePassages(page, following)


async def lifters(house: House, call: Call[WhichLifters, None]) -> Lifters:
    """Who lifted how many."""
    asked = call.query
    return Lifters(await house.gates.lifters(lot=asked.lot, span=(asked.from_us, asked.until_us or FOR_EVER_US)))


async def force_lot(house: House, call: Call[NoQuery, Force]) -> AllForced:
    """All gates of a lot, open or as usual."""
    found(await house.lists.lot(call.path["id"]))
    return await _force(house, call, "lot", await house.gates.lots(lot=call.path["id"]))


async def force_region(house: House, call: Call[NoQuery, Force]) -> AllForced:
    """All gates of all lots of a region, open or as usual."""
    found(await house.lists.region(call.path["id"]))
    return await _force(house, call, "region", await house.gates.lots(region=call.path["id"]))


async def _force(house: House, call: Call[NoQuery, Force], what: str, lots: list[str]) -> AllForced:
    """One command to each lot at once, after the person has confirmed what it is about to do to which lots."""
    body, who = call.body, call.user
    if not lots:
        raise Problem("no_gates")
    wanted = house.identity.seal(f"gates {who.user} {body.open} {what} {call.path['id']} {' '.join(lots)}")
    if body.confirm != wanted:
        raise Problem("needs_confirmation", details={"confirm": wanted, "lots": str(len(lots))})
    said = ForceGates(body.open, who.name, body.reason)
    return AllForced(list(await asyncio.gather(*(_forced(house, lot, said, _key(call)) for lot in lots))))


async def _forced(house: House, lot: str, said: ForceGates, key: str) -> LotForced:
    try:
        answer = await ask(house.post, Ref("lot", lot), said, key)
    except Problem as no:
        return LotForced(lot, False, why=no.reason.code)
    assert isinstance(answer, Forced)
    return LotForced(lot, True, answer.since_us, answer.barriers, answer.inside)


async def emergencies(house: House, call: Call[WhichEmergencies, None]) -> Emergencies:
    """One page of times in which gates were forced open."""
    asked = call.query
    at, _, lot = (key_after(asked, SINCE) or "").partition(" ")
    rows = await house.gates.emergencies((int(at), lot) if at else None, asked.limit + 1, lot=asked.lot)
    return Emergencies(*page_of(rows, asked.limit, lambda row: f"{row.from_us} {row.lot_id}"))


async def emergency_stays(house: House, call: Call[WhichEmergency, None]) -> EmergencyStays:
    """One page of the stays of an emergency, for review; none, if there was no such one."""
    asked = call.query
    which = await house.gates.emergency(asked.lot, asked.from_us)
    if which is None:
        return EmergencyStays([], None)
    rows = await house.gates.emergency_stays(which, key_after(asked), asked.limit + 1)
    return EmergencyStays(*page_of(rows, asked.limit, lambda row: row.session))


async def inside(house: House, call: Call[WhichInside, None]) -> Insiders:
    """Who is inside, for whoever looks for the stay of a car at an exit."""
    found(await house.lists.lot(call.path["id"]))
    answer = await ask(house.post, Ref("lot", call.path["id"]), InsideQuery())
    assert isinstance(answer, InsideAnswer)
    part = normal(call.query.plate)
    cars = [
        CandidateShown(session, here.plate, here.entry_us, here.lane)
        for session, here in answer.inside.items()
        if part in here.plate
    ]
    cars.sort(key=lambda car: (-car.entry_us, car.session))
    return Insiders(cars[:INSIDE_MOST], len(answer.inside), answer.capacity, answer.forced)


async def stands(house: House, lot: str, lane: str, n: int) -> LaneStands:
    """How a lane's car stands (0: the one that waits there to pay)."""
    answer = await ask(house.post, Ref("lot", lot), LaneQuery(lane, n))
    assert isinstance(answer, LaneAnswer)
    due = (answer.due_fen, answer.until_us) if answer.how == "pay" else (0, 0)
    return LaneStands(lane, answer.n, answer.how, answer.session, *due, answer.why)


async def _lane(house: House, id: str) -> LaneRow:
    return found(await house.gates.lane(id))


async def _asked(house: House, lot: str, question: Message) -> Reply | None:
    try:
        return await ask(house.post, Ref("lot", lot), question)
    except Problem:
        return None


def _key(call: Call[NoQuery, Decision] | Call[NoQuery, Lift] | Call[NoQuery, Force]) -> str:
    return f"{call.user.user} {call.key}"


def _queued(lot: str, car: Queued) -> QueuedShown:
    among = [CandidateShown(each.session, each.plate, each.entry_us, each.lane) for each in car.among]
    said = (car.lane, car.n, car.plate, car.entering, car.why, car.since_us, car.fen, car.rung)
    return QueuedShown(lot, *said, among)
