"""An event loop whose time passes only when everything waits: hours of rests and time-outs in moments, always alike."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stuck(Exception):
    """Everything waits, and for nothing that will ever come."""


class _Leap(selectors.SelectSelector):
    """Waits for nothing: it leaps to the time until which the loop would sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; `errors` are those that nobody has caught."""

    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)
        self.errors: list[BaseException] = []
        self.set_exception_handler(self._uncaught)

    def time(self) -> float:
        return self._leap.now

    def _uncaught(self, loop: Any, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.errors.append(error if isinstance(error, BaseException) else RuntimeError(context["message"]))


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """The result of some work in virtual time; what it leaves running is cancelled."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(work)
        if loop.errors:
            raise loop.errors[0]
        return result
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.close()
