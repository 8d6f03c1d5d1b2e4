"""Types of what HTTP says of vehicles, their lists and their owners."""

from typing import Annotated, Literal

import msgspec

from gateway.http.forms import Shown, Typed
from gateway.http.paging import Paged
from gateway.http.shown import Next

Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 53, description="Microseconds since 1970 UTC")]
Plate = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Kind = Literal["black", "white", "disabled", "company"]
Word = Annotated[str, msgspec.Meta(max_length=200)]
Lot = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class NewListing(Typed, frozen=True):
    """A plate is to stand on a list from until (0: for good), in these lots (none: everywhere), for this reason."""

    list: Kind
    from_us: Moment
    until_us: Moment = 0
    lots: Annotated[tuple[Lot, ...], msgspec.Meta(max_length=500)] = ()
    reason: Word = ""


class ListingShown(Shown, frozen=True):
    """A plate on a list: who put it there and when."""

    plate: str
    id: str
    list: str
    from_us: int
    until_us: int
    lots: tuple[str, ...]
    reason: str
    person: str = ""
    at_us: int = 0


class Listings(Shown, frozen=True):
    """One page of plates on lists."""

    items: list[ListingShown]
    next: Next


class WhichListings(Paged, frozen=True):
    """Which: of one list, of one plate, those that count at a time."""

    list: Annotated[str, msgspec.Meta(max_length=16)] = ""
    plate: Annotated[str, msgspec.Meta(max_length=32)] = ""
    at_us: Moment | None = None


class OpenStay(Shown, frozen=True):
    """A stay that is open for a plate."""

    session: str
    lot: str
    bay: str
    entry_us: int
    street: bool


class OwedShown(Shown, frozen=True):
    """Arrears of one stay: where, when (0: not known here yet), how much."""

    session: str
    lot: str
    bay: str
    entry_us: int
    exit_us: int
    fen: int
    since_us: int
    operator: str


class VehicleShown(Shown, frozen=True):
    """A plate: its class, stays, arrears of all lots and their sum, lists, passes, owner, credit."""

    plate: str
    plate_class: str
    present: list[OpenStay]
    arrears: list[OwedShown]
    arrears_fen: int
    lists: list[ListingShown]
    passes: list[str]
    account: str
    credit_fen: int
    locked: bool


class ClaimShown(Shown, frozen=True):
    """An account that says that another's plate is its own: the picture of the licence, and what staff said."""

    plate: str
    account: str
    holder: str
    evidence: str
    state: str
    person: str
    reason: str
    at_us: int
    decided_us: int


class Claims(Shown, frozen=True):
    """One page of claims."""

    items: list[ClaimShown]
    next: Next


class WhichClaims(Paged, frozen=True):
    """Which: `open`, `accepted`, `refused`, `withdrawn`; empty: all."""

    state: Annotated[str, msgspec.Meta(max_length=16)] = "open"


class Verdict(Typed, frozen=True):
    """What staff say after looking at the papers."""

    accept: bool
    reason: Word = ""


class Lock(Typed, frozen=True):
    """The car is not to leave, or may again."""

    on: bool


class SpecialShown(Shown, frozen=True):
    """The classes of plates that are never charged, in which version."""

    version: int
    classes: list[str]


class SpecialChange(Typed, frozen=True):
    """The classes of plates that are never charged from now on, decided on the version that was known."""

    version: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
    classes: Annotated[
        list[Literal["military", "police", "emergency", "embassy", "learner", "hk_macau", "trailer", "temporary"]],
        msgspec.Meta(max_length=20),
    ]
