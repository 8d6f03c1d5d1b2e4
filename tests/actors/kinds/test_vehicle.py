"""A plate: lists, special classes, arrears, two places at once, its owner, and what waits for him."""

from typing import TypeVar

import pytest

from actors.messages.account import CouponGiven, PlateBound
from actors.messages.forms import Command, Refused
from actors.messages.money import ReturnExcess, Settle
from actors.messages.ownership import (
    BindOwner,
    DecideClaim,
    LockCar,
    LockedCarTried,
    OwnerBound,
    ReleaseOwner,
    TriedToLeave,
)
from actors.messages.session import NotePlate, Standing, VoidSession
from actors.messages.vehicle import (
    ArrearsNoted,
    Contradicted,
    CreditGiven,
    CreditPassedOn,
    DropListing,
    Listing,
    PutListing,
    VehicleChanged,
)
from actors.values import DAY_US, Ref
from tests.actors.kinds.streets import Streets, at

C = TypeVar("C", bound=Command)

PLATE = "京A12345"
CAR = Ref("vehicle", PLATE)
ANNA, BELA = Ref("account", "anna"), Ref("account", "bela")


def listed(kind: str, start: float = 0, end: float = 0, lots: tuple[str, ...] = (), id: str = "l1") -> PutListing:
    return PutListing(Listing(id, kind, at(start), at(end) if end else 0, lots, "company"), "staff")


def told(streets: Streets, to: Ref, kind: type[C]) -> list[C]:
    return [message for ref, message in streets.sent if ref == to and isinstance(message, kind)]


def test_a_vehicle_knows_its_stays_while_they_are_open() -> None:
    streets = Streets()
    streets.park(PLATE, "7/b1", 0)
    (present,) = streets.vehicle(PLATE).present
    assert (present.session, present.lot, present.bay, present.entry_us) == ("7/b1-1", "7", "b1", at(0))
    streets.leave("7/b1", 40)
    assert streets.vehicle(PLATE).present == ()


def test_a_plate_that_was_another_moves_the_stay_to_the_other_vehicle() -> None:
    streets = Streets()
    session = streets.park("京A12346", "7/b1", 0)
    streets.say(session, NotePlate(PLATE, "blue", "pda", "p", 100, at(1), "c1"))
    assert streets.vehicle("京A12346").present == ()
    assert [each.session for each in streets.vehicle(PLATE).present] == [session.key]


def test_a_plate_corrected_after_the_car_left_leaves_nobody_inside() -> None:
    streets = Streets()
    session = streets.park("京A12346", "7/b1", 0)
    streets.leave("7/b1", 40)
    streets.say(session, NotePlate(PLATE, "blue", "desk", "p", 100, at(60), "staff"))
    assert streets.vehicle("京A12346").present == streets.vehicle(PLATE).present == ()


@pytest.mark.parametrize(
    ("put", "minute", "lot", "word"),
    [
        (listed("black", 0, 60), 30, "7", "black"),
        (listed("black", 0, 60), 60, "7", ""),
        (listed("black", 0, 60), -1, "7", ""),
        (listed("white"), 30, "7", "white"),
        (listed("white", lots=("8",)), 30, "7", ""),
        (listed("white", lots=("8",)), 30, "8", "white"),
    ],
)
def test_a_list_counts_in_its_lots_and_its_time(put: PutListing, minute: float, lot: str, word: str) -> None:
    streets = Streets()
    streets.say(CAR, put)
    answer = streets.entry(PLATE, lot, minute)
    assert (answer.list, answer.why) == (word, "company" if word else "")


def test_black_goes_before_white() -> None:
    streets = Streets()
    streets.say(CAR, listed("white", id="l1"))
    streets.say(CAR, listed("black", id="l2"))
    assert streets.entry(PLATE).list == "black"
    assert streets.say(CAR, DropListing("l2", "staff")) == VehicleChanged(PLATE)
    assert streets.entry(PLATE).list == "white"
    assert isinstance(streets.say(CAR, DropListing("l2", "staff")), Refused)


