"""Topics that concern few: an owner's stays, one stay's fee, a user's messages. Each gateway makes those that its own
screens follow, by asking the actors whenever a committed fact concerns them or a fee is about to change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, Protocol

from actors.values import SECOND_US, Micros, uuid7
from gateway.live.feed import Position
from gateway.live.topics import Piece, RowTopic
from gateway.live.views import Joined

LOOK_S = 0.1
AGAIN_US = SECOND_US
"""What could not be asked is asked again after so long, and a fee that has not changed when it should have."""
ASKED_AT_ONCE = 50

log = logging.getLogger(__name__)


class View(NamedTuple):
    """A private topic as it is now: its values, its rows, whom it is made of, and when it changes by itself."""

    values: dict[str, Any]
    stays: dict[str, Any]
    refs: frozenset[str]
    due: Micros | None


class Makes(Protocol):
    """What makes private topics."""

    async def view(self, topic: str) -> View | None:
        """The topic as it is now; None if there is no such thing."""

    async def news(self, topics: set[str]) -> set[str]:
        """Which of these have changed without a fact since this was asked last."""


class Watched:
    """One private topic that somebody follows."""

    def __init__(self, name: str, epoch: str) -> None:
        self.topic = RowTopic(name, epoch, "stays") if name.startswith("own/") else RowTopic(name, epoch)
        self.refs: frozenset[str] = frozenset()
        self.due: Micros | None = None
        self.dirty = True
        self.known = asyncio.Event()
        self.gone = False


class Private:
    """The private topics of one gateway; `publish` gets each change once."""

    def __init__(self, makes: Makes, clock: Callable[[], Micros]) -> None:
        self._makes, self._clock = makes, clock
        self._life = uuid7(clock())
        self._watched: dict[str, Watched] = {}
        self._moved = asyncio.Event()
        self.publish: Callable[[list[Piece]], None] = lambda pieces: None

    @staticmethod
    def names(topic: str) -> bool:
        """Is this one of ours?"""
        return topic.startswith(("own/", "fee/", "messages/"))

    async def run(self) -> None:
        """Makes what is followed anew whenever it may have changed, until cancelled."""
        looked = self._clock()
        while True:
            await self.look()
            if self._clock() - looked >= SECOND_US:
                looked = self._clock()
                await self._ask_news()
            await asyncio.sleep(LOOK_S)
            if not self._watched:
                await self._moved.wait()
            self._moved.clear()

    async def look(self) -> None:
        """Once: everything that is touched or due."""
        now = self._clock()
        ready = [each for each in self._watched.values() if each.dirty or (each.due is not None and each.due <= now)]
        for first in range(0, len(ready), ASKED_AT_ONCE):
            await asyncio.gather(*(self._make(each) for each in ready[first : first + ASKED_AT_ONCE]))

    async def _ask_news(self) -> None:
        try:
            self._dirty(await self._makes.news(set(self._watched)))
        except Exception as error:  # whatever the database says: what is shown holds until it answers again
            log.warning("messages could not be looked for: %r", error)

    async def _make(self, watched: Watched) -> None:
        watched.dirty = False
        try:
            view = await self._makes.view(watched.topic.name)
        except Exception as error:  # an actor's cell is away, or too much waits: what is shown holds until it answers
            log.debug("%s could not be made: %r", watched.topic.name, error)
            watched.due = self._clock() + AGAIN_US
            return
        watched.gone = view is None
        if view is not None:
            self._show(watched, view)
        watched.known.set()

    def _show(self, watched: Watched, view: View) -> None:
        topic, now = watched.topic, self._clock()
        watched.refs = view.refs
        watched.due = None if view.due is None else max(view.due, now + AGAIN_US if view.due <= now else view.due)
        for name, value in view.values.items():
            topic.say(name, value)
        for key in {*view.stays, *topic.body.get("stays", {})}:
            topic.put("stays", key, view.stays.get(key))
        if not watched.known.is_set():
            topic.begin(1, now)
            return
        piece = topic.cut(now)
        if piece is not None:
            self.publish([piece])

    # -- what the server asks, as it asks the feed

    async def join(self, name: str, at: Position | None) -> Joined:
        """What brings a subscriber from `at` to now; no pieces if there is no such thing."""
        watched = self._watched.get(name)
        if watched is None:
            watched = self._watched[name] = Watched(name, self._life)
            self._moved.set()
            await self._make(watched)
        await watched.known.wait()
        pieces = [] if watched.gone else watched.topic.join(*(at or (None, None)))
        return Joined(self._life, 0, pieces)

    def caught_up(self, joined: Joined) -> list[Piece] | None:
        """What was answered, brought to now."""
        last = joined.pieces[-1]
        watched = self._watched.get(last.topic)
        if watched is None or watched.topic.epoch != last.epoch:
            return None
        return joined.pieces if watched.topic.seq == last.seq else watched.topic.join()

    def position(self, name: str) -> Position | None:
        """Where a topic stands."""
        watched = self._watched.get(name)
        return None if watched is None else (watched.topic.epoch, watched.topic.seq)

    def keep(self, followed: Iterable[str]) -> None:
        """Forgets what nobody follows any more."""
        wanted = set(followed)
        self._watched = {name: each for name, each in self._watched.items() if name in wanted}

    def touch(self, refs: Iterable[str]) -> None:
        """Something became true of these actors."""
        touched = set(refs)
        self._dirty(name for name, each in self._watched.items() if not touched.isdisjoint(each.refs))

    def touch_all(self) -> None:
        """Anything may have become true."""
        self._dirty(self._watched)

    def _dirty(self, names: Iterable[str]) -> None:
        for name in list(names):
            if name in self._watched:
                self._watched[name].dirty = True
        self._moved.set()


Unread = Callable[[set[str]], Awaitable[dict[str, tuple[int, list[list[Any]]]]]]
"""Of each of these users: how many messages are unread, and the newest ones as rows."""
