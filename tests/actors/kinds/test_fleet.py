"""A fleet whose devices go wrong together: what is believed, what is held, and what a person makes of it."""

import pytest

from actors.kinds.bay import Bay
from actors.kinds.fleet import WINDOW_US, Fleet
from actors.messages.bay import InstallBay, ReportExit
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.fleet import (
    DecideHeld,
    DepartureKept,
    FleetAnswer,
    FleetDecided,
    FleetQuarantined,
    FleetQuery,
    LiftQuarantine,
)
from actors.messages.forms import Refused
from actors.messages.session import SessionQuery
from actors.messages.session_facts import SessionLeft
from actors.messages.session_shown import SessionAnswer, SessionFace
from actors.values import MINUTE_US, Micros, Ref
from tests.actors.kinds.test_session import T0, street

FLEET = Ref("fleet", "yun-json:2.1")
OTHER = Ref("fleet", "yun-json:2.0")


class Town:
    """Bays with sensors of one firmware, and their cars."""

    def __init__(self, bays: int, firmware: str = "2.1", **rules: object) -> None:
        self.world = street()
        self.world.refer("fleets", {"least": 10, "times": 3.0, "learn_minutes": 60, **rules})
        self.firmware, self.bays = firmware, bays
        self.n = [0] * bays
        for bay in range(bays):
            self.world.say(Ref("bay", f"7/{bay}"), InstallBay(str(bay), "common"))
            self.world.say(Ref("device", f"7/d{bay}"), InstallDevice("yun-json", str(bay), 0))

    def see(self, bay: int, occupied: bool, minute: float, firmware: str = "") -> None:
        """What one bay's sensor says."""
        at_us = T0 + int(minute * MINUTE_US)
        self.n[bay] += 1
        said = Uplinked(at_us, at_us, occupied, serial=self.n[bay], firmware=firmware or self.firmware)
        self.world.say(Ref("device", f"7/d{bay}"), said, at=at_us)

    def usual(self, until: int, every: int = 2) -> None:
        """One car comes and goes every so many minutes, in bay 0."""
        for minute in range(0, until, every):
            self.see(0, True, minute)
            self.see(0, False, minute + 1)

    def stay(self, bay: int, n: int = 1) -> SessionFace:
        answer = self.world.say(Ref("session", f"7/{bay}-{n}"), SessionQuery())
        assert isinstance(answer, SessionAnswer)
        return answer.face

    def shown(self, bay: int) -> str:
        actor = self.world.actors[Ref("bay", f"7/{bay}")]
        assert isinstance(actor, Bay)
        return actor.state()

    def fleet(self) -> FleetAnswer:
        answer = self.world.say(FLEET, FleetQuery())
        assert isinstance(answer, FleetAnswer)
        return answer

    def stormy(self) -> "Town":
        """An hour and a half as usual; all others are taken; then all say at once that they are free."""
        self.usual(90)
        for bay in range(1, self.bays):
            self.see(bay, True, 91)
        for bay in range(1, self.bays):
            self.see(bay, False, 100 + bay / 100)
        return self

    def decide(self, verdict: str, **more: object) -> FleetDecided:
        said = DecideHeld(verdict, "u1", "firmware 2.1", **more)  # type: ignore[arg-type]
        answer = self.world.say(FLEET, said)
        assert isinstance(answer, FleetDecided)
        return answer


def test_a_departure_that_is_believed_ends_the_stay_when_the_device_said() -> None:
    town = Town(1)
    town.usual(2)
    (left,) = town.world.said(Ref("session", "7/0-1"), SessionLeft)
    assert (left.exit_us, left.source, left.device) == (T0 + MINUTE_US, "sensor", "d0")
    assert town.shown(0) == "free"


def test_in_a_storm_no_stay_ends_and_those_that_just_have_are_opened_again() -> None:
    town = Town(60).stormy()
    (quarantined,) = town.world.said(FLEET, FleetQuarantined)
    assert quarantined.usual == 4, "five a window, and none in the last one"
    assert 10 <= quarantined.counted <= 16
    assert quarantined.recalled
    assert {town.stay(bay).exit_us for bay in range(1, 60)} == {None}
    assert {town.shown(bay) for bay in range(1, 60)} == {"verify"}
    assert town.fleet().face.held >= 59


def test_other_firmware_is_believed_meanwhile() -> None:
    town = Town(60)
    town.see(59, True, 89, firmware="2.0")
    town.bays = 59
    town.stormy()
    town.see(59, False, 102, firmware="2.0")
    assert town.stay(59).exit_us == T0 + 102 * MINUTE_US
    assert isinstance(town.world.actors[OTHER], Fleet)


