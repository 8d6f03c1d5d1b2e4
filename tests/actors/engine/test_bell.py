"""The bell of a cell: it rings at the earliest time it was set to, and can be set again however loops round times."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from actors.engine.bell import Bell


def test_a_time_that_is_due_already_may_be_set_again_under_every_loop() -> None:
    """What an event loop gives for a time that has passed is not always a timer."""

    async def ring() -> None:
        rung = asyncio.Event()
        bell = Bell(rung.set)
        bell.ring_in(0.0)
        bell.ring_in(1.0)
        bell.ring_in(0.0)
        await rung.wait()

    uvloop.run(ring())


class Times:
    """Stands in for a loop's timers: what is set is kept, and rings when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop = asyncio.get_running_loop()
        self.set: list[tuple[asyncio.Handle, Callable[[], None]]] = []
        monkeypatch.setattr(self.loop, "call_at", self._call_at)

    def _call_at(self, at: float, ring: Callable[[], None]) -> asyncio.Handle:
        handle = asyncio.Handle(ring, (), self.loop)
        self.set.append((handle, ring))
        return handle


async def test_an_earlier_time_takes_the_place_of_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    times, bell = Times(monkeypatch), Bell(lambda: None)
    for wait_s in (60, 90, 30):
        bell.ring_in(wait_s)
    assert [handle.cancelled() for handle, _ in times.set] == [True, False]
    bell.stop()
    assert times.set[-1][0].cancelled()


async def test_a_bell_that_rang_early_can_be_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a cell that was woken just before something was due would sleep through it."""
    rung: list[str] = []
    times, bell = Times(monkeypatch), Bell(lambda: rung.append("now"))
    bell.ring_in(60)
    times.set[0][1]()
    bell.ring_in(60)
    assert (rung, len(times.set)) == (["now"], 2)
