"""Durable alarms: a turn names them, the journal numbers them."""

import heapq
from collections.abc import Callable, Iterator
from typing import Any

from actors.engine.entries import CancelWake, SetWake
from actors.engine.slot import Slot, Wake
from actors.engine.turn import Turn
from actors.values import Micros


def changes_of_wakes(slot: Slot, turn: Turn) -> Iterator[SetWake[Any] | CancelWake]:
    """What the turn asked for, as entries: a name that is set already is cancelled first."""
    names = {name for name, _, _ in turn.wakes}
    armed = {name: n for name, n in slot.armed(turn.me).items() if name in names}
    n = slot.last_wake
    for name, at, message in turn.wakes:
        if name in armed:
            yield CancelWake(armed.pop(name))
        if message is not None:
            n += 1
            armed[name] = n
            yield SetWake(n, max(at, turn.now), name, message)


A_TICK = 2_000


class Alarms:
    """What is set in all slots of a cell, the earliest first; some of it may have been taken back meanwhile."""

    def __init__(self) -> None:
        self._heap: list[Wake] = []

    def set(self, *wakes: Wake) -> None:
        """Some more."""
        for wake in wakes:
            heapq.heappush(self._heap, wake)

    def ring(self, now: Micros, ring: Callable[[Wake, Micros], None]) -> None:
        """Rings those that are due, a bounded number of them: they may set others."""
        for _ in range(A_TICK):
            if not self._heap or self._heap[0].at > now:
                return
            ring(heapq.heappop(self._heap), now)

    def next(self) -> Micros | None:
        """When the earliest is due."""
        return self._heap[0].at if self._heap else None
