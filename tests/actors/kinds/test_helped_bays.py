"""Bays with more than a plain sensor: a radar beside the magnetometer, a camera of eight bays, a pile, a lock."""

import pytest

from actors.kinds.bay import Bay
from actors.messages.bay import Disputed, Freed, InstallBay, LockMoved, StayBegan, StayOver
from actors.messages.device import DeviceTold, InstallDevice, Instructed, OrderEnded, TellDevice, ToldAgain
from actors.messages.session import SessionQuery
from actors.messages.session_facts import Flagged
from actors.messages.session_shown import SessionAnswer
from actors.values import MINUTE_US, SECOND_US, Ref
from tests.actors.kinds.field import Spoken
from tests.actors.kinds.one_bay import BAY, PLATE, STAY, hand, plate, street
from tests.actors.kinds.streets import T0
from tests.actors.kinds.world import World


def stay(world: World, bay: str = "b1", n: int = 1) -> SessionAnswer:
    answer = world.say(Ref("session", f"7/{bay}-{n}"), SessionQuery())
    assert isinstance(answer, SessionAnswer)
    return answer


def shown(world: World, bay: Ref = BAY) -> str:
    actor = world.actors[bay]
    assert isinstance(actor, Bay)
    return actor.state()


# -- a radar beside the magnetometer


def test_a_radar_that_contradicts_ends_no_stay_and_asks_for_a_person() -> None:
    world = street()
    world.say(BAY, InstallBay("1", "common"))
    radar = Spoken(world, "yun-radar", "b1")
    radar.say(-1, occupied=False, radar=False)
    radar.say(0, occupied=True, radar=True)
    radar.say(9, occupied=False, radar=True)
    assert shown(world) == "verify"
    assert (stay(world).face.state, stay(world).face.flags) == ("unplated", ("contradicted",))
    radar.say(10, occupied=False, radar=True)
    assert len(world.said(BAY, Disputed)) == len(world.said(STAY, Flagged)) == 1
    radar.say(12, occupied=False, radar=False)
    assert shown(world) == "free"
    (freed,) = [each for each in world.said(BAY, Freed) if not each.first]
    assert freed.since_us == T0 + 12 * MINUTE_US


def test_a_radar_that_contradicts_a_departure_that_waits_for_its_debounce_takes_it_back() -> None:
    world = street()
    world.say(BAY, InstallBay("1", "common", 30 * SECOND_US))
    radar = Spoken(world, "yun-radar", "b1")
    radar.say(0, occupied=True, radar=True)
    radar.say(5, occupied=False)
    radar.say(5.2, occupied=False, radar=True)
    world.wait(T0 + 60 * MINUTE_US)
    assert shown(world) == "verify"
    assert world.said(BAY, StayOver) == []
    radar.say(61, occupied=True, radar=True)
    assert shown(world) == "occupied"


# -- a camera on a pole


def test_a_plate_that_is_read_before_the_arrival_is_believed_waits_for_the_stay() -> None:
    world = street("camera")
    world.say(BAY, InstallBay("1", "common", 30 * SECOND_US))
    pole = Spoken(world, "yun-camera", bays=("b1",))
    pole.say(0, bay=1, occupied=False)
    pole.say(1, bay=1, occupied=True, plate="京A22222", colour="blue")
    pole.say(1.1, bay=1, occupied=False)
    pole.say(10, bay=1, occupied=True, plate=PLATE, colour="blue", confidence=96)
    world.wait(T0 + 11 * MINUTE_US)
    face = stay(world).face
    assert (face.plate, face.entry_us) == (PLATE, T0 + 10 * MINUTE_US), "who only drove by is nobody's"
    pole.say(40, bay=1, occupied=False)
    pole.say(60, bay=1, occupied=True)
    world.wait(T0 + 62 * MINUTE_US)
    assert stay(world, n=2).face.state == "unplated", "a plate waits for one stay"


def test_each_bay_of_a_pole_has_its_own_stays_by_number() -> None:
    world = street("camera")
    pole = Spoken(world, "yun-camera", bays=("b1", "", "b3"))
    for number, text in ((1, PLATE), (2, "京A22222"), (3, "京A33333"), (4, "京A44444")):
        pole.say(number, bay=number, occupied=False)
        pole.say(10 + number, bay=number, occupied=True, plate=text, colour="blue", confidence=95)
    assert {ref.key for ref in world.facts if ref.kind == "bay"} == {"7/b1", "7/b3"}
    pole.say(60, bay=3, occupied=False)
    assert (stay(world).face.plate, stay(world).face.exit_us) == (PLATE, None)
    left = stay(world, "b3")
    assert (left.face.plate, left.face.exit_us, left.charge_fen) == ("京A33333", T0 + 60 * MINUTE_US, 500)


