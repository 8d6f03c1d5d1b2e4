"""The wallet: money that never goes below zero, and paying by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages.account import (
    FreeSum,
    FreezeSum,
    OpenTopUp,
    PayFromWallet,
    RefundTopUp,
    SetWays,
    TopUpOpened,
    WalletMoved,
    WalletPaid,
)
from actors.messages.account_facts import AutoTried, ScoreMoved
from actors.messages.money import CloseBill, Due, ReturnExcess, Settle
from actors.messages.payment import StartPayment
from actors.messages.session_facts import AutoPayAsked, Received
from actors.values import Ref
from tests.actors.kinds.one_bay import PLATE, STAY, hand, street
from tests.actors.kinds.owner import ME, OFFERS, Alone, balances, code, owner, parked, said, top_up


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
