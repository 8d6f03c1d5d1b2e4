"""Collectors and the sections they hold: one device, one holder, sums as money comes, cash that two people sign for."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages.collector import (
    AcceptCash,
    CashHandedOver,
    CloseShift,
    CollectorAnswer,
    CollectorFace,
    CollectorQuery,
    ComeOnline,
    GoOffline,
    OfferCash,
    OpenShift,
    Shift,
    ShiftClosed,
    ShiftOpened,
    Spot,
    StayOnline,
    Sum,
    TakingsAdded,
)
from actors.messages.forms import Command, Refused
from actors.messages.section import FreeSection, SectionHeld, SectionQuery, TakeSection
from actors.values import HOUR_US, MINUTE_US, Ref
from tests.actors.kinds.world import World

LI, WU = Ref("collector", "li"), Ref("collector", "wu")
LOT = Ref("lot", "7")
T0 = 1_780_272_000_000_000
SPOT = Spot(104.1, 30.6, "口岸路", "e1")
LEASE_US = 2 * HOUR_US
SHORT_US = MINUTE_US


@pytest.fixture
def world() -> World:
    world = World()
    world.wait(T0)
    return world


def come(world: World, who: Ref = LI, device: str = "p1") -> object:
    return world.say(who, ComeOnline(device, f"PDA {device}", who.key.title(), f"s-{device}", LEASE_US))


def take(world: World, who: Ref = LI, device: str = "p1", by: str = "", lot: Ref = LOT) -> object:
    asked = TakeSection(who.key, who.key.title(), device, f"PDA {device}", SHORT_US, by)
    return world.say(lot, asked)


def begin(world: World, who: Ref = LI, device: str = "p1", lots: tuple[str, ...] = ("7",)) -> Shift:
    come(world, who, device)
    for lot in lots:
        assert isinstance(take(world, who, device, lot=Ref("lot", lot)), SectionHeld)
    answer = world.say(who, OpenShift(device, lots, "north", SPOT, LEASE_US))
    assert isinstance(answer, CollectorAnswer), answer
    assert answer.face.shift
    return answer.face.shift


def face(world: World, who: Ref = LI) -> CollectorFace:
    answer = world.say(who, CollectorQuery())
    assert isinstance(answer, CollectorAnswer)
    return answer.face


def holder(world: World, lot: Ref = LOT) -> str:
    answer = world.say(lot, SectionQuery())
    assert isinstance(answer, SectionHeld)
    return answer.hold.collector if answer.hold else ""


def takes(world: World, fen: int, channel: str = "cash", shift: str = "li-1", who: Ref = LI) -> None:
    world.say(who, TakingsAdded("7/b1-1", "pay", channel, fen, world.now, shift))


# -- one device


def test_a_second_device_is_refused_by_the_name_of_the_first_which_stays(world: World) -> None:
    come(world)
    refused = come(world, device="p2")
    assert isinstance(refused, Refused)
    assert (refused.code, refused.details["device_name"]) == ("online_elsewhere", "PDA p1")
    assert isinstance(world.say(LI, StayOnline("p1", LEASE_US, LEASE_US)), CollectorAnswer)
    assert isinstance(come(world), CollectorAnswer), "the same device may sign in again"


def test_a_device_that_was_not_heard_for_its_lease_gives_way(world: World) -> None:
    begin(world)
    world.wait(T0 + LEASE_US - 1)
    assert isinstance(come(world, device="p2"), Refused)
    world.wait(T0 + LEASE_US)
    assert isinstance(come(world, device="p2"), CollectorAnswer)
    assert face(world).shift is not None, "the shift goes on, on the new device"
    refused = world.say(LI, StayOnline("p1", LEASE_US, LEASE_US))
    assert isinstance(refused, Refused)
    assert refused.code == "online_elsewhere"


def test_a_device_that_is_heard_keeps_its_lease_and_its_sections(world: World) -> None:
    begin(world)
    for hour in range(1, 9):
        world.wait(T0 + hour * HOUR_US)
        world.say(LI, StayOnline("p1", LEASE_US, LEASE_US))
    assert isinstance(come(world, device="p2"), Refused)
    assert isinstance(take(world, WU), Refused)


def test_signing_out_of_the_device_lets_another_in(world: World) -> None:
    come(world)
    world.say(LI, GoOffline("p2"))
    assert isinstance(come(world, device="p2"), Refused), "it is not p2's to give up"
    world.say(LI, GoOffline("p1"))
    assert isinstance(come(world, device="p2"), CollectorAnswer)


# -- one holder of a section


@pytest.mark.parametrize("order", list(permutations(["li", "wu", "zhao"])))
def test_of_several_who_want_a_section_exactly_one_gets_it(world: World, order: tuple[str, ...]) -> None:
    said = [take(world, Ref("collector", who), f"p-{who}") for who in order]
    assert [type(each) for each in said] == [SectionHeld, Refused, Refused]
    for refused in said[1:]:
        assert isinstance(refused, Refused)
        assert (refused.code, refused.details["holder"], refused.details["name"]) == (
            "section_taken",
            order[0],
            order[0].title(),
        )


def test_a_hold_whose_shift_never_opened_is_over_soon(world: World) -> None:
    take(world)
    world.wait(T0 + SHORT_US - 1)
    assert isinstance(take(world, WU, "p2"), Refused)
    world.wait(T0 + SHORT_US)
    assert isinstance(take(world, WU, "p2"), SectionHeld)


def test_an_open_shift_holds_its_sections_and_ending_it_frees_them(world: World) -> None:
    begin(world, lots=("7", "8"))
    world.wait(T0 + HOUR_US)
    assert [holder(world, Ref("lot", lot)) for lot in "78"] == ["li", "li"]
    world.say(LI, CloseShift("p1", SPOT))
    assert [holder(world, Ref("lot", lot)) for lot in "78"] == ["", ""]


def test_whoever_opens_a_shift_after_the_hold_has_passed_on_hears_that_it_is_gone(world: World) -> None:
    come(world)
    take(world)
    world.wait(T0 + SHORT_US)
    begin(world, WU, "p2")
    world.say(LI, OpenShift("p1", ("7",), "north", SPOT, LEASE_US))
    shift = face(world).shift
    assert shift is not None
    assert (holder(world), shift.lots) == ("wu", ())


def test_a_supervisor_takes_a_section_over_and_the_loser_hears(world: World) -> None:
    begin(world, lots=("7", "8"))
    assert isinstance(take(world, WU, "p2"), Refused)
    assert isinstance(take(world, WU, "p2", by="chief"), SectionHeld)
    shift = face(world).shift
    assert shift is not None
    assert (holder(world), shift.lots) == ("wu", ("8",))
    world.say(LI, StayOnline("p1", LEASE_US, LEASE_US))
    assert holder(world) == "wu", "who lost it does not take it back by being there"


def test_giving_back_a_hold_does_not_end_an_open_shifts_hold(world: World) -> None:
    begin(world)
    world.say(LOT, FreeSection("li", ""))
    assert holder(world) == "li"
    world.say(LOT, FreeSection("", "", by="chief"))
    shift = face(world).shift
    assert shift is not None
    assert (holder(world), shift.lots) == ("", ())


# -- shifts and money


def test_a_shift_needs_a_device_and_is_opened_once(world: World) -> None:
    refused = world.say(LI, OpenShift("p1", ("7",), "north", SPOT, LEASE_US))
    assert isinstance(refused, Refused)
    assert refused.code == "not_online"
    first = begin(world)
    again = world.say(LI, OpenShift("p1", ("7",), "north", SPOT, LEASE_US))
    assert isinstance(again, CollectorAnswer)
    assert again.face.shift == first
    other = world.say(LI, OpenShift("p1", ("8",), "north", SPOT, LEASE_US))
    assert isinstance(other, Refused)
    assert (other.code, other.details["shift"]) == ("shift_open", "li-1")
    assert len(world.said(LI, ShiftOpened)) == 1


def test_a_days_orders_are_summed_as_they_come_and_ending_the_shift_is_one_turn(world: World) -> None:
    begin(world)
    for n in range(400):
        takes(world, 100 + n, "card" if n % 4 == 0 else "cash")
    takes(world, -100)
    facts = len(world.facts[LI])
    answer = world.say(LI, CloseShift("p1", SPOT))
    assert isinstance(answer, CollectorAnswer)
    assert len(world.facts[LI]) == facts + 1
    card = sum(100 + n for n in range(0, 400, 4))
    whole = sum(100 + n for n in range(400))
    (closed,) = world.said(LI, ShiftClosed)
    assert closed.shift.takings == (Sum("card", 100, card), Sum("cash", 300, whole - card - 100))
    assert (closed.shift.opened_at, closed.shift.closed_us) == (SPOT, world.now)


@given(st.lists(st.tuples(st.sampled_from(["cash", "card"]), st.integers(1, 10_000), st.booleans())))
def test_shifts_add_up_to_all_that_was_taken(taken: list[tuple[str, int, bool]]) -> None:
    world = World()
    world.wait(T0)
    n = 1
    begin(world)
    for channel, fen, change in taken:
        takes(world, fen, channel, f"li-{n}")
        if change:
            world.say(LI, CloseShift("p1", SPOT))
            begin(world)
            n += 1
    sums = [each for shift in face(world).shifts for each in shift.takings]
    if n <= 32:
        assert sum(each.fen for each in sums) == sum(fen for _, fen, _ in taken)
        assert sum(each.n for each in sums) == len(taken)
    assert face(world).cash_fen == sum(fen for channel, fen, _ in taken if channel == "cash")


def test_what_comes_after_its_shift_is_counted_there_as_late(world: World) -> None:
    begin(world)
    world.say(LI, CloseShift("p1", SPOT))
    begin(world)
    takes(world, 500, shift="li-1")
    first, second = face(world).shifts
    assert (first.takings, second.takings) == ((Sum("cash", 1, 500),), ())


def test_a_supervisor_ends_a_shift_and_the_device_may_not_go_on(world: World) -> None:
    begin(world)
    answer = world.say(LI, CloseShift("", Spot(), by="chief", why="went home"))
    assert isinstance(answer, CollectorAnswer)
    (closed,) = world.said(LI, ShiftClosed)
    assert (closed.shift.by, closed.shift.why) == ("chief", "went home")
    assert holder(world) == ""
    for command in (StayOnline("p1", LEASE_US, LEASE_US), OpenShift("p1", ("7",), "north", SPOT, LEASE_US)):
        refused = world.say(LI, command)
        assert isinstance(refused, Refused)
        assert refused.code == "not_online"


def code(answer: object) -> str:
    return answer.code if isinstance(answer, Refused) else ""


def test_cash_is_handed_over_when_both_counted_the_same(world: World) -> None:
    begin(world)
    takes(world, 1_000)
    takes(world, 700, "card")
    assert code(world.say(LI, AcceptCash(1_000, "cashier"))) == "no_offer"
    world.say(LI, OfferCash(950))
    takes(world, 300)  # taken after the count: still in hand afterwards
    assert code(world.say(LI, AcceptCash(1_000, "cashier"))) == "count_differs"
    assert code(world.say(LI, AcceptCash(950, "li"))) == "own_signature"
    world.say(LI, AcceptCash(950, "cashier"))
    (over,) = world.said(LI, CashHandedOver)
    assert (over.counted_fen, over.expected_fen, over.by, over.operator) == (950, 1_000, "cashier", "north")
    assert face(world).cash_fen == 300
    assert code(world.say(LI, AcceptCash(950, "cashier"))) == "no_offer"


def test_a_session_tells_the_collector_what_was_taken(world: World) -> None:
    said: Command = TakingsAdded("7/b1-1", "pay", "cash", 250, T0, "")
    world.say(LI, said)
    assert face(world).cash_fen == 250, "also of somebody who never signed in"
