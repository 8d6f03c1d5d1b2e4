"""A bell: wakes a loop at the earliest of the times it was set to."""

import asyncio
from collections.abc import Callable


class Bell:
    """Rings once for all that it was set to before it rang."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: asyncio.Handle | None = None
        self._rings_at = 0.0

    def ring_in(self, wait_s: float) -> None:
        """It rings after so many seconds, or earlier."""
        loop = asyncio.get_running_loop()
        at = loop.time() + wait_s
        if self._timer is not None:
            if self._rings_at <= at:
                return  # it rings earlier: more acknowledgements do not put it off
            self._timer.cancel()
        # Its time is kept here: for a time that is already due, uvloop's handle does not know one.
        self._rings_at, self._timer = at, loop.call_at(at, self._rang)

    def _rang(self) -> None:
        # Loops round times, and may ring before the time that was said: what has rung is told by this alone.
        self._timer = None
        self._ring()

    def stop(self) -> None:
        """It rings no more."""
        if self._timer is not None:
            self._timer.cancel()
