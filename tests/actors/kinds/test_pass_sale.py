"""How passes are sold: prices, switches, money that is not the price, reminders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.kinds.parking_pass.terms import end_of, unused_fen, whole_price
from actors.messages.money import Settle
from actors.messages.pass_rules import Discount, PassRule
from actors.messages.passes import (
    HolderReminded,
    PassAnswer,
    PassPaidByHand,
    PassQuery,
    PassSold,
    RenewPass,
)
from actors.messages.session import PayByHand
from actors.values import DAY_US, MINUTE_US
from tests.actors.kinds.passes import MONTH, PASS, A, Passes, code
from tests.actors.kinds.streets import T0, at


@pytest.mark.parametrize(
    ("fen", "kept", "back"),
    [(30_000, 1, []), (31_000, 1, [1_000]), (29_999, 0, [29_999])],
)
def test_money_that_is_not_the_price_goes_back(fen: int, kept: int, back: list[int]) -> None:
    passes = Passes()
    passes.open()
    passes.pay(fen=fen)
    assert len(passes.said(PASS, PassSold)) == kept
    assert [each[2] for each in passes.back()] == back


def test_money_for_an_offer_that_is_over_goes_back_unless_it_was_paid_in_time() -> None:
    passes = Passes(offer_minutes=30)
    passes.open()
    opened = passes.now
    passes.wait(opened + 40 * MINUTE_US)
    assert code(passes.say(PASS, PayByHand("h", "cash", 30_000, "c1", "s1", passes.now))) == "nothing_due"
    passes.pay("late")
    assert passes.back() == [("payment:late", "late", 30_000)]
    passes.say(PASS, Settle("told-late", "wechat", 30_000, opened + 29 * MINUTE_US))
    assert passes.face().state == "sold"
    passes.pay("again")
    assert passes.back()[1:] == [("payment:again", "again", 30_000)]


def test_an_offer_that_nobody_paid_is_gone() -> None:
    passes = Passes(offer_minutes=30)
    passes.open()
    passes.wait(passes.now + 100 * MINUTE_US)
    assert (passes.face().state, passes.face().offer) == ("lapsed", None)
    passes.say(PASS, Settle("p", "wechat", 30_000, passes.now - 90 * MINUTE_US))
    assert passes.face().state == "lapsed"


def test_a_hand_takes_the_price_and_nothing_else() -> None:
    passes = Passes()
    passes.open()
    assert code(passes.say(PASS, PayByHand("h", "cash", 29_000, "c1", "s1", passes.now))) == "amount_wrong"
    first = passes.say(PASS, PayByHand("h", "cash", 30_000, "c1", "s1", passes.now))
    assert passes.say(PASS, PayByHand("h", "cash", 30_000, "c1", "s1", passes.now)) == first
    assert code(passes.say(PASS, PayByHand("i", "cash", 30_000, "c1", "s1", passes.now))) == "nothing_due"
    assert len(passes.said(PASS, PassPaidByHand)) == 1


def test_the_holder_is_reminded_before_the_end_and_not_when_it_was_renewed() -> None:
    passes = Passes(remind_days=3).sold()
    passes.wait(at(MONTH - 3 * 1440) - 1)
    assert passes.said(PASS, HolderReminded) == []
    passes.wait(at(MONTH - 3 * 1440))
    (fact,) = passes.said(PASS, HolderReminded)
    assert (fact.until_us, fact.account, fact.plates) == (at(MONTH), "anna", (A,))
    passes.say(PASS, RenewPass(1, "desk", "p"))
    passes.pay("p2")
    passes.wait(at(MONTH + 5 * 1440))
    assert len(passes.said(PASS, HolderReminded)) == 1


@pytest.mark.parametrize(
    ("rule", "periods", "source", "why"),
    [
        ({"online": False}, 1, "online", "not_online"),
        ({"sold_from_us": T0 + DAY_US}, 1, "online", "not_now"),
        ({"sold_until_us": T0 - DAY_US // 2}, 1, "online", "not_now"),
        ({"periods": [1, 3]}, 2, "online", "periods_not_sold"),
        ({"price_fen": {"new_energy": 1}}, 1, "online", "plate_kind"),
        ({"withdrawn": True}, 1, "desk", "not_sold"),
    ],
)
def test_each_switch_of_the_rule_refuses(rule: dict[str, object], periods: int, source: str, why: str) -> None:
    passes = Passes(**rule)
    assert code(passes.open(periods=periods, source=source)) == why
    assert code(passes.say(PASS, PassQuery())) == "pass_unknown"


def test_switches_that_do_not_refuse_permit() -> None:
    passes = Passes(online=False, sold_from_us=T0 - 2 * DAY_US, sold_until_us=T0 + DAY_US)
    assert isinstance(passes.open(source="desk"), PassAnswer)


def test_a_rule_that_changes_leaves_sold_passes_as_they_are() -> None:
    passes = Passes(seats=1).sold()
    passes.rule(price_fen={"*": 99_000}, groups=[], lots=["9"], withdrawn=True)
    passes.now += 1
    assert passes.costs(A, "7/b1", 0, 40) == 0
    assert passes.costs(A, "9/b1", 60, 100) == 500
    assert passes.face().groups == ("old-town",)
    assert code(passes.say(PASS, RenewPass(1, "desk", "p"))) == "not_sold"


def test_more_periods_at_once_are_cheaper() -> None:
    rule = PassRule(
        name="x",
        price_fen={"new_energy": 19_999, "*": 30_000},
        discounts=(Discount(periods=3, rate="0.95"), Discount(periods=12, rate="0.8")),
    )
    assert [whole_price(rule, (A,), n) for n in (1, 3, 12)] == [30_000, 85_500, 288_000]
    assert whole_price(rule, ("京AD12345",), 3) == 56_997
    assert whole_price(rule, ("京AD12345", A), 1) == 30_000


def test_a_month_ends_on_the_same_day_or_the_last() -> None:
    rule = PassRule(name="x", price_fen={"*": 1})
    january_31 = 1_769_788_800_000_000  # 2026-01-31, 00:00 in Shanghai
    assert end_of(rule, january_31, 1) - january_31 == 28 * DAY_US
    assert end_of(rule, january_31, 2) - january_31 == 59 * DAY_US
    assert end_of(rule, T0, 1) == at(MONTH)


@given(st.integers(0, 10**6), st.integers(1, 400), st.integers(-10, 410))
def test_no_more_comes_back_than_was_paid_and_nothing_after_the_end(fen: int, days: int, ended: int) -> None:
    back = unused_fen(fen, T0, T0 + days * DAY_US, T0 + ended * DAY_US)
    assert 0 <= back <= fen
    assert back == (fen if ended <= 0 else 0 if ended >= days else back)
