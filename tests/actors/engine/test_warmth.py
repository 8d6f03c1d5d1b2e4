"""How many of a process's actors are objects: never more than may be, and those of the slots lately heard of."""

from actors.engine.slot import Slot
from actors.engine.warmth import Warmth
from tests.actors.engine.bench import account
from tests.actors.engine.world.toys import TOYS


def hear(warmth: Warmth, slot: Slot, *numbers: int) -> None:
    """These of a slot's accounts are heard of, in this order."""
    for n in numbers:
        slot.roll.join(account(f"lot-{slot.number}", f"a{n}"))
    warmth.heard(slot)


def test_who_was_not_heard_of_for_longest_is_bytes_first() -> None:
    slots, warmth = {n: Slot(n, TOYS.thaw) for n in range(3)}, Warmth(5)
    for slot in slots.values():
        hear(warmth, slot, 1, 2)
        warmth.settle(slots)
    assert [slot.roll.hot for slot in slots.values()] == [1, 2, 2]
    hear(warmth, slots[0], 1, 2, 3)
    warmth.settle(slots)
    assert [slot.roll.hot for slot in slots.values()] == [3, 1, 1]  # half of a slot at a time
    assert len(slots[1].roll) == 2


def test_who_is_told_something_all_the_time_stays_an_object_while_others_come_and_go() -> None:
    slot, warmth = Slot(0, TOYS.thaw), Warmth(10)
    always = account("lot-0", "a0")
    hear(warmth, slot, 0)
    object_then = slot.roll.of(always)
    for n in range(1, 200):
        hear(warmth, slot, n, 0)
        warmth.settle({0: slot})
    assert slot.roll.of(always) is object_then
    assert slot.roll.hot == 10


def test_slots_that_nobody_hears_of_any_more_become_bytes_wholly() -> None:
    slots, warmth = {n: Slot(n, TOYS.thaw) for n in range(2)}, Warmth(8)
    hear(warmth, slots[0], *range(8))
    for n in range(8):
        hear(warmth, slots[1], n)
        warmth.settle(slots)
    hear(warmth, slots[1], *range(8))
    warmth.settle(slots)
    assert [slot.roll.hot for slot in slots.values()] == [0, 8]


def test_one_slot_may_have_them_all_and_a_slot_that_went_away_counts_no_more() -> None:
    slots, warmth = {n: Slot(n, TOYS.thaw) for n in range(2)}, Warmth(4)
    hear(warmth, slots[0], *range(9))
    warmth.settle(slots)
    assert slots[0].roll.hot == 4
    del slots[0]
    hear(warmth, slots[1], *range(4))
    warmth.settle(slots)
    assert slots[1].roll.hot == 4
