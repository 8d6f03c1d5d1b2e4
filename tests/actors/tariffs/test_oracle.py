"""The engine against the naive oracle, over generated tariffs and stays."""

import os
from collections.abc import Callable
from itertools import takewhile
from random import Random

import pytest

from actors.tariffs.problems import TariffError
from tests.actors.tariffs.compare import both
from tests.actors.tariffs.generate import case

SUITE, SOAK = 2_000, 2_000_000


def differing(seeds: range) -> tuple[int, int, list[int]]:
    """How many cases were priced, how many documents made no sense, and the seeds on which the two differ."""
    priced, refused, wrong = 0, 0, []
    for seed in seeds:
        try:
            found = both(case(Random(seed)))
        except TariffError:
            refused += 1
            continue
        priced += 1
        lines = sum(line.amount_fen for line in found.engine.lines)
        same = {found.engine.charge_fen, found.oracle, lines, found.oracle if found.quick is None else found.quick}
        if len(same) > 1:
            wrong.append(seed)
    return priced, refused, wrong


def test_the_engine_agrees_with_the_oracle() -> None:
    priced, refused, wrong = differing(range(SUITE))
    assert not wrong
    assert priced > 4 * refused


@pytest.mark.soak
def test_the_engine_agrees_with_the_oracle_millions_of_times(soaking: Callable[[], bool]) -> None:
    first = int(os.environ.get("YUNPARKING_SEED", "1000000"))
    for start in takewhile(lambda _: soaking(), range(first, first + SOAK, 1_000)):
        assert not differing(range(start, start + 1_000))[2]
