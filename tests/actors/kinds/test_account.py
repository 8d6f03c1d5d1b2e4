"""An owner's account: money that never goes below zero, plates, coupons, a score."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engine.turn import Turn
from actors.messages.account import (
    AccountAnswer,
    AccountFace,
    AccountQuery,
    BindPlate,
    ChooseDefault,
    CouponGiven,
    CouponsHeld,
    CouponSpent,
    EndReservation,
    FreeCoupons,
    FreeSum,
    FreezeSum,
    HoldCoupons,
    OpenTopUp,
    PayFromWallet,
    RefundTopUp,
    SetWays,
    StayPaid,
    TakeReservation,
    TopUpOpened,
    WalletMoved,
    WalletPaid,
)
from actors.messages.account_facts import AutoTried, CouponUsed, ScoreMoved
from actors.messages.forms import Message, Refused, Reply
from actors.messages.money import CloseBill, Due, ReturnExcess, Settle
from actors.messages.ownership import BindOwner, DecideClaim, ReleaseOwner
from actors.messages.payment import StartPayment
from actors.messages.session import SessionQuery
from actors.messages.session_facts import AutoPayAsked, Received
from actors.messages.session_shown import SessionAnswer
from actors.tariffs.offsets import Coupon
from actors.values import DAY_US, HOUR_US, MINUTE_US, Ref
from tests.actors.kinds.test_session import PLATE, STAY, T0, hand, plate, see, street
from tests.actors.kinds.world import World

ME, OTHER = Ref("account", "ann"), Ref("account", "bob")
CAR = Ref("vehicle", PLATE)
OFFERS = {"offers": [{"id": "o1", "fen": 10_000, "gift_fen": 1_000}]}


class Alone(World):
    """Only accounts live here: what they say to others is noted and goes nowhere."""

    def _turn(self, ref: Ref, message: Message) -> Turn:
        if ref.kind != "account":
            return Turn(ref, self.now, self.actors[ME], self, self)
        return super()._turn(ref, message)


def top_up(world: World, fen: int, payment: str = "t1", offer: str = "") -> None:
    world.say(ME, OpenTopUp(payment, fen, offer))
    world.say(ME, Settle(payment, "wechat", fen, world.now, "ann", "w1"))


def said(world: World, message: Message, who: Ref = ME) -> Reply:
    answer = world.say(who, message)
    assert answer is not None
    return answer


def code(world: World, message: Message, who: Ref = ME) -> str:
    answer = said(world, message, who)
    assert isinstance(answer, Refused), answer
    return answer.code


def face(world: World, who: Ref = ME) -> AccountFace:
    answer = said(world, AccountQuery(), who)
    assert isinstance(answer, AccountAnswer)
    return answer.face


def balances(world: World) -> tuple[int, int, int]:
    shown = face(world)
    return shown.balance_fen, shown.gift_fen, shown.frozen_fen


def owner(world: World, *ways: str) -> World:
    """The account has the plate, and pays by itself in these ways."""
    world.say(ME, BindPlate(PLATE))
    world.say(ME, SetWays(PLATE, ways))
    return world


def parked(world: World, minutes: float) -> World:
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    see(world, False, minutes)
    return world


# -- the wallet


def test_a_top_up_brings_its_gift_once() -> None:
    world = Alone()
    world.refer("owners", OFFERS)
    assert said(world, OpenTopUp("t1", 10_000, "o1")) == TopUpOpened("t1", 10_000, 1_000)
    for _ in range(2):
        world.say(ME, Settle("t1", "wechat", 10_000, 0, "ann"))
    assert balances(world) == (10_000, 1_000, 0)
    moved = [(each.why, each.fen, each.gift_fen, each.balance_fen) for each in world.said(ME, WalletMoved)]
    assert moved == [("top_up", 10_000, 0, 10_000), ("gift", 0, 1_000, 10_000)]


@pytest.mark.parametrize(
    ("fen", "offer", "why"), [(9_999, "o1", "amount_wrong"), (100, "o2", "offer_unknown"), (0, "", "amount_wrong")]
)
def test_a_top_up_is_what_was_offered(fen: int, offer: str, why: str) -> None:
    world = Alone()
    world.refer("owners", OFFERS)
    assert code(world, OpenTopUp("t1", fen, offer)) == why


def test_another_sum_than_was_asked_is_the_owners_without_the_gift() -> None:
    world = Alone()
    world.refer("owners", OFFERS)
    world.say(ME, OpenTopUp("t1", 10_000, "o1"))
    world.say(ME, Settle("t1", "wechat", 9_000, 0, "ann"))
    assert balances(world) == (9_000, 0, 0)


def test_two_debits_cannot_overdraw() -> None:
    world = Alone()
    top_up(world, 1_000)
    dues = (Due("session", "7/b1-1", 700),)
    assert said(world, PayFromWallet("p1", dues)) == WalletPaid("p1", 700, 300, 0)
    assert code(world, PayFromWallet("p2", dues)) == "insufficient"
    assert said(world, PayFromWallet("p1", dues)) == WalletPaid("p1", 700, 300, 0)
    assert balances(world)[0] == 300


@pytest.mark.parametrize(
    ("fens", "why"), [((600, 600), "insufficient"), ((-600,), "amount_wrong"), ((), "amount_wrong")]
)
def test_all_parts_are_paid_or_none(fens: tuple[int, ...], why: str) -> None:
    world = Alone()
    top_up(world, 1_000)
    dues = tuple(Due("session", f"7/b{n}-1", fen) for n, fen in enumerate(fens))
    assert code(world, PayFromWallet("p1", dues)) == why
    assert code(world, PayFromWallet("p1", (Due("pass", "m", 1), Due("pass", "m", 1)))) == "amount_wrong"
    assert balances(world) == (1_000, 0, 0)


def test_real_money_goes_first_and_comes_back_first() -> None:
    world = Alone()
    world.refer("owners", OFFERS)
    top_up(world, 10_000, offer="o1")
    world.say(ME, PayFromWallet("p1", (Due("pass", "m1", 10_600),)))
    assert balances(world) == (0, 400, 0)
    for n, fen, after in (
        (1, 9_900, (9_900, 400)),
        (1, 9_900, (9_900, 400)),
        (2, 400, (10_000, 700)),
        (3, 300, (10_000, 1_000)),
    ):
        world.say(ME, ReturnExcess("pass", "m1", "p1", n, fen, "refund"))
        assert balances(world)[:2] == after


def test_what_is_frozen_is_not_spent() -> None:
    world = Alone()
    top_up(world, 1_000)
    for _ in range(2):
        said(world, FreezeSum("w1", 600, "withdrawal", "fin"))
    assert balances(world) == (1_000, 0, 600)
    assert code(world, PayFromWallet("p1", (Due("session", "7/b1-1", 500),))) == "insufficient"
    assert code(world, FreezeSum("w2", 500, "withdrawal", "fin")) == "insufficient"
    assert code(world, RefundTopUp("t1", 500, "fin", "r1")) == "refund_too_large"
    said(world, FreeSum("w1", "fin"))
    assert isinstance(said(world, PayFromWallet("p1", (Due("session", "7/b1-1", 500),))), WalletPaid)


def test_a_top_up_goes_back_without_the_gift_that_was_spent() -> None:
    world = Alone()
    world.refer("owners", OFFERS)
    top_up(world, 10_000, offer="o1")
    world.say(ME, PayFromWallet("p1", (Due("session", "7/b1-1", 10_400),)))
    world.say(ME, ReturnExcess("session", "7/b1-1", "p1", 1, 10_000, "refund"))
    assert balances(world) == (10_000, 600, 0)
    assert code(world, RefundTopUp("t1", 9_601, "fin", "r1")) == "refund_too_large"
    for _ in range(2):
        said(world, RefundTopUp("t1", 9_600, "fin", "r1"))
    assert balances(world) == (400, 0, 0)
    backs = [message for ref, message in world.sent if ref == Ref("payment", "t1")]
    assert backs == [ReturnExcess("account", "ann", "t1", 1, 9_600, "withdraw")]
    assert code(world, RefundTopUp("t2", 1, "fin", "r2")) == "unknown_payment"


@given(st.lists(st.tuples(st.sampled_from("tprf"), st.integers(-10, 2_000), st.integers(0, 4)), max_size=30))
def test_no_order_of_anything_brings_the_wallet_below_zero(steps: list[tuple[str, int, int]]) -> None:
    world = Alone()
    world.refer("owners", {"offers": [{"id": "o", "fen": 1_000, "gift_fen": 300}]})
    for n, (what, fen, which) in enumerate(steps):
        if what == "t":
            top_up(world, 1_000 if which else max(fen, 1), f"t{which}", "o" if which else "")
        elif what == "p":
            world.say(ME, PayFromWallet(f"p{n}", (Due("pass", "m", fen),)))
        elif what == "r":
            world.say(ME, RefundTopUp(f"t{which}", fen, "fin", f"r{n}"))
        else:
            world.say(ME, FreezeSum(f"f{which}", fen, "x", "fin"))
    real_fen = gift_fen = 0
    for each in world.said(ME, WalletMoved):
        real_fen, gift_fen = real_fen + each.fen, gift_fen + each.gift_fen
        assert (real_fen, gift_fen) == (each.balance_fen, each.balance_gift_fen)
        assert min(real_fen, gift_fen) >= 0
    assert balances(world)[2] <= real_fen


# -- paying by itself


def test_the_wallet_pays_a_stay_at_exit_without_anybody_doing_anything() -> None:
    world = owner(street(), "wallet")
    top_up(world, 1_000)
    parked(world, 40)
    (got,) = world.said(STAY, Received)
    assert (got.channel, got.fen, got.payer, got.excess_fen) == ("wallet", 500, "ann", 0)
    assert balances(world) == (500, 0, 0)
    assert [each.by for each in world.said(ME, ScoreMoved)] == [2]


def test_the_first_way_that_can_pays() -> None:
    world = owner(street(), "wallet", "alipay", "wechat")
    top_up(world, 100)
    parked(world, 40)
    (start,) = [message for _, message in world.sent if isinstance(message, StartPayment)]
    assert (start.channel, start.method, start.plate, start.payer) == ("alipay", "plate", PLATE, "ann")
    assert start.payees == (Due("session", STAY.key, 500),)
    (first,) = world.said(STAY, AutoPayAsked)
    top_up(world, 100, "t2")
    world.say(ME, CloseBill(first.payment, "failed"))
    tried = world.said(ME, AutoTried)
    assert [each.way for each in tried] == ["alipay", "wechat"]
    world.say(ME, CloseBill(tried[1].payment, "failed"))
    assert not world.actors[ME].automatic  # type: ignore[attr-defined]
    assert balances(world)[0] == 200


def test_a_provider_that_deducts_ends_what_was_tried() -> None:
    world = parked(owner(street(), "wechat"), 40)
    (tried,) = world.said(ME, AutoTried)
    world.say(STAY, Settle(tried.payment, "wechat", 500, world.now, "ann", "w1"))
    assert not world.actors[ME].automatic  # type: ignore[attr-defined]


def test_a_plate_that_does_not_pay_by_itself_is_not_asked() -> None:
    world = parked(owner(street()), 40)
    assert not world.said(STAY, AutoPayAsked)
    assert code(world, SetWays(PLATE, ("cheque",))) == "way_unknown"
    assert code(world, SetWays("京B12345", ("wallet",))) == "not_owner"


def test_what_the_wallet_paid_too_much_comes_back() -> None:
    world = owner(street())
    top_up(world, 2_000)
    parked(world, 40)
    hand(world, "c1", 500, 41)
    said(world, PayFromWallet("p1", (Due("session", STAY.key, 500),)))
    assert balances(world) == (2_000, 0, 0)
    assert [each.why for each in world.said(ME, WalletMoved)] == ["top_up", "pay", "excess"]


# -- plates


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


def test_one_reservation_at_a_time() -> None:
    world = World()
    said(world, TakeReservation("r1", HOUR_US))
    assert code(world, TakeReservation("r2", HOUR_US)) == "reservation_active"
    said(world, TakeReservation("r1", 2 * HOUR_US))
    said(world, EndReservation("r1"))
    said(world, TakeReservation("r2", HOUR_US))
    world.wait(HOUR_US)
    said(world, TakeReservation("r3", 2 * HOUR_US))
    assert face(world).reservation == "r3"


def test_credit_that_waited_for_an_owner_is_in_the_wallet() -> None:
    world = parked(street(), 40)
    hand(world, "c1", 500, 41)
    hand(world, "c2", 500, 42, offline=True)
    owner(world)
    assert balances(world) == (500, 0, 0)
    assert [each.why for each in world.said(ME, WalletMoved)] == ["credit"]
