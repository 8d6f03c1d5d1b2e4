"""What xoscar carries: in a module of its own, for its processes import it by name."""

import asyncio
from typing import Any

import xoscar

from actors.values import Ref
from benchmarks.peers.town import Part

TOLD_EVERY = 10
"""A lot tells the driver after so many: an answer to each would be one more message a reading."""


class Driver(xoscar.Actor):  # type: ignore[misc]
    """Hears from the lots how many readings were taken to their end."""

    def __init__(self, done: "asyncio.Queue[None]") -> None:
        self._done = done

    def taken(self) -> None:
        """`TOLD_EVERY` more."""
        for _ in range(TOLD_EVERY):
            self._done.put_nowait(None)


class Carried(xoscar.Actor):  # type: ignore[misc]
    """Carries one part; a lot has a driver to tell."""

    def __init__(self, part: Part, driver: Any) -> None:
        self._part, self._driver, self._taken = part, driver, 0
        self._others: dict[Ref, Any] = {}

    async def meet(self, others: dict[Ref, Any]) -> None:
        """Learns how to reach those that its part speaks to."""
        self._others = {ref: await xoscar.actor_ref(other) for ref, other in others.items()}
        self._driver = self._driver and await xoscar.actor_ref(self._driver)

    async def take(self, message: Any) -> None:
        """Takes one message."""
        for ref, said in self._part.take(message):
            await self._others[ref].take.tell(said)
        self._taken += 1
        if self._driver is not None and self._taken % TOLD_EVERY == 0:
            await self._driver.taken.tell()
