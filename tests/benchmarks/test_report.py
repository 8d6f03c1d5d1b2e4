"""A guard holds what it may on cores of any speed."""

import pytest

from benchmarks.report import SPEED, Guard, Machine, Report, broken


@pytest.mark.parametrize(
    ("guard", "fails_at"),
    [
        (Guard("a second", 40_000, 60_000), ()),
        (Guard("a second", 20_000, 60_000), (SPEED, 2 * SPEED)),
        (Guard("a second", 10_000, 60_000), (SPEED / 2, SPEED, 2 * SPEED)),
        (Guard("ms", 9, 5, most=True), ()),
        (Guard("ms", 18, 5, most=True), (SPEED, 2 * SPEED)),
        (Guard("ms", 21, 5, most=True), (SPEED / 2, SPEED, 2 * SPEED)),
    ],
)
def test_slower_cores_make_a_guard_easier_and_faster_ones_no_harder(guard: Guard, fails_at: tuple[float, ...]) -> None:
    for speed in (SPEED / 2, SPEED, 2 * SPEED):
        machine = Machine(2, 24, "3.11.7", "Linux x86_64", 0.0, 0.1, speed)
        said = broken(Report("engine", "…", [], broken=["lost one"], guards=[guard]), machine)
        assert said[0] == "lost one"
        assert [guard.what in sentence for sentence in said[1:]] == [True] * (speed in fails_at)
