"""Messages to slots of the same cell: taken at once, in the same commit, when nothing of their pair is before them."""

from collections import deque
from collections.abc import Callable
from typing import Any

from actors.engine.entries import Send, Turned
from actors.engine.slot import Slot
from actors.values import Micros

NEAR_MOST = 1_000


class Near:
    """The local messages that wait to be taken before the next letter is."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, Send[Any]]] = deque()
        self._coming: dict[tuple[int, int], int] = {}
        self._left = NEAR_MOST

    def fits(self, slot: Slot, target: Slot, n: int) -> bool:
        """Whether message n is the very next one of this pair, so that taking it now overtakes nothing."""
        coming = self._coming.get((slot.number, target.number), 0)
        return (
            self._left > 0
            and not slot.outbox.get(target.number)
            and target.taken.seen.get(slot.number, 0) + coming + 1 == n
        )

    def add(self, slot: Slot, turned: Turned[Any, Any]) -> None:
        """The local messages of a turn that was just folded."""
        for send in turned.sends:
            if send.here:
                self._queue.append((slot.number, send))
                pair = (slot.number, send.to)
                self._coming[pair] = self._coming.get(pair, 0) + 1

    def take(self, turn: Callable[[int, Send[Any], Micros], None], now: Micros) -> None:
        """`turn(from slot, message, now)` one by one, also for those added meanwhile; endless chatter goes by mail."""
        self._left = NEAR_MOST
        while self._queue:
            source, send = self._queue.popleft()
            self._left -= 1
            turn(source, send, now)
            self._uncount(source, send.to)  # only now is it seen: what its turn sends to the same slot comes after it

    def _uncount(self, source: int, to: int) -> None:
        left = self._coming[source, to] - 1
        if left:
            self._coming[source, to] = left
        else:
            del self._coming[source, to]
