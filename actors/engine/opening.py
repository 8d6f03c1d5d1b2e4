"""The slots that a cell has taken over: fenced at once, folded a few at a time, those that are asked for first."""

import asyncio
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any

from actors.engine.commit import fence, fold_slots
from actors.engine.host import Host
from actors.engine.journal import Journal
from actors.engine.mail import Unreachable
from actors.values import Micros

A_TIME = 16
"""How many slots are folded before others may come in between."""

Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Starts what goes on for as long as its cell lives, and ends the cell if it fails."""
Opened = Callable[[dict[int, int], float], None]
"""Hears of slots that were opened just now, with the numbers of their opening pages, and of the seconds it took."""


class Opening:
    """Fences slots and folds them into a host; what is fenced and not folded yet takes nothing."""

    def __init__(self, host: Host, journal: Journal, clock: Callable[[], Micros], opened: Opened, spawn: Spawn) -> None:
        self._spawn = spawn
        self._host = host
        self._journal = journal
        self._clock = clock
        self._opened = opened
        self._turn = asyncio.Lock()
        self._fenced: dict[int, int] = {}

    def fenced(self, slot: int) -> bool:
        """Whether this slot is taken over and waits to be folded."""
        return slot in self._fenced

    async def fence(self, slots: list[int]) -> None:
        """Takes those of these slots over that it has not yet, all in one statement."""
        async with self._turn:
            await self._fence([slot for slot in slots if slot not in self._host.slots])

    async def _fence(self, slots: list[int]) -> None:
        """In turn with all other openings: a slot that was taken over twice would be behind its own second page."""
        if new := [slot for slot in slots if slot not in self._fenced]:
            self._fenced |= await fence(self._host, self._journal, new, self._clock(), asyncio.sleep)

    async def open(self, slots: list[int]) -> None:
        """Opens these slots, fenced or not; to the end, even if who asks for it gives up: a slot that was half opened
        would be open and wait to be opened for ever.
        """
        await self._done(self._open(slots))

    async def _open(self, slots: list[int]) -> None:
        async with self._turn:
            closed = [slot for slot in slots if slot not in self._host.slots]
            await self._fence(closed)
            heads = {slot: self._fenced[slot] for slot in closed}
            if heads:
                began = perf_counter()
                await fold_slots(self._host, self._journal, heads, asyncio.sleep)
                for slot in heads:
                    del self._fenced[slot]
                self._opened(heads, perf_counter() - began)

    async def finish(self) -> None:
        """Opens all that is fenced; who asks for a slot meanwhile need not wait for the others."""
        await self._done(self._finish())

    async def _finish(self) -> None:
        while self._fenced:
            await self._open(list(self._fenced)[:A_TIME])

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for work that goes on by itself; `Unreachable` if its cell has died meanwhile."""
        task = self._spawn(work)
        await asyncio.wait({task})
        if task.cancelled():
            raise Unreachable("it has died")
        task.result()
