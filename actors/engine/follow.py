"""A follower: a copy of all actors, folded from committed pages only; what views and screens are made of."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, NamedTuple

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.commit import backoff, insist
from actors.engine.directory import Directory
from actors.engine.gauges import FollowerGauges
from actors.engine.journal import Journal, Stretch, Unknown
from actors.engine.law import LawBroken
from actors.engine.mail import ANSWER_WITHIN_S, CallCell, Unreachable
from actors.engine.recovery import folded, must_follow
from actors.engine.ring import ANSWER_PAGES, News, ShownPage, Since
from actors.engine.slot import Images, Slot
from actors.engine.warmth import Warmth
from actors.messages.forms import Face, Fact
from actors.values import SECOND_US, Micros, Ref

NO_END = 1 << 62
REFILL_SLOTS = 16
"""How many slots are read anew at a time."""
REST_S = 0.02
QUEUED_MOST = 10_000
"""So many changes may wait to be taken; then no more are folded until some are."""


class Change(NamedTuple):
    """One committed page: the faces of all actors it touched, and what became true of whom, turn by turn. Apply it iff
    `prev` is yours.
    """

    slot: int
    prev: int
    seq: int
    at: Micros
    faces: list[tuple[Ref, Face]]
    facts: list[tuple[Ref, list[Fact]]]


class SlotFaces(NamedTuple):
    """All faces of a slot at page `seq`: replaces everything known of the slot."""

    slot: int
    seq: int
    faces: list[tuple[Ref, Face]]


class Replica:
    """A slot's actors as committed, and the changes that each further page makes."""

    def __init__(self, catalogue: Catalogue, shown: frozenset[str] | None = None) -> None:
        """`shown`: the kinds whose faces are wanted (None: all that stay); actors of others are not kept up to date.

        Who leaves his slot tells no follower, and cannot be shown.
        """
        self._catalogue = catalogue
        self._shown = frozenset(catalogue.kinds) - catalogue.leaving if shown is None else shown
        if leaving := sorted(self._shown & catalogue.leaving):
            raise LawBroken(f"nobody can follow {', '.join(leaving)}: they leave their slots")
        self.slots: dict[int, Slot] = {}
        self._warmth = Warmth()

    def continues(self, page: ShownPage) -> bool:
        """Whether this page is the next one of its slot."""
        known = self.slots.get(page.slot)
        return known is not None and page.seq == known.seq + 1

    def old(self, page: ShownPage) -> bool:
        """Whether this page is known already."""
        known = self.slots.get(page.slot)
        return known is not None and page.seq <= known.seq

    def apply(self, page: ShownPage) -> Change:
        """Folds the next page."""
        slot = self.slots[page.slot]
        must_follow(slot, page.seq)
        told = self._catalogue.decode_told(page.body)
        shown = [each for each in told if each.facts and each.ref.kind in self._shown]
        faces = [(ref, actor.face()) for ref, actor in slot.see(page.seq, shown, self._catalogue).items()]
        self._warmth.heard(slot)
        self._warmth.settle()
        facts = [(each.ref, each.facts) for each in told if each.facts]
        return Change(page.slot, page.seq - 1, page.seq, page.at, faces, facts)

    def replace(self, slot: Slot) -> SlotFaces:
        """Takes a slot as the journal has it."""
        slot.leave_actors(self._shown)
        self._warmth.forget(slot.number)
        self.slots[slot.number] = slot
        return SlotFaces(slot.number, slot.seq, [(ref, actor.face()) for ref, actor in slot.roll.actors()])