def test_a_white_car_parks_free_and_the_price_says_why() -> None:
    streets = Streets()
    assert streets.costs(PLATE, "7/b1", 0, 40) == 500
    streets.say(CAR, listed("white", 60, 200))
    session = streets.park(PLATE, "7/b1", 100)
    streets.leave("7/b1", 140)
    stay = streets.stay(session)
    assert (stay.charge_fen, stay.due_fen, stay.face.list) == (500, 0, "white")
    assert streets.costs(PLATE, "7/b1", 300, 340) == 500


def test_a_car_put_on_the_white_list_while_it_stands_there_is_free() -> None:
    streets = Streets()
    session = streets.park(PLATE, "7/b1", 0)
    streets.say(CAR, listed("white"), at=at(10))
    streets.leave("7/b1", 40)
    assert streets.stay(session).due_fen == 0


def test_special_plates_are_free_by_class_and_can_be_switched() -> None:
    streets = Streets()
    assert streets.entry("京A1234警").list == "special"
    assert streets.costs("京A1234学", "7/b1", 0, 40) == 0
    streets.refer("special-plates", {"classes": ["police"]}, at(50))
    streets.now = at(60)
    assert streets.costs("京A1234学", "7/b1", 60, 100) == 500
    answer = streets.entry("京A1234警")
    assert (answer.list, answer.why, answer.plate_class) == ("special", "police", "police")


def test_a_disabled_driver_is_said_beside_any_list() -> None:
    streets = Streets()
    streets.say(CAR, listed("disabled"))
    session = streets.park(PLATE, "7/b1", 0)
    (standing,) = told(streets, session, Standing)
    assert (standing.list, standing.disabled) == ("", True)


