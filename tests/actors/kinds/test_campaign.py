"""Campaigns: each limit alone, and coupons as prices take them off."""

import msgspec
import pytest

from actors.messages.account import CouponGiven
from actors.messages.campaign import (
    CampaignAnswer,
    CampaignQuery,
    CampaignSet,
    CampaignTerms,
    ClaimCoupon,
    CouponAnswer,
    CouponIssued,
    GiveCoupon,
    SetCampaign,
)
from actors.messages.forms import Refused
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.tariffs.offsets import Coupon
from actors.values import DAY_US, HOUR_US, Ref
from tests.actors.kinds.streets import T0, Streets, at

SPRING = Ref("campaign", "spring")
LIMITS = {"total": 3, "per_person": 2, "per_day": 2, "per_person_per_day": 1}


def campaign(**terms: object) -> Streets:
    streets = Streets()
    streets.wait(T0)
    plain = {"name": "spring", "kind": "amount", "amount_fen": 300, "words": "3 yuan off"}
    streets.say(SPRING, SetCampaign(CampaignTerms(**{**plain, **terms}), "secret", "staff"))
    return streets


def claim(streets: Streets, account: str, code: str = "secret") -> str:
    """`ok`, or the code of the refusal."""
    answer = streets.say(SPRING, ClaimCoupon(account, code))
    return answer.code if isinstance(answer, Refused) else "ok"


def test_a_claimed_coupon_goes_to_its_account_with_its_terms() -> None:
    streets = campaign(good_days=10)
    answer = streets.say(SPRING, ClaimCoupon("anna", "secret"))
    assert isinstance(answer, CouponAnswer)
    assert (answer.coupon, answer.words, answer.until_us) == ("spring-1", "3 yuan off", T0 + 10 * DAY_US)
    assert msgspec.msgpack.decode(answer.terms, type=Coupon) == Coupon(id="spring-1", kind="amount", amount_fen=300)
    given = CouponGiven("spring-1", "spring", answer.terms, answer.until_us)
    assert (Ref("account", "anna"), given) in streets.sent


@pytest.mark.parametrize(
    ("limit", "claims", "told"),
    [
        ({"total": 2}, ["a", "b", "c"], "coupons_gone"),
        ({"per_person": 2}, ["a", "a", "a"], "person_limit"),
        ({"per_day": 2}, ["a", "b", "c"], "day_limit"),
        ({"per_person_per_day": 1}, ["a", "b", "a"], "person_day_limit"),
    ],
)
def test_each_limit_alone_refuses_the_next_claim(limit: dict[str, int], claims: list[str], told: str) -> None:
    streets = campaign(**limit)
    assert [claim(streets, each) for each in claims] == ["ok"] * (len(claims) - 1) + [told]
    streets.wait(T0 + 16 * HOUR_US - 1)
    assert claim(streets, claims[-1]) == told
    streets.wait(T0 + 16 * HOUR_US)  # midnight in Shanghai
    assert claim(streets, claims[-1]) == ("ok" if "day" in told else told)


def test_a_rush_gets_as_many_as_there_are() -> None:
    streets = campaign(total=20)
    said = [claim(streets, f"a{n}") for n in range(50)]
    assert (said.count("ok"), said.count("coupons_gone")) == (20, 30)
    assert len({fact.coupon for fact in streets.said(SPRING, CouponIssued)}) == 20


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"from_us": T0 + 1}, "campaign_closed"),
        ({"until_us": T0}, "campaign_over"),
        ({"until_us": T0 + 1}, "ok"),
        ({"off": True}, "campaign_closed"),
        ({"by_code": False}, "code_unknown"),
    ],
)
def test_coupons_are_given_out_in_their_time(terms: dict[str, object], told: str) -> None:
    assert claim(campaign(**terms), "anna") == told


def test_nobody_claims_with_another_code() -> None:
    streets = campaign()
    assert claim(streets, "anna", "guess") == "code_unknown"
    assert streets.said(SPRING, CouponIssued) == []


def test_a_gift_to_a_plate_waits_at_the_vehicle_and_counts_as_one() -> None:
    streets = campaign(total=1)
    streets.say(SPRING, GiveCoupon("", "京a·12345", "staff"))
    assert streets.vehicle("京A12345").coupons == ("spring-1",)
    answer = streets.say(SPRING, GiveCoupon("anna", "", "staff"))
    assert isinstance(answer, Refused)
    assert answer.code == "coupons_gone"


def test_other_terms_keep_the_code_and_what_was_given_out() -> None:
    streets = campaign(total=1)
    claim(streets, "anna")
    more = CampaignTerms(name="spring", kind="full", total=2)
    streets.say(SPRING, SetCampaign(more, "another", "staff"))
    streets.say(SPRING, SetCampaign(more, "another", "staff"))
    assert len(streets.said(SPRING, CampaignSet)) == 2
    answer = streets.say(SPRING, CampaignQuery())
    assert isinstance(answer, CampaignAnswer)
    assert (answer.face.code, answer.face.issued) == ("secret", 1)
    assert [claim(streets, "anna"), claim(streets, "anna")] == ["ok", "coupons_gone"]


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ({"amount_fen": 300}, 700),
        ({"amount_fen": 5000}, 0),
        ({"kind": "percent", "rate": "0.85"}, 850),
        ({"kind": "percent", "rate": "0.5", "most_fen": 200}, 800),
        ({"kind": "full"}, 0),
        ({"kind": "minutes", "minutes": 45}, 750),
    ],
)
def test_a_coupon_takes_off_what_its_kind_says(terms: dict[str, object], due: int) -> None:
    streets = campaign(**terms)
    answer = streets.say(SPRING, ClaimCoupon("anna", "secret"))
    assert isinstance(answer, CouponAnswer)
    session = streets.park("京A12345", "7/b1", 0)
    coupons = b"\x91" + answer.terms
    streets.leave("7/b1", 110)
    asked = streets.say(session, SessionQuery(at(110), coupons))
    assert isinstance(asked, SessionAnswer)
    assert asked.due_fen == due
