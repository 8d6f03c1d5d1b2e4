"""What evidence looks like in answers, and what is asked with."""

from typing import Annotated, Literal

import msgspec

from actors.values import Micros
from gateway.http.forms import Shown, Typed
from gateway.http.paging import Paged
from gateway.http.shown import Next
from storage.evidence.kept import Evidence
from storage.evidence.rules import Report

Kind = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_]{0,31}$", description="The kind of actor it is of")]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="Its key: `<lot>/<bay>-<n>` of a session")]
Named = Annotated[str, msgspec.Meta(max_length=64)]
Role = Literal["entry", "exit", "plate", "tail", "panorama", "head", "video", "other"]
Source = Literal["pda", "patrol", "camera", "pile", "lane", "device", "staff"]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the whole, in hex")]


class NewEvidence(Typed, frozen=True):
    """A picture or video that is to come; `report` joins what one event brought."""

    media: Literal["jpeg", "png", "webp", "mp4"]
    bytes: Annotated[int, msgspec.Meta(ge=1, le=1 << 40)]
    taken_us: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
    kind: Kind
    key: Key
    role: Role = "other"
    source: Source = "staff"
    device: Named = ""
    report: Named = ""


class PartAt(Typed, frozen=True):
    """Where a part begins."""

    offset: Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]


class Finish(Typed, frozen=True):
    """The hash of the whole, by which it is checked."""

    sha256: Digest


class WhichEvidence(Paged, frozen=True):
    """What the evidence is of."""

    kind: Kind = "session"
    key: Annotated[str, msgspec.Meta(max_length=200)] = ""


class UploadShown(Shown, frozen=True):
    """An upload as it stands: the next part begins at `offset` and has `part_bytes`, or what is left."""

    id: str
    offset: int
    bytes: int
    part_bytes: int
    finished: bool


class EvidenceShown(Shown, frozen=True):
    """A picture or video; its bytes are at `content`."""

    id: str
    kind: str
    key: str
    role: str
    source: str
    device: str
    who: str
    report: str
    media: str
    bytes: int
    sha256: str
    taken_us: Micros
    stored_us: Micros
    content: str


class EvidenceList(Shown, frozen=True):
    """One page of evidence in the order in which it was taken; `reports` are those among it that have to be whole."""

    items: list[EvidenceShown]
    reports: list[Report]
    next: Next


def shown(row: Evidence, address: str) -> EvidenceShown:
    """The row as others see it."""
    return EvidenceShown(
        id=row.id,
        kind=row.about_kind,
        key=row.about_key,
        role=row.role,
        source=row.source,
        device=row.device,
        who=row.who,
        report=row.report,
        media=row.media,
        bytes=row.bytes,
        sha256=row.sha256,
        taken_us=row.taken_us,
        stored_us=row.stored_us,
        content=address,
    )
