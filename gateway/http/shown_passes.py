"""Types of what HTTP says of passes and the rules by which they are sold."""

from typing import Annotated, Literal

import msgspec

from actors.messages.pass_rules import PassRule
from gateway.http.forms import Shown, Typed
from gateway.http.paging import Paged
from gateway.http.shown import Next
from gateway.http.shown_payments import Channel
from gateway.http.shown_vehicles import Moment, Plate, Word

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Periods = Annotated[int, msgspec.Meta(ge=1, le=120)]
Fen = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
Person = Annotated[str, msgspec.Meta(max_length=64)]
PlateList = Annotated[list[Plate], msgspec.Meta(min_length=1, max_length=120)]


class NewRule(Typed, frozen=True):
    """A rule that is not there yet."""

    id: Id
    rule: PassRule


class RuleChange(Typed, frozen=True):
    """What the rule is from now on, decided on the version that was known."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]
    rule: PassRule


class RuleShown(Shown, frozen=True):
    """A rule of passes, in which version."""

    id: str
    version: int
    rule: PassRule


class Rules(Shown, frozen=True):
    """One page of rules."""

    items: list[RuleShown]
    next: Next


class NewPass(Typed, frozen=True):
    """A pass for these plates, as staff open it; it begins at `from_us` (0: now)."""

    rule: Id
    plates: PlateList
    periods: Periods
    from_us: Moment = 0
    account: Person = ""
    holder: Person = ""
    phone: Person = ""


class OwnNewPass(Typed, frozen=True):
    """A pass for the caller's own account."""

    rule: Id
    plates: PlateList
    periods: Periods
    from_us: Moment = 0
    holder: Person = ""
    phone: Person = ""


class Renewal(Typed, frozen=True):
    """Another so many periods."""

    periods: Periods


class FromWallet(Typed, frozen=True):
    """The price that the caller saw: the wallet pays this and nothing else."""

    fen: Fen


class ByProvider(Typed, frozen=True):
    """The provider by which the price is to be paid: by a code to scan, or inside its app by `openid`."""

    channel: Channel
    method: Literal["native", "jsapi"] = "native"
    openid: Annotated[str, msgspec.Meta(max_length=128)] = ""


class HandPayment(Typed, frozen=True):
    """Money that a person takes for what is offered: exactly its price."""

    channel: Literal["cash", "card", "city_card"]
    fen: Fen
    shift: Person = ""


class SoldInField(Typed, frozen=True):
    """A pass that a collector sells on the street: what for, and the money that was taken."""

    rule: Id
    plates: PlateList
    periods: Periods
    channel: Literal["cash", "card", "city_card"]
    fen: Fen
    shift: Person = ""
    holder: Person = ""
    phone: Person = ""


class PlatesChange(Typed, frozen=True):
    """The plates of the pass, from the next entry on."""

    plates: PlateList
    reason: Word = ""


class ReplacementChange(Typed, frozen=True):
    """Another car instead of one of the pass, from until; empty: no more."""

    plate: Plate
    instead: Annotated[str, msgspec.Meta(max_length=32)]
    from_us: Moment = 0
    until_us: Moment = 0


class Ending(Typed, frozen=True):
    """Why the pass ends now."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class OfferShown(Shown, frozen=True):
    """A price that is held: pay it before then."""

    fen: int
    from_us: int
    until_us: int
    pay_until_us: int
    renewal: bool


class InsideShown(Shown, frozen=True):
    """A vehicle of the pass inside, and until when its stay is covered."""

    session: str
    plate: str
    lot: str
    until_us: int


class ReplacementShown(Shown, frozen=True):
    """Another car instead of one of the pass."""

    plate: str
    instead: str
    from_us: int
    until_us: int


class PassShown(Shown, frozen=True):
    """A pass as its actor says; `state` is `offered`, `lapsed`, `coming`, `valid`, `expired` or `ended`."""

    id: str
    state: str
    rule: str
    operator: str
    plates: list[str]
    lots: list[str]
    groups: list[str]
    seats: int
    account: str
    holder: str
    phone: str
    issued_us: int
    from_us: int
    until_us: int
    offer: OfferShown | None
    inside: list[InsideShown]
    replacements: list[ReplacementShown]
    refund_fen: int = 0


class PassLine(Shown, frozen=True):
    """A pass in a list."""

    id: str
    state: str
    rule: str
    operator: str
    plates: list[str]
    lots: list[str]
    groups: list[str]
    account: str
    holder: str
    phone: str
    fen: int
    issued_us: int
    from_us: int
    until_us: int


class PassLines(Shown, frozen=True):
    """One page of passes."""

    items: list[PassLine]
    next: Next


class PlateChangeShown(Shown, frozen=True):
    """Who changed a pass's plates: `plates` were these and are those, or `replacement` of one by another."""

    what: str
    was: str
    now: str
    person: str
    reason: str
    at_us: int


class PlateChanges(Shown, frozen=True):
    """All changes of a pass's plates, newest first."""

    items: list[PlateChangeShown]


class WhichPasses(Paged, frozen=True):
    """Which: with this plate, phone, account, operator; in this state (see `PassShown`); that end before a time."""

    plate: Annotated[str, msgspec.Meta(max_length=32)] = ""
    phone: Person = ""
    account: Person = ""
    operator: Person = ""
    state: Literal["", "offered", "lapsed", "coming", "valid", "expired", "ended"] = ""
    ends_before_us: Moment | None = None