def test_bays_that_are_bound_and_let_go_hear_of_it() -> None:
    world = street("camera")
    pole = Spoken(world, "yun-camera", bays=("b1", "b2"))
    pole.say(0, bay=1, occupied=False)
    world.say(pole.ref, InstallDevice("yun-camera", "", 0, bays=("b2", "b9")))
    assert shown(world, Ref("bay", "7/b1")) == "free"
    heard = {
        key: actor.opinions
        for key in ("b1", "b2", "b9")
        if isinstance(actor := world.actors[Ref("bay", f"7/{key}")], Bay)
    }
    assert [len(opinions) for opinions in heard.values()] == [0, 1, 1]
    pole.say(5, bay=2, occupied=True, plate=PLATE)
    assert stay(world, "b9").face.plate == PLATE


def test_a_pile_alone_makes_a_stay_that_can_be_paid() -> None:
    world = street("pile")
    pile = Spoken(world, "yun-pile", "b1")
    pile.say(-1, occupied=False)
    pile.say(0, occupied=True, plate=PLATE, colour="blue")
    pile.say(40, occupied=False, plate=PLATE)
    assert (stay(world).charge_fen, stay(world).due_fen, stay(world).face.state) == (500, 500, "unpaid")
    hand(world, "p1", 500, 41)
    assert stay(world).face.state == "paid"


# -- a lock


class Locked:
    """A bay with a lock, which may be deaf, and a car in it with a plate."""

    def __init__(self, deaf: bool = True) -> None:
        self.world = street("lock")
        self.lock = Spoken(self.world, "yun-lock", "b1")
        self.lock.say(-1, occupied=False, arm="down")
        self.lock.say(0, occupied=True, arm="down")
        if not deaf:
            self.lock.say(0.05, occupied=True, arm="up", ack="1")
        plate(self.world, 1)

    def told(self) -> list[tuple[str, str]]:
        """(id, order) of everything that the lock was told."""
        return [(one.id, one.order) for _, one in self.world.asked if isinstance(one, TellDevice)]


def test_a_lock_is_up_until_the_stay_is_paid_and_then_told_to_go_down() -> None:
    bay = Locked(deaf=False)
    bay.world.wait(T0 + 30 * MINUTE_US)
    assert bay.told() == [("1", "raise")], "what has obeyed is not told again"
    hand(bay.world, "p1", 500, 40)
    assert bay.told() == [("1", "raise"), ("2", "lower")]
    bay.lock.say(40.1, occupied=True, arm="down", ack="2")
    assert [(one.order, one.why) for one in bay.world.said(BAY, LockMoved)] == [("raise", ""), ("lower", "")]
    bay.lock.say(45, occupied=False, arm="down")
    assert (shown(bay.world), stay(bay.world).face.state) == ("free", "paid")


def test_a_lock_that_says_nothing_is_told_again_and_then_a_person_is() -> None:
    bay = Locked()
    bay.world.wait(T0 + 10 * MINUTE_US)
    assert {order for _, order in bay.told()} == {"raise"}
    assert len(bay.told()) == 1 + len(bay.world.said(bay.lock.ref, ToldAgain)) > 3
    assert [one.why for one in bay.world.said(bay.lock.ref, OrderEnded)] == ["silent"]
    assert stay(bay.world).face.flags == ("lock_stuck",)


def test_a_lock_that_cannot_says_why() -> None:
    bay = Locked()
    bay.lock.say(0.5, occupied=True, arm="down", ack="1", ack_why="blocked")
    (flag,) = bay.world.said(STAY, Flagged)
    assert (flag.code, flag.detail) == ("lock_stuck", "raise: blocked")


def test_a_later_order_takes_the_place_of_one_that_waits() -> None:
    bay = Locked()
    hand(bay.world, "p1", 250, 20)
    assert bay.told()[-1] == ("2", "lower")
    bay.lock.say(20.1, occupied=True, ack="1")
    assert [(one.n, one.why) for one in bay.world.said(bay.lock.ref, OrderEnded)] == [(1, "silent")]
    bay.world.wait(T0 + 21 * MINUTE_US)
    assert {order for id, order in bay.told() if id == "2"} == {"lower"}


@pytest.mark.parametrize("why", ["", "late"])
def test_an_order_whose_time_was_over_before_it_could_be_published_has_ended(why: str) -> None:
    bay = Locked()
    bay.world.say(bay.lock.ref, DeviceTold("1", why))
    assert bool(bay.world.said(bay.lock.ref, OrderEnded)) == bool(why)
    assert len(bay.world.said(bay.lock.ref, Instructed)) == 1
    assert len(bay.world.said(BAY, StayBegan)) == 1
