"""Messages to slots of the same cell: taken at once, in the same commit, when nothing of their pair is before them."""

from collections import deque
from collections.abc import Callable
from typing import Any

from actors.engine.entries import Send
from actors.engine.slot import Slot
from actors.values import Micros

NEAR_MOST = 1_000


class Near:
    """The local messages that wait to be taken before the next letter is."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, Send[Any]]] = deque()
        self._last: dict[tuple[int, int], int] = {}  # of each pair, while the queue is not yet empty
        self._left = NEAR_MOST

    def fits(self, slot: Slot, target: Slot, n: int) -> bool:
        """Whether message n is the very next one of this pair, so that taking it now overtakes nothing."""
        if self._left <= 0 or slot.outbox.get(target.number):
            return False
        # One that waits here or is being taken is not seen yet: what is sent meanwhile comes after it.
        last = self._last.get((slot.number, target.number)) if self._last else None
        return n == (target.taken.seen.get(slot.number, 0) if last is None else last) + 1

    def add(self, slot: Slot, sends: list[Send[Any]]) -> None:
        """The local messages of a turn that was just folded."""
        for send in sends:
            self._queue.append((slot.number, send))
            self._last[slot.number, send.to] = send.n

    def take(self, turn: Callable[[int, Send[Any], Micros], None], now: Micros) -> None:
        """`turn(from slot, message, now)` one by one, also for those added meanwhile; endless chatter goes by mail."""
        queue = self._queue
        self._left = NEAR_MOST
        while queue:
            source, send = queue.popleft()
            self._left -= 1
            turn(source, send, now)
        self._last.clear()
