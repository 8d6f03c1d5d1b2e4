"""Lives of workers that ended, kept until the database knows of them: it may be away for what ended them, too."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from actors.values import SECOND_US
from gateway.lookout import Ended, cause_of
from storage.reaching import is_away

PAUSE_FIRST_S, PAUSE_MOST_S = 1.0, 30.0
WAITING_MOST: Final = 1000
UNKNOWN: Final = "unknown"

log = logging.getLogger("yunparking.gateway")

Note = Callable[[str, int, int, int, str | None], Awaitable[str | None]]
"""Keeps (worker, life, lost_us, back_us, why), and answers the last word of that life."""


class Deaths:
    """Notes each life that ended, one after the other, however long the database is away; each is counted once, by its
    cause, or as `unknown` when there are too many to wait or the database wants none of it.
    """

    def __init__(self, note: Note, count: Callable[[str, str], None]) -> None:
        self._note, self._count = note, count
        self._waiting: deque[Ended] = deque()
        self._came = asyncio.Event()

    def add(self, ended: Ended) -> None:
        """A life has ended, and the next one answers."""
        log.warning("%s died and is back after %.1f s", ended.worker, (ended.back_us - ended.lost_us) / SECOND_US)
        self._waiting.append(ended)
        if len(self._waiting) > WAITING_MOST:
            self._count(self._waiting.popleft().worker, UNKNOWN)
        self._came.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                ended = self._waiting.popleft()
                self._count(ended.worker, await self._cause(ended))

    async def _cause(self, ended: Ended) -> str:
        pause_s = PAUSE_FIRST_S
        while True:
            try:
                return cause_of(await self._note(*ended))
            except Exception as error:
                if not is_away(error):
                    log.exception("the end of %s could not be noted", ended)
                    return UNKNOWN
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MOST_S)
