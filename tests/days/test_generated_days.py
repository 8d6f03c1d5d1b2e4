"""Generated days with faults through the real actors: every true stay is charged once, or listed as abnormal."""

from collections.abc import Callable
from itertools import takewhile
from random import Random

import pytest

from tests.days.audit import audit
from tests.days.cells import Cells
from tests.days.generated import DAY_OVER_US, People, generate, versions
from tests.days.provider import Provider


def lived(seed: int, kills: bool) -> tuple[Cells, People]:
    """The day of a seed, over."""
    provider = Provider()
    cells = Cells(versions(), provider.answer, Random(seed + 1) if kills else None)
    people = People(cells, provider)
    people.meet(generate(seed))
    cells.run(DAY_OVER_US)
    return cells, people


@pytest.mark.parametrize("seed", range(6))
def test_a_day_of_faults_and_kills_ends_with_every_stay_charged_once_and_books_that_balance(seed: int) -> None:
    cells, people = lived(seed, kills=True)
    assert cells.killed > 3
    audit(cells, people, generate(seed))
    calm, _ = lived(seed, kills=False)
    assert calm.killed == 0
    assert cells.digest() == calm.digest(), "a kill changed what became true"
    before = cells.faces()
    assert cells.folded_again() == before


@pytest.mark.soak
def test_many_generated_days(request: pytest.FixtureRequest, soaking: Callable[[], bool]) -> None:
    """From `--seed` on, a thousand days, each with kills and each against the calm one."""
    first = request.config.getoption("seed")
    for seed in takewhile(lambda _: soaking(), range(first, first + 1_000)):
        test_a_day_of_faults_and_kills_ends_with_every_stay_charged_once_and_books_that_balance(seed)
