"""A bell that rings once, at the earliest of the times it was set to."""

import asyncio
from collections.abc import Callable


class Bell:
    """Calls back once; set again before that, it keeps the earlier time. Loops round times: it may ring a little early,
    so who hears it looks for itself whether anything is due, and sets it again.
    """

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring = ring
        self._at = 0.0
        self._timer: asyncio.Handle | None = None

    def ring_in(self, wait_s: float) -> None:
        """Rings after so many seconds, or at the time it was set to if that is earlier."""
        loop = asyncio.get_running_loop()
        at = loop.time() + wait_s
        if self._timer is not None:
            if self._at <= at:
                return
            self._timer.cancel()
        # Its time is kept here: for a time that is already due, uvloop's handle does not know one.
        self._at, self._timer = at, loop.call_at(at, self._rung)

    def _rung(self) -> None:
        self._timer = None
        self._ring()

    def stop(self) -> None:
        """It rings no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
