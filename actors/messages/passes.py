"""What is said to a pass, what becomes true of it, and its face."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class OpenPass(Command, frozen=True, gc=False):
    """Somebody wants a pass by this rule for these plates; `source` is `online`, `desk` or `collector`, `person` who
    asks. Its price is decided now and held; it begins at `from_us` (0: now) and lasts so many of the rule's periods.
    """

    rule: str
    plates: tuple[str, ...]
    from_us: Micros
    periods: int
    source: str
    person: str
    account: str = ""
    holder: str = ""
    phone: str = ""


class RenewPass(Command, frozen=True, gc=False):
    """Another so many periods, after its end, or from now on if that has passed."""

    periods: int
    source: str
    person: str
    account: str = ""


class ChangePlates(Command, frozen=True, gc=False):
    """Other plates are to be on the pass, for the next entry; `account`: only if the pass is this account's."""

    plates: tuple[str, ...]
    reason: str
    person: str
    account: str = ""


class ReplacePlate(Command, frozen=True, gc=False):
    """While this plate's car is in repair, another goes instead (empty: none any more), from until."""

    plate: str
    instead: str
    from_us: Micros
    until_us: Micros
    person: str
    account: str = ""


class EndPass(Command, frozen=True, gc=False):
    """The pass ends now; what its rule gives back goes back."""

    reason: str
    person: str


class TakeSeat(Command, frozen=True, gc=False):
    """From a session whose vehicle is on the pass: may it count as inside, from then? Answered by `Covered`. `exit_us`:
    it has left already, so it takes nobody's seat.
    """

    session: str
    plate: str
    lot: str
    entry_us: Micros
    exit_us: Micros = 0


class LeaveSeat(Command, frozen=True, gc=False):
    """From a session that left, was voided or has another plate now."""

    session: str
    at_us: Micros


class OfferOver(Command, frozen=True, gc=False):
    """Nobody has paid for what was offered until then (a wake)."""

    pay_until_us: Micros


class RemindHolder(Command, frozen=True, gc=False):
    """It is time to say that the pass will end (a wake)."""

    until_us: Micros


class LapsePass(Command, frozen=True, gc=False):
    """The pass ended long enough ago that no late word of an entry before comes any more (a wake)."""

    until_us: Micros


class PassQuery(Query, frozen=True, gc=False):
    """Asks a pass for its face."""


class Offer(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A price that is held: this time for so much, if it is paid until then."""

    fen: int
    from_us: Micros
    until_us: Micros
    pay_until_us: Micros
    renewal: bool


class Replacement(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Another car instead of one of the pass, from until."""

    plate: str
    instead: str
    from_us: Micros
    until_us: Micros


class Seat(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A vehicle of the pass inside, and the part of its stay that is covered."""

    session: str
    plate: str
    lot: str
    from_us: Micros
    until_us: Micros


class PassTerms(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a pass keeps of the rule it was sold by, whatever becomes of the rule."""

    rule: str
    version: int
    operator: str
    lots: tuple[str, ...]
    groups: tuple[str, ...]
    seats: int
    plates: int
    refund: str
    refund_fee_fen: int
    remind_days: int


class PassOffered(Fact, frozen=True, gc=False):
    """A pass was asked for (the first time, with its plates and terms) or its renewal; its price is held."""

    offer: Offer
    terms: PassTerms
    plates: tuple[str, ...]
    account: str
    holder: str
    phone: str
    source: str
    person: str
    at_us: Micros


class OfferLapsed(Fact, frozen=True, gc=False):
    """Nobody paid in time."""

    at_us: Micros


class PassPaidByHand(Fact, frozen=True, gc=False):
    """A person took so much money for the pass; what of it was not owed became a vehicle's credit."""

    payment: str
    channel: str
    fen: int
    collector: str
    shift: str
    paid_us: Micros
    operator: str


class PassSold(Fact, frozen=True, gc=False):
    """A pass was paid for (or renewed): so much in advance, for this time; `lots` or `groups` are its scope."""

    payment: str
    fen: int
    from_us: Micros
    until_us: Micros
    operator: str
    lots: tuple[str, ...]
    groups: tuple[str, ...]
    at_us: Micros
    renewal: bool = False
    channel: str = ""
    payer: str = ""


class PlatesChanged(Fact, frozen=True, gc=False):
    """Other plates are on the pass."""

    plates: tuple[str, ...]
    was: tuple[str, ...]
    reason: str
    person: str
    at_us: Micros


class PlateReplaced(Fact, frozen=True, gc=False):
    """Another car goes instead of one of the pass for a time (`instead` empty: no more)."""

    replacement: Replacement
    person: str
    at_us: Micros


class SeatTaken(Fact, frozen=True, gc=False):
    """A vehicle of the pass is inside, or its covered part has changed."""

    seat: Seat


class SeatLeft(Fact, frozen=True, gc=False):
    """It is inside no more."""

    session: str
    at_us: Micros


class HolderReminded(Fact, frozen=True, gc=False):
    """The holder is to be told when the pass ends."""

    until_us: Micros
    account: str
    phone: str
    plates: tuple[str, ...]
    at_us: Micros


class PassLapsed(Fact, frozen=True, gc=False):
    """It ended some time ago and was not renewed: its vehicles know it no more."""

    at_us: Micros


class PassReturned(Fact, frozen=True, gc=False):
    """So much of what was paid for a pass goes back by the payment that brought it."""

    payment: str
    fen: int
    at_us: Micros
    operator: str


class PassEnded(Fact, frozen=True, gc=False):
    """A pass ended early; `refund_fen` of its price goes back, as a `PassReturned` says of each payment."""

    at_us: Micros
    reason: str
    person: str
    refund_fen: int
    operator: str


class PassFace(Face, frozen=True, gc=False):
    """A pass as others see it. `state` is `offered`, `lapsed` (nobody paid), `sold` (in force if the time is right) or
    `ended`.
    """

    state: str
    rule: str
    rule_version: int
    operator: str
    plates: tuple[str, ...]
    lots: tuple[str, ...]
    groups: tuple[str, ...]
    seats: int
    account: str
    holder: str
    phone: str
    issued_us: Micros
    from_us: Micros
    until_us: Micros
    offer: Offer | None
    inside: tuple[Seat, ...]
    replacements: tuple[Replacement, ...]


class PassAnswer(Reply, frozen=True, gc=False):
    """A pass, as an answer; `refund_fen` is what goes back by this."""

    pass_: str
    face: PassFace
    refund_fen: int = 0
