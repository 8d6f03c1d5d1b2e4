"""The owner's coupons: each is held for one payment at most, and used once."""

from copy import copy

import msgspec

from actors.engine.turn import Turn
from actors.kinds.account.state import Remembered
from actors.kinds.known import owner_rules
from actors.messages.account import (
    CouponGiven,
    CouponsHeld,
    CouponSpent,
    FreeCoupons,
    HoldCoupons,
    OwnCoupon,
)
from actors.messages.account_facts import CouponFreed, CouponHeld, CouponTaken, CouponUsed
from actors.tariffs.offsets import Coupon
from actors.values import MINUTE_US

_encode = msgspec.msgpack.Encoder().encode
_terms = msgspec.msgpack.Decoder(Coupon)


class Coupons(Remembered):
    """An account that has coupons."""

    def on_coupon_given(self, given: CouponGiven, turn: Turn) -> None:
        if given.coupon not in self.coupons:
            turn.record(CouponTaken(given.coupon, given.campaign, given.terms, given.until_us, turn.now))

    def on_hold_coupons(self, ask: HoldCoupons, turn: Turn) -> None:
        wanted = tuple(dict.fromkeys(ask.coupons))
        for each in wanted:
            wrong = self._wrong(self.coupons.get(each), ask.payment, turn)
            if wrong:
                turn.refuse(wrong, "The coupon cannot be used for this payment", coupon=each)
                return
        until_us = turn.now + owner_rules(turn).coupon_hold_minutes * MINUTE_US
        for each in wanted:
            turn.record(CouponHeld(each, ask.payment, until_us))
        terms = [_terms.decode(self.coupons[each].terms) for each in wanted]
        turn.reply(CouponsHeld(ask.payment, _encode(terms)))

    def on_free_coupons(self, ask: FreeCoupons, turn: Turn) -> None:
        after = copy(self)
        for each in self.coupons.values():
            if each.payment == ask.payment:
                after.learn(CouponFreed(each.coupon, ask.payment), turn)
        turn.reply(after.answer())

    def on_coupon_spent(self, said: CouponSpent, turn: Turn) -> None:
        known = self.coupons.get(said.coupon)
        if known is None:
            return
        if said.fen:
            turn.record(CouponUsed(said.coupon, known.campaign, said.payment, said.session, said.fen, turn.now))
        elif known.payment == said.payment:
            turn.record(CouponFreed(said.coupon, said.payment))

    def _wrong(self, coupon: OwnCoupon | None, payment: str, turn: Turn) -> str:
        if coupon is None:
            return "coupon_unknown"
        if coupon.until_us <= turn.now:
            return "coupon_expired"
        taken = coupon.payment not in ("", payment) and coupon.held_until_us > turn.now
        return "coupon_held" if taken else ""
