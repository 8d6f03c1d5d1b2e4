"""May this vehicle stand here at this time? Asked by inspectors; each answer is kept."""

import re
from typing import Annotated, Final, NamedTuple

import msgspec

from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import EntryAnswer, EntryQuery, Present, VehicleAnswer, VehicleFace, VehicleQuery
from actors.plates import normal
from actors.values import MINUTE_US, Micros, Ref
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.lot_rules import rules_now
from gateway.http.own.holding import bay_named
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import Instant, PlateText, Text, Word, made_id, said_at, tell
from gateway.http.query import Id
from gateway.http.shown import Next
from storage.patrols import CheckRow
from storage.rows import BayRow

EXPIRED_US: Final = 15 * MINUTE_US
"""So long after it was paid for (or free), nobody is to be fined yet."""
NEAR_M: Final = 50
"""A point is taken for the nearest bay if that is so near."""
PLACE: Final = re.compile(r"\d{1,18} [0-9a-f]{32}", re.ASCII)
"""A row's place in the log: when it was asked, and its id."""

Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]


class PlateCheck(Typed, frozen=True, kw_only=True):
    """A vehicle in the bay of this number, or at this point; at a time, or now."""

    plate: PlateText
    colour: Text = ""
    number: Word | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    at_us: Instant | None = None


class WhichChecks(Paged, frozen=True):
    """Checks of one plate, by one inspector, or all."""

    plate: Id = ""
    who: Id = ""


class Checks(Shown, frozen=True):
    """One page of what inspectors were told, newest first."""

    items: list[CheckRow]
    next: Next


class Verdict(NamedTuple):
    """What is to be said of a vehicle: may it stand there, until when, why, by which stay, which owes so much."""

    allowed: bool
    until_us: Micros | None
    why: str
    session: str = ""
    due_fen: int = 0


async def check(house: House, call: Call[NoQuery, PlateCheck]) -> CheckRow:
    """Whether the vehicle may stand there; the same key again is the same check."""
    body, id = call.body, made_id(call.user.user, call.key)
    if kept := await house.patrols.check(id):
        return kept
    at_us, plate = said_at(house, body.at_us), normal(body.plate)
    bay = await _where(house, body)
    said = await _judged(house, plate, body.colour, bay, at_us)
    row = CheckRow(
        id=id,
        plate=plate,
        lot_id=bay.lot,
        bay_id=bay.id,
        lon=body.lon,
        lat=body.lat,
        at_us=at_us,
        checked_us=house.lookout.clock(),
        who=call.user.name,
        why=said.why,
        session=said.session,
        allowed=said.allowed,
        until_us=said.until_us,
        due_fen=said.due_fen,
    )
    return await house.patrols.checked(row)


async def listed(house: House, call: Call[WhichChecks, None]) -> Checks:
    """One page of checks."""
    asked = call.query
    since, _, id = (key_after(asked, PLACE) or "").partition(" ")
    after = (int(since), id) if id else None
    rows = await house.patrols.checks(normal(asked.plate), asked.who, after, asked.limit + 1)
    return Checks(*page_of(rows, asked.limit, lambda row: f"{row.checked_us} {row.id}"))


async def _where(house: House, body: PlateCheck) -> BayRow:
    if body.number is not None:
        return await bay_named(house, body.number)
    if body.lon is None or body.lat is None:
        raise Problem("invalid_body", "Say a bay's number, or a point", {"path": "$.number"})
    near = found(await house.patrols.nearest(body.lon, body.lat))
    if near.metres > NEAR_M:
        raise Problem("not_found", "There is no bay near this point", {"metres": str(round(near.metres))})
    return found(await house.lists.bay(near.bay))


async def _judged(house: House, plate: str, colour: str, bay: BayRow, at_us: Micros) -> Verdict:
    rules, vehicle = await rules_now(house, bay.lot), Ref("vehicle", plate)
    entry = await tell(house, vehicle, EntryQuery(bay.lot, rules.groups, at_us, colour))
    known = await tell(house, vehicle, VehicleQuery())
    assert isinstance(entry, EntryAnswer)
    assert isinstance(known, VehicleAnswer)
    stay = _stay(entry.present, bay, at_us)
    session = stay.session if stay else await house.patrols.stood(plate, bay.lot, bay.id, at_us)
    if entry.list in rules.free_lists:
        return Verdict(True, _list_ends(known.face, entry.list, bay.lot, at_us), entry.list, session)
    pass_ends = max((each.until_us for each in known.face.passes if each.id in entry.passes), default=None)
    if not session:
        return Verdict(pass_ends is not None, pass_ends, "no_stay" if pass_ends is None else "pass")
    return await _by_price(house, session, pass_ends, at_us)


async def _by_price(house: House, session: str, pass_ends: Micros | None, at_us: Micros) -> Verdict:
    """What a stay says that is on no free list: nothing is due then, was not until lately, or is."""
    then = await _priced(house, session, at_us)
    if not then.due_fen and any(got.paid_us <= at_us and got.fen > got.returned_fen for got in then.got):
        return Verdict(True, then.holds_until_us, "paid", session)
    if not then.due_fen:
        by_pass = (pass_ends, "pass") if pass_ends is not None else (then.holds_until_us, "free")
        return Verdict(True, *by_pass, session)
    lately = await _priced(house, session, max(at_us - EXPIRED_US, then.face.entry_us))
    if not lately.due_fen and lately.holds_until_us is not None:
        return Verdict(True, lately.holds_until_us + EXPIRED_US, "just_expired", session, then.due_fen)
    return Verdict(False, None, "unpaid", session, then.due_fen)


async def _priced(house: House, session: str, at_us: Micros) -> SessionAnswer:
    answer = await tell(house, Ref("session", session), SessionQuery(at_us))
    assert isinstance(answer, SessionAnswer)
    return answer


def _stay(present: tuple[Present, ...], bay: BayRow, at_us: Micros) -> Present | None:
    """The open stay that had begun then in this lot: in this very bay, if there is one."""
    here = [each for each in present if each.lot == bay.lot and each.entry_us <= at_us]
    return max(here, key=lambda each: (each.bay == bay.id, each.entry_us), default=None)


def _list_ends(face: VehicleFace, name: str, lot: str, at_us: Micros) -> Micros | None:
    """Until when the plate stands on this list; None: for good."""
    ends = [
        each.until_us
        for each in face.lists
        if each.list == name
        and (not each.lots or lot in each.lots)
        and each.from_us <= at_us
        and (not each.until_us or at_us < each.until_us)
    ]
    return max(ends) if ends and all(ends) else None