def test_what_is_reversed_never_happened_and_the_stay_goes_on() -> None:
    town = Town(30).stormy()
    total = town_total(town)
    assert town.decide("reverse") == FleetDecided(total, 0)
    assert total >= 29
    assert {town.shown(bay) for bay in range(1, 30)} == {"occupied"}
    assert town.fleet().face.held == 0
    town.world.say(FLEET, LiftQuarantine("u1", "repaired"))
    town.see(7, False, 200)
    assert town.stay(7).exit_us is not None
    assert town.shown(7) == "free"


def town_total(town: Town) -> int:
    """How many departures were ever held."""
    (storm,) = town.world.said(FLEET, FleetQuarantined)
    return len(town.world.said(FLEET, DepartureKept)) + len(storm.recalled)


def test_what_is_confirmed_ended_when_the_device_said() -> None:
    town = Town(30).stormy()
    town.decide("confirm")
    ended = [town.stay(bay).exit_us for bay in range(1, 30)]
    assert ended == [T0 + int((100 + bay / 100) * MINUTE_US) for bay in range(1, 30)]
    assert {town.shown(bay) for bay in range(1, 30)} == {"free"}


def test_some_are_decided_by_name_or_a_few_at_a_time() -> None:
    town = Town(30).stormy()
    total = town_total(town)
    assert town.decide("confirm", sessions=("7/5-1", "7/6-1", "nobody")) == FleetDecided(2, 0)
    assert town.decide("reverse", most=10) == FleetDecided(10, total - 12)
    assert town.decide("reverse") == FleetDecided(total - 12, 0)
    assert town.decide("reverse") == FleetDecided(0, 0)
    assert town.stay(5).exit_us is not None
    assert isinstance(town.world.say(FLEET, DecideHeld("perhaps", "u", "")), Refused)


def test_the_preview_has_pages_in_order_of_session() -> None:
    town = Town(30).stormy()
    seen, after = [], ""
    while True:
        answer = town.world.say(FLEET, FleetQuery(after, 7))
        assert isinstance(answer, FleetAnswer)
        if not answer.held:
            break
        seen += [each.session for each in answer.held]
        after = seen[-1]
    assert seen == sorted(set(seen))
    assert len(seen) == town_total(town)


def test_what_a_person_says_about_a_bay_that_is_held_counts() -> None:
    town = Town(30).stormy()
    at_us = T0 + 101 * MINUTE_US
    town.world.say(Ref("bay", "7/5"), ReportExit(at_us, "pda", "p1", "c1"), at=at_us)
    assert town.stay(5).exit_us == at_us
    assert town.shown(5) == "free"
    town.decide("reverse")
    assert town.stay(5).exit_us == at_us, "what is over stays over"


def test_a_car_that_stands_there_after_all_goes_on_with_its_stay() -> None:
    town = Town(30).stormy()
    town.see(5, True, 105)
    town.decide("reverse")
    assert (town.stay(5).exit_us, town.shown(5)) == (None, "occupied")


def test_the_next_car_shows_that_the_one_before_has_left() -> None:
    """A departure that was believed and is recalled by a storm after the next car came stays as it was."""
    town = Town(40)
    town.usual(90)
    for bay in range(1, 40):
        town.see(bay, True, 91)
    town.see(1, False, 99)
    town.see(1, True, 99.5)
    for bay in range(2, 40):
        town.see(bay, False, 100)
    assert town.stay(1).exit_us == T0 + 99 * MINUTE_US
    assert town.stay(1, 2).exit_us is None
    assert town.shown(1) == "occupied"
    town.decide("reverse")
    assert town.stay(1).exit_us == T0 + 99 * MINUTE_US


@pytest.mark.parametrize("rules", [{"least": 0}, {"least": 1000}, {"times": 50.0}, {"learn_minutes": 600}])
def test_rules_say_what_is_a_storm(rules: dict[str, object]) -> None:
    town = Town(60, **rules).stormy()
    assert town.world.said(FLEET, FleetQuarantined) == []
    assert town.stay(59).exit_us is not None


def test_a_rush_hour_that_grows_is_no_storm() -> None:
    town = Town(40)
    departures = 0
    minute: Micros = 0
    for window in range(14):
        for bay in range(min(3 + window * 2, 39)):
            town.see(bay, True, minute + bay / 10)
            town.see(bay, False, minute + 5 + bay / 10)
            departures += 1
        minute += WINDOW_US // MINUTE_US
    assert departures > 200
    assert town.world.said(FLEET, FleetQuarantined) == []
