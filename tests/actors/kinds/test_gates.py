"""What a lot decides at its lanes: who comes in, whose stay ends, and when the barrier opens."""

import pytest

from actors.messages.lane import (
    Admitted,
    CarAtEntry,
    LaneAnswer,
    Leaving,
    ScanAtLane,
    TooLate,
    TurnedAway,
)
from actors.messages.lane_facts import (
    CarEntered,
    CarLeft,
    CarTurnedAway,
    LostExit,
    QuoteExpired,
)
from actors.messages.ownership import BindOwner, LockCar, LockedCarTried
from actors.messages.session_facts import SessionLeft, SessionOpened
from actors.values import HOUR_US, MINUTE_US, SECOND_US, Ref
from tests.actors.kinds.mall import LOT, OTHER, PLATE, T0, Mall, stands


def test_a_car_comes_in_and_its_stay_begins_at_the_lane() -> None:
    mall = Mall()
    answer = mall.enter()
    assert isinstance(answer, Admitted)
    opened = mall.said(Ref("session", answer.session), SessionOpened)[0]
    assert (opened.entry_us, opened.source, opened.device, opened.lane, opened.street) == (
        T0,
        "lane",
        "cam-in",
        "in",
        False,
    )
    assert mall.session(answer.session).plate == PLATE
    assert mall.inside() == [PLATE]


@pytest.mark.parametrize(
    ("switches", "how", "why", "fen"),
    [
        ({"refuse_black": True}, {"list": "black"}, "black", 0),
        ({"refuse_arrears": True}, {"owes_fen": 1500}, "arrears", 1500),
    ],
)
def test_who_is_refused_is_the_lots_own_switch(
    switches: dict[str, bool], how: dict[str, object], why: str, fen: int
) -> None:
    mall = Mall(**switches)
    refused = mall.enter(**how)
    assert isinstance(refused, TurnedAway)
    assert (refused.why, refused.fen) == (why, fen)
    assert mall.inside() == []
    assert [(fact.why, fact.fen) for fact in mall.said(LOT, CarTurnedAway)] == [(why, fen)]
    lenient = Mall(**dict.fromkeys(switches, False))
    assert isinstance(lenient.enter(**how), Admitted)


def test_a_full_lot_lets_nobody_in_until_somebody_left() -> None:
    mall = Mall(capacity=1)
    mall.enter()
    refused = mall.enter(OTHER)
    assert isinstance(refused, TurnedAway)
    assert refused.why == "full"
    mall.now += MINUTE_US
    assert mall.leave().how == "open"
    assert isinstance(mall.enter(OTHER), Admitted)


def test_one_car_that_the_camera_sees_twice_is_one_stay() -> None:
    mall = Mall()
    first, second = mall.enter(), mall.enter()
    assert isinstance(first, Admitted)
    assert isinstance(second, Admitted)
    assert first.session == second.session
    assert len(mall.said(LOT, CarEntered)) == 1


def test_a_question_told_twice_gets_one_answer_and_one_stay() -> None:
    mall = Mall()
    car = CarAtEntry(*mall.car(PLATE, "in", stands(PLATE)))
    assert mall.say(LOT, car) == mall.say(LOT, car)
    assert len(mall.said(LOT, CarEntered)) == 1


def test_a_question_that_comes_after_the_lane_has_decided_does_nothing() -> None:
    mall = Mall()
    car = CarAtEntry(*mall.car(PLATE, "in", stands(PLATE)))
    assert mall.say(LOT, car, at=T0 + 2 * SECOND_US) == TooLate(1)
    assert mall.inside() == []


def test_who_stays_within_the_free_time_leaves_at_once() -> None:
    mall = Mall()
    answer = mall.enter()
    mall.now += 10 * MINUTE_US
    out = mall.leave()
    assert isinstance(answer, Admitted)
    assert (out.how, out.session) == ("open", answer.session)
    assert [fact.due_fen for fact in mall.said(LOT, CarLeft)] == [0]
    assert mall.opened() == [], "the lane opens its barrier itself"


def test_the_gate_stays_shut_until_what_is_due_is_paid() -> None:
    mall = Mall()
    mall.enter()
    mall.now += HOUR_US + MINUTE_US
    asked = mall.leave()
    assert isinstance(asked, LaneAnswer)
    assert (asked.how, asked.due_fen) == ("pay", 1000)
    assert asked.until_us == mall.now + 5 * MINUTE_US
    mall.now += MINUTE_US
    mall.pay(asked.session, 1000)
    assert mall.stands().how == "open"
    assert mall.inside() == []
    assert [fact.exit_us for fact in mall.said(Ref("session", asked.session), SessionLeft)] == [mall.now - MINUTE_US]


def test_a_quote_that_was_not_paid_in_time_is_made_anew() -> None:
    mall = Mall(quote_minutes=5)
    mall.enter()
    mall.now += HOUR_US - MINUTE_US
    asked = mall.leave()
    assert isinstance(asked, LaneAnswer)
    assert asked.due_fen == 500
    mall.wait(mall.now + 6 * MINUTE_US)
    assert len(mall.said(LOT, QuoteExpired)) == 1
    assert mall.stands().how == "away"
    again = mall.leave()
    assert isinstance(again, LaneAnswer)
    assert (again.how, again.due_fen, again.session) == ("pay", 1000, asked.session)