class Follower:
    """Follows all cells; where continuity is lost it reads the journal, so that nothing is skipped in silence.

    A cell is asked again `REST_S` after it had news: a busy one tells many pages at once instead of each commit's.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        call: CallCell,
        journal: Journal,
        directory: Directory,
        shown: frozenset[str] | None = None,
    ) -> None:
        self.replica = Replica(catalogue, shown)
        self._catalogue = catalogue
        self._images = Images(catalogue)
        self._call = call
        self._journal = journal
        self._directory = directory
        self._queue: asyncio.Queue[list[Change | SlotFaces]] = asyncio.Queue()
        self._taken = asyncio.Event()
        self._failed: BaseException | None = None
        self._behind: dict[str, tuple[int, Micros]] = {}
        self._pages = self._refilled = self._queued = 0
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Reads every slot from the journal once, then follows the cells, also those that come later.

        Read `changes` meanwhile: of more slots than may wait it would not come to an end.
        """
        await insist(lambda: self._directory.refresh(self._journal), asyncio.sleep)
        await self._refill(sorted(self._directory.cells))
        self._run("", self._look())

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks[name] = asyncio.create_task(work)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # A hole in the history, a page of unknown code: whoever reads `changes` must hear of it.
        if not task.cancelled() and task.exception() is not None:
            self._failed = task.exception()
            self._queue.put_nowait([])

    async def _look(self) -> None:
        while True:
            carrying = set(self._directory.cells.values())
            for cell in carrying - {name for name, task in self._tasks.items() if not task.done()}:
                self._run(cell, self._follow(cell))
            await asyncio.sleep(1.0)
            try:
                await self._directory.refresh(self._journal)
            except Unknown:
                continue

    async def changes(self) -> AsyncIterator[Change | SlotFaces]:
        """Everything that is committed, slot by slot in order."""
        while self._failed is None:
            batch = await self._queue.get()
            self._queued -= len(batch)
            self._taken.set()
            for news in batch:
                yield news
            await asyncio.sleep(0)  # a long queue must not keep ticks and questions waiting
        raise self._failed

    async def _room(self) -> None:
        """Waits before something is folded, and not between that and queueing it: so both have one order."""
        while self._queued >= QUEUED_MOST:
            self._taken.clear()
            await self._taken.wait()

    async def _follow(self, cell: str) -> None:
        since, delays = Since(0, 0), backoff()
        answers = True
        while answers or cell in self._directory.cells.values():  # one that was ended answers no more
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    raw = await self._call(cell, "follow", msgspec.msgpack.encode(since))
            except (Unreachable, TimeoutError):  # a frozen cell gives no error
                answers = False
                await asyncio.sleep(next(delays))
                continue
            answers, delays = True, backoff()
            news = msgspec.msgpack.decode(raw, type=News)
            await self._take(news)
            since = Since(news.lease, news.cursor)
            self.stands(cell, news)
            if 0 < len(news.pages) < ANSWER_PAGES:
                await asyncio.sleep(REST_S)

    def stands(self, cell: str, news: News) -> None:
        """These news of a cell are taken: how far it has come, and how far the cell was."""
        self._pages += len(news.pages)
        newest = news.pages[-1].at if news.pages else self._behind.get(cell, (0, 0))[1]
        self._behind[cell] = (max(0, news.end - news.cursor), newest)

    def gauges(self, now: Micros) -> FollowerGauges:
        """How far it is behind the cells, as they last said."""
        late = [at for pages, at in self._behind.values() if pages and at]
        return FollowerGauges(
            queued_changes=self._queued,
            behind_pages=sum(pages for pages, _ in self._behind.values()),
            behind_seconds=max(0, now - min(late)) / SECOND_US if late else 0.0,
            pages_total=self._pages,
            refilled_slots_total=self._refilled,
        )

    async def _take(self, news: News) -> None:
        if news.heads is not None:
            known = self.replica.slots
            await self._refill([s for s, seq in news.heads.items() if s not in known or known[s].seq < seq])
        await self._room()
        batch: list[Change | SlotFaces] = []
        for page in news.pages:
            if self.replica.continues(page):
                batch.append(self.replica.apply(page))
            elif not self.replica.old(page):
                self._pass_on(batch)
                batch = []
                await self._refill([page.slot])
        self._pass_on(batch)

    def _pass_on(self, batch: list[Change | SlotFaces]) -> None:
        if batch:
            self._queued += len(batch)
            self._queue.put_nowait(batch)

    async def _refill(self, slots: list[int]) -> None:
        self._refilled += len(slots)
        for first in range(0, len(slots), REFILL_SLOTS):
            await self._refill_some(slots[first : first + REFILL_SLOTS])

    async def _refill_some(self, slots: list[int]) -> None:
        kept = await insist(lambda: self._journal.snapshots(slots), asyncio.sleep)
        asked = [Stretch(number, self._catalogue.after(kept.get(number)), NO_END) for number in slots]
        pages = await insist(lambda: self._journal.read(asked), asyncio.sleep)
        for number in slots:
            slot = folded(self._catalogue, self._images, number, kept.get(number), pages.get(number, []))
            await self._room()
            known = self.replica.slots.get(number)
            if known is None or known.seq < slot.seq:
                self._pass_on([self.replica.replace(slot)])

    async def close(self) -> None:
        """Stops following."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
