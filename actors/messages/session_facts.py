"""What becomes true of a parking session. The ledger books `Priced`, `Received`, `Returned`, `OwnerShared`,
`ArrearsMoved` and `WrittenOff`, and nothing else of a stay.
"""

from actors.messages.forms import Fact
from actors.messages.money import Off
from actors.messages.session_shown import Bill
from actors.values import Micros


class SessionOpened(Fact, frozen=True, gc=False):
    """A stay began; `tariff` in this `tariff_version` was in force for the lot at entry (empty: nothing is charged);
    so was the `factor` of a price that follows occupancy. `charger`: the bay has one.
    """

    bay: str
    entry_us: Micros
    source: str
    device: str
    operator: str
    mode: str
    street: bool
    tariff: str
    tariff_version: int
    person: str = ""
    lost: int = 0
    lane: str = ""
    fixed_fen: int = -1
    factor: str = "1"
    charger: bool = False


class PlateNoted(Fact, frozen=True, gc=False):
    """A plate was read; `taken`: from now on it is the stay's, of this class (`plates.plate_class`)."""

    plate: str
    colour: str
    plate_class: str
    source: str
    device: str
    confidence_pct: int
    at_us: Micros
    person: str
    taken: bool


class EntryMoved(Fact, frozen=True, gc=False):
    """A surer device has seen the vehicle come earlier."""

    entry_us: Micros
    source: str
    device: str


class SightedAgain(Fact, frozen=True, gc=False):
    """Another device saw the same stay; nothing but that."""

    source: str
    device: str
    seen_us: Micros


class SessionMoved(Fact, frozen=True, gc=False):
    """The stay is in another bay of the lot."""

    bay: str
    was: str
    person: str
    reason: str


class StandingNoted(Fact, frozen=True, gc=False):
    """How the vehicle stands, as it said itself."""

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


class CoverNoted(Fact, frozen=True, gc=False):
    """A pass covers this part of the stay (none if both are equal, and why)."""

    pass_: str
    from_us: Micros
    until_us: Micros
    why: str = ""


class ChargingNoted(Fact, frozen=True, gc=False):
    """The car began or ended being charged."""

    on: bool
    at_us: Micros


class SessionLeft(Fact, frozen=True, gc=False):
    """The vehicle left."""

    exit_us: Micros
    source: str
    device: str
    person: str = ""
    lost: int = 0
    lane: str = ""
    remote: bool = False


class SessionResumed(Fact, frozen=True, gc=False):
    """The departure was not true: the stay goes on."""

    why: str
    person: str


class BillHeld(Fact, frozen=True, gc=False):
    """A price is held for a payment."""

    bill: Bill


class BillDropped(Fact, frozen=True, gc=False):
    """A price is held no longer, and nothing came: `expired`, `failed`, `cancelled`, `paid_otherwise`."""

    payment: str
    why: str


class Priced(Fact, frozen=True, gc=False):
    """What the stay costs is now `charge_fen` less `off`: by `more_fen` and `more_off` another than before. `at_us` is
    when it became so (the payment's time, the exit); `quote` has the lines (`tariffs.quote.Quote`).
    """

    charge_fen: int
    off: tuple[Off, ...]
    more_fen: int
    more_off: tuple[Off, ...]
    at_us: Micros
    why: str
    quote: bytes
    operator: str
    plate_class: str = ""


class Received(Fact, frozen=True, gc=False):
    """Money came: `fen`, of which `arrears_fen` were arrears and `excess_fen` were not owed (they go back or become
    credit). `covers_until_us`: leaving until then costs no more.
    """

    payment: str
    channel: str
    fen: int
    arrears_fen: int
    excess_fen: int
    paid_us: Micros
    operator: str
    payer: str = ""
    person: str = ""
    shift: str = ""
    covers_until_us: Micros = 0
    offline: bool = False
    provider_ref: str = ""


class Returned(Fact, frozen=True, gc=False):
    """So much of a payment goes back to where it came from: `excess` of it was never owed, the rest was a refund;
    `arrears_fen` of it had recovered arrears, which are not owed again.

    `to` is what gets it: `payment`, `account`, `vehicle` (credit), `cash` (from the collector's hand).
    """

    payment: str
    channel: str
    fen: int
    excess_fen: int
    to: str
    why: str
    at_us: Micros
    operator: str
    n: int
    key: str = ""
    person: str = ""
    shift: str = ""
    arrears_fen: int = 0


class SharedBy(Fact, frozen=True, gc=False):
    """The stay is in a bay that its owner shares, who gets `pct` of what comes for it."""

    owner: str
    pct: int


class OwnerShared(Fact, frozen=True, gc=False):
    """So much more (or less) of what came for the stay is the owner's whose bay it is."""

    owner: str
    fen: int
    at_us: Micros
    operator: str


class ArrearsMoved(Fact, frozen=True, gc=False):
    """So much more (or less) of what is owed are arrears."""

    fen: int
    at_us: Micros
    why: str
    operator: str


class WrittenOff(Fact, frozen=True, gc=False):
    """What is owed was given up; `arrears_fen` of it were arrears."""

    fen: int
    arrears_fen: int
    at_us: Micros
    reason: str
    person: str
    operator: str


class SessionVoided(Fact, frozen=True, gc=False):
    """There was no such stay; its charge is taken back by a `Priced` beside this."""

    reason: str
    person: str
    at_us: Micros


class Waived(Fact, frozen=True, gc=False):
    """Staff let the stay go cheaper by so much (-1: free)."""

    fen: int
    reason: str
    person: str
    at_us: Micros


class Flagged(Fact, frozen=True, gc=False):
    """The stay needs a person: it is on the list of abnormal ones until somebody has looked."""

    code: str
    detail: str
    at_us: Micros


class FlagCleared(Fact, frozen=True, gc=False):
    """A person has looked."""

    code: str
    person: str
    note: str
    at_us: Micros


class EvidenceAdded(Fact, frozen=True, gc=False):
    """A picture or video of the stay is stored."""

    evidence: str
    role: str
    source: str
    device: str
    at_us: Micros


class AutoPayAsked(Fact, frozen=True, gc=False):
    """The owner's account was asked to pay by itself."""

    account: str
    payment: str
    fen: int


class Reminded(Fact, frozen=True, gc=False):
    """The n-th reminder of arrears is to be sent."""

    n: int
    fen: int
    at_us: Micros
