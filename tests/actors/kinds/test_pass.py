"""Passes: sold by rule, seated, renewed, replaced, ended, in whole stays on the street."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.kinds.parking_pass.terms import end_of, unused_fen, whole_price
from actors.messages.collector import TakingsAdded
from actors.messages.forms import Refused
from actors.messages.money import ReturnExcess, Settle
from actors.messages.pass_rules import Discount, PassRule
from actors.messages.passes import (
    ChangePlates,
    EndPass,
    HolderReminded,
    OpenPass,
    PassAnswer,
    PassEnded,
    PassFace,
    PassPaidByHand,
    PassQuery,
    PassSold,
    RenewPass,
    ReplacePlate,
)
from actors.messages.session import NotePlate, PayByHand
from actors.values import DAY_US, MINUTE_US, Ref
from tests.actors.kinds.streets import T0, Streets, at

PASS = Ref("pass", "m1")
A, B, C = "京A12345", "京A22222", "京A33333"
MONTH = 30 * 24 * 60
"""Minutes of the month that begins at T0 (June)."""


class Passes(Streets):
    """The streets, a rule of passes, and one pass of it."""

    def __init__(self, **rule: object) -> None:
        super().__init__()
        self.wait(T0 - DAY_US // 2)
        self.rule(**rule)

    def rule(self, **rule: object) -> None:
        """Another version of the rule `old-town`."""
        plain = {"name": "old town", "price_fen": {"*": 30_000}, "groups": ["old-town"], "operator": "north"}
        self.refer("pass-rules/old-town", {**plain, **rule}, self.now)

    def open(self, *plates: str, periods: int = 1, source: str = "desk", from_us: int = T0) -> object:
        """Asks for the pass."""
        ask = OpenPass("old-town", plates or (A,), from_us, periods, source, "p", "anna", "Anna", "13800000000")
        return self.say(PASS, ask)

    def pay(self, payment: str = "p1", fen: int = 30_000, channel: str = "wechat") -> None:
        """A provider's money comes for it."""
        self.say(PASS, Settle(payment, channel, fen, self.now, "anna" if channel == "wallet" else ""))

    def sold(self, *plates: str) -> "Passes":
        """The pass, paid for."""
        self.open(*plates)
        self.pay()
        return self

    def face(self) -> PassFace:
        """The pass's face."""
        answer = self.say(PASS, PassQuery())
        assert isinstance(answer, PassAnswer)
        return answer.face

    def back(self) -> list[tuple[str, str, int]]:
        """What the pass has sent back: to whom, by which payment, how much."""
        sent = [(ref, m) for ref, m in self.sent if isinstance(m, ReturnExcess) and m.sender_kind == "pass"]
        return [(str(ref), m.payment, m.fen) for ref, m in sent]


def code(answer: object) -> str:
    assert isinstance(answer, Refused)
    return answer.code


def test_a_paid_pass_makes_stays_in_its_lots_free() -> None:
    passes = Passes()
    passes.open()
    assert passes.face().state == "offered"
    assert passes.entry(A).passes == ()
    passes.pay()
    assert passes.face().state == "sold"
    assert passes.costs(A, "7/b1", 100, 140) == 0
    assert passes.costs(A, "8/b1", 200, 240) == 0
    assert passes.costs(A, "9/b1", 300, 340) == 500
    assert passes.costs(B, "7/b1", 400, 440) == 500


def test_the_vehicle_says_at_a_gate_that_it_has_a_pass() -> None:
    passes = Passes().sold()
    assert passes.entry(A).passes == ("m1",)
    assert passes.entry(A, "9").passes == ()
    assert passes.entry(A, minute=-1).passes == ()
    assert passes.entry(A, minute=MONTH).passes == ()


