"""What is said to a vehicle (one plate text), what becomes true of it, and its face."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.messages.ownership import Claim
from actors.values import Micros


class Present(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A stay that is open for this plate."""

    session: str
    lot: str
    bay: str
    entry_us: Micros
    street: bool
    source: str


class Visit(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A stay in a lot that is over."""

    lot: str
    entry_us: Micros
    left_us: Micros


class Owed(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Arrears of one stay."""

    session: str
    fen: int
    since_us: Micros
    operator: str


class Listing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The plate stands on a list: `black`, `white`, `disabled`, `company`; in these lots (empty: everywhere), from
    until (0: for good). `reason` is a word or a sentence.
    """

    id: str
    list: str
    from_us: Micros
    until_us: Micros
    lots: tuple[str, ...]
    reason: str


class Pass(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A pass that has this plate: in which lots or groups, from when, until when."""

    id: str
    lots: tuple[str, ...]
    groups: tuple[str, ...]
    from_us: Micros
    until_us: Micros


class SessionBegan(Command, frozen=True, gc=False):
    """From a session: a stay with this plate is open; it is answered by `Standing`. `exit_us`: it is over already, but
    its plate was noted only now.
    """

    session: str
    bay: str
    entry_us: Micros
    street: bool
    source: str
    groups: tuple[str, ...] = ()
    lane: str = ""
    exit_us: Micros = 0


class SessionGone(Command, frozen=True, gc=False):
    """From a session: it left, was voided, or its plate was another after all."""

    session: str
    at_us: Micros
    why: str


class ArrearsOwed(Command, frozen=True, gc=False):
    """From a session: so much of it are arrears now (0: none any more)."""

    session: str
    fen: int
    since_us: Micros
    operator: str


class PutListing(Command, frozen=True, gc=False):
    """Staff put the plate on a list, or change what is said there under the same id."""

    listing: Listing
    person: str


class DropListing(Command, frozen=True, gc=False):
    """Staff take the plate off a list."""

    id: str
    person: str


class PutPass(Command, frozen=True, gc=False):
    """From a pass: this plate is on it (from now on, or with another time). `inside`: stays that are open may use it
    at once; otherwise it is for the next entry.
    """

    pass_: Pass
    inside: bool


class DropPass(Command, frozen=True, gc=False):
    """From a pass: this plate is not on it any more, or it is over."""

    id: str


class CreditGiven(Fact, frozen=True, gc=False):
    """Money that was not owed is kept for this plate until an account takes it. `session` is the key of who had it: a
    session or another kind of `sender`.
    """

    session: str
    payment: str
    n: int
    fen: int
    at_us: Micros
    sender: str = "session"


class CreditPassedOn(Fact, frozen=True, gc=False):
    """The credit went to the account of the plate's owner."""

    account: str
    fen: int
    at_us: Micros
    payment: str = ""


class ListingPut(Fact, frozen=True, gc=False):
    """The plate is on a list, as `person` says."""

    listing: Listing
    person: str
    at_us: Micros


class ListingDropped(Fact, frozen=True, gc=False):
    """It is not on that list any more."""

    id: str
    person: str
    at_us: Micros


class PassNoted(Fact, frozen=True, gc=False):
    """A pass has this plate."""

    pass_: Pass


class PassForgotten(Fact, frozen=True, gc=False):
    """A pass has this plate no more."""

    id: str


class Contradicted(Fact, frozen=True, gc=False):
    """The plate began a stay while another was open. `lost_exit`: the older one must have ended unseen; `cloned`: both
    began within minutes in different lots, so that one plate may be a copy.
    """

    older: str
    newer: str
    why: str
    at_us: Micros


class CouponKept(Fact, frozen=True, gc=False):
    """A coupon waits here for the account of the plate's owner."""

    coupon: str
    campaign: str
    terms: bytes
    until_us: Micros


class CouponPassedOn(Fact, frozen=True, gc=False):
    """A coupon went to the account of the plate's owner."""

    coupon: str
    account: str


class EntryQuery(Query, frozen=True, gc=False):
    """May it enter this lot, at which class, owing what? One hop, whatever the answer depends on."""

    lot: str
    groups: tuple[str, ...]
    at_us: Micros
    colour: str = ""


class EntryAnswer(Reply, frozen=True, gc=False):
    """How a vehicle stands in a lot. What follows (do arrears or a list refuse it?) is the lot's switch."""

    plate: str
    plate_class: str
    list: str
    why: str
    passes: tuple[str, ...]
    account: str
    owes_fen: int
    owes: int
    present: tuple[Present, ...]
    locked: bool = False


class PlateArrived(Fact, frozen=True, gc=False):
    """A stay with this plate opened."""

    present: Present


class PlateWent(Fact, frozen=True, gc=False):
    """A stay with this plate is over."""

    session: str
    at_us: Micros
    why: str


class ArrearsNoted(Fact, frozen=True, gc=False):
    """Arrears of one stay are so much now (fen 0: none)."""

    owed: Owed


class VehicleFace(Face, frozen=True, gc=False):
    """A vehicle as others see it."""

    present: tuple[Present, ...]
    owed: tuple[Owed, ...]
    lists: tuple[Listing, ...]
    passes: tuple[Pass, ...]
    account: str
    credit_fen: int
    automatic: bool = False
    locked: bool = False
    claims: tuple[Claim, ...] = ()
    coupons: tuple[str, ...] = ()


class VehicleQuery(Query, frozen=True, gc=False):
    """Asks a vehicle for its face."""


class VehicleAnswer(Reply, frozen=True, gc=False):
    """The vehicle's face, as an answer."""

    plate: str
    face: VehicleFace


class VehicleChanged(Reply, frozen=True, gc=False):
    """What was said of the vehicle is done."""

    plate: str
