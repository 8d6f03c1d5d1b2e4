"""Rests within a long piece of work, so that it does not keep the processors from those who have less patience."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

LONG_S = 0.005
"""Work shorter than this is no burden: others are let in, and it goes on."""

Sleep = Callable[[float], Awaitable[object]]


class Breath:
    """Of one piece of work: after each part of it that was long, it rests as long as that took, `most_s` in all.

    A round of the projector at full rate, without rests, takes the processors from cells and screens for a second:
    their delay was four times what it was between two rounds. With `most_s` 0 it only lets others in.
    """

    def __init__(self, most_s: float, clock: Callable[[], float] = perf_counter, sleep: Sleep = asyncio.sleep) -> None:
        self._left_s = most_s
        self._clock, self._sleep = clock, sleep
        self._since = clock()

    async def take(self) -> None:
        """A part is done."""
        took_s = self._clock() - self._since
        rest_s = min(took_s, self._left_s) if took_s >= LONG_S else 0.0
        self._left_s -= rest_s
        await self._sleep(rest_s)
        self._since = self._clock()
