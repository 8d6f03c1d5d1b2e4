"""A post whose actors live in this process: what HTTP tells them happens at once, and their facts reach the tables."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.post import NotDone
from actors.messages.forms import Message, Refused, Reply
from actors.values import Ref, shared_slot
from storage.projections import PROJECTIONS, Happened
from tests.actors.kinds.world import World


class Town(World):
    """The world of actors as a post; the clock is the house's. `project` brings the tables up to now."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__()
        self._clock = clock
        self.now = clock()
        self._replies: dict[tuple[Ref, str], Reply | None] = {}
        self._taken: dict[Ref, int] = {}
        self._pages = 0
        self.told: list[Happened] = []

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        """The actor's reply; the same key again is the same command again."""
        known = (ref, key or "")
        if key is None or known not in self._replies:
            reply = self.say(ref, message, at=max(self.now, self._clock()))
            self._replies[known] = reply
        else:
            reply = self._replies[known]
        if isinstance(reply, Refused):
            raise NotDone(reply)
        return reply

    def pages(self) -> list[Happened]:
        """What has happened since the last time, one page for each turn's facts of an actor."""
        new: list[Happened] = []
        for ref in sorted(self.facts):
            known = self._taken.get(ref, 0)
            self._pages += 1
            for nth, fact in enumerate(self.facts[ref][known:]):
                new.append(Happened(shared_slot(ref.key), self._pages, nth, ref, self.now, fact))
            self._taken[ref] = len(self.facts[ref])
        self.told += new
        return new

    async def project(self, engine: AsyncEngine) -> None:
        """Every projection hears what has happened since the last time."""
        new = self.pages()
        for projection in PROJECTIONS:
            mine = [each for each in new if isinstance(each.fact, projection.hears)]
            if mine:
                async with engine.begin() as connection:
                    await projection.apply(connection, mine)
