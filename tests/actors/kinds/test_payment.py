"""A payment: what the provider must say for money to move, when it is asked, and what goes back, each exactly once."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages.forms import Command, Refused
from actors.messages.money import CloseBill, Due, ReturnExcess
from actors.messages.payment import (
    CancelPayment,
    CloseOrder,
    CreateOrder,
    OrderCreated,
    OrderRefused,
    PaymentAnswer,
    ProviderSaid,
    QueryOrder,
    QueryRefund,
    RefundOrder,
    RefundSaid,
    RetryRefund,
    SettleTrouble,
    StartPayment,
)
from actors.messages.payment_facts import (
    PaymentContradicted,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
    RefundAsked,
    RefundDeclined,
    TroubleSettled,
)
from actors.values import MINUTE_US, SECOND_US
from tests.actors.kinds.shop import KEY, ME, ONE, OTHER, M, Shop
from tests.actors.kinds.world import World


def test_the_providers_word_settles_each_payee_once() -> None:
    shop = Shop()
    shop.tell(OrderCreated(M, "weixin://x"))
    for _ in range(3):
        shop.tell(shop.paid())
    assert shop.settled == [(ONE, 750), (OTHER, 250)]
    assert len(shop.said(ME, PaymentSucceeded)) == 1
    assert shop.face.state == "paid"
    assert not shop.face.trouble


def test_the_same_start_is_the_same_payment_and_another_under_its_number_is_refused() -> None:
    shop = Shop()
    assert isinstance(shop.tell(shop.start), PaymentAnswer)
    other = StartPayment("wechat", "native", (Due(*ONE, 751),), "", "", shop.start.until_us)
    answer = shop.tell(other)
    assert isinstance(answer, Refused)
    assert answer.code == "payment_taken"
    assert len(shop.said(ME, PaymentStarted)) == 1


def test_nothing_cannot_be_paid_and_a_stranger_is_not_heard() -> None:
    world = World()
    for payees in ((), (Due(*ONE, 0),), (Due(*ONE, 5), Due(*OTHER, -5))):
        answer = world.say(ME, StartPayment("wechat", "native", payees, "", "", 1))
        assert isinstance(answer, Refused)
        assert answer.code == "amount_wrong"
    answer = world.say(ME, ProviderSaid("paid", 1000, "CNY", M, "42"))
    assert isinstance(answer, Refused)
    assert answer.code == "unknown_payment"
    assert not world.facts


def test_a_word_that_contradicts_the_order_moves_nothing_and_is_kept_once() -> None:
    wrongs = (("amount", {"fen": 999}), ("amount", {"fen": 1001}), ("currency", {"currency": "USD"}))
    for what, wrong in (*wrongs, ("merchant", {"merchant": "1900009999"})):
        shop = Shop(merchant=M)
        shop.tell(shop.paid(**wrong))
        shop.tell(shop.paid(**wrong))
        assert not shop.settled
        assert [fact.what for fact in shop.said(ME, PaymentContradicted)] == [what]
        assert shop.face.trouble == what
        shop.tell(shop.paid())  # the truth comes later, and is taken
        assert shop.settled == [(ONE, 750), (OTHER, 250)]


def test_a_second_payment_of_the_same_order_is_trouble_and_not_money() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    shop.tell(shop.paid(provider_ref="43"))
    assert shop.face.trouble == "twice"
    assert shop.settled == [(ONE, 750), (OTHER, 250)]


def test_without_a_word_the_provider_is_asked_after_three_seconds_and_with_growing_pauses() -> None:
    shop = Shop()
    begun = shop.now
    asked_at: list[int] = []
    for second in range(1, 301):
        shop.wait(begun + second * SECOND_US)
        if len(shop.asked) > len(asked_at):
            asked_at.append(second)
            shop.tell(ProviderSaid("unpaid"))
    assert asked_at[0] == 3
    pauses = [b - a for a, b in pairwise(asked_at)]
    assert pauses[:4] == [6, 12, 24, 48]
    assert max(pauses) <= 60
    assert asked_at[-1] == 300
    assert isinstance(shop.asked[-1][1], CloseOrder)
    assert all(isinstance(request, QueryOrder) for _, request in shop.asked[:-1])


def test_the_provider_is_not_asked_again_before_it_has_answered() -> None:
    shop = Shop()
    shop.wait(shop.now + 2 * MINUTE_US)
    assert shop.requests == ["QueryOrder"]
    shop.tell(ProviderSaid("unpaid"))
    shop.wait(shop.now + MINUTE_US)
    assert shop.requests == ["QueryOrder", "QueryOrder"]


def test_whoever_should_have_made_the_order_died_and_the_provider_knows_of_none() -> None:
    shop = Shop()
    shop.wait(shop.now + 4 * SECOND_US)
    shop.tell(ProviderSaid("absent"))
    assert shop.face.state == "started"
    shop.tell(OrderCreated(M, "weixin://x"))  # the payer asked once more
    shop.tell(shop.paid())
    assert shop.settled == [(ONE, 750), (OTHER, 250)]


def test_an_order_that_nobody_pays_is_closed_and_its_payees_are_told() -> None:
    for state in ("closed", "absent"):
        shop = Shop()
        shop.wait(shop.start.until_us + 6 * MINUTE_US)
        shop.tell(ProviderSaid("unpaid"))
        shop.wait(shop.now + 2 * MINUTE_US)
        assert shop.requests[-1] == "CloseOrder"
        shop.tell(ProviderSaid(state))
        assert shop.face.state == "expired"
        assert [message.why for message in shop.sent_to(ONE, CloseBill)] == ["expired"]  # type: ignore[attr-defined]
        before = len(shop.asked)
        shop.wait(shop.now + 60 * MINUTE_US)
        assert len(shop.asked) == before


def test_money_that_comes_after_the_end_is_taken_all_the_same() -> None:
    shop = Shop()
    shop.tell(ProviderSaid("closed"))
    shop.tell(shop.paid())
    assert shop.face.state == "paid"
    assert shop.settled == [(ONE, 750), (OTHER, 250)]


def test_a_payer_who_will_not_pay_has_the_order_closed_unless_it_is_paid() -> None:
    shop = Shop()
    shop.tell(CancelPayment("owner"))
    shop.tell(CancelPayment("owner"))
    assert shop.requests == ["CloseOrder"]
    shop.tell(ProviderSaid("closed"))
    assert shop.face.state == "cancelled"

    late = Shop()
    late.tell(CancelPayment("owner"))
    late.tell(late.paid())
    assert late.face.state == "paid"


def test_a_deduction_is_asked_for_by_the_payment_itself_and_may_be_refused_or_fail() -> None:
    for end in (OrderRefused("BLOCKED"), ProviderSaid("failed", why="NO_MONEY")):
        shop = Shop("plate")
        assert isinstance(shop.asked[0][1], CreateOrder)
        shop.tell(end)
        assert shop.face.state == "failed"
        assert len(shop.sent_to(OTHER, CloseBill)) == 1


def test_parts_go_back_never_more_than_came_and_each_once() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    shop.back(400)
    shop.back(400)  # the same return again
    shop.back(600, n=2)
    shop.back(1, n=3)
    assert [(request.refund, request.fen, request.total_fen) for _, request in shop.asked] == [  # type: ignore[attr-defined]
        (f"{KEY}-1", 400, 1000),
        (f"{KEY}-2", 600, 1000),
    ]
    assert [fact.fen for fact in shop.said(ME, RefundDeclined)] == [1]
    for _ in range(2):
        shop.refunded(1, 400)
        shop.refunded(2, 600)
    assert [(fact.n, fact.fen) for fact in shop.said(ME, PaymentRefunded)] == [(1, 400), (2, 600)]
    assert (shop.face.refunded_fen, shop.face.refunding_fen) == (1000, 0)


def test_two_returns_at_once_that_fit_only_one_by_one() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    shop.back(600, sender=ONE)
    shop.back(600, sender=OTHER)
    assert [fact.fen for fact in shop.said(ME, RefundAsked)] == [600]
    assert shop.face.trouble == "refund_declined"


def test_staff_settle_what_was_wrong_and_it_comes_again_if_it_is_wrong_again() -> None:
    shop = Shop()
    shop.tell(shop.paid(fen=999))
    for _ in range(2):
        shop.tell(SettleTrouble("finance", "called them"))
    assert [fact.trouble for fact in shop.said(ME, TroubleSettled)] == ["amount"]
    assert not shop.face.trouble
    shop.tell(shop.paid(fen=998))
    assert shop.face.trouble == "amount"


def against(answer: object) -> str:
    assert isinstance(answer, PaymentAnswer)
    return answer.against


def test_who_says_what_cannot_be_is_told_so_each_time_whatever_became_of_it() -> None:
    shop = Shop()
    assert against(shop.tell(shop.paid(fen=999))) == "amount"
    shop.tell(SettleTrouble("finance", "called them"))
    assert against(shop.tell(shop.paid(fen=999))) == "amount", "the same again, after staff had looked"
    assert not shop.face.trouble
    shop.tell(shop.paid(fen=998))
    assert against(shop.tell(shop.paid())) == "", "this one is true, whatever is wrong with others"
    for wrong in ({"fen": 999}, {"currency": "USD"}, {"merchant": "1900009999"}, {"provider_ref": "43"}):
        assert against(shop.tell(shop.paid(**wrong))), wrong
    assert against(shop.tell(shop.paid())) == ""
    assert shop.settled == [(ONE, 750), (OTHER, 250)]


def test_another_sum_of_a_refund_that_is_done_is_not_believed_either() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    shop.back(400)
    assert against(shop.refunded(1, 400)) == ""
    assert against(shop.refunded(1, 500)) == "refund"
    assert shop.face.trouble == "refund"
    assert against(shop.refunded(1, 400)) == "", "what it said first is still true"
    assert len(shop.said(ME, PaymentRefunded)) == 1


def test_nothing_goes_back_of_what_never_came() -> None:
    shop = Shop()
    shop.back(1)
    assert not shop.asked
    assert [fact.left_fen for fact in shop.said(ME, RefundDeclined)] == [0]


def test_a_refund_of_another_sum_is_not_believed() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    shop.back(400)
    shop.refunded(1, 401)
    shop.refunded(1, 400, merchant="1900009999")
    assert not shop.said(ME, PaymentRefunded)
    assert shop.face.trouble == "refund"
    asked = len(shop.asked)
    shop.wait(shop.now + 60 * SECOND_US)
    assert isinstance(shop.asked[-1][1], QueryRefund), "it is asked about again"
    assert len(shop.asked) > asked
    answer = shop.refunded(9, 400)
    assert isinstance(answer, Refused)
    assert answer.code == "unknown_refund"


def test_the_same_false_sum_of_another_refund_is_another_trouble() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    for n in (1, 2):
        shop.back(100, n=n)
        shop.refunded(n, 500)
        assert shop.face.trouble == "refund"
        shop.tell(SettleTrouble("finance", "called them"))
    assert len(shop.said(ME, PaymentContradicted)) == 2


def test_a_refund_in_work_is_asked_about_and_one_that_failed_can_be_asked_for_again() -> None:
    shop = Shop()
    shop.tell(shop.paid())
    shop.back(400)
    shop.refunded(1, 400, state="processing")
    shop.wait(shop.now + 10 * SECOND_US)
    assert isinstance(shop.asked[-1][1], QueryRefund)
    shop.refunded(1, 400, state="failed", why="ABNORMAL")
    assert (shop.face.trouble, shop.face.refunding_fen) == ("refund_failed", 400)
    for _ in range(2):
        shop.tell(RetryRefund(1, "finance"))
    assert [request.refund for _, request in shop.asked if isinstance(request, RefundOrder)] == [f"{KEY}-1", f"{KEY}-2"]
    shop.refunded(2, 400)
    assert (shop.face.trouble, shop.face.refunded_fen, shop.face.refunding_fen) == ("", 400, 0)


words = st.one_of(
    st.builds(
        ProviderSaid,
        state=st.sampled_from(["absent", "unpaid", "paying", "paid", "closed", "failed"]),
        fen=st.sampled_from([999, 1000]),
        currency=st.sampled_from(["CNY", "USD"]),
        merchant=st.sampled_from([M, "other"]),
        provider_ref=st.sampled_from(["42", "43"]),
    ),
    st.builds(OrderCreated, merchant=st.just(M)),
    st.builds(CancelPayment, person=st.just("x")),
    st.builds(
        lambda n, fen: ReturnExcess(*ONE, KEY, n, fen, "x"), st.integers(1, 3), st.sampled_from([-1, 0, 300, 700, 1001])
    ),
    st.builds(
        lambda n, state, fen: RefundSaid(f"{KEY}-{n}", state, fen, "CNY", M),
        st.integers(0, 3),
        st.sampled_from(["absent", "processing", "done", "failed"]),
        st.sampled_from([300, 700]),
    ),
    st.builds(RetryRefund, n=st.integers(0, 3), person=st.just("x")),
    st.integers(1, 400),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=25))
def test_whatever_comes_in_whatever_order_money_comes_once_and_no_more_goes_back(said: list[Command | int]) -> None:
    shop = Shop(merchant=M)
    for word in said:
        if isinstance(word, int):
            shop.wait(shop.now + word * SECOND_US)
        else:
            shop.tell(word)
    succeeded = shop.said(ME, PaymentSucceeded)
    assert len(succeeded) <= 1
    assert shop.settled == ([(ONE, 750), (OTHER, 250)] if succeeded else [])
    went = shop.said(ME, PaymentRefunded)
    assert len({fact.n for fact in went}) == len(went)
    assert sum(fact.fen for fact in went) <= (1000 if succeeded else 0)
    assert shop.face.refunded_fen == sum(fact.fen for fact in went)
