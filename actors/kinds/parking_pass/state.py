"""What a pass remembers: every fold, and how it looks from outside."""

from typing import NamedTuple

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.forms import Fact
from actors.messages.passes import (
    HolderReminded,
    Offer,
    OfferLapsed,
    PassEnded,
    PassFace,
    PassLapsed,
    PassOffered,
    PassPaidByHand,
    PassReturned,
    PassSold,
    PassTerms,
    PlateReplaced,
    PlatesChanged,
    Replacement,
    Seat,
    SeatLeft,
    SeatTaken,
)
from actors.values import Micros


class Bought(NamedTuple):
    """One payment that bought some of the pass's time."""

    payment: str
    channel: str
    payer: str
    fen: int
    from_us: Micros
    until_us: Micros


class Remembered(Actor):
    """The state of a pass; folds replace what they change, for handlers go on deciding on a copy."""

    terms: PassTerms | None = None
    plates: tuple[str, ...] = ()
    account: str = ""
    holder: str = ""
    phone: str = ""
    issued_us: Micros = 0
    offer: Offer | None = None
    from_us: Micros = 0
    until_us: Micros = 0
    sold: bool = False
    ended: bool = False
    bought: tuple[Bought, ...] = ()
    hands: tuple[str, ...] = ()
    inside: dict[str, Seat] = {}
    replacements: tuple[Replacement, ...] = ()

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once; on the copy of a handler."""
        turn.record(fact)
        self.remember(fact)

    @property
    def operator(self) -> str:
        """Whose pass it is."""
        return self.terms.operator if self.terms else ""

    def fold_pass_offered(self, fact: PassOffered) -> None:
        self.offer = fact.offer
        if not fact.offer.renewal:
            self.terms, self.plates = fact.terms, fact.plates
            self.account, self.holder, self.phone = fact.account, fact.holder, fact.phone

    def fold_offer_lapsed(self, fact: OfferLapsed) -> None:
        self.offer = None

    def fold_pass_paid_by_hand(self, fact: PassPaidByHand) -> None:
        self.hands = (*self.hands, fact.payment)

    def fold_pass_sold(self, fact: PassSold) -> None:
        if not fact.renewal:
            self.from_us, self.issued_us = fact.from_us, fact.at_us
        elif fact.from_us > self.until_us:
            self.from_us = fact.from_us
        self.until_us, self.sold, self.offer = fact.until_us, True, None
        span = (fact.fen, fact.from_us, fact.until_us)
        self.bought = (*self.bought, Bought(fact.payment, fact.channel, fact.payer, *span))

    def fold_plates_changed(self, fact: PlatesChanged) -> None:
        self.plates = fact.plates
        self.replacements = tuple(each for each in self.replacements if each.plate in fact.plates)

    def fold_plate_replaced(self, fact: PlateReplaced) -> None:
        others = tuple(each for each in self.replacements if each.plate != fact.replacement.plate)
        self.replacements = (*others, fact.replacement) if fact.replacement.instead else others

    def fold_seat_taken(self, fact: SeatTaken) -> None:
        self.inside = {**self.inside, fact.seat.session: fact.seat}

    def fold_seat_left(self, fact: SeatLeft) -> None:
        self.inside = {name: each for name, each in self.inside.items() if name != fact.session}

    def fold_holder_reminded(self, fact: HolderReminded) -> None:
        pass  # the holder is told by a notice

    def fold_pass_lapsed(self, fact: PassLapsed) -> None:
        pass  # its vehicles are told; it can still be renewed

    def fold_pass_returned(self, fact: PassReturned) -> None:
        pass  # the ledger books it; an ended pass gives nothing back again

    def fold_pass_ended(self, fact: PassEnded) -> None:
        self.until_us, self.ended, self.offer = min(self.until_us, fact.at_us), True, None

    def state(self) -> str:
        """Its state in one word; `PassFace` says which there are."""
        if self.ended:
            return "ended"
        if self.sold:
            return "sold"
        return "offered" if self.offer else "lapsed"

    def face(self) -> PassFace:
        terms = self.terms or PassTerms("", 0, "", (), (), 0, 0, "none", 0, 0)
        return PassFace(
            self.state(),
            terms.rule,
            terms.version,
            terms.operator,
            self.plates,
            terms.lots,
            terms.groups,
            terms.seats,
            self.account,
            self.holder,
            self.phone,
            self.issued_us,
            self.from_us,
            self.until_us,
            self.offer,
            tuple(self.inside.values()),
            self.replacements,
        )
