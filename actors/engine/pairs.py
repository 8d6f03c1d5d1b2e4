"""The queue from one slot to another: a view of the sender's outbox, which keeps each message until it is taken."""

from collections.abc import Callable
from typing import Any

from actors.engine.entries import Answer, Letter
from actors.engine.host import Host


class PairQueue:
    """What slot `number` still has to tell slot `slot`."""

    def __init__(self, host: Host, number: int, to: int, acked: Callable[[], None]) -> None:
        self.slot = to
        self._host = host
        self._number = number
        self._acked = acked

    def peek(self, most: int) -> list[Letter[Any]]:
        """The oldest durable messages that are not acknowledged."""
        return self._host.outgoing(self._number, self.slot, most)

    def settle(self, letters: list[Letter[Any]], answers: list[Answer]) -> bool:
        """Drops what the receiver has; a gap says how far that is, too."""
        told = [answer for answer in answers if answer.how in ("done", "gap")]
        if told:
            self._host.acked(self._number, self.slot, max(answer.n for answer in told))
            self._acked()
        return all(answer.how == "done" for answer in answers)
