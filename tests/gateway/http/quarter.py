"""A quarter of town behind the door of HTTP: the real kinds, told in order; what they say goes into the real tables."""

import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.post import NotDone
from actors.messages.forms import Message, Refused, Reply
from actors.values import MINUTE_US, Ref, shared_slot
from storage.projections import PROJECTIONS, Happened
from storage.schema.engine import reference
from tests.actors.kinds.streets import T0, Streets
from tests.gateway.http.callers import Clock

SHOWN = ("sessions", "listings", "plate_claims", "passes", "pass_changes", "campaigns")
"""The projections that lists of this quarter are read from."""


class Quarter(Streets):
    """Actors that HTTP asks. Reference data comes from the database; a key that was used is answered as before.

    `clock` begins in the morning and is moved on by the stays of cars.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self._engine = engine
        self.clock = Clock()
        self.clock.to_morning()
        self._keys: dict[tuple[Ref, str], Reply | None] = {}
        self._told: dict[Ref, int] = {}
        self._one = asyncio.Lock()
        self._seq = 0

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        """What an actor answers; its facts, and those of all whom it told, are in the tables then."""
        if key is not None and (ref, key) in self._keys:
            answer = self._keys[ref, key]
        else:
            await self.refreshed()
            answer = self.say(ref, message, at=self.clock())
            if key is not None:
                self._keys[ref, key] = answer
            await self.shown()
        if isinstance(answer, Refused):
            raise NotDone(answer)
        return answer

    async def refreshed(self) -> None:
        """Reads what the desk has published since."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(reference).order_by(reference.c.name, reference.c.version))).all()
        for row in rows:
            self._references.add(row.name, row.version, row.effective_from, row.body)

    async def shown(self) -> None:
        """Takes what became true into the tables, as one projector does: one round after the other."""
        async with self._one:
            await self._show()

    async def _show(self) -> None:
        self._seq += 1
        news = []
        for ref, facts in self.facts.items():
            told = self._told.get(ref, 0)
            for nth, fact in enumerate(facts[told:], told):
                news.append(Happened(shared_slot(ref.key), self._seq, nth, ref, self.now, fact))
            self._told[ref] = len(facts)
        async with self._engine.begin() as connection:
            for projection in PROJECTIONS:
                heard = [each for each in news if isinstance(each.fact, projection.hears)]
                if projection.name in SHOWN and heard:
                    await projection.apply(connection, heard)

    async def due(self, plate: str, bay: str, minutes: float = 40) -> int:
        """What a stay of so many minutes from now on costs."""
        return await self.due_of(await self.parked(plate, bay), bay, minutes)

    async def parked(self, plate: str, bay: str) -> Ref:
        """A car comes now; its session."""
        await self.refreshed()
        self.wait(self.clock())
        return self.park(plate, bay, self.minute())

    async def due_of(self, session: Ref, bay: str, minutes: float) -> int:
        """The car leaves so many minutes later; what it has to pay."""
        await self.after(minutes)
        self.leave(bay, self.minute())
        await self.shown()
        return self.stay(session).due_fen

    async def after(self, minutes: float) -> None:
        """So much time passes."""
        self.clock.ahead_us += int(minutes * MINUTE_US)
        await self.refreshed()
        self.wait(self.clock())
        await self.shown()

    def minute(self) -> float:
        """Now, as the streets count."""
        return (self.now - T0) / MINUTE_US
