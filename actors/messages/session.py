"""What is said to a session. What it answers stands in `session_shown`, what becomes true in `session_facts`."""

from actors.messages.forms import Command, Query
from actors.values import Micros


class OpenSession(Command, frozen=True, gc=False):
    """A vehicle came: `source` (sensor, loop, camera, pile, lane, pda, patrol, owner) says so by `device`; `person` is
    who, if it was a person. `operator` and `mode` are the lot's, as they were at entry. `fixed_fen`: so much is
    charged, whatever the tariff says, because nobody saw when it came (-1: by the tariff). `charger`: the bay has one.
    """

    bay: str
    entry_us: Micros
    source: str
    device: str
    operator: str
    mode: str
    plate: str = ""
    colour: str = ""
    confidence_pct: int = 100
    person: str = ""
    street: bool = True
    lost: int = 0
    lane: str = ""
    fixed_fen: int = -1
    charger: bool = False


class ShareStay(Command, frozen=True, gc=False):
    """From a bay's holding: its owner shares the bay now, and gets `pct` of what comes for this stay."""

    owner: str
    pct: int


class NotePlate(Command, frozen=True, gc=False):
    """Somebody or something read the plate: the first one is taken, a later one if it is surer or a person says it.

    `no_plate`: the vehicle has none; it gets a made-up identity.
    """

    plate: str
    colour: str
    source: str
    device: str
    confidence_pct: int
    at_us: Micros
    person: str = ""
    no_plate: bool = False


class EndSession(Command, frozen=True, gc=False):
    """The vehicle left, as `source` says; `lost` frames of the sensor were missed during the stay. Answered by
    `SessionAnswer` when a person or a gate asks.
    """

    exit_us: Micros
    source: str
    device: str
    lost: int = 0
    person: str = ""
    lane: str = ""
    remote: bool = False


class SightAgain(Command, frozen=True, gc=False):
    """Another device has seen the same stay begin, then; a surer and earlier one moves the entry back."""

    source: str
    device: str
    seen_us: Micros


class ResumeSession(Command, frozen=True, gc=False):
    """The departure was wrong (a device's misreading): the stay goes on as if it had not been said."""

    why: str
    person: str


class MoveSession(Command, frozen=True, gc=False):
    """The vehicle stands in another bay of the lot than was said."""

    bay: str
    person: str
    reason: str


class VoidSession(Command, frozen=True, gc=False):
    """Staff say that there was no such stay; nothing may have been paid for it that was not given back."""

    reason: str
    person: str


class Waive(Command, frozen=True, gc=False):
    """Staff let the stay go free (whole) or cheaper by so much, with a reason from the dictionary; -1: all of it."""

    fen: int
    reason: str
    person: str


class WriteOff(Command, frozen=True, gc=False):
    """Staff give up what is owed: bad debt, once."""

    reason: str
    person: str


class FlagSession(Command, frozen=True, gc=False):
    """Something about the stay needs a person: `code` is a stable word, `detail` what it is about."""

    code: str
    detail: str


class ClearFlag(Command, frozen=True, gc=False):
    """A person has looked."""

    code: str
    person: str
    note: str


class AddEvidence(Command, frozen=True, gc=False):
    """Pictures or video of the stay are stored: `role` is entry, exit, plate, tail, panorama, head, video, …."""

    evidence: str
    role: str
    source: str
    device: str
    at_us: Micros


class Charging(Command, frozen=True, gc=False):
    """The car is (not any more) being charged at the bay's pile; said again, or before the stay began, it counts once
    and from the entry on.
    """

    on: bool
    at_us: Micros


class OpenBill(Command, frozen=True, gc=False):
    """Hold a price for this payment; the same payment again gets the same bill. `coupons` are the terms
    (`tariffs.offsets.Coupon`) as MessagePack, held by the payer's account for this payment. If they leave nothing to be
    paid, the bill says 0 and is paid by that.
    """

    payment: str
    channel: str
    payer: str = ""
    coupons: bytes = b""


class PayByHand(Command, frozen=True, gc=False):
    """A person took the money: `cash`, `card`, `city_card`. `offline`: it was taken while the device had no line, so
    it is taken now whatever is owed, and what is too much becomes credit.
    """

    payment: str
    channel: str
    fen: int
    collector: str
    shift: str
    paid_us: Micros
    offline: bool = False
    provider_ref: str = ""


class RefundPart(Command, frozen=True, gc=False):
    """Give back so much of what one payment brought; `key` makes it the same refund when it is said again."""

    payment: str
    fen: int
    reason: str
    person: str
    key: str


class Standing(Command, frozen=True, gc=False):
    """The vehicle says how it stands in this lot: `list` is white, black, special or empty, with `why`; `passes` that
    may cover the stay; `account` is the owner's, `automatic`: it pays by itself at exit; `owes_fen` in `owes` stays.
    `visits`: from when to when it was last in this lot before.
    """

    plate: str
    list: str
    why: str
    passes: tuple[str, ...]
    account: str
    automatic: bool
    owes_fen: int
    owes: int
    disabled: bool = False
    company: bool = False
    visits: tuple[tuple[Micros, Micros], ...] = ()


class Covered(Command, frozen=True, gc=False):
    """A pass covers the stay from and until then (it may be told again with another end); not at all if they are
    equal, `why` says why not (`full`: as many of its vehicles are inside as may be).
    """

    pass_: str
    from_us: Micros
    until_us: Micros
    why: str = ""


class SeenElsewhere(Command, frozen=True, gc=False):
    """The same plate has come somewhere else while this stay was open."""

    session: str
    lot: str
    at_us: Micros


class AutoPayDeclined(Command, frozen=True, gc=False):
    """The account could not or would not pay the stay by itself: `insufficient`, `off`, `declined`."""

    payment: str
    why: str


class BillExpired(Command, frozen=True, gc=False):
    """The price was held long enough (a wake)."""

    payment: str


class ArrearsDue(Command, frozen=True, gc=False):
    """The time to pay after leaving is over (a wake)."""


class RemindDue(Command, frozen=True, gc=False):
    """It is time for the n-th reminder of arrears (a wake)."""

    n: int


class ScheduleQuery(Query, frozen=True, gc=False):
    """Asks a session what leaving costs from now on, step by step, for so long: for a device that may lose its line."""

    for_us: Micros


class SessionQuery(Query, frozen=True, gc=False):
    """Asks a session for its face and what leaving at `at_us` costs, less what had come by then, also if it has left
    since (0: now, or what is due after leaving).
    """

    at_us: Micros = 0
    coupons: bytes = b""
