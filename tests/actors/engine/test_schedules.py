"""The engine's promises under random schedules with faults: every invariant, at every step or at the end."""

from collections import Counter
from collections.abc import Callable
from itertools import takewhile

import pytest

from tests.actors.engine.world.mutations import MUTATIONS, Mutation
from tests.actors.engine.world.schedule import broken, run
from tests.actors.engine.world.truth import Violation

SUITE = 300
SOAK = 10_000
BLOCK = 50
FOUND_BY = (33, 38, 31, 12, 6, 8)
"""Schedules that met what few others meet, tried first; which they are changes with what a schedule draws."""
SEEN = (
    *(
        "turns",
        "parked",
        "near",
        "far",
        "wakes",
        "snapshots",
        "left",
        "returned",
        "gone",
        "outside",
        "outside_again",
        "exits",
        "faults",
        "lost",
    ),
    *("done", "done repeat", "done late", "moved", "gap", "busy", "again"),
)


@pytest.mark.parametrize("first", range(0, SUITE, BLOCK))
def test_no_schedule_breaks_an_invariant(first: int) -> None:
    """Cells, gateways, screens and the store fail, and nothing is lost, doubled, reordered or shown too early."""
    for seed in range(first, first + BLOCK):
        why = broken(seed)
        assert not why, why


def test_the_schedules_see_all_that_can_happen() -> None:
    """Every kind of answer, fault, message and recovery occurs within a few schedules."""
    seen: Counter[str] = Counter()
    for seed in range(1_000, 1_020):
        seen += run(seed)
    assert not [what for what in SEEN if not seen[what]]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: f"{m.row}-{m.name.replace(' ', '-')}")
def test_a_missing_safeguard_is_seen(mutation: Mutation) -> None:
    """Some schedule of 300 breaks an invariant when one safeguard is removed: the checker is not blind."""
    with mutation.broken():
        assert any(breaks(seed) for seed in (*FOUND_BY, *range(SUITE)))


def breaks(seed: int) -> bool:
    """Whether a schedule breaks an invariant; a mere crash of what is broken anyway proves nothing."""
    try:
        run(seed)
    except Violation:
        return True
    except Exception:
        return False
    return False


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_no_schedule_of_ten_thousand_breaks_an_invariant(
    capsys: pytest.CaptureFixture[str], soaking: Callable[[], bool]
) -> None:
    """The same, over all the seeds that are run before a release."""
    for seed in takewhile(lambda _: soaking(), range(SOAK)):
        why = broken(seed)
        assert not why, why
        if seed % 500 == 499:
            with capsys.disabled():
                print(f"  {seed + 1} of {SOAK} schedules")
