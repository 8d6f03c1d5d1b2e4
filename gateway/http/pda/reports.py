"""What people on the street report, and the files of their devices."""

import base64
import binascii
import re
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec

from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.batches import BatchDone, OfflineBatch, apply
from gateway.http.pda.rules import Long, Text, Word, made_id
from gateway.http.shown import Next
from storage.field import FileRow, ProblemRow

PLACE: Final = re.compile(r"\d{1,18} [0-9a-f]{32}", re.ASCII)
"""A row's place in its list: when, and its id."""
FILE_BYTES: Final = 4 << 20
Picture = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class NewReport(Typed, frozen=True, kw_only=True):
    """Something is wrong with a device, a bay or a vehicle; pictures are ids of evidence."""

    kind: Literal["device", "bay", "vehicle", "other"]
    bay: Word
    note: Long
    device: Text = ""
    pictures: Annotated[list[Picture], msgspec.Meta(max_length=20)] = []


class ReportShown(Shown, frozen=True):
    """A reported problem; `state` is open, work_order or false_report."""

    id: str
    kind: str
    section: str
    bay: str
    device: str
    note: str
    pictures: list[str]
    who: str
    at_us: int
    state: str
    decided_by: str
    decision: str
    decided_us: int | None


class ReportsShown(Shown, frozen=True):
    """Problems, oldest first."""

    items: list[ReportShown]
    next: Next


class WhichReports(Paged, frozen=True):
    """Problems in this state; empty: all."""

    state: Literal["", "open", "work_order", "false_report"] = "open"


class ReportVerdict(Typed, frozen=True):
    """A work order is made of it, or it was a false report."""

    state: Literal["work_order", "false_report"]
    note: Long = ""


class DeviceFile(Typed, frozen=True, kw_only=True):
    """A log or the database of a device, as base64; and the operations that it could not send, once more."""

    device: Word
    name: Word
    kind: Literal["log", "database"]
    content: Annotated[str, msgspec.Meta(max_length=FILE_BYTES * 4 // 3 + 4)]
    failed: OfflineBatch | None = None


class FileTaken(Shown, frozen=True):
    """The file is kept; what became of each failed record."""

    id: str
    bytes: int
    sha256: str
    failed: BatchDone | None


class FilesShown(Shown, frozen=True):
    """Files of devices, oldest first."""

    items: list[FileRow]
    next: Next


async def report(house: House, call: Call[NoQuery, NewReport]) -> ReportShown:
    """Reports a problem; the same key again is the same one."""
    body, me = call.body, call.user.user
    bay = found(await house.lists.bay(body.bay))
    id, now = made_id("problem", me, call.key), house.lookout.clock()
    where = (body.kind, bay.lot, bay.id, body.device, body.note, " ".join(body.pictures))
    return _shown(await house.fieldwork.report(ProblemRow(id, *where, call.user.name, now)))


async def problems(house: House, call: Call[WhichReports, None]) -> ReportsShown:
    """One page of problems."""
    asked = call.query
    at, _, id = (key_after(asked, PLACE) or "").partition(" ")
    rows = await house.fieldwork.problems(asked.state, (int(at), id) if at else None, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.at_us} {row.id}")
    return ReportsShown([_shown(row) for row in page], following)


async def decide(house: House, call: Call[NoQuery, ReportVerdict]) -> ReportShown:
    """Decides what a problem is; one that was decided stays so."""
    said = (call.body.state, call.user.name, call.body.note, house.lookout.clock())
    return _shown(found(await house.fieldwork.decide(call.path["id"], *said)))


async def upload(house: House, call: Call[NoQuery, DeviceFile]) -> FileTaken:
    """Keeps a device's file, and applies the records that it could not send."""
    body, me = call.body, call.user.user
    try:
        content = base64.b64decode(body.content, validate=True)
    except binascii.Error:
        raise Problem("invalid_body", "This is not base64", {"path": "$.content"}) from None
    digest = sha256(content).hexdigest()
    id, now = made_id("file", me, body.device, body.name, digest), house.lookout.clock()
    row = await house.fieldwork.keep_file(FileRow(id, me, body.device, body.name, body.kind, digest, now), content)
    failed = None if body.failed is None else await apply(house, call.user, body.failed)
    return FileTaken(row.id, len(content), row.sha256, failed)


async def files(house: House, call: Call[Paged, None]) -> FilesShown:
    """One page of devices' files."""
    at, _, id = (key_after(call.query, PLACE) or "").partition(" ")
    rows = await house.fieldwork.files((int(at), id) if at else None, call.query.limit + 1)
    return FilesShown(*page_of(rows, call.query.limit, lambda row: f"{row.at_us} {row.id}"))


def _shown(row: ProblemRow) -> ReportShown:
    where = (row.kind, row.lot_id, row.bay_id, row.device_id, row.note, row.pictures.split())
    end = (row.who, row.at_us, row.state, row.decided_by, row.decision, row.decided_us)
    return ReportShown(row.id, *where, *end)
