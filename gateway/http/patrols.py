"""What patrol cars report: whose plate stands in a bay, and vehicles that stand there wrongly or unpaid."""

import re
from typing import Annotated, Final, Literal

import msgspec

from actors.messages.bay import BayAnswer, BayQuery, ReportPlate, SessionAt
from actors.messages.session import AddEvidence
from actors.plates import normal
from actors.values import Micros, Ref
from gateway.http.errors import Problem, found
from gateway.http.evidence import evidence_shown
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.own.holding import bay_named
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import Instant, PlateText, Text, Word, key_of, made_id, said_at, tell
from gateway.http.query import Id
from gateway.http.shown import Next
from gateway.http.shown_evidence import EvidenceShown
from storage.evidence.kept import Evidence
from storage.evidence.rules import WHOLE
from storage.orders import bay_ref
from storage.patrols import InspectionRow, Which
from storage.rows import BayRow

PATROL: Final = "patrol"
PLACE: Final = re.compile(r"\d{1,18} [0-9a-f]{32}", re.ASCII)
"""A record's place in the list: when it was seen, and its id."""

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Picture = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Wrong = Literal["illegal", "unpaid"]


class PatrolReport(Typed, frozen=True, kw_only=True):
    """What a patrol car saw in the bay of this number. `plate`: who stands there; `illegal`, `unpaid`: it stands
    wrongly, or has not paid. `pictures` are ids of evidence that is stored already; `layout` is how the bay lies.
    """

    kind: Literal["plate", "illegal", "unpaid"] = "plate"
    device: Word
    number: Word
    plate: PlateText
    colour: Text = ""
    confidence_pct: Percent
    at_us: Instant
    pictures: Annotated[list[Picture], msgspec.Meta(max_length=10)] = []
    layout: Literal["", "parallel", "diagonal", "perpendicular"] = ""
    note: Text = ""


class PatrolTaken(Shown, frozen=True):
    """What a report led to: the stay that it is about (`opened`: which it began) and, if something is wrong there, the
    inspection record; `missing` is what a whole report would have shown besides.
    """

    bay: str
    session: str
    opened: bool
    inspection: str
    missing: list[str]


class WhichInspections(Paged, frozen=True):
    """Which inspection records."""

    kind: Literal["", "illegal", "unpaid"] = ""
    lot: Id = ""
    bay: Id = ""
    plate: Id = ""


class Inspection(Shown, frozen=True):
    """A vehicle that stood wrongly or unpaid: where, when, who saw it, and its pictures by their ids."""

    id: str
    kind: str
    lot: str
    bay: str
    number: str
    plate: str
    colour: str
    confidence_pct: int
    layout: str
    note: str
    session: str
    device: str
    who: str
    at_us: Micros
    pictures: list[str]


class Inspections(Shown, frozen=True):
    """One page of records, newest first."""

    items: list[Inspection]
    next: Next


class InspectionParts(Shown, frozen=True):
    """One record with what there is still of its pictures."""

    inspection: Inspection
    evidence: list[EvidenceShown]


async def report(house: House, call: Call[NoQuery, PatrolReport]) -> PatrolTaken:
    """What a patrol car saw; the same key again is the same report."""
    body = call.body
    said_at(house, body.at_us)
    bay = await bay_named(house, body.number)
    pictures = [await _picture(house, id) for id in body.pictures]
    roles = {each.role for each in pictures}
    missing = [role for role in WHOLE[PATROL] if role not in roles]
    if body.kind == "plate":
        at = await _attached(house, call, bay, pictures)
        return PatrolTaken(bay.id, at.session, at.opened, "", missing)
    kept = await _recorded(house, call, bay)
    return PatrolTaken(bay.id, kept.session, False, kept.id, missing)


async def listed(house: House, call: Call[WhichInspections, None]) -> Inspections:
    """One page of inspection records."""
    asked = call.query
    at_us, _, id = (key_after(asked, PLACE) or "").partition(" ")
    which = Which(asked.kind, asked.lot, asked.bay, normal(asked.plate))
    rows = await house.patrols.inspections(which, (int(at_us), id) if id else None, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.at_us} {row.id}")
    return Inspections([_shown(row) for row in page], following)


async def one(house: House, call: Call[NoQuery, None]) -> InspectionParts:
    """One inspection record."""
    row = found(await house.patrols.inspection(call.path["id"]))
    pictures = [await house.evidence.one(id) for id in row.pictures.split()]
    return InspectionParts(_shown(row), [evidence_shown(each) for each in pictures if each])


async def _picture(house: House, id: str) -> Evidence:
    picture = await house.evidence.one(id)
    if picture is None:
        raise Problem("unknown_picture", details={"picture": id})
    return picture


async def _attached(
    house: House, call: Call[NoQuery, PatrolReport], bay: BayRow, pictures: list[Evidence]
) -> SessionAt:
    """The plate goes to the bay's stay, or opens one; the pictures go to that stay, too."""
    body = call.body
    # Nobody's own word: a patrol car is a machine, and is believed as far as it is sure.
    said = ReportPlate(body.plate, body.colour, PATROL, body.device, body.confidence_pct, body.at_us)
    at = await tell(house, bay_ref(bay.lot, bay.id), said, key_of(call, PATROL))
    assert isinstance(at, SessionAt)
    for each in pictures:
        seen = AddEvidence(each.id, each.role, PATROL, body.device, each.taken_us)
        await tell(house, Ref("session", at.session), seen, key_of(call, f"picture-{each.id}"))
    return at


async def _recorded(house: House, call: Call[NoQuery, PatrolReport], bay: BayRow) -> InspectionRow:
    body = call.body
    reply = await tell(house, bay_ref(bay.lot, bay.id), BayQuery())
    assert isinstance(reply, BayAnswer)
    row = InspectionRow(
        id=made_id(call.user.user, call.key),
        kind=body.kind,
        lot_id=bay.lot,
        bay_id=bay.id,
        number=bay.number,
        plate=normal(body.plate),
        colour=body.colour,
        confidence_pct=body.confidence_pct,
        layout=body.layout,
        note=body.note,
        session=reply.face.session,
        pictures=" ".join(body.pictures),
        device_id=body.device,
        who=call.user.name,
        at_us=body.at_us,
    )
    return await house.patrols.inspected(row)


def _shown(row: InspectionRow) -> Inspection:
    where = (row.lot_id, row.bay_id, row.number, row.plate, row.colour, row.confidence_pct)
    who = (row.layout, row.note, row.session, row.device_id, row.who, row.at_us)
    return Inspection(row.id, row.kind, *where, *who, row.pictures.split())
