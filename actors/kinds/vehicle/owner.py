"""Whose a vehicle is: who is bound to it, who claims it, what waited for its owner, and whether he has locked it."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.vehicle.state import Remembered
from actors.messages.account import CouponGiven, PlateBound
from actors.messages.money import ReturnExcess
from actors.messages.ownership import (
    BindOwner,
    CarLocked,
    Claim,
    ClaimDecided,
    DecideClaim,
    LockCar,
    LockedCarTried,
    OwnerBound,
    OwnerReleased,
    PlateClaimed,
    ReleaseOwner,
    TriedToLeave,
)
from actors.messages.vehicle import CouponKept, CouponPassedOn, CreditGiven, CreditPassedOn, VehicleChanged
from actors.values import Ref


class Owned(Remembered):
    """A plate belongs to one account at most; a second one that wants it waits until a person has seen its papers."""

    def on_bind_owner(self, wish: BindOwner, turn: Turn) -> None:
        if self.account not in ("", wish.account):
            turn.record(PlateClaimed(Claim(wish.account, wish.automatic, wish.evidence, turn.now), self.account))
            self._tell(wish.account, "audit", turn)
            return
        after = copy(self)
        if (self.account, self.automatic) != (wish.account, wish.automatic):
            after.learn(OwnerBound(wish.account, wish.automatic, self.account, "", turn.now), turn)
        after._welcome(turn)

    def on_release_owner(self, wish: ReleaseOwner, turn: Turn) -> None:
        if wish.account == self.account and (self.present or self.owed):
            where = {"session": next(iter({**self.present, **self.owed}))}
            turn.refuse("plate_in_use", "A stay with this plate is open or unpaid", **where)
        elif wish.account == self.account:
            after = copy(self)
            after.learn(OwnerReleased(wish.account, turn.now), turn)
            after.tell_stays(turn)
            self._tell(wish.account, "released", turn)
        elif wish.account in self.claims:
            turn.record(ClaimDecided(wish.account, False, "", "", turn.now))
            self._tell(wish.account, "released", turn)

    def on_decide_claim(self, verdict: DecideClaim, turn: Turn) -> None:
        claim = self.claims.get(verdict.account)
        if claim is None:
            turn.refuse("no_claim", "This account does not claim the plate")
            return
        after = copy(self)
        said = (verdict.account, verdict.accept, verdict.person, verdict.reason, turn.now)
        after.learn(ClaimDecided(*said), turn)
        if verdict.accept:
            after.learn(OwnerBound(claim.account, claim.automatic, self.account, verdict.person, turn.now), turn)
            if self.account:
                self._tell(self.account, "released", turn, verdict.reason)
            after._welcome(turn)
        else:
            self._tell(claim.account, "refused", turn, verdict.reason)
        turn.reply(VehicleChanged(turn.me.key))

    def on_lock_car(self, wish: LockCar, turn: Turn) -> None:
        if not wish.account or wish.account != self.account:
            turn.refuse("not_owner", "The plate is not this account's")
            return
        if wish.on != self.locked:
            turn.record(CarLocked(wish.account, wish.on, turn.now))
        turn.reply(VehicleChanged(turn.me.key))

    def on_tried_to_leave(self, tried: TriedToLeave, turn: Turn) -> None:
        if self.locked:
            turn.record(LockedCarTried(self.account, tried.lot, tried.lane, tried.at_us))

    def on_return_excess(self, back: ReturnExcess, turn: Turn) -> None:
        after = copy(self)
        after.learn(CreditGiven(back.sender_key, back.payment, back.n, back.fen, turn.now, back.sender_kind), turn)
        after._pass_on(turn)

    def on_coupon_given(self, given: CouponGiven, turn: Turn) -> None:
        after = copy(self)
        after.learn(CouponKept(given.coupon, given.campaign, given.terms, given.until_us), turn)
        after._pass_on(turn)

    def tell_stays(self, turn: Turn) -> None:
        """Tells the open stays how the vehicle stands now."""
        raise NotImplementedError

    def _welcome(self, turn: Turn) -> None:
        self._tell(self.account, "bound", turn)
        self._pass_on(turn)
        self.tell_stays(turn)

    def _pass_on(self, turn: Turn) -> None:
        """What waited for an owner goes to him."""
        if not self.account:
            return
        to = Ref("account", self.account)
        for each in self.credits:
            self.learn(CreditPassedOn(self.account, each.fen, turn.now, each.payment), turn)
            said = ("vehicle", turn.me.key, each.payment, self.passed_on, each.fen, "credit")
            turn.send(to, ReturnExcess(*said))
        for coupon in self.coupons.values():
            self.learn(CouponPassedOn(coupon.coupon, self.account), turn)
            turn.send(to, coupon)

    def _tell(self, account: str, state: str, turn: Turn, reason: str = "") -> None:
        turn.send(Ref("account", account), PlateBound(turn.me.key, state, turn.now, reason))