def test_who_paid_before_leaves_within_the_grace_and_pays_on_after_it() -> None:
    mall = Mall()
    answer = mall.enter()
    assert isinstance(answer, Admitted)
    mall.now += 30 * MINUTE_US
    mall.pay(answer.session, 500)
    covered = mall.session(answer.session).covers_until_us
    mall.now = covered
    early = mall.leave()
    assert isinstance(early, LaneAnswer)
    assert early.how == "open"

    late = Mall()
    answer = late.enter()
    assert isinstance(answer, Admitted)
    late.now += 30 * MINUTE_US
    late.pay(answer.session, 500)
    late.now += 2 * HOUR_US
    asked = late.leave()
    assert isinstance(asked, LaneAnswer)
    assert (asked.how, asked.due_fen) == ("pay", 1000)


def test_one_wrong_character_finds_the_stay_and_two_candidates_go_to_the_desk() -> None:
    mall = Mall()
    mall.enter("粤B12345")
    mall.now += 2 * MINUTE_US
    fuzzy = mall.leave("粤B1234S")
    assert isinstance(fuzzy, LaneAnswer)
    assert fuzzy.how == "open"
    assert "fuzzy_exit" in mall.session(fuzzy.session).flags

    both = Mall()
    both.enter("粤B12345")
    both.enter("粤B12346")
    both.now += 2 * MINUTE_US
    refused = both.leave("粤B1234G")
    assert isinstance(refused, TurnedAway)
    assert refused.why == "several"
    assert set(refused.among) == {"粤B12345", "粤B12346"}


@pytest.mark.parametrize(("rule", "fen"), [("least", 0), ("most", 25 * 500)])
def test_an_exit_without_an_entry_follows_the_lots_rule(rule: str, fen: int) -> None:
    """A day from 04:26 on has 25 hours that began, for midnight begins one anew."""
    mall = Mall(exit_without_entry=rule)
    out = mall.leave()
    assert isinstance(out, LaneAnswer)
    assert (out.how, out.due_fen) == ("pay" if fen else "open", fen)
    assert "no_entry" in mall.session(out.session).flags
    if fen:
        mall.pay(out.session, fen)
    assert mall.stands().how == "open"


def test_an_exit_without_an_entry_costs_what_the_lot_says() -> None:
    mall = Mall(exit_without_entry="least", unknown_fen=2000)
    out = mall.leave()
    assert isinstance(out, LaneAnswer)
    assert (out.how, out.due_fen) == ("pay", 2000)


def test_an_exit_without_an_entry_goes_to_the_desk_unless_the_lot_says_otherwise() -> None:
    mall = Mall()
    refused = mall.leave()
    assert isinstance(refused, TurnedAway)
    assert refused.why == "no_entry"


def test_a_locked_car_does_not_leave_and_its_owner_is_told() -> None:
    mall = Mall()
    mall.enter()
    mall.say(Ref("vehicle", PLATE), BindOwner("anna"))
    mall.say(Ref("vehicle", PLATE), LockCar("anna", True))
    mall.now += 2 * MINUTE_US
    refused = mall.leave(locked=True)
    assert isinstance(refused, TurnedAway)
    assert refused.why == "locked"
    assert mall.inside() == [PLATE]
    (told,) = mall.said(Ref("vehicle", PLATE), LockedCarTried)
    assert (told.account, told.lot, told.lane) == ("anna", LOT.key, "out")


def test_a_car_without_a_plate_leaves_with_the_phone_that_it_came_with() -> None:
    mall = Mall()
    empty = mall.say(LOT, ScanAtLane("in", "phone-1", mall.now, True))
    assert isinstance(empty, TurnedAway)
    assert empty.why == "no_car"
    assert mall.opened() == [], "nobody opens a barrier from afar"
    without = mall.enter("")
    assert isinstance(without, TurnedAway)
    assert without.why == "no_plate"
    mall.now += 1
    came = mall.say(LOT, ScanAtLane("in", "phone-1", mall.now, True))
    assert isinstance(came, Admitted)
    assert mall.session(came.session).plate.startswith("~")
    assert mall.opened() == ["bar-in"]
    mall.now += HOUR_US
    assert isinstance(mall.say(LOT, ScanAtLane("out", "phone-2", mall.now, False)), TurnedAway)
    mall.now += 1
    assert mall.say(LOT, ScanAtLane("out", "phone-1", mall.now, False)) == Leaving(mall.now, came.session)
    assert mall.stands("out", mall.now).due_fen == 1000
    mall.pay(came.session, 1000)
    assert mall.opened() == ["bar-in", "bar-out"]
    assert mall.inside() == []


def test_a_car_that_comes_in_again_lost_its_exit() -> None:
    mall = Mall()
    first = mall.enter()
    mall.now += HOUR_US
    second = mall.enter()
    assert isinstance(first, Admitted)
    assert isinstance(second, Admitted)
    assert [fact.session for fact in mall.said(LOT, LostExit)] == [first.session]
    assert "lost_exit" in mall.session(first.session).flags
    assert mall.inside() == [PLATE]
