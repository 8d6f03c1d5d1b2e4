"""A campaign: a stock of coupons that no rush can overdraw, for claims come one after another."""

from typing import NamedTuple

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.account import CouponGiven
from actors.messages.campaign import (
    CampaignAnswer,
    CampaignFace,
    CampaignQuery,
    CampaignSet,
    CampaignTerms,
    ClaimCoupon,
    CouponAnswer,
    CouponIssued,
    GiveCoupon,
    SetCampaign,
)
from actors.plates import normal
from actors.tariffs.offsets import Coupon
from actors.tariffs.zone import zone_named
from actors.values import DAY_US, Micros, Ref


class Had(NamedTuple):
    """How many coupons somebody has had, altogether and on the last day on which there was one."""

    total: int = 0
    day: int = -1
    that_day: int = 0

    def more(self, day: int) -> "Had":
        """One more, on that day."""
        return Had(self.total + 1, day, (self.that_day if day == self.day else 0) + 1)

    def on(self, day: int) -> int:
        """How many on that day."""
        return self.that_day if day == self.day else 0


class Campaign(Actor, kind="campaign"):
    """Coupons of one kind, how many there are, and who has had how many. A claimed one lives in its owner's account.

    Folds change `people` in place: a rush of claims would copy it for each, and no handler decides on a copy.
    """

    terms: CampaignTerms | None = None
    code: str = ""
    all: Had = Had()
    people: dict[str, Had] = {}

    def on_set_campaign(self, wish: SetCampaign, turn: Turn) -> None:
        code = self.code or wish.code
        if self.terms != wish.terms:
            turn.record(CampaignSet(wish.terms, code, wish.person, turn.now))
        face = CampaignFace(wish.terms, code, self.all.total, self.all.day, self.all.that_day)
        turn.reply(CampaignAnswer(turn.me.key, face))

    def on_claim_coupon(self, claim: ClaimCoupon, turn: Turn) -> None:
        if self.terms is None or not self.terms.by_code or claim.code != self.code:
            turn.refuse("code_unknown", "There is no such code")
        else:
            self._issue(self.terms, claim.account, "", "", turn)

    def on_give_coupon(self, gift: GiveCoupon, turn: Turn) -> None:
        if self.terms is None:
            turn.refuse("campaign_unknown", "There is no such campaign")
        else:
            self._issue(self.terms, gift.account, normal(gift.plate), gift.person, turn)

    def on_campaign_query(self, query: CampaignQuery, turn: Turn) -> None:
        if self.terms is None:
            turn.refuse("campaign_unknown", "There is no such campaign")
        else:
            turn.reply(CampaignAnswer(turn.me.key, self.face()))

    def fold_campaign_set(self, fact: CampaignSet) -> None:
        self.terms, self.code = fact.terms, fact.code

    def fold_coupon_issued(self, fact: CouponIssued) -> None:
        who = _who(fact.account, fact.plate)
        self.all = self.all.more(fact.day)
        self.people[who] = self.people.get(who, Had()).more(fact.day)

    def face(self) -> CampaignFace:
        return CampaignFace(self.terms, self.code, self.all.total, self.all.day, self.all.that_day)

    def _issue(self, terms: CampaignTerms, account: str, plate: str, person: str, turn: Turn) -> None:
        day = zone_named(terms.zone).day_of(turn.now)
        refused = self._limit(terms, _who(account, plate), day, turn.now)
        if refused:
            turn.refuse(*refused)
            return
        coupon, until_us = f"{turn.me.key}-{self.all.total + 1}", turn.now + terms.good_days * DAY_US
        turn.record(CouponIssued(coupon, account, plate, day, until_us, person, turn.now))
        body = msgspec.msgpack.encode(coupon_of(coupon, terms))
        to = Ref("account", account) if account else Ref("vehicle", plate)
        turn.send(to, CouponGiven(coupon, turn.me.key, body, until_us))
        turn.reply(CouponAnswer(coupon, turn.me.key, body, terms.words, until_us))

    def _limit(self, terms: CampaignTerms, who: str, day: int, now: Micros) -> tuple[str, str] | None:
        """The first reason why there is no coupon for them now: a code and a sentence."""
        had = self.people.get(who, Had())
        reasons = (
            (terms.off or now < terms.from_us, "campaign_closed", "No coupons are given out now"),
            (0 < terms.until_us <= now, "campaign_over", "The time of these coupons is over"),
            (_full(terms.total, self.all.total), "coupons_gone", "All coupons have been given out"),
            (_full(terms.per_person, had.total), "person_limit", "You have had as many as one person gets"),
            (_full(terms.per_day, self.all.on(day)), "day_limit", "All coupons of today have been given out"),
            (
                _full(terms.per_person_per_day, had.on(day)),
                "person_day_limit",
                "You have had as many as there are a day",
            ),
        )
        return next(((code, sentence) for wrong, code, sentence in reasons if wrong), None)


def coupon_of(id: str, terms: CampaignTerms) -> Coupon:
    """A coupon of these terms, as prices take it off."""
    return Coupon(
        id=id,
        kind=terms.kind,
        minutes=terms.minutes,
        rate=terms.rate,
        amount_fen=terms.amount_fen,
        most_fen=terms.most_fen,
        stackable=terms.stackable,
        merchant=terms.merchant,
    )


def _who(account: str, plate: str) -> str:
    return account or f"plate {plate}"


def _full(limit: int, had: int) -> bool:
    return 0 < limit <= had
