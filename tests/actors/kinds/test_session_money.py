"""What a stay costs and how it is paid; whatever happens, its facts balance."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages.account import CouponSpent
from actors.messages.bay import ReportExit, Sighted
from actors.messages.forms import Command, Refused
from actors.messages.money import ReturnExcess, Settle
from actors.messages.session import (
    Covered,
    OpenBill,
    RefundPart,
    ResumeSession,
    Standing,
    Waive,
)
from actors.messages.session_facts import ArrearsMoved, Received, Reminded, Returned
from actors.messages.session_shown import BillOpened, SessionPaid
from actors.messages.vehicle import ArrearsOwed
from actors.tariffs.quote import Quote
from actors.values import DAY_US, MINUTE_US, Ref
from storage.ledger.booking import BOOKED, book, sums
from tests.actors.kinds.one_bay import (
    BAY,
    PLATE,
    STAY,
    T0,
    TARIFF,
    asked,
    balance,
    hand,
    plate,
    see,
    stay,
    street,
)


def test_the_quote_with_its_lines_is_stored_at_the_exit() -> None:
    world = stay(street(), 70)
    kept = msgspec.msgpack.decode(asked(world).quote, type=Quote)
    assert sum(line.amount_fen for line in kept.lines) == asked(world).charge_fen == 750


def test_a_short_stay_is_free() -> None:
    assert asked(stay(street(), 15)).face.state == "free"


def test_unpaid_becomes_arrears_and_is_reminded_of() -> None:
    world = stay(street(), 40)
    assert asked(world).face.state == "unpaid"
    world.wait(T0 + 8 * DAY_US)
    assert asked(world).face.state == "arrears"
    assert [fact.fen for fact in world.said(STAY, ArrearsMoved)] == [500]
    assert [fact.n for fact in world.said(STAY, Reminded)] == [1, 2, 3]
    hand(world, "p1", 500, 9 * 24 * 60)
    assert asked(world).face.state == "paid"
    owed = [message.fen for _, message in world.sent if isinstance(message, ArrearsOwed)]
    assert owed == [500, 0]


def test_of_two_who_pay_by_hand_one_is_told_that_nothing_is_due() -> None:
    world = stay(street(), 40)
    assert isinstance(hand(world, "p1", 500, 41), SessionPaid)
    second = hand(world, "p2", 500, 41)
    assert isinstance(second, Refused)
    assert second.code == "nothing_due"
    assert isinstance(hand(world, "p1", 500, 42), SessionPaid)
    assert len(world.said(STAY, Received)) == 1


def test_a_held_price_keeps_others_out_until_it_expires() -> None:
    world = stay(street(), 40)
    first = world.say(STAY, OpenBill("p1", "wechat"))
    assert isinstance(first, BillOpened)
    refused = world.say(STAY, OpenBill("p2", "wallet", "a1"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.details["payment"]) == ("bill_taken", "p1")
    world.wait(T0 + 50 * MINUTE_US)
    assert isinstance(world.say(STAY, OpenBill("p2", "wallet", "a1")), BillOpened)


def test_money_that_comes_twice_goes_back_where_it_came_from() -> None:
    world = stay(street(), 40)
    world.say(STAY, OpenBill("p1", "wechat"))
    world.say(STAY, Settle("p1", "wechat", 500, T0 + 41 * MINUTE_US))
    hand(world, "p2", 500, 42, offline=True)
    back = [(ref.kind, message.fen) for ref, message in world.sent if isinstance(message, ReturnExcess)]
    assert back == [("vehicle", 500)]
    world.say(STAY, Settle("p3", "wechat", 500, T0 + 43 * MINUTE_US))
    back = [(ref, message.fen) for ref, message in world.sent if isinstance(message, ReturnExcess)]
    assert back[1:] == [(Ref("payment", "p3"), 500)]
    assert balance(world) == asked(world).face.due_fen == 0


@pytest.mark.parametrize(("leaves", "more"), [(55, 0), (60, 0), (75.01, 250)])
def test_after_a_prepayment_leaving_in_time_costs_nothing_more(leaves: float, more: int) -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1)
    hand(world, "p1", 500, 40)  # two half hours: until minute 60
    assert asked(world, 50).face.state == "prepaid"
    see(world, False, leaves)
    assert asked(world).due_fen == more


def test_a_payment_and_an_exit_at_once_charge_once() -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1)
    world.wait(T0 + 59 * MINUTE_US)
    world.say(STAY, OpenBill("p1", "wechat"))
    see(world, False, 61)
    world.say(STAY, Settle("p1", "wechat", 500, T0 + 59 * MINUTE_US))
    assert (asked(world).face.state, balance(world)) == ("paid", 0)


@pytest.mark.parametrize("held", [False, True])
def test_who_had_left_before_he_paid_pays_for_his_stay_only(held: bool) -> None:
    world = street()
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    world.wait(T0 + 40 * MINUTE_US)
    world.say(STAY, OpenBill("p1", "wechat"))
    pay = Settle("p1", "wechat", 500, T0 + 41 * MINUTE_US)
    left = Sighted("d", False, T0 + 25 * MINUTE_US, T0 + 42 * MINUTE_US)  # a frame that comes late
    for ref, said in [(BAY, left), (STAY, pay)] if held else [(STAY, pay), (BAY, left)]:
        world.say(ref, said)
    assert asked(world).charge_fen == 250
    back = [(ref, said.fen) for ref, said in world.sent if isinstance(said, ReturnExcess)]
    assert back == [(Ref("payment", "p1"), 250)]
    assert (asked(world).due_fen, balance(world)) == (0, 0)


def test_a_vehicle_on_a_free_list_owes_nothing_and_the_quote_says_why() -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1)
    world.say(STAY, Standing(PLATE, "white", "w1", (), "", False, 0, 0))
    see(world, False, 70)
    answer = asked(world)
    assert (answer.charge_fen, answer.due_fen, answer.face.off_fen) == (750, 0, 750)
    assert msgspec.msgpack.decode(answer.quote, type=Quote).offsets[0].id == "white: w1"


def test_a_pass_covers_its_time() -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1)
    world.say(STAY, Standing(PLATE, "", "", ("m1",), "", False, 0, 0))
    world.say(STAY, Covered("m1", T0, T0 + 60 * MINUTE_US))
    see(world, False, 95)
    assert asked(world).charge_fen == 500  # minutes 60 to 95


def test_a_refund_is_made_once_and_never_above_what_was_paid() -> None:
    world = stay(street(), 40)
    hand(world, "p1", 500, 41)
    world.say(STAY, RefundPart("p1", 300, "appeal", "s1", "k1"))
    world.say(STAY, RefundPart("p1", 300, "appeal", "s1", "k1"))
    refused = world.say(STAY, RefundPart("p1", 300, "appeal", "s1", "k2"))
    assert isinstance(refused, Refused)
    assert refused.details == {"left_fen": "200"}
    assert [fact.fen for fact in world.said(STAY, Returned)] == [300]
    assert balance(world) == asked(world).face.due_fen == 0


def test_what_is_refunded_of_recovered_arrears_is_not_recovered_and_other_money_goes_back_first() -> None:
    world = stay(street(), 40)
    hand(world, "p1", 200, 41)  # 3.00 become arrears
    world.wait(T0 + 2 * DAY_US)
    hand(world, "p2", 300, 49 * 60)
    for n, (payment, fen) in enumerate([("p1", 200), ("p2", 100), ("p2", 200)]):
        world.say(STAY, RefundPart(payment, fen, "appeal", "s1", f"k{n}"))
    assert [fact.arrears_fen for fact in world.said(STAY, Received)] == [0, 300]
    assert [fact.arrears_fen for fact in world.said(STAY, Returned)] == [0, 100, 200]
    mixed = stay(street(), 40)
    mixed.wait(T0 + 2 * DAY_US)
    hand(mixed, "p1", 600, 49 * 60, offline=True)  # 5.00 of arrears, 1.00 that nobody owed goes back as credit
    mixed.say(STAY, RefundPart("p1", 200, "appeal", "s1", "k"))
    assert [fact.arrears_fen for fact in mixed.said(STAY, Returned)] == [0, 200]


def test_a_coupon_that_leaves_nothing_pays_the_stay_and_stays_used() -> None:
    world = stay(street(), 40)
    terms = msgspec.msgpack.encode([{"id": "k1", "kind": "full"}])
    opened = world.say(STAY, OpenBill("p1", "wallet", "a1", terms))
    assert isinstance(opened, BillOpened)
    assert opened.bill.due_fen == 0
    assert (asked(world).face.state, asked(world).due_fen, asked(world).bill) == ("free", 0, None)
    spent = [(ref, said.coupon, said.fen) for ref, said in world.sent if isinstance(said, CouponSpent)]
    assert spent == [(Ref("account", "a1"), "k1", 500)]


STEPS = st.lists(
    st.tuples(st.sampled_from(["hand", "offline", "bill", "settle", "refund", "waive", "resume", "leave", "wait"]),
              st.integers(1, 900)), max_size=14)  # fmt: skip


@given(STEPS)
def test_whatever_happens_the_facts_balance_and_nothing_is_paid_twice(steps: list[tuple[str, int]]) -> None:
    world = street()
    see(world, True, 0)
    plate(world, 1)
    minute = 2.0
    for n, (step, size) in enumerate(steps):
        minute += size / 10
        at_us = T0 + int(minute * MINUTE_US)
        world.wait(at_us)
        if step in ("hand", "offline"):
            hand(world, f"p{n}", size, minute, step == "offline")
        elif step == "leave":
            world.say(BAY, ReportExit(at_us, "pda", "p", "c1"))
        elif step != "wait":
            world.say(STAY, _step(step, n, size, at_us))
    face = asked(world).face
    assert balance(world) == face.due_fen
    books = sums(entry for fact in world.facts[STAY] if type(fact) in BOOKED and (entry := book(STAY, 0, fact)))
    assert books.get("receivable", 0) + books.get("arrears", 0) == face.due_fen
    assert sum(books.values()) == 0
    taken = sum(f.fen - f.excess_fen for f in world.said(STAY, Received))
    assert sum(f.fen - f.excess_fen for f in world.said(STAY, Returned)) <= taken
    assert sum(f.fen for f in world.said(STAY, ArrearsMoved)) >= 0
    recovered = sum(f.arrears_fen for f in world.said(STAY, Received))
    kept = recovered - sum(f.arrears_fen for f in world.said(STAY, Returned))
    assert 0 <= kept <= face.received_fen
    assert face.exit_us is None or face.due_fen >= 0


def _step(step: str, n: int, size: int, at_us: int) -> Command:
    said: dict[str, Command] = {
        "bill": OpenBill(f"p{n}", "wechat"),
        "settle": Settle(f"p{n - 1}", "wechat", size, at_us),
        "refund": RefundPart(f"p{n - 1}", size, "why", "s1", f"k{n}"),
        "waive": Waive(size, "why", "s1"),
        "resume": ResumeSession("why", "s1"),
    }
    return said[step]


def test_a_stay_that_is_over_costs_what_was_shown_whatever_is_published_afterwards() -> None:
    world = street()
    world.refer("tariff/a", {**TARIFF, "on_change": "cut"})
    stay(world, 40)
    dearer = [{"name": "all", "stages": [{"unit_minutes": 30, "price_fen": 9_000}]}]
    world.refer("tariff/a", {**TARIFF, "on_change": "cut", "periods": dearer}, T0 + 10 * MINUTE_US)
    assert asked(world).due_fen == 500
    assert isinstance(hand(world, "p1", 500, 41), SessionPaid)
    assert asked(world).face.state == "paid"
