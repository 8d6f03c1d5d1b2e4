"""A stay from arrival to departure: what opens and ends it, whose it is, how people correct it."""

import pytest

from actors.messages.bay import ReportExit, ReportPlate, SessionAt, StayNoted
from actors.messages.session import (
    AddEvidence,
    Charging,
    FlagSession,
    NotePlate,
    ResumeSession,
    SightAgain,
    VoidSession,
    Waive,
    WriteOff,
)
from actors.messages.session_facts import SessionOpened
from actors.messages.session_shown import PlateTaken
from actors.messages.vehicle import ArrearsOwed
from actors.values import MINUTE_US, Ref
from tests.actors.kinds.one_bay import BAY, PLATE, STAY, T0, TARIFF, asked, balance, note, plate, see, stay, street
from tests.actors.kinds.world import World


def test_the_sensor_opens_the_stay_and_the_collectors_plate_goes_to_it() -> None:
    world = street()
    see(world, False, -1)
    see(world, True, 0)
    answer = plate(world, 5)
    assert answer == SessionAt("7/b1-1", False)
    (opened,) = world.said(STAY, SessionOpened)
    assert (opened.entry_us, opened.source, opened.tariff, opened.operator) == (T0, "sensor", "a", "north")
    assert asked(world, 40).face.plate == PLATE
    assert asked(world, 40).due_fen == 500


def test_without_rules_a_lot_is_only_watched() -> None:
    world = World()
    see(world, True, 0)
    assert STAY not in world.facts


@pytest.mark.parametrize(("mode", "opens"), [("sensor_pda", True), ("camera", False), ("gate", False)])
def test_the_mode_says_which_source_opens_a_stay(mode: str, opens: bool) -> None:
    world = street(mode)
    see(world, True, 0)
    assert bool(world.said(STAY, SessionOpened)) == opens


def test_a_report_opens_a_stay_where_the_sensor_was_silent_and_the_sensor_finds_it() -> None:
    world = street()
    assert plate(world, 5) == SessionAt("7/b1-1", True)
    see(world, True, 3)
    assert asked(world, 10).face.entry_us == T0 + 3 * MINUTE_US
    assert not world.said(Ref("session", "7/b1-2"), SessionOpened)


def test_the_tariff_of_the_entry_is_kept() -> None:
    world = street()
    see(world, True, 0)
    dearer = {**TARIFF, "periods": [{**TARIFF["periods"][0], "stages": [{"unit_minutes": 30, "price_fen": 900}]}]}  # type: ignore[index]
    world.refer("tariff/a", dearer, T0 + MINUTE_US)
    see(world, False, 29)
    assert asked(world).charge_fen == 250


def test_a_surer_plate_replaces_and_a_persons_word_stays() -> None:
    world = street("sensor_patrol")
    see(world, True, 0)
    said = [("京A1234S", 60, ""), (PLATE, 90, ""), ("京A99999", 80, ""), ("京B00001", 100, "c1"), (PLATE, 100, "")]
    taken = []
    for n, (text, pct, person) in enumerate(said):
        at_us = T0 + n * MINUTE_US
        world.say(BAY, ReportPlate(text, "blue", "patrol", "car", pct, at_us, person), at=at_us)
        taken.append(asked(world, 5).face.plate)
    assert taken == ["京A1234S", PLATE, PLATE, "京B00001", "京B00001"]
    assert len(asked(world, 5).plates) == 5


def test_a_correction_after_leaving_moves_the_arrears_to_the_other_plate() -> None:
    world = stay(street(), 40)
    world.wait(T0 + 200 * MINUTE_US)
    world.say(STAY, note("京B00001"))
    world.wait(T0 + 300 * MINUTE_US)
    owed = [(ref.key, message.fen) for ref, message in world.sent if isinstance(message, ArrearsOwed)]
    assert owed == [(PLATE, 500), (PLATE, 0), ("京B00001", 500)]


def test_people_waive_give_up_void_and_take_back() -> None:
    waived = stay(street(), 40)
    waived.say(STAY, Waive(-1, "vip", "s1"))
    assert asked(waived).face.state == "free"
    lost = stay(street(), 40)
    lost.say(STAY, WriteOff("unknown owner", "s1"))
    assert (asked(lost).face.state, balance(lost)) == ("written_off", 0)
    void = stay(street(), 40)
    void.say(STAY, VoidSession("no car", "s1"))
    assert (asked(void).face.state, balance(void)) == ("void", 0)
    again = stay(street(), 40)
    again.say(STAY, ResumeSession("false departure", "s1"))
    assert (asked(again, 50).face.state, balance(again)) == ("running", 0)
    see(again, True, 41)
    see(again, False, 100)
    assert asked(again).due_fen == 1000


def test_what_is_said_to_a_stay_that_never_was_makes_none() -> None:
    world = street()
    for said in (
        AddEvidence("e", "plate", "pda", "p", T0),
        FlagSession("odd", ""),
        SightAgain("sensor", "d", T0),
        Charging(True, T0),
        NotePlate(PLATE, "blue", "staff", "", 100, T0, "s1"),
        Waive(-1, "why", "s1"),
    ):
        world.say(STAY, said)
    assert STAY not in world.facts


def test_a_remote_exit_ends_the_stay_and_the_bay_may_have_another() -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1)
    exit_us = T0 + 40 * MINUTE_US
    world.say(BAY, ReportExit(exit_us, "pda", "p1", "c1", remote=True), at=exit_us)
    assert asked(world).due_fen == 500
    assert plate(world, 45, "京C00001") == SessionAt("7/b1-2", True)


def test_a_plate_of_no_known_form_is_taken() -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1, "XYZ 123")
    assert asked(world, 2).face.vehicle == "unknown"
    assert isinstance(world.say(STAY, note("京A12345")), PlateTaken)


def test_another_colour_of_the_same_plate_prices_the_stay_anew() -> None:
    world = street()
    classes = {"classes": ["small", "large"], "visit": {"price_fen": {"small": 300, "large": 900}}}
    world.refer("tariff/a", {"name": {"en": "A"}, **classes})
    stay(world, 40)
    assert asked(world).due_fen == 300
    world.say(STAY, NotePlate(PLATE, "yellow", "staff", "", 100, T0, "s1"))
    assert asked(world).due_fen == 900


def test_a_bay_is_told_of_a_vehicles_standing_only_if_that_says_more() -> None:
    world = stay(street(), 40)
    assert [to for to, said in world.sent if isinstance(said, StayNoted)] == [BAY]
