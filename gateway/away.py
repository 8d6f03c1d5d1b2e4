"""Which parts of the city do not answer: told to every screen with each beat, so that nobody takes a city that stands
still for a calm one.

Everything is asked once for all screens, again and again, and never twice at once: what hangs holds up nobody.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from actors.engine.gauges import CellGauges
from actors.values import Micros
from gateway.ingress.wire import Broker, Client, client_of
from gateway.lookout import SILENT_US, GatewayGauges, Lookout
from storage.database import Engine
from storage.reaching import answers

ASK_EVERY_S: Final = 1.0
GIVE_UP_S: Final = 5.0
SLOW_COMMIT_S: Final = 2.0
"""A cell that waits longer for one commit takes nothing in: its database is away, or its disk is full."""
_NOTHING: Final = "yunparking/nothing"

log = logging.getLogger("yunparking.gateway")


class Echo:
    """A connection to the broker that follows nothing. Giving up what it never followed costs the broker nothing, and
    is answered: a broker that stands still is noticed, though its connections stay open.
    """

    def __init__(self, url: str) -> None:
        self._broker = Broker(url)
        self._client: Client | None = None

    async def ask(self) -> None:
        """There and back; raises what the broker or the network has against it."""
        try:
            if self._client is None:
                client = client_of(self._broker, timeout=GIVE_UP_S)
                await client.__aenter__()
                self._client = client
            await self._client.unsubscribe(_NOTHING, timeout=GIVE_UP_S)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of the connection, without goodbye: nothing is kept for it. The next question makes another."""
        client, self._client = self._client, None
        if client is not None:
            client.drop()


class Asked:
    """Something that is asked whether it answers; what has not for three seconds is away."""

    def __init__(self, name: str, ask: Callable[[], Awaitable[object]], clock: Callable[[], Micros]) -> None:
        self.name, self._ask, self._clock = name, ask, clock
        self.heard = clock()

    @property
    def away(self) -> bool:
        """Whether it is now."""
        return self._clock() - self.heard > SILENT_US

    async def run(self) -> None:
        """Asks until cancelled; it is not away before it was asked."""
        self.heard = self._clock()
        while True:
            try:
                async with asyncio.timeout(GIVE_UP_S):
                    await self._ask()
            except Exception as why:  # whatever it is: it is the answer
                log.debug("%s does not answer: %r", self.name, why)
            else:
                self.heard = self._clock()
            await asyncio.sleep(ASK_EVERY_S)


class Away:
    """What is away, as this gateway sees it; `engine` and `echo` are its own, so that nobody's work delays them.

    `intake` looks whether frames of devices are taken.
    """

    def __init__(self, engine: Engine, echo: Echo, intake: Callable[[], Awaitable[object]], lookout: Lookout) -> None:
        self._engine, self._echo, self._lookout = engine, echo, lookout
        self.database = Asked("database", lambda: answers(engine), lookout.clock)
        self.broker = Asked("broker", echo.ask, lookout.clock)
        self.intake = Asked("intake", intake, lookout.clock)

    async def run(self) -> None:
        """Asks everything until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for asked in (self.database, self.broker, self.intake):
                    tasks.create_task(asked.run())
        finally:
            self._echo.close()
            await self._engine.dispose()

    def parts(self) -> list[str]:
        """Their names, what others stand on first; what is away only because that is, is not named."""
        database, broker = self.database.away, self.broker.away
        found = [name for name, away in (("database", database), ("broker", broker)) if away]
        if not found and self.intake.away:
            found.append("intake")
        return found + self._workers(waiting=not database)

    def _workers(self, waiting: bool) -> list[str]:
        """Who is silent; with `waiting`, also cells that wait too long for one commit."""
        now, found = self._lookout.clock(), []
        for name, seen in self._lookout.seen.items():
            part = seen.now.part if seen.now else None
            if isinstance(part, GatewayGauges):
                continue  # whoever hears this knows that it answers
            stuck = isinstance(part, CellGauges) and part.committing_seconds > SLOW_COMMIT_S
            if seen.unheard_us(now) > SILENT_US or (waiting and stuck):
                found.append(name)
        return sorted(found)
