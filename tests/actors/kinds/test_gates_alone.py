"""What a lane did by itself, and what people do with barriers: every passage is a fact once, and priced."""

import pytest

from actors.messages.lane import (
    Admitted,
    CarAtEntry,
    ForceGates,
    LaneAnswer,
    LiftGate,
    MoveBarrier,
    PassedAlone,
    Reconciled,
    TurnedAway,
)
from actors.messages.lane_facts import (
    CarEntered,
    CarLeft,
    GateLifted,
    PassageKnown,
)
from actors.messages.session import SessionQuery
from actors.messages.session_facts import Priced, Received, SessionLeft, SessionOpened
from actors.messages.session_shown import SessionAnswer
from actors.values import HOUR_US, MINUTE_US, Ref
from tests.actors.kinds.mall import LOT, OTHER, PLATE, T0, Mall


def test_what_a_lane_did_alone_is_a_stay_once_however_often_it_is_told() -> None:
    mall = Mall()
    told = PassedAlone("in", 1, 7, True, PLATE, "blue", 95, T0 - HOUR_US)
    assert mall.say(LOT, told) == Reconciled(1)
    assert mall.say(LOT, told) == Reconciled(1)
    (entered,) = mall.said(LOT, CarEntered)
    assert mall.said(Ref("session", entered.session), SessionOpened)[0].entry_us == T0 - HOUR_US
    out = PassedAlone("out", 1, 9, False, PLATE, "blue", 95, T0)
    assert mall.say(LOT, out) == mall.say(LOT, out) == Reconciled(1)
    assert [fact.session for fact in mall.said(LOT, CarLeft)] == [entered.session]
    assert mall.session(entered.session).due_fen == 500, "priced, and owed"
    assert mall.inside() == []


def test_an_answer_that_came_too_late_for_the_lane_is_the_same_passage() -> None:
    mall = Mall()
    assert isinstance(mall.enter(), Admitted)
    mall.alone(PLATE, "in", mall.n, True)
    assert len(mall.said(LOT, CarEntered)) == 1
    assert len(mall.said(LOT, PassageKnown)) == 1
    mall.now += HOUR_US
    mall.leave()
    mall.alone(PLATE, "out", mall.n, False)
    (left,) = mall.said(LOT, CarLeft)
    assert (left.due_fen, left.alone) == (500, 2)
    assert len([each for each in mall.facts[Ref("session", left.session)] if isinstance(each, SessionLeft)]) == 1


def test_a_lane_that_let_out_a_car_nobody_knows_makes_no_silent_free_ride() -> None:
    mall = Mall(unknown_fen=2000)
    mall.alone(PLATE, "out", 3, False)
    (left,) = mall.said(LOT, CarLeft)
    assert mall.session(left.session).due_fen == 2000
    assert "no_entry" in mall.session(left.session).flags


def test_without_the_vehicles_word_the_lots_fallback_decides() -> None:
    opens, holds = Mall(entry_fallback="open"), Mall(entry_fallback="hold")
    for mall, way in ((opens, Admitted), (holds, TurnedAway)):
        answer = mall.say(LOT, CarAtEntry(*mall.car(PLATE, "in", None)))
        assert isinstance(answer, way)
        assert answer.why == "standing_unknown"


# -- people


def test_who_lifts_a_gate_is_recorded_and_the_stay_ends_owing() -> None:
    mall = Mall()
    mall.enter()
    mall.now += HOUR_US
    asked = mall.leave()
    mall.say(LOT, LiftGate("out", "lin", "queue", mall.now, "pic-1"))
    (lifted,) = mall.said(LOT, GateLifted)
    assert (lifted.person, lifted.reason, lifted.picture) == ("lin", "queue", "pic-1")
    assert mall.opened() == ["bar-out"]
    assert isinstance(asked, LaneAnswer)
    assert mall.session(asked.session).due_fen == 500
    assert mall.inside() == []


def test_a_gate_lifted_for_a_car_that_was_refused_begins_its_stay() -> None:
    mall = Mall()
    mall.enter(list="black")
    mall.say(LOT, LiftGate("in", "lin", "resident", mall.now))
    assert [fact.why for fact in mall.said(LOT, CarEntered)] == ["black"]


def test_in_an_emergency_all_gates_open_and_the_stays_are_listed_afterwards() -> None:
    mall = Mall(capacity=2)
    mall.enter()
    mall.enter(OTHER)
    mall.now += HOUR_US
    mall.say(LOT, ForceGates(True, "chief", "fire"))
    stay_open = [ask.device for _, ask in mall.asked if isinstance(ask, MoveBarrier) and ask.order == "stay_open"]
    assert stay_open == ["bar-in", "bar-out", "bar-out2"]
    out = mall.leave()
    assert isinstance(out, LaneAnswer)
    assert out.how == "open"
    assert mall.session(out.session).due_fen == 500
    assert "left_emergency" in mall.session(out.session).flags
    mall.say(LOT, ForceGates(False, "chief", "over"))
    (left_behind,) = mall.actors[LOT].inside  # type: ignore[attr-defined]
    assert "emergency" in mall.session(left_behind).flags


@pytest.mark.parametrize(("rule", "told_late", "fen"), [("keep", True, 500), ("owe", True, 500), ("free", False, 0)])
def test_a_lane_that_was_cut_off_in_an_emergency_tells_of_the_stay_that_there_was(
    rule: str, told_late: bool, fen: int
) -> None:
    mall = Mall(emergency=rule)
    came = mall.enter()
    assert isinstance(came, Admitted)
    mall.now += HOUR_US - MINUTE_US
    mall.say(LOT, ForceGates(True, "chief", "fire"))
    mall.now += 1
    passed_us = mall.now
    if told_late:
        mall.now += MINUTE_US
        mall.say(LOT, ForceGates(False, "chief", "over"))
    mall.alone(PLATE, "out", 77, entering=False, seen_us=passed_us)
    assert mall.inside() == []
    assert [ref.key for ref in mall.actors if ref.kind == "session"] == [came.session], "no stay is made up for it"
    assert mall.session(came.session).due_fen == fen
    assert {"emergency", "left_emergency"} & set(mall.session(came.session).flags)


def test_what_was_priced_at_the_gate_is_what_was_received() -> None:
    mall = Mall()
    mall.enter()
    mall.now += 3 * HOUR_US
    asked = mall.leave()
    assert isinstance(asked, LaneAnswer)
    mall.pay(asked.session, asked.due_fen)
    ref = Ref("session", asked.session)
    assert sum(fact.more_fen for fact in mall.said(ref, Priced)) == sum(fact.fen for fact in mall.said(ref, Received))
    answer = mall.say(ref, SessionQuery())
    assert isinstance(answer, SessionAnswer)
    assert answer.due_fen == 0