def test_a_pass_that_is_sold_to_a_car_that_stands_there_holds_at_once() -> None:
    passes = Passes()
    session = passes.park(A, "7/b1", 0)
    passes.open(from_us=0)
    passes.say(PASS, PayByHand("h1", "cash", 30_000, "c1", "s1", passes.now), at=at(0))
    passes.leave("7/b1", 60)
    assert passes.stay(session).due_fen == 0
    assert [fact.fen for fact in passes.said(PASS, PassPaidByHand)] == [30_000]
    assert [m.fen for _, m in passes.sent if isinstance(m, TakingsAdded)] == [30_000]


def test_a_stay_across_the_end_is_charged_from_the_end_on() -> None:
    passes = Passes().sold()
    session = passes.park(A, "7/b1", MONTH - 60)
    passes.leave("7/b1", MONTH + 60)
    assert passes.stay(session).due_fen == 500


def test_a_stay_across_the_beginning_is_charged_until_then() -> None:
    passes = Passes().sold()
    session = passes.park(A, "7/b1", -60)
    passes.leave("7/b1", 60)
    assert passes.stay(session).due_fen == 500


def test_renewed_before_its_end_it_goes_on_from_there_also_for_who_is_inside() -> None:
    passes = Passes().sold()
    session = passes.park(A, "7/b1", MONTH - 60)
    passes.say(PASS, RenewPass(1, "online", "anna", "anna"))
    passes.pay("p2")
    passes.leave("7/b1", MONTH + 60)
    assert passes.stay(session).due_fen == 0
    first, second = passes.said(PASS, PassSold)
    assert (second.from_us, second.renewal) == (first.until_us, True)
    assert second.until_us == end_of(PassRule(name="x", price_fen={"*": 1}), first.until_us, 1)


def test_renewed_after_its_end_it_begins_anew() -> None:
    passes = Passes().sold()
    passes.wait(at(MONTH + 20 * 1440))
    assert passes.vehicle(A).passes == ()
    passes.say(PASS, RenewPass(1, "desk", "p"))
    passes.pay("p2")
    assert passes.face().from_us == passes.now
    assert passes.costs(A, "7/b1", MONTH + 20 * 1440 + 10, MONTH + 20 * 1440 + 50) == 0


def test_a_second_car_while_the_first_is_inside_is_charged() -> None:
    passes = Passes(plates=2).sold(A, B)
    first = passes.park(A, "7/b1", 0)
    second = passes.park(B, "8/b1", 10)
    passes.leave("8/b1", 50)
    passes.leave("7/b1", 60)
    assert (passes.stay(first).due_fen, passes.stay(second).due_fen) == (0, 500)
    assert passes.costs(B, "8/b1", 100, 140) == 0
    assert passes.face().inside == ()


def test_two_seats_are_two_cars() -> None:
    passes = Passes(plates=3, seats=2).sold(A, B, C)
    stays = [passes.park(plate, f"7/{plate}", n) for n, plate in enumerate((A, B, C))]
    for n, plate in enumerate((A, B, C)):
        passes.leave(f"7/{plate}", 60 + n)
    assert [passes.stay(session).due_fen for session in stays] == [0, 0, 500]


def test_a_stay_whose_plate_was_another_gives_the_seat_back() -> None:
    passes = Passes(plates=2).sold(A, B)
    wrong = passes.park(A, "7/b1", 0)
    passes.say(wrong, NotePlate("京A99999", "blue", "pda", "p", 100, at(1), "c1"))
    right = passes.park(A, "7/b2", 2)
    passes.leave("7/b1", 30)
    passes.leave("7/b2", 30)
    assert (passes.stay(wrong).due_fen, passes.stay(right).due_fen) == (250, 0)


def test_other_plates_count_from_the_next_entry() -> None:
    passes = Passes().sold()
    inside = passes.park(A, "7/b1", 0)
    waiting = passes.park(B, "8/b1", 0)
    answer = passes.say(PASS, ChangePlates((B,), "sold the car", "staff"))
    assert isinstance(answer, PassAnswer)
    passes.leave("7/b1", 60)
    passes.leave("8/b1", 60)
    assert (passes.stay(inside).due_fen, passes.stay(waiting).due_fen) == (0, 500)
    assert passes.costs(A, "7/b1", 100, 140) == 500
    assert passes.costs(B, "8/b1", 100, 140) == 0