def test_arrears_are_kept_by_stay_until_they_are_paid_or_void() -> None:
    streets = Streets()
    first = streets.park(PLATE, "7/b1", 0)
    streets.leave("7/b1", 40)
    second = streets.park(PLATE, "8/b1", 50)
    streets.leave("8/b1", 60)
    streets.wait(at(60) + DAY_US // 2)
    assert {(o.session, o.fen, o.operator) for o in streets.vehicle(PLATE).owed} == {
        (first.key, 500, "north"),
        (second.key, 250, "north"),
    }
    answer = streets.entry(PLATE, "9")
    assert (answer.owes_fen, answer.owes) == (750, 2)
    streets.say(first, Settle("p1", "wechat", 500, streets.now))
    streets.say(second, VoidSession("no such car", "staff"))
    assert streets.vehicle(PLATE).owed == ()
    assert len(streets.said(CAR, ArrearsNoted)) == 4


def test_a_plate_that_comes_elsewhere_much_later_has_lost_its_exit() -> None:
    streets = Streets()
    first = streets.park(PLATE, "7/b1", 0)
    second = streets.park(PLATE, "8/b1", 90)
    assert streets.said(CAR, Contradicted) == [Contradicted(first.key, second.key, "lost_exit", at(90))]
    assert "seen_elsewhere" in streets.stay(first).face.flags
    assert streets.stay(second).face.flags == ()


def test_one_plate_in_two_lots_within_minutes_may_be_a_copy() -> None:
    streets = Streets()
    first = streets.park(PLATE, "7/b1", 0)
    second = streets.park(PLATE, "8/b1", 4)
    assert streets.said(CAR, Contradicted)[0].why == "cloned"
    assert "cloned_plate" in streets.stay(first).face.flags
    assert "cloned_plate" in streets.stay(second).face.flags


def test_a_stay_whose_plate_is_noted_late_is_still_the_older_one() -> None:
    streets = Streets()
    older = streets.park("京A99999", "7/b1", 0)
    newer = streets.park(PLATE, "8/b1", 90)
    streets.say(older, NotePlate(PLATE, "blue", "pda", "p", 100, at(101), "c1"))
    assert streets.said(CAR, Contradicted) == [Contradicted(older.key, newer.key, "lost_exit", at(90))]


def test_a_plate_has_one_owner_and_a_second_one_waits_for_staff() -> None:
    streets = Streets()
    session = streets.park(PLATE, "7/b1", 0)
    streets.say(CAR, BindOwner("anna", True))
    assert streets.stay(session).face.account == "anna"
    streets.say(CAR, BindOwner("bela", False, "licence.jpg"))
    assert streets.vehicle(PLATE).account == "anna"
    assert [claim.account for claim in streets.vehicle(PLATE).claims] == ["bela"]
    assert [said.state for said in told(streets, BELA, PlateBound)] == ["audit"]
    assert streets.say(CAR, DecideClaim("bela", True, "staff")) == VehicleChanged(PLATE)
    assert [said.state for said in told(streets, BELA, PlateBound)] == ["audit", "bound"]
    assert [said.state for said in told(streets, ANNA, PlateBound)] == ["bound", "released"]
    assert streets.stay(session).face.account == "bela"
    assert streets.said(CAR, OwnerBound)[-1].was == "anna"


def test_a_claim_that_is_refused_changes_nothing() -> None:
    streets = Streets()
    streets.say(CAR, BindOwner("anna"))
    streets.say(CAR, BindOwner("bela"))
    streets.say(CAR, DecideClaim("bela", False, "staff", "another car"))
    face = streets.vehicle(PLATE)
    assert (face.account, face.claims) == ("anna", ())
    answer = streets.say(CAR, DecideClaim("bela", True, "staff"))
    assert isinstance(answer, Refused)
    assert answer.code == "no_claim"


def test_only_the_owner_locks_his_car_and_is_told_when_it_is_driven_off() -> None:
    streets = Streets()
    streets.say(CAR, BindOwner("anna"))
    answer = streets.say(CAR, LockCar("bela", True))
    assert isinstance(answer, Refused)
    assert answer.code == "not_owner"
    streets.say(CAR, TriedToLeave("7", "out", at(1)))
    assert streets.said(CAR, LockedCarTried) == []
    streets.say(CAR, LockCar("anna", True))
    assert streets.entry(PLATE).locked
    streets.say(CAR, TriedToLeave("7", "out", at(2)))
    assert [fact.account for fact in streets.said(CAR, LockedCarTried)] == ["anna"]
    streets.say(CAR, ReleaseOwner("anna"))
    assert not streets.entry(PLATE).locked


def test_money_that_came_twice_waits_for_the_owner() -> None:
    streets = Streets()
    streets.say(CAR, ReturnExcess("session", "7/b1-1", "p1", 1, 300, "excess", "cash"))
    streets.say(CAR, ReturnExcess("session", "7/b2-1", "p2", 1, 200, "excess", "cash"))
    assert streets.vehicle(PLATE).credit_fen == 500
    streets.say(CAR, BindOwner("anna"))
    streets.say(CAR, ReturnExcess("session", "7/b3-1", "p1", 1, 100, "excess", "cash"))
    assert streets.vehicle(PLATE).credit_fen == 0
    back = told(streets, ANNA, ReturnExcess)
    assert [(each.n, each.fen) for each in back] == [(1, 300), (2, 200), (3, 100)]
    given = sum(fact.fen for fact in streets.said(CAR, CreditGiven))
    assert given == sum(fact.fen for fact in streets.said(CAR, CreditPassedOn)) == 600


def test_a_coupon_given_to_a_plate_goes_to_its_account_when_there_is_one() -> None:
    streets = Streets()
    coupon = CouponGiven("spring-1", "spring", b"", at(1000))
    streets.say(CAR, coupon)
    assert streets.vehicle(PLATE).coupons == ("spring-1",)
    streets.say(CAR, BindOwner("anna"))
    streets.say(CAR, BindOwner("anna", automatic=True))
    assert told(streets, ANNA, CouponGiven) == [coupon]
    assert streets.vehicle(PLATE).coupons == ()
