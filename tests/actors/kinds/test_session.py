"""A stay from arrival to the last fen: bay and session together, the vehicle's and the account's words told by hand."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages.account import CouponSpent
from actors.messages.bay import ReportExit, ReportPlate, SessionAt, Sighted
from actors.messages.forms import Command, Refused
from actors.messages.money import ReturnExcess, Settle
from actors.messages.session import (
    AddEvidence,
    Charging,
    Covered,
    FlagSession,
    NotePlate,
    OpenBill,
    PayByHand,
    RefundPart,
    ResumeSession,
    SessionQuery,
    SightAgain,
    Standing,
    VoidSession,
    Waive,
    WriteOff,
)
from actors.messages.session_facts import ArrearsMoved, Priced, Received, Reminded, Returned, SessionOpened, WrittenOff
from actors.messages.session_shown import BillOpened, PlateTaken, SessionAnswer, SessionPaid
from actors.messages.vehicle import ArrearsOwed
from actors.tariffs.quote import Quote
from actors.values import DAY_US, MINUTE_US, Ref
from storage.ledger.booking import BOOKED, book, sums
from tests.actors.kinds.world import World

BAY, STAY = Ref("bay", "7/b1"), Ref("session", "7/b1-1")
T0 = 1_780_272_000_000_000
"""2026-06-01, 08:00 in Shanghai."""
PLATE = "京A12345"
TARIFF = {
    "name": {"zh": "甲", "en": "A"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
    "free": [{"minutes": 15}],
    "exit_grace_minutes": 15,
}
"""2.50 for each begun half hour; a quarter of an hour is free."""


def street(mode: str = "sensor_pda", **rules: object) -> World:
    world = World()
    world.refer("rules/7", {"mode": mode, "operator": "north", **rules})
    world.refer("tariff/a", TARIFF)
    world.refer("tariff-of/7", {"tariff": "a"})
    return world


def see(world: World, occupied: bool, minute: float) -> None:
    at_us = T0 + int(minute * MINUTE_US)
    world.say(BAY, Sighted("d", occupied, at_us, at_us), at=at_us)


def plate(world: World, minute: float, text: str = PLATE, pct: int = 100, person: str = "c1") -> object:
    at_us = T0 + int(minute * MINUTE_US)
    return world.say(BAY, ReportPlate(text, "blue", "pda", "p1", pct, at_us, person), at=at_us)


def stay(world: World, minutes: float) -> World:
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    see(world, False, minutes)
    return world


def hand(world: World, payment: str, fen: int, minute: float, offline: bool = False) -> object:
    at_us = T0 + int(minute * MINUTE_US)
    return world.say(STAY, PayByHand(payment, "cash", fen, "c1", "s1", at_us, offline), at=at_us)


def asked(world: World, minute: float = 0) -> SessionAnswer:
    answer = world.say(STAY, SessionQuery(T0 + int(minute * MINUTE_US) if minute else 0))
    assert isinstance(answer, SessionAnswer)
    return answer


def balance(world: World) -> int:
    """What the facts alone say is owed: charged - off - received + returned - given up."""
    facts = world.facts[STAY]
    charged = sum(f.more_fen - sum(o.fen for o in f.more_off) for f in facts if isinstance(f, Priced))
    came = sum(f.fen - f.excess_fen for f in facts if isinstance(f, Received))
    went = sum(f.fen - f.excess_fen for f in facts if isinstance(f, Returned))
    return charged - came + went - sum(f.fen for f in facts if isinstance(f, WrittenOff))


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
    world.say(STAY, _note("京B00001"))
    world.wait(T0 + 300 * MINUTE_US)
    owed = [(ref.key, message.fen) for ref, message in world.sent if isinstance(message, ArrearsOwed)]
    assert owed == [(PLATE, 500), (PLATE, 0), ("京B00001", 500)]


def _note(text: str) -> NotePlate:
    return NotePlate(text, "blue", "staff", "", 100, T0, "s1")


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


def test_a_coupon_that_leaves_nothing_pays_the_stay_and_stays_used() -> None:
    world = stay(street(), 40)
    terms = msgspec.msgpack.encode([{"id": "k1", "kind": "full"}])
    opened = world.say(STAY, OpenBill("p1", "wallet", "a1", terms))
    assert isinstance(opened, BillOpened)
    assert opened.bill.due_fen == 0
    assert (asked(world).face.state, asked(world).due_fen, asked(world).bill) == ("free", 0, None)
    spent = [(ref, said.coupon, said.fen) for ref, said in world.sent if isinstance(said, CouponSpent)]
    assert spent == [(Ref("account", "a1"), "k1", 500)]


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
    assert isinstance(world.say(STAY, _note("京A12345")), PlateTaken)


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
