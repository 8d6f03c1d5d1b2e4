"""What a lot decides at its lanes: who comes in, whose stay ends, when the barrier opens, and what a lane did alone."""

import msgspec
import pytest

from actors.kinds.session import Session
from actors.messages.forms import Refused, Reply
from actors.messages.lane import (
    Admitted,
    CarAtEntry,
    CarAtExit,
    ForceGates,
    InsideAnswer,
    InsideQuery,
    InstallLane,
    Lane,
    LaneAnswer,
    LaneQuery,
    Leaving,
    LiftGate,
    MoveBarrier,
    PassedAlone,
    Reconciled,
    ScanAtLane,
    TooLate,
    TurnedAway,
)
from actors.messages.lane_facts import (
    CarEntered,
    CarLeft,
    CarTurnedAway,
    GateLifted,
    LostExit,
    PassageKnown,
    QuoteExpired,
)
from actors.messages.rules import RULES, Gates, LotRules
from actors.messages.session import PayByHand, SessionQuery
from actors.messages.session_facts import Priced, Received, SessionLeft, SessionOpened
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import EntryAnswer
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import HOUR_US, MINUTE_US, SECOND_US, Micros, Ref
from tests.actors.kinds.world import World

LOT = Ref("lot", "mall")
T0 = 1_780_000_000_000_000
PLATE, OTHER = "粤B12345", "粤A9K777"
HOURLY = {
    "name": {"zh": "每小时 5 元", "en": "5 yuan an hour"},
    "zone": "Asia/Shanghai",
    "free": [{"minutes": 15}],
    "periods": [{"name": "always", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 60, "price_fen": 500}]}],
}


class Mall(World):
    """A lot with one lane in and two out; every car gets the next number."""

    def __init__(self, capacity: int = 0, **gates: object) -> None:
        super().__init__()
        self.now, self.n, self.m = T0, 0, 0
        rules = LotRules(
            mode="gate", operator="op", street=False, capacity=capacity, gates=msgspec.convert(gates, Gates)
        )
        self.refer(RULES + "mall", msgspec.to_builtins(rules))
        self.refer(TARIFF + "hourly", HOURLY)
        self.refer(ASSIGNED + "mall", {"tariff": "hourly"})
        for n, (lane, way) in enumerate((("in", "in"), ("out", "out"), ("out2", "out")), 1):
            self.say(LOT, InstallLane(lane, Lane(way, f"cam-{lane}", f"bar-{lane}", f"scr-{lane}"), order=n))

    def car(self, plate: str, lane: str, standing: EntryAnswer | None, seen_us: Micros = 0) -> tuple[object, ...]:
        self.n += 1
        seen_us = seen_us or self.now
        return (lane, self.n, plate, "blue", 95, seen_us, seen_us + SECOND_US, standing)

    def enter(self, plate: str = PLATE, lane: str = "in", **how: object) -> Reply | None:
        standing = stands(plate, **how)
        return self.say(LOT, CarAtEntry(*self.car(plate, lane, standing)))

    def leave(self, plate: str = PLATE, lane: str = "out", **how: object) -> LaneAnswer | TurnedAway:
        """What the lane's car gets to know in the end."""
        said = self.say(LOT, CarAtExit(*self.car(plate, lane, stands(plate, **how))))
        if isinstance(said, TurnedAway):
            return said
        assert isinstance(said, Leaving)
        return self.stands(lane)

    def stands(self, lane: str = "out", n: int = 0) -> LaneAnswer:
        answer = self.say(LOT, LaneQuery(lane, n or self.n))
        assert isinstance(answer, LaneAnswer)
        return answer

    def alone(self, plate: str, lane: str, n: int, entering: bool, seen_us: Micros = 0) -> Reply | None:
        self.m += 1
        return self.say(LOT, PassedAlone(lane, self.m, n, entering, plate, "blue", 95, seen_us or self.now))

    def inside(self) -> list[str]:
        answer = self.say(LOT, InsideQuery())
        assert isinstance(answer, InsideAnswer)
        return sorted(each.plate for each in answer.inside.values())

    def pay(self, session: str, fen: int) -> None:
        paid = PayByHand(f"p-{self.now}", "cash", fen, "c-1", "s-1", self.now)
        assert not isinstance(self.say(Ref("session", session), paid), Refused)

    def session(self, key: str) -> Session:
        actor = self.actors[Ref("session", key)]
        assert isinstance(actor, Session)
        return actor

    def opened(self) -> list[str]:
        """Which barriers were told to open, not by their lane."""
        return [ask.device for _, ask in self.asked if isinstance(ask, MoveBarrier) and ask.order == "open"]


def stands(plate: str, list: str = "", owes_fen: int = 0, locked: bool = False) -> EntryAnswer:
    return EntryAnswer(plate, "small", list, "", (), "", owes_fen, 1 if owes_fen else 0, (), locked)


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


def test_a_locked_car_does_not_leave() -> None:
    mall = Mall()
    mall.enter()
    mall.now += 2 * MINUTE_US
    refused = mall.leave(locked=True)
    assert isinstance(refused, TurnedAway)
    assert refused.why == "locked"
    assert mall.inside() == [PLATE]


def test_a_car_without_a_plate_leaves_with_the_phone_that_it_came_with() -> None:
    mall = Mall()
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


# -- what a lane did by itself


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
