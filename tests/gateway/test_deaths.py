"""The lives that ended: noted however long the database is away, counted once each, and never without bound."""

import asyncio
from collections import Counter

import pytest

from gateway import deaths
from gateway.deaths import Deaths
from gateway.lookout import Ended


class Stage:
    """A database that is away for some questions, and what was counted."""

    def __init__(self, *, away: int = 0, error: Exception | None = None) -> None:
        self.away, self.error = away, error
        self.noted: list[int] = []
        self.counted: Counter[tuple[str, str]] = Counter()
        self.told = asyncio.Event()
        self.deaths = Deaths(self.note, self.count)

    async def note(self, worker: str, life: int, lost_us: int, back_us: int, why: str | None) -> str | None:
        if self.away:
            self.away -= 1
            raise ConnectionRefusedError("the database is away")
        if self.error is not None:
            raise self.error
        self.noted.append(life)
        return "Fenced: [3]" if life % 2 else None

    def count(self, worker: str, cause: str) -> None:
        self.counted[worker, cause] += 1
        self.told.set()

    async def run(self, deaths: int) -> None:
        """Until so many are counted."""
        running = asyncio.create_task(self.deaths.run())
        async with asyncio.timeout(10):
            while self.counted.total() < deaths:
                self.told.clear()
                await self.told.wait()
        assert not running.done()
        running.cancel()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deaths, "PAUSE_FIRST_S", 0)


async def test_a_death_is_noted_however_long_the_database_is_away() -> None:
    stage = Stage(away=500)
    for life in (1, 2):
        stage.deaths.add(Ended("cell-0", life, 5, 7))
    await stage.run(2)
    assert stage.noted == [1, 2]
    assert stage.counted == {("cell-0", "fenced"): 1, ("cell-0", "killed"): 1}


async def test_one_that_cannot_be_noted_is_counted_and_ends_nothing() -> None:
    stage = Stage(error=ValueError("a bug"))
    stage.deaths.add(Ended("cell-0", 1, 5, 7))
    await stage.run(1)
    assert stage.counted == {("cell-0", "unknown"): 1}


async def test_too_many_to_wait_are_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deaths, "WAITING_MOST", 3)
    stage = Stage()
    for life in range(5):
        stage.deaths.add(Ended("cell-0", life, 5, 7))
    await stage.run(5)
    assert stage.noted == [2, 3, 4]
    assert stage.counted["cell-0", "unknown"] == 2
