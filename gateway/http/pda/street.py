"""The street as a collector's device sees it: sections, bays, tasks; plates attached, vehicles that leave."""

from typing import Annotated, Any, Literal

import msgspec

from actors.messages.bay import BayAnswer, BayQuery, ReportExit, ReportPlate, SessionAt
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import EntryAnswer, EntryQuery
from actors.plates import normal
from actors.values import MINUTE_US, Micros, Ref
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery, Raw, Shown, Typed
from gateway.http.house import House
from gateway.http.lot_rules import rules_now
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import (
    Instant,
    PlateText,
    Text,
    Word,
    key_of,
    lot,
    place,
    said_at,
    stay_of,
    tell,
    today_us,
)
from gateway.http.pda.waiving import waive
from gateway.http.shown import Next
from gateway.outside.reader import Reading
from storage.crew import ActRow, BayNow, SectionRow

ACTS_MOST = 500
Mark = Literal["", "arrears", "black", "white", "special", "abnormal"]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class WhichSections(Paged, frozen=True):
    """All sections, or those of one's own open shift."""

    mine: bool = True


class PdaSections(Shown, frozen=True):
    """One page of sections: bays in all, occupied, and with a stay that has no plate."""

    items: list[SectionRow]
    next: Next


class PdaBay(Shown, frozen=True):
    """A bay of a section: what it shows, the stay there, for how long, and its mark."""

    bay: str
    number: str
    type: str
    section: str
    state: str
    session: str
    plate: str
    colour: str
    minutes: int | None
    mark: Mark
    owes_fen: int


class PdaBays(Shown, frozen=True):
    """Bays of sections."""

    items: list[PdaBay]


class PlateAt(Typed, frozen=True, kw_only=True):
    """Which vehicle stands in the bay; `no_plate`: it has none. `special`: why it parks free, said by hand. With
    `at_us` (the device's time) the same key again is the same word.
    """

    device: Word
    plate: PlateText | None = None
    colour: Text = ""
    confidence_pct: Percent = 100
    no_plate: bool = False
    special: Text = ""
    at_us: Instant | None = None


class PdaEntry(Shown, frozen=True):
    """The stay that the plate went to; what the vehicle owes elsewhere, and the text to speak."""

    session: str
    opened: bool
    bay: str
    number: str
    plate: str
    plate_class: str
    entry_us: Micros
    state: str
    list: str
    owes: int
    owes_fen: int
    say: str


class ExitAt(Typed, frozen=True, kw_only=True):
    """The vehicle has left the bay; `plate`: which of several motorcycles; `remote`: whoever says so is not there. With
    `at_us` (the device's time) the same key again is the same word.
    """

    device: Word
    plate: PlateText | None = None
    remote: bool = False
    at_us: Instant | None = None


class PdaStay(Shown, frozen=True):
    """A stay and what it costs: `due_fen` of `charge_fen` if it leaves now; until when that holds, what comes then."""

    session: str
    bay: str
    plate: str
    state: str
    entry_us: Micros
    exit_us: Micros | None
    charge_fen: int
    off_fen: int
    received_fen: int
    due_fen: int
    holds_until_us: Micros | None
    then_fen: int | None
    flags: tuple[str, ...]


class PartSought(Typed, frozen=True):
    """Part of a plate, or of a bay's number."""

    q: Annotated[str, msgspec.Meta(max_length=32)] = ""


class OwnActs(Shown, frozen=True):
    """What somebody did today, newest first."""

    items: list[ActRow]


class PlatesRead(Shown, frozen=True):
    """The plates that a reader found in a picture, the surest first."""

    items: list[Reading]


async def recognise(house: House, call: Call[NoQuery, Raw]) -> PlatesRead:
    """Reads the plates in a picture; nothing of it is kept."""
    return PlatesRead(await house.reader.read(call.body.content))


async def mine(house: House, call: Call[Any, Any]) -> list[str]:
    """The sections of the bearer's open shift."""
    shift = await house.crew.open_shift(call.user.user)
    lost = shift.lost.split() if shift else []
    return [lot for lot in shift.lots.split() if lot not in lost] if shift else []


async def sections(house: House, call: Call[WhichSections, None]) -> PdaSections:
    """One page of sections."""
    asked = call.query
    lots = await mine(house, call) if asked.mine else None
    rows = await house.crew.sections(lots, key_after(asked), asked.limit + 1)
    return PdaSections(*page_of(rows, asked.limit, lambda row: row.id))


async def bays(house: House, call: Call[NoQuery, None]) -> PdaBays:
    """All bays of one section."""
    known = await lot(house, call.path["id"])
    return _bays(house, await house.crew.bays(known.id))


async def tasks(house: House, call: Call[NoQuery, None]) -> PdaBays:
    """Stays on the bearer's sections that still have no plate, oldest first."""
    return _bays(house, await house.crew.tasks(await mine(house, call)))


async def leaving(house: House, call: Call[PartSought, None]) -> PdaBays:
    """Open stays on the bearer's sections with this in the plate or the bay's number."""
    part = call.query.q.strip()
    return _bays(house, await house.crew.leaving(await mine(house, call), part))


