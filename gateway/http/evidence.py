"""Evidence over HTTP: an upload begins, comes in parts, and is finished; lists, and the bytes again."""

import re
from collections.abc import AsyncIterator
from hashlib import blake2b
from typing import Final

import msgspec

from actors.values import Ref
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Raw, Stream
from gateway.http.house import House
from gateway.http.paging import key_after, page_of
from gateway.http.shown_evidence import (
    EvidenceList,
    EvidenceShown,
    Finish,
    NewEvidence,
    PartAt,
    UploadShown,
    WhichEvidence,
    shown,
)
from storage.evidence.kept import Evidence
from storage.evidence.media import MEDIA
from storage.evidence.rules import reports
from storage.evidence.store import Lost
from storage.evidence.uploads import Upload

PLACE: Final = re.compile(r"\d{1,18}-[0-9a-f]{32}", re.ASCII)
"""A row's place in the list: when it was taken, and its id."""


async def begin(house: House, call: Call[NoQuery, NewEvidence]) -> UploadShown:
    """A new upload; the same idempotency key again finds the one that it began."""
    body, who = call.body, call.user.name
    said = Evidence(
        id="",
        sha256="",
        media=body.media,
        bytes=body.bytes,
        taken_us=body.taken_us,
        stored_us=0,
        about_kind=body.kind,
        about_key=body.key,
        role=body.role,
        source=body.source,
        device=body.device,
        who=who,
        report=body.report,
    )
    id = blake2b(f"{who} {call.key}".encode(), digest_size=16).hexdigest()
    return _upload(await house.uploads.begin(id, who, body.media, body.bytes, said))


async def standing(house: House, call: Call[NoQuery, None]) -> UploadShown:
    """Where an upload stands: whoever was cut off goes on there."""
    return _upload(await house.uploads.standing(call.path["id"], call.user.name))


async def part(house: House, call: Call[PartAt, Raw]) -> UploadShown:
    """The next part."""
    taken = await house.uploads.take(call.path["id"], call.user.name, call.query.offset, call.body.content)
    return _upload(taken)


async def finish(house: House, call: Call[NoQuery, Finish]) -> EvidenceShown:
    """All of it is there; from now on it is evidence, and its session is told."""
    made = await house.uploads.finish(call.path["id"], call.user.name, call.body.sha256)
    house.ordered()
    return evidence_shown(made)


async def listed(house: House, call: Call[WhichEvidence, None]) -> EvidenceList:
    """One page of what there is of one actor."""
    asked = call.query
    taken, _, id = (key_after(asked, PLACE) or "").partition("-")
    after = (int(taken), id) if taken else None
    rows = await house.evidence.of(Ref(asked.kind, asked.key), after, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.taken_us}-{row.id}")
    whole = reports((row.report, row.source, row.role) for row in page)
    return EvidenceList([evidence_shown(row) for row in page], whole, following)


async def one(house: House, call: Call[NoQuery, None]) -> EvidenceShown:
    """One of them."""
    return evidence_shown(found(await house.evidence.one(call.path["id"])))


async def content(house: House, call: Call[NoQuery, None]) -> Stream:
    """Its bytes."""
    row = found(await house.evidence.one(call.path["id"]))

    async def read(first: int, last: int) -> AsyncIterator[bytes]:
        try:
            async for chunk in house.evidence.content(row, first, last):
                yield chunk
        except Lost:
            raise Problem("not_found", "The store has lost the bytes of this", {"sha256": row.sha256}) from None

    return Stream(read, row.bytes, MEDIA[row.media].content_type, row.sha256)


def _upload(stands: Upload) -> UploadShown:
    return msgspec.convert(stands, UploadShown, from_attributes=True)


def evidence_shown(row: Evidence) -> EvidenceShown:
    """The row as others see it, with where its bytes are."""
    return shown(row, f"/api/v1/evidence/{row.id}/content")
