"""Passes in whole stays on the street: who is covered, from when until when, and who is not."""

import pytest

from actors.kinds.parking_pass.terms import end_of
from actors.messages.collector import TakingsAdded
from actors.messages.pass_rules import PassRule
from actors.messages.passes import (
    ChangePlates,
    EndPass,
    PassAnswer,
    PassEnded,
    PassPaidByHand,
    PassSold,
    RenewPass,
    ReplacePlate,
)
from actors.messages.session import NotePlate, PayByHand
from actors.messages.vehicle import Listing, PutListing
from actors.values import Ref
from tests.actors.kinds.passes import MONTH, PASS, A, B, C, Passes, code
from tests.actors.kinds.streets import T0, at


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


def test_a_car_that_found_no_seat_is_charged_whatever_is_said_of_it_later() -> None:
    passes = Passes(plates=2).sold(A, B)
    passes.park(A, "7/b1", 0)
    second = passes.park(B, "8/b1", 10)
    passes.leave("7/b1", 20)
    passes.say(Ref("vehicle", B), PutListing(Listing("l", "disabled", T0, 0, (), ""), "staff"))
    passes.leave("8/b1", 50)
    assert passes.stay(second).due_fen == 500


def test_renewed_too_late_it_covers_what_it_covered_and_no_gap() -> None:
    passes = Passes().sold()
    session = passes.park(A, "7/b1", MONTH - 60)
    passes.wait(at(MONTH + 60))
    passes.say(PASS, RenewPass(1, "desk", "p"))
    passes.pay("p2")
    passes.leave("7/b1", MONTH + 120)
    assert passes.stay(session).due_fen == 1000
    assert passes.costs(A, "7/b1", MONTH + 130, MONTH + 170) == 0


def test_a_plate_taken_off_the_pass_gives_its_seat_back_when_it_leaves() -> None:
    passes = Passes().sold()
    passes.park(A, "7/b1", 0)
    passes.say(PASS, ChangePlates((B,), "", "staff"))
    passes.say(Ref("vehicle", A), PutListing(Listing("l", "disabled", T0, 0, (), ""), "staff"))
    passes.leave("7/b1", 20)
    assert passes.face().inside == ()
    assert passes.costs(B, "8/b1", 30, 70) == 0


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
