"""An owner's account beside its money: plates, coupons, the score."""

import msgspec

from actors.messages.account import (
    BindPlate,
    ChooseDefault,
    CouponGiven,
    CouponsHeld,
    CouponSpent,
    FreeCoupons,
    HoldCoupons,
    SetWays,
    StayPaid,
    WalletMoved,
)
from actors.messages.account_facts import CouponUsed, ScoreMoved
from actors.messages.ownership import BindOwner, DecideClaim, ReleaseOwner
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.tariffs.offsets import Coupon
from actors.values import DAY_US, HOUR_US, MINUTE_US, Ref
from tests.actors.kinds.one_bay import PLATE, STAY, hand, plate, see, street
from tests.actors.kinds.owner import CAR, ME, OTHER, balances, code, face, owner, parked, said
from tests.actors.kinds.streets import T0
from tests.actors.kinds.world import World


def bound(world: World, who: Ref = ME) -> dict[str, str]:
    return {each.plate: each.state for each in face(world, who).plates}


def test_an_owner_has_three_plates_one_of_them_the_default() -> None:
    world = World()
    for n in range(3):
        said(world, BindPlate(f"京A1234{n}"))
    assert code(world, BindPlate("京A12349")) == "too_many_plates"
    assert code(world, BindPlate("--")) == "plate_invalid"
    assert bound(world) == {f"京A1234{n}": "bound" for n in range(3)}
    assert face(world).default == "京A12340"
    said(world, ChooseDefault("京a12342"))
    assert face(world).default == "京A12342"
    world.say(Ref("vehicle", "京A12342"), ReleaseOwner("ann"))
    assert (face(world).default, len(face(world).plates)) == ("京A12340", 2)
    assert code(world, ChooseDefault("京A12342")) == "not_owner"
    said(world, BindPlate("京A12349"))


def test_a_plate_with_an_open_or_unpaid_stay_cannot_be_given_up() -> None:
    world = owner(street(arrears_minutes=60))
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    assert code(world, ReleaseOwner("ann"), CAR) == "plate_in_use"
    see(world, False, 40)
    world.wait(T0 + 2 * HOUR_US)
    assert code(world, ReleaseOwner("ann"), CAR) == "plate_in_use"
    hand(world, "c1", 500, 150)
    world.say(CAR, ReleaseOwner("ann"))
    assert bound(world) == {}
    assert [each.why for each in world.said(ME, ScoreMoved)] == ["late"]


def test_a_plate_of_another_waits_for_its_audit_and_its_stays_go_along() -> None:
    world = owner(street())
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    world.say(OTHER, BindPlate(PLATE, "licence.jpg"))
    assert bound(world, OTHER) == {PLATE: "audit"}
    assert bound(world) == {PLATE: "bound"}
    world.say(CAR, DecideClaim("bob", True, "sue"))
    assert bound(world, OTHER) == {PLATE: "bound"}
    assert bound(world) == {}
    answer = world.say(STAY, SessionQuery())
    assert isinstance(answer, SessionAnswer)
    assert answer.face.account == "bob"


def test_a_refused_claim_leaves_everything_as_it_was() -> None:
    world = owner(street())
    world.say(OTHER, BindPlate(PLATE))
    world.say(CAR, DecideClaim("bob", False, "sue", "unreadable"))
    assert (bound(world), bound(world, OTHER)) == ({PLATE: "bound"}, {})
    assert face(world, OTHER).default == ""


def test_turning_ways_on_and_off_tells_the_vehicle() -> None:
    world = owner(World(), "wallet")
    world.say(ME, SetWays(PLATE, ()))
    told = [message.automatic for ref, message in world.sent if ref == CAR and isinstance(message, BindOwner)]
    assert told == [False, True, False]


# -- coupons


def given_coupon(world: World, coupon: str = "c1", days: int = 1) -> None:
    terms = msgspec.msgpack.encode(Coupon(id=coupon, kind="amount", amount_fen=300))
    for _ in range(2):
        world.say(ME, CouponGiven(coupon, "k1", terms, world.now + days * DAY_US))


def test_a_coupon_is_held_for_one_payment_and_used_once() -> None:
    world = World()
    given_coupon(world)
    held = said(world, HoldCoupons("p1", ("c1",)))
    assert isinstance(held, CouponsHeld)
    assert [each.id for each in msgspec.msgpack.decode(held.coupons, type=list[Coupon])] == ["c1"]
    assert code(world, HoldCoupons("p2", ("c1",))) == "coupon_held"
    assert said(world, HoldCoupons("p1", ("c1",))) == held
    world.say(ME, CouponSpent("c1", "p1", "7/b1-1", 300))
    world.say(ME, CouponSpent("c1", "p1", "7/b1-1", 300))
    assert len(world.said(ME, CouponUsed)) == 1
    assert code(world, HoldCoupons("p3", ("c1",))) == "coupon_unknown"


def test_a_coupon_that_took_nothing_off_is_free_again() -> None:
    world = World()
    given_coupon(world)
    said(world, HoldCoupons("p1", ("c1",)))
    world.say(ME, CouponSpent("c1", "p0", "7/b1-1", 0))
    assert code(world, HoldCoupons("p2", ("c1",))) == "coupon_held"
    world.say(ME, CouponSpent("c1", "p1", "7/b1-1", 0))
    said(world, HoldCoupons("p2", ("c1",)))
    said(world, FreeCoupons("p2"))
    said(world, HoldCoupons("p3", ("c1",)))
    world.wait(world.now + 30 * MINUTE_US)
    assert isinstance(said(world, HoldCoupons("p4", ("c1",))), CouponsHeld)
    world.wait(world.now + DAY_US)
    assert code(world, HoldCoupons("p5", ("c1",))) == "coupon_expired"


# -- the rest


def test_the_score_follows_what_the_city_says_of_it() -> None:
    world = World()
    assert face(world).score == 600
    world.refer("owners", {"score_start": 100, "score_most": 101, "on_time": 5, "late": -70})
    for late in (False, True, True):
        world.say(ME, StayPaid("7/b1-1", late, world.now))
    moved = [(each.by, each.score) for each in world.said(ME, ScoreMoved)]
    assert moved == [(1, 101), (-70, 31), (-31, 0)]


def test_credit_that_waited_for_an_owner_is_in_the_wallet() -> None:
    world = parked(street(), 40)
    hand(world, "c1", 500, 41)
    hand(world, "c2", 500, 42, offline=True)
    owner(world)
    assert balances(world) == (500, 0, 0)
    assert [each.why for each in world.said(ME, WalletMoved)] == ["credit"]
