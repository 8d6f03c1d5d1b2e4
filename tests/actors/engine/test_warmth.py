"""Which of a process's actors are objects: never more than may be, those that are heard of again before others."""

from itertools import pairwise

from actors.engine.slot import Slot
from actors.engine.warmth import HEAVY_BYTES, Warmth
from tests.actors.engine.world.toys import TOYS, account

NEW = 3
NEVER = 1_000_000
"""`one_in`: whoever is not heard of again is never kept by mere chance."""


def hear(warmth: Warmth, slot: Slot, *numbers: int) -> None:
    """A commit in which these of a slot's accounts are heard of, in this order."""
    for n in numbers:
        slot.roll.join(account(f"lot-{slot.number}", f"a{n}"))
    warmth.heard(slot)
    warmth.settle()


def objects(slot: Slot) -> set[int]:
    """The numbers of those that are objects."""
    return {n for n in range(1_000) if is_object(slot, n)}


def is_object(slot: Slot, n: int) -> bool:
    """Whether it is one; looking does not make it one."""
    ref = account(f"lot-{slot.number}", f"a{n}")
    return slot.roll.peek(ref) is not None and slot.roll.peek(ref) is slot.roll.peek(ref)


def account_slot(number: int = 0, members: int = 0) -> Slot:
    """A slot with so many accounts, none of which was heard of lately."""
    slot = Slot(number, TOYS.thaw)
    for n in range(members):
        slot.roll.join(account(f"lot-{number}", f"a{n}")).actor = TOYS.new(account("x", "y"))
    slot.roll.rest(slot.roll.came())
    return slot


def test_a_small_city_is_objects_altogether() -> None:
    slot, warmth = account_slot(members=20), Warmth(20, NEW)
    for n in range(20):
        hear(warmth, slot, n)
    assert objects(slot) == set(range(20))


def test_where_all_places_are_taken_who_comes_once_goes_soon_and_who_comes_again_stays() -> None:
    slot, warmth = account_slot(members=100), Warmth(5, NEW, NEVER)
    hear(warmth, slot, *range(5))
    for n in range(10, 60):
        hear(warmth, slot, n)
    assert objects(slot) == {*range(5), 57, 58, 59}
    hear(warmth, slot, 0, 58)  # 0 is kept, and heard of again; 58 is new, and heard of again
    for n in range(60, 90):
        hear(warmth, slot, n)
    assert objects(slot) == {0, *range(2, 5), 58, 87, 88, 89}


def test_who_comes_again_though_late_is_found_among_the_kept_before_long() -> None:
    """A round of thirty is too long for the new ones to come again in time; half of the kept are never heard of."""
    slot, warmth = account_slot(members=200), Warmth(40, NEW, 4)
    hear(warmth, slot, *range(100, 140))
    for _ in range(20):
        for n in range(30):
            hear(warmth, slot, n)
    assert set(range(30)) <= objects(slot)
    assert len(objects(slot)) <= 40 + NEW


def test_who_is_told_something_all_the_time_stays_the_same_object_while_others_come_and_go() -> None:
    slot, warmth = account_slot(members=300), Warmth(4, NEW)
    hear(warmth, slot, 1, 2, 3, 4)
    hear(warmth, slot, 0)
    hear(warmth, slot, 0)
    always = slot.roll.of(account("lot-0", "a0"))
    for n in range(5, 300):
        hear(warmth, slot, n, 0)
        hear(warmth, slot, n)  # each comes twice, so it is kept instead of another
    assert slot.roll.of(account("lot-0", "a0")) is always
    assert len(objects(slot)) <= 4 + NEW


def test_a_slot_that_went_away_counts_no_more() -> None:
    gone, stays, warmth = account_slot(0, 50), account_slot(1, 50), Warmth(4, NEW, NEVER)
    for n in range(8):
        hear(warmth, gone, n)
    assert len(objects(gone)) == 4 + NEW
    warmth.forget(0)
    hear(warmth, stays, *range(4))
    for n in range(10, 30):
        hear(warmth, stays, n)
    assert objects(stays) == {*range(4), 27, 28, 29}


def test_a_slot_that_was_folded_anew_is_another_and_may_be_shorter() -> None:
    warmth = Warmth(4, NEW, NEVER)
    hear(warmth, account_slot(0, 50), *range(8))
    warmth.forget(0)
    anew = account_slot(0, 6)
    hear(warmth, anew, 0, 1, 2, 3)
    for n in (4, 5, 4, 5, 4, 5):
        hear(warmth, anew, n)
    assert objects(anew) == set(range(6))
    hear(warmth, account_slot(1, 50), *range(40))
    assert len(objects(anew)) <= 4


def test_of_many_who_come_at_a_time_the_last_ones_are_new_the_longest() -> None:
    slot, warmth = account_slot(members=100), Warmth(5, NEW, NEVER)
    hear(warmth, slot, *range(20))
    assert objects(slot) == {*range(5), 17, 18, 19}
    hear(warmth, slot, 30)
    assert objects(slot) == {*range(5), 18, 19, 30}


def test_chance_keeps_one_in_so_many_of_all_however_many_come_at_a_time() -> None:
    for at_a_time in (1, 2, 7, 30):
        slot, warmth = account_slot(members=700), Warmth(300, NEW, 3)
        hear(warmth, slot, *range(300))
        for first in range(300, 660, at_a_time):
            hear(warmth, slot, *range(first, min(first + at_a_time, 660)))
        kept = sorted(n for n in objects(slot) if 300 <= n < 657)
        assert [second - first for first, second in pairwise(kept)] == [3] * (len(kept) - 1)
        assert len(kept) in (118, 119)


def test_who_is_many_bytes_is_kept_although_nobody_hears_of_him_again() -> None:
    slot, warmth = account_slot(members=100), Warmth(5, NEW, NEVER)
    hear(warmth, slot, *range(5))
    slot.roll.join(account("lot-0", "a50")).wakes = tuple(range(HEAVY_BYTES))
    hear(warmth, slot, 50)
    for n in range(10, 40):
        hear(warmth, slot, n)
    assert is_object(slot, 50)
    assert len(objects(slot)) == 5 + NEW
