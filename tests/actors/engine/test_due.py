"""When slots get their snapshots: often enough, and not all in one second."""

from collections import Counter

from actors.engine.due import SNAPSHOT_BYTES, SNAPSHOT_PAGES, WEIGHTS, Due, earliness
from actors.engine.slot import Slot
from actors.values import SHARED_SLOTS
from tests.actors.engine.world.toys import TOYS

A_PAGE = 2_600
"""Of a busy city: some pages a second for each slot."""


def _filled(size: int) -> Counter[int]:
    """How many slots are due after so many pages of this size, all slots coming equally far."""
    due = Due()
    slots = [Slot(number, TOYS.thaw) for number in range(SHARED_SLOTS)]
    after: Counter[int] = Counter()
    for count in range(1, SNAPSHOT_PAGES + 1):
        for slot in slots:
            if not due.waits(slot.number):
                due.grown(slot, size)
                if due.waits(slot.number):
                    after[count] += 1
    return after


def test_a_city_whose_slots_come_equally_far_never_has_many_due_at_once() -> None:
    after = _filled(A_PAGE)
    assert sum(after.values()) == SHARED_SLOTS
    assert max(after.values()) <= SHARED_SLOTS / 20
    assert min(after) * A_PAGE >= SNAPSHOT_BYTES / 2
    assert max(after) * A_PAGE < SNAPSHOT_BYTES + A_PAGE


def test_a_slot_that_weighs_much_may_have_pages_that_weigh_more() -> None:
    slot, due = Slot(0, TOYS.thaw), Due()
    slot.weight = SNAPSHOT_BYTES
    least = int(earliness(0) * WEIGHTS * SNAPSHOT_BYTES)
    due.grown(slot, least - 1)
    assert not due.waits(0)
    due.grown(slot, 1)
    assert due.waits(0)


def test_pages_that_weigh_nothing_are_counted() -> None:
    after = _filled(1)
    assert sum(after.values()) == SHARED_SLOTS
    assert (min(after), max(after)) == (SNAPSHOT_PAGES // 2, SNAPSHOT_PAGES)
