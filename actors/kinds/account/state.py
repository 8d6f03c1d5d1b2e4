"""What an account remembers: every fold, and how it looks from outside."""

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.account import AccountAnswer, AccountFace, BoundPlate, OwnCoupon, WalletMoved
from actors.messages.account_facts import (
    AutoEnded,
    AutoTried,
    CouponFreed,
    CouponHeld,
    CouponTaken,
    CouponUsed,
    DefaultChosen,
    PlateTold,
    PlateWanted,
    ScoreMoved,
    SpentReturned,
    SumFreed,
    SumFrozen,
    TopUpAsked,
    TopUpCame,
    TopUpDropped,
    TopUpReturned,
    WalletSpent,
    WaysSet,
)
from actors.messages.forms import Fact

Payee = tuple[str, str, str]
"""A payment, and the kind and key of who was paid a part of it."""


class Spent(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A part of a payment from the wallet: real and gift money, and how much of it came back in how many returns."""

    fen: int
    gift_fen: int
    returned_fen: int = 0
    returns: int = 0


class TopUp(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A top-up that is on its way or (`came`) there, and how much of it and of its gift went back."""

    fen: int
    gift_fen: int
    came: bool = False
    returned_fen: int = 0
    gift_gone_fen: int = 0
    returns: int = 0


class Remembered(Actor):
    """The state of an account; folds replace what they change, for handlers go on deciding on a copy."""

    balance_fen: int = 0
    gift_fen: int = 0
    frozen: dict[str, int] = {}
    spent: dict[Payee, Spent] = {}
    top_ups: dict[str, TopUp] = {}
    refunds: dict[str, str] = {}
    automatic: dict[str, AutoTried] = {}
    plates: dict[str, BoundPlate] = {}
    default: str = ""
    coupons: dict[str, OwnCoupon] = {}
    score: int | None = None

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once; on the copy of a handler."""
        turn.record(fact)
        self.remember(fact)

    @property
    def frozen_fen(self) -> int:
        """Real money that cannot be spent."""
        return sum(self.frozen.values())

    # -- folds: money

    def fold_wallet_moved(self, fact: WalletMoved) -> None:
        self.balance_fen, self.gift_fen = fact.balance_fen, fact.balance_gift_fen

    def fold_wallet_spent(self, fact: WalletSpent) -> None:
        part = (fact.payment, fact.payee_kind, fact.payee)
        self.spent = {**self.spent, part: Spent(fact.fen, fact.gift_fen)}

    def fold_spent_returned(self, fact: SpentReturned) -> None:
        part = (fact.payment, fact.payee_kind, fact.payee)
        was = self.spent[part]
        now = Spent(was.fen, was.gift_fen, was.returned_fen + fact.fen, fact.n)
        self.spent = {**self.spent, part: now}

    def fold_top_up_asked(self, fact: TopUpAsked) -> None:
        self.top_ups = {**self.top_ups, fact.payment: TopUp(fact.fen, fact.gift_fen)}

    def fold_top_up_dropped(self, fact: TopUpDropped) -> None:
        self.top_ups = {payment: each for payment, each in self.top_ups.items() if payment != fact.payment}

    def fold_top_up_came(self, fact: TopUpCame) -> None:
        self.top_ups = {**self.top_ups, fact.payment: TopUp(fact.fen, fact.gift_fen, True)}

    def fold_top_up_returned(self, fact: TopUpReturned) -> None:
        was = self.top_ups[fact.payment]
        gone = (was.returned_fen + fact.fen, was.gift_gone_fen + fact.gift_fen, fact.n)
        self.top_ups = {**self.top_ups, fact.payment: TopUp(was.fen, was.gift_fen, True, *gone)}
        self.refunds = {**self.refunds, fact.key: fact.payment}

    def fold_sum_frozen(self, fact: SumFrozen) -> None:
        self.frozen = {**self.frozen, fact.key: fact.fen}

    def fold_sum_freed(self, fact: SumFreed) -> None:
        self.frozen = {key: fen for key, fen in self.frozen.items() if key != fact.key}

    def fold_auto_tried(self, fact: AutoTried) -> None:
        self.automatic = {**self.automatic, fact.payment: fact}

    def fold_auto_ended(self, fact: AutoEnded) -> None:
        self.automatic = {payment: each for payment, each in self.automatic.items() if payment != fact.payment}

    # -- folds: plates, coupons, the rest

    def fold_plate_wanted(self, fact: PlateWanted) -> None:
        self.plates = {**self.plates, fact.plate: BoundPlate(fact.plate, "asked")}
        if fact.default:
            self.default = fact.plate

    def fold_plate_told(self, fact: PlateTold) -> None:
        if fact.state in ("refused", "released"):
            self.plates = {plate: each for plate, each in self.plates.items() if plate != fact.plate}
            return
        known = self.plates.get(fact.plate, BoundPlate(fact.plate, ""))
        self.plates = {**self.plates, fact.plate: msgspec.structs.replace(known, state=fact.state)}

    def fold_default_chosen(self, fact: DefaultChosen) -> None:
        self.default = fact.plate

    def fold_ways_set(self, fact: WaysSet) -> None:
        known = self.plates[fact.plate]
        self.plates = {**self.plates, fact.plate: BoundPlate(fact.plate, known.state, fact.ways, fact.openid)}

    def fold_coupon_taken(self, fact: CouponTaken) -> None:
        taken = OwnCoupon(fact.coupon, fact.campaign, fact.terms, fact.until_us)
        self.coupons = {**self.coupons, fact.coupon: taken}

    def fold_coupon_held(self, fact: CouponHeld) -> None:
        held = msgspec.structs.replace(self.coupons[fact.coupon], payment=fact.payment, held_until_us=fact.until_us)
        self.coupons = {**self.coupons, fact.coupon: held}

    def fold_coupon_freed(self, fact: CouponFreed) -> None:
        free = msgspec.structs.replace(self.coupons[fact.coupon], payment="", held_until_us=0)
        self.coupons = {**self.coupons, fact.coupon: free}

    def fold_coupon_used(self, fact: CouponUsed) -> None:
        self.coupons = {coupon: each for coupon, each in self.coupons.items() if coupon != fact.coupon}

    def fold_score_moved(self, fact: ScoreMoved) -> None:
        self.score = fact.score

    # -- seen from outside

    def face(self) -> AccountFace:
        return AccountFace(
            self.balance_fen,
            self.gift_fen,
            self.frozen_fen,
            tuple(self.plates.values()),
            self.default,
            tuple(self.coupons.values()),
            self.score,
        )

    def answer(self) -> AccountAnswer:
        """The face, as an answer."""
        return AccountAnswer(self.face())
