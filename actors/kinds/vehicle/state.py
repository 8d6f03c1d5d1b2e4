"""What a vehicle remembers: every fold, and how it looks from outside."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.account import CouponGiven
from actors.messages.forms import Fact
from actors.messages.ownership import (
    CarLocked,
    Claim,
    ClaimDecided,
    LockedCarTried,
    OwnerBound,
    OwnerReleased,
    PlateClaimed,
)
from actors.messages.vehicle import (
    ArrearsNoted,
    Contradicted,
    CouponKept,
    CouponPassedOn,
    CreditGiven,
    CreditPassedOn,
    Listing,
    ListingDropped,
    ListingPut,
    Owed,
    Pass,
    PassForgotten,
    PassNoted,
    PlateArrived,
    PlateWent,
    Present,
    VehicleFace,
    Visit,
)
from actors.values import DAY_US

VISITS_MOST = 48
"""So many visits of one day are remembered: who comes back at once may be charged as if he had never left."""


class Remembered(Actor):
    """The state of a vehicle; folds replace what they change, for handlers go on deciding on a copy."""

    present: dict[str, Present] = {}
    visits: tuple[Visit, ...] = ()
    owed: dict[str, Owed] = {}
    lists: dict[str, Listing] = {}
    passes: dict[str, Pass] = {}
    account: str = ""
    automatic: bool = False
    locked: bool = False
    claims: dict[str, Claim] = {}
    credits: tuple[CreditGiven, ...] = ()
    passed_on: int = 0
    coupons: dict[str, CouponGiven] = {}

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once; on the copy of a handler."""
        turn.record(fact)
        self.remember(fact)

    def fold_plate_arrived(self, fact: PlateArrived) -> None:
        self.present = {**self.present, fact.present.session: fact.present}

    def fold_plate_went(self, fact: PlateWent) -> None:
        there = self.present.get(fact.session)
        if there and fact.why == "left":
            recent = [each for each in self.visits if each.left_us > fact.at_us - DAY_US]
            self.visits = (*recent, Visit(there.lot, there.entry_us, fact.at_us))[-VISITS_MOST:]
        self.present = {name: each for name, each in self.present.items() if name != fact.session}

    def fold_contradicted(self, fact: Contradicted) -> None:
        pass  # the stays are told; this is kept for whoever looks for copied plates

    def fold_arrears_noted(self, fact: ArrearsNoted) -> None:
        others = {name: each for name, each in self.owed.items() if name != fact.owed.session}
        self.owed = {**others, fact.owed.session: fact.owed} if fact.owed.fen else others

    def fold_listing_put(self, fact: ListingPut) -> None:
        self.lists = {**self.lists, fact.listing.id: fact.listing}

    def fold_listing_dropped(self, fact: ListingDropped) -> None:
        self.lists = {id: each for id, each in self.lists.items() if id != fact.id}

    def fold_pass_noted(self, fact: PassNoted) -> None:
        self.passes = {**self.passes, fact.pass_.id: fact.pass_}

    def fold_pass_forgotten(self, fact: PassForgotten) -> None:
        self.passes = {id: each for id, each in self.passes.items() if id != fact.id}

    def fold_owner_bound(self, fact: OwnerBound) -> None:
        self.locked = self.locked and fact.account == self.account
        self.account, self.automatic = fact.account, fact.automatic

    def fold_owner_released(self, fact: OwnerReleased) -> None:
        self.account, self.automatic, self.locked = "", False, False

    def fold_plate_claimed(self, fact: PlateClaimed) -> None:
        self.claims = {**self.claims, fact.claim.account: fact.claim}

    def fold_claim_decided(self, fact: ClaimDecided) -> None:
        self.claims = {name: each for name, each in self.claims.items() if name != fact.account}

    def fold_car_locked(self, fact: CarLocked) -> None:
        self.locked = fact.on

    def fold_locked_car_tried(self, fact: LockedCarTried) -> None:
        pass  # the owner is told by a notice

    def fold_credit_given(self, fact: CreditGiven) -> None:
        self.credits = (*self.credits, fact)

    def fold_credit_passed_on(self, fact: CreditPassedOn) -> None:
        self.credits = self.credits[1:]
        self.passed_on += 1

    def fold_coupon_kept(self, fact: CouponKept) -> None:
        kept = CouponGiven(fact.coupon, fact.campaign, fact.terms, fact.until_us)
        self.coupons = {**self.coupons, fact.coupon: kept}

    def fold_coupon_passed_on(self, fact: CouponPassedOn) -> None:
        self.coupons = {id: each for id, each in self.coupons.items() if id != fact.coupon}

    def face(self) -> VehicleFace:
        return VehicleFace(
            tuple(self.present.values()),
            tuple(self.owed.values()),
            tuple(self.lists.values()),
            tuple(self.passes.values()),
            self.account,
            sum(each.fen for each in self.credits),
            self.automatic,
            self.locked,
            tuple(self.claims.values()),
            tuple(self.coupons),
        )