async def acts(house: House, call: Call[NoQuery, None]) -> OwnActs:
    """The bearer's own entries and exits of today."""
    return OwnActs(await house.crew.acts(call.user.user, await today_us(house), ACTS_MOST))


async def plate(house: House, call: Call[NoQuery, PlateAt]) -> PdaEntry:
    """Attaches a plate to the stay in a bay, or opens one; the entry stays the sensor's if it came from there."""
    body, here = call.body, await place(house, call.path["id"])
    if (body.plate is None) != body.no_plate:
        raise Problem("invalid_body", "Say a plate, or that there is none", {"path": "$.plate"})
    if body.special:
        await may_be_special(house, here.bay.lot)
    at_us, me = said_at(house, body.at_us), call.user.user
    said = (body.plate or "", body.colour, "pda", body.device, body.confidence_pct, at_us, me, body.no_plate)
    at = await tell(house, here.ref, ReportPlate(*said), key_of(call, "plate") if body.at_us else None)
    assert isinstance(at, SessionAt)
    if body.special:
        await waive(house, at.session, f"special: {body.special}", me)
    return await entry_shown(house, at, here.bay.id, here.bay.number)


async def may_be_special(house: House, lot_id: str) -> None:
    """Whether somebody may say by hand that a vehicle is special: `special_off`."""
    if not (await rules_now(house, lot_id)).special_by_hand:
        raise Problem("special_off", details={"section": lot_id})


async def entry_shown(house: House, at: SessionAt, bay: str, number: str) -> PdaEntry:
    """How the stay in a bay begins, and what its vehicle owes."""
    answer = await asked(house, at.session)
    face, owes, owes_fen, list_ = answer.face, 0, 0, answer.face.list
    if face.plate and not face.plate.startswith("~"):
        lot_id = at.session.partition("/")[0]
        known = await rules_now(house, lot_id)
        reply = await tell(
            house, Ref("vehicle", normal(face.plate)), EntryQuery(lot_id, known.groups, face.entry_us, face.colour)
        )
        assert isinstance(reply, EntryAnswer)
        owes, owes_fen, list_ = reply.owes, reply.owes_fen, reply.list
    said = (face.plate, face.vehicle, face.entry_us, face.state, list_, owes, owes_fen, voice(number, owes))
    return PdaEntry(at.session, at.opened, bay, number, *said)


def voice(number: str, owes: int) -> str:
    """What a device speaks when a vehicle has come."""
    return f"{number}号泊位车辆已入场" + (f"，该车有{owes}笔欠费" if owes else "")


async def leave(house: House, call: Call[NoQuery, ExitAt]) -> PdaStay:
    """The vehicle has left: what it costs."""
    body, here, me = call.body, await place(house, call.path["id"]), call.user.user
    report = ReportExit(said_at(house, body.at_us), "pda", body.device, me, body.remote, body.plate or "")
    at = await tell(house, here.ref, report, key_of(call, "exit") if body.at_us else None)
    assert isinstance(at, SessionAt)
    return stay_shown(await asked(house, at.session))


async def stay(house: House, call: Call[NoQuery, None]) -> PdaStay:
    """A stay, and what it costs now."""
    return stay_shown(await asked(house, await stay_of(house, call)))


async def in_bay(house: House, call: Call[NoQuery, None]) -> PdaStay:
    """The stay in a bay, and what it costs now."""
    here = await place(house, call.path["id"])
    reply = await tell(house, here.ref, BayQuery())
    assert isinstance(reply, BayAnswer)
    if not reply.face.session:
        raise Problem("not_found", "No stay is open in this bay", {"bay": here.bay.id})
    return stay_shown(await asked(house, reply.face.session))


async def asked(house: House, session: str) -> SessionAnswer:
    """A stay as its actor has it."""
    reply = await tell(house, Ref("session", session), SessionQuery())
    assert isinstance(reply, SessionAnswer)
    return reply


def stay_shown(answer: SessionAnswer) -> PdaStay:
    """A stay as answers show it."""
    face = answer.face
    sums = (answer.charge_fen, face.off_fen, face.received_fen, answer.due_fen)
    later = (answer.holds_until_us, answer.then_fen, face.flags)
    return PdaStay(answer.session, face.bay, face.plate, face.state, face.entry_us, face.exit_us, *sums, *later)


def _bays(house: House, rows: list[BayNow]) -> PdaBays:
    now = house.lookout.clock()
    return PdaBays([_bay(row, now) for row in rows])


def _bay(row: BayNow, now: Micros) -> PdaBay:
    minutes = None if row.entry_us is None else max(0, now - row.entry_us) // MINUTE_US
    said = (row.state, row.session, row.plate, row.colour, minutes, mark(row), row.owes_fen)
    return PdaBay(row.bay, row.number, row.type, row.lot, *said)


def mark(row: BayNow) -> Mark:
    """The one thing that matters most about the vehicle that stands there."""
    if row.owes:
        return "arrears"
    if row.list in ("black", "white", "special"):
        return row.list  # type: ignore[return-value]
    return "abnormal" if row.flags else ""
