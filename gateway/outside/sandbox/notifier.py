"""Tells merchants what happened to their orders, again and again until they have heard, or wrongly when asked to."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.outside.sandbox.mischief import BENDS, Bend, Mischief

AGAIN_AFTER_S = (1.0, 2.0, 5.0, 15.0, 60.0)
HEARD_WITHIN_S = 10.0

log = logging.getLogger("yunparking.sandbox")


class Outgoing(NamedTuple):
    """A notification as it leaves."""

    url: str
    headers: Mapping[str, str]
    body: bytes


Write = Callable[[Bend], Outgoing]
"""Writes a notification, bent or not; each one is signed anew."""
Heard = Callable[[int, bytes], bool]
"""Whether the merchant's answer means that it has taken the notification."""


class Notifier:
    """What is on its way to merchants. `told` and `refused` count answers of merchants."""

    def __init__(self, mischief: Mischief) -> None:
        self._mischief = mischief
        self._tasks: set[asyncio.Task[Any]] = set()
        self._aside: list[tuple[Write, Heard]] = []
        self._session: ClientSession | None = None
        self.told = 0
        self.refused = 0

    def tell(self, write: Write, heard: Heard) -> None:
        """One notification, as well or as badly as is wished."""
        wrong, seconds = self._mischief.next("notify")
        match wrong:
            case "lost":
                return
            case "out_of_order":
                self._aside.append((write, heard))
                return
            case "late":
                self._start(self._deliver(write, heard, seconds))
            case "doubled":
                self._start(self._deliver(write, heard))
                self._start(self._deliver(write, heard))
            case "":
                self._start(self._deliver(write, heard))
            case _:
                self._start(self._once(write(BENDS[wrong]), heard))
        aside, self._aside = self._aside, []
        for late in reversed(aside):
            self._start(self._deliver(*late, wait_s=0.2))

    async def close(self) -> None:
        """What is on its way is forgotten."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, write: Write, heard: Heard, wait_s: float = 0.0) -> None:
        for pause_s in (wait_s, *AGAIN_AFTER_S):
            await asyncio.sleep(pause_s)
            if await self._once(write(Bend()), heard):
                return

    async def _once(self, outgoing: Outgoing, heard: Heard) -> bool:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=HEARD_WITHIN_S))
        try:
            async with self._session.post(outgoing.url, data=outgoing.body, headers=outgoing.headers) as answer:
                taken = heard(answer.status, await answer.read())
        except (TimeoutError, ClientError, OSError) as error:
            log.info("the merchant does not hear: %r", error)
            return False
        self.told += taken
        self.refused += not taken
        return taken


def is_taken(status: int, body: bytes) -> bool:
    """As WeChat hears it: 200 and 204 are taken, everything else is told again."""
    return status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT)
