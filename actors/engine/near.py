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
        self._queue: deque[tuple[tuple[int, int], Send[Any]]] = deque()
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

    def add(self, slot: Slot, sends: list[Send[Any]]) -> None:
        """The local messages of a turn that was just folded."""
        for send in sends:
            pair = (slot.number, send.to)
            self._queue.append((pair, send))
            self._coming[pair] = self._coming.get(pair, 0) + 1

    def take(self, turn: Callable[[int, Send[Any], Micros], None], now: Micros) -> None:
        """`turn(from slot, message, now)` one by one, also for those added meanwhile; endless chatter goes by mail."""
        queue, coming = self._queue, self._coming
        self._left = NEAR_MOST
        while queue:
            pair, send = queue.popleft()
            self._left -= 1
            turn(pair[0], send, now)
            # Only now is it seen: what its turn sends to the same slot comes after it.
            if coming[pair] > 1:
                coming[pair] -= 1
            else:
                del coming[pair]