@pytest.mark.parametrize(("plates", "why"), [((A, B), "too_many_plates"), ((), "too_many_plates")])
def test_no_more_plates_than_the_rule_has(plates: tuple[str, ...], why: str) -> None:
    passes = Passes().sold()
    assert code(passes.say(PASS, ChangePlates(plates, "", "staff"))) == why


def test_a_cheaper_kind_of_plate_cannot_become_a_dearer_one() -> None:
    passes = Passes(price_fen={"new_energy": 20_000, "*": 30_000})
    passes.open("京AD12345")
    passes.pay(fen=20_000)
    assert code(passes.say(PASS, ChangePlates((A,), "", "staff"))) == "plate_kind"
    assert isinstance(passes.say(PASS, ChangePlates(("京AF12345",), "", "staff")), PassAnswer)


def test_a_replacement_is_free_for_its_dates_and_the_first_car_is_charged_meanwhile() -> None:
    passes = Passes().sold()
    inside = passes.park(A, "7/b0", 0)
    passes.say(PASS, ReplacePlate(A, B, at(100), at(300), "staff"))
    assert passes.costs(B, "7/b1", 50, 90) == 500
    assert passes.costs(B, "7/b1", 110, 150) == 0
    assert passes.costs(A, "8/b1", 160, 200) == 500
    passes.leave("7/b0", 220)
    assert passes.stay(inside).due_fen == 1000
    assert passes.costs(B, "7/b1", 310, 350) == 500
    assert passes.costs(A, "8/b1", 310, 350) == 0


def test_a_replacement_can_be_taken_back() -> None:
    passes = Passes().sold()
    passes.say(PASS, ReplacePlate(A, B, at(0), at(300), "staff"))
    passes.say(PASS, ReplacePlate(A, "", 0, 0, "staff"))
    assert passes.costs(B, "7/b1", 10, 50) == 500
    assert passes.costs(A, "8/b1", 60, 100) == 0


def test_a_pass_that_is_ended_gives_back_what_was_not_used_and_covers_no_more() -> None:
    passes = Passes().sold()
    session = passes.park(A, "7/b1", MONTH / 2 - 60)
    answer = passes.say(PASS, EndPass("moved away", "staff"), at=at(MONTH / 2))
    assert isinstance(answer, PassAnswer)
    assert answer.refund_fen == 15_000
    assert passes.back() == [("payment:p1", "p1", 15_000)]
    passes.leave("7/b1", MONTH / 2 + 60)
    assert passes.stay(session).due_fen == 500
    assert passes.vehicle(A).passes == ()
    passes.say(PASS, EndPass("again", "staff"))
    assert len(passes.said(PASS, PassEnded)) == 1
    assert passes.back() == [("payment:p1", "p1", 15_000)]


@pytest.mark.parametrize(
    ("rule", "channel", "back"),
    [
        ({"refund": "none"}, "wechat", []),
        ({"refund_fee_fen": 1_000}, "wechat", [("payment:p1", "p1", 29_000)]),
        ({"refund_fee_fen": 90_000}, "wechat", []),
        ({}, "wallet", [("account:anna", "p1", 30_000)]),
        ({}, "cash", [(f"vehicle:{A}", "p1", 30_000)]),
    ],
)
def test_the_rule_says_what_comes_back_and_the_channel_where(
    rule: dict[str, object], channel: str, back: list[tuple[str, str, int]]
) -> None:
    passes = Passes(**rule)
    passes.open()
    if channel == "cash":
        passes.say(PASS, PayByHand("p1", "cash", 30_000, "", "s1", passes.now))
    else:
        passes.pay(channel=channel)
    passes.say(PASS, EndPass("", "staff"))
    assert passes.back() == back


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
