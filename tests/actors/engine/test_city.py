"""The real cells, posts and followers together, in virtual time: the same promises, timers and tasks included."""

from collections.abc import Callable
from itertools import takewhile
from typing import Any

import pytest

from actors.engine.cell import Cell
from tests.actors.engine.world.city import live
from tests.actors.engine.world.truth import Violation
from tests.actors.engine.world.virtual import run_virtually

SUITE = 24
SOAK = 1_000


def broken(seed: int) -> str:
    """Why a city fails and how to see it again; empty if it does not fail."""
    try:
        run_virtually(live(seed))
    except Violation as violation:
        return f"city {seed}: {violation}\nrun it again: python -m tests.actors.engine.world city {seed}"
    return ""


@pytest.mark.parametrize("seed", [*range(SUITE), 181])  # 181: a cell's own mail asks for slots while it takes them over
def test_no_city_breaks_an_invariant(seed: int) -> None:
    """Cells are killed, replaced and moved, gateways and clients come back, and nothing is lost, doubled or early."""
    why = broken(seed)
    assert not why, why


def _never(*args: Any) -> None:
    """Nothing happens."""


@pytest.mark.parametrize(
    ("owner", "name", "instead"),
    [(Cell, "_send", _never), (Cell, "_schedule", _never)],
    ids=["nothing-leaves", "no-timer"],
)
def test_a_broken_shell_is_seen(
    owner: type, name: str, instead: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only the shell around a host does, taken away, breaks an invariant in some city."""
    monkeypatch.setattr(owner, name, instead)
    assert any(broken(seed) for seed in range(SUITE))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_no_city_of_a_thousand_breaks_an_invariant(
    capsys: pytest.CaptureFixture[str], soaking: Callable[[], bool]
) -> None:
    """The same, over all the seeds that are run before a release."""
    for seed in takewhile(lambda _: soaking(), range(SOAK)):
        why = broken(seed)
        assert not why, why
        if seed % 100 == 99:
            with capsys.disabled():
                print(f"  {seed + 1} of {SOAK} cities")
