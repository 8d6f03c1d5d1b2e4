"""The projector: takes what was committed into all projections, slot by slot, once, in order."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Annotated, Any

import asyncpg
import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.entries import Told
from actors.engine.gauges import Spread, figure, seconds, tally
from actors.messages.forms import Fact
from storage.projections.breath import Breath
from storage.projections.checkpoints import (
    TOGETHER,
    Overtaken,
    PageRow,
    Step,
    advance,
    load,
    pages,
    refuse_if_gone,
)
from storage.projections.forms import Happened, Projection
from storage.schema.books import APPEND_ONLY
from storage.schema.derived import projected

log = logging.getLogger(__name__)

Decode = Callable[[bytes], Sequence[Told[Any]]]
"""What a page made true; raises for a page that this code cannot read."""

PAGES_A_SLOT = 64
PAGES_A_ROUND = 16_000
PAGES_AT_ONCE = 256
REST_MOST_S = 1.0
BREATHS_MOST_S = 1.0
"""The rests while a round reads, and as much while it writes: a transaction, which must not be open for long."""
RETRY_S = 1.0
AWAY = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
IDLE_ROUNDS = 20
WRITTEN_EVERY = 8
"""After so many rounds the places of those who heard nothing are written too; a quiet journal brings that at once."""
A_TIME = {"passages": 2_000}
"""So many facts at a time, with a rest after each, of those who write a row for each: they write the most, and nothing
that a later fact would change. All others are told all of a round at once, and write the last word.
"""
_NOBODY: frozenset[str] = frozenset()


class ProjectorGauges(msgspec.Struct, kw_only=True):
    """What a projector has done since its process began; how far it is behind is the tables' to tell."""

    round_seconds: Annotated[Spread, figure("Time of one round that took pages")] = msgspec.field(
        default_factory=seconds
    )
    pages_total: Annotated[int, figure("Pages of the journal taken into the tables")] = 0
    facts_total: Annotated[dict[str, int], figure("Facts made rows of", "projection")] = {}
    pauses_total: Annotated[int, figure("Rounds given up because the database was away or somebody was faster")] = 0


class Projector:
    """One worker for several projections; they share each page that is read, and each keeps its own place.

    It rests `idle_s` between rounds, and after a long round as long as that took: a few large rounds cost much less
    than many small ones, for the last word on a bay or a device is all that is written of it.

    A checkpoint goes with the rows of its projection. Where there was nothing to hear for one, its place is written
    later, together with others: whoever begins there reads some pages again, and again hears nothing in them.

    A page that cannot be decoded ends `run`: skipping it would make the tables lie.
    """

    def __init__(
        self, engine: AsyncEngine, decode: Decode, projections: Sequence[Projection], idle_s: float = 0.25
    ) -> None:
        self._engine = engine
        self._decode = decode
        self._projections = {each.name: each for each in projections}
        self._hearing: dict[type[Fact], frozenset[str]] = {}
        for each in projections:
            for fact in each.hears:
                self._hearing[fact] = self._hearing.get(fact, _NOBODY) | {each.name}
        self._idle_s = idle_s
        self.gauges = ProjectorGauges()
        self._checkpoints: dict[str, dict[int, int]] = {}
        self._written: dict[str, dict[int, int]] = {}  # as the table has them
        self._unwritten: set[int] = set()  # slots in which one is further than the table says
        self._first = self._idle_rounds = self._unwritten_rounds = 0
        self._behind = False
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Follow the journal until stopped; a database that goes away is waited for."""
        self._stopping.clear()
        while not self._stopping.is_set():
            began = perf_counter()
            try:
                await self.round(calm=True)
                took_s = min(perf_counter() - began, REST_MOST_S)
                wait_s = 0.0 if self._behind else max(self._idle_s, took_s)
            except Overtaken:
                wait_s = self._idle_s
            except AWAY as error:
                log.warning("projections wait for the database: %s", error)
                self._checkpoints, wait_s = {}, RETRY_S
            await self._pause(wait_s)

    async def stop(self) -> None:
        """End `run` after the round under way."""
        self._stopping.set()

    async def round(self, calm: bool = False) -> bool:
        """Take the next pages of all slots in one transaction; whether there were any. A calm one that is not far
        behind rests between its parts.
        """
        try:
            found = await self._read()
            if found:
                began = perf_counter()
                await self._take(found, BREATHS_MOST_S if calm and not self._behind else 0.0)
                self.gauges.round_seconds.see(perf_counter() - began)
                self.gauges.pages_total += len(found)
            if self._unwritten and (not found or self._unwritten_rounds >= WRITTEN_EVERY):
                await self._write_places()
        except BaseException:
            self.gauges.pauses_total += 1
            self._checkpoints = {}
            raise
        return bool(found)

    async def catch_up(self) -> None:
        """Rounds until nothing is left."""
        while await self.round():
            pass

    async def rebuild(self, name: str) -> None:
        """Empty this projection's tables and start it again from the first page of each slot; `HistoryGone`.

        What is append-only stays: its rows come again, and are there.
        """
        async with self._engine.begin() as connection:
            await refuse_if_gone(connection, name)
            await connection.execute(update(projected).where(projected.c.projection == name).values(seq=0))
            for table in self._projections[name].tables:
                if not table.info.get(APPEND_ONLY):
                    await connection.execute(delete(table))
        self._checkpoints = {}

    async def _read(self) -> list[PageRow]:
        async with self._engine.begin() as connection:
            if not self._checkpoints:
                self._checkpoints = await load(connection, self._projections)
                self._written = {name: dict(places) for name, places in self._checkpoints.items()}
                self._unwritten, self._unwritten_rounds = set(), 0
            found = await pages(connection, self._floor(), PAGES_A_SLOT, PAGES_A_ROUND)
        self._idle_rounds = 0 if found else self._idle_rounds + 1
        if self._idle_rounds >= IDLE_ROUNDS:  # look again for slots that are new, or were set back by others
            self._idle_rounds, self._checkpoints = 0, {}
        full = len(found) == PAGES_A_ROUND
        self._first = found[-1].slot + 1 if full else 0
        self._behind = full or PAGES_A_SLOT in Counter(page.slot for page in found).values()
        return found

    def _floor(self) -> list[tuple[int, int]]:
        """How far the slowest projection is in each slot, beginning where the last full round ended."""
        slots = sorted(next(iter(self._checkpoints.values()), {}))
        turned = [slot for slot in slots if slot >= self._first] + [slot for slot in slots if slot < self._first]
        columns = ([places[slot] for slot in turned] for places in self._checkpoints.values())
        return [(slot, min(places)) for slot, places in zip(turned, zip(*columns, strict=True), strict=True)]

    async def _take(self, found: list[PageRow], rests_s: float) -> None:
        shares = await self._shares(found, Breath(rests_s))
        tops = {page.slot: page.seq for page in found}
        steps = [
            Step(name, slot, self._written[name][slot], tops[slot])
            for name, slots in _moving(shares).items()
            for slot in slots
            if self._written[name][slot] < tops[slot]
        ]
        if steps:
            breath = Breath(rests_s)
            async with self._engine.begin() as connection:
                await advance(connection, steps)
                for name, part in _parts(shares):
                    await self._projections[name].apply(connection, part)
                    tally(self.gauges.facts_total, name, len(part))
                    await breath.take()
        self._now_written(steps)
        for places in self._checkpoints.values():
            places.update({slot: seq for slot, seq in tops.items() if places[slot] < seq})
        self._unwritten.update(tops)
        self._unwritten_rounds += 1

    async def _write_places(self) -> None:
        """Checkpoints of those who heard nothing lately."""
        steps = [
            Step(name, slot, self._written[name][slot], places[slot])
            for name, places in self._checkpoints.items()
            for slot in self._unwritten
            if self._written[name][slot] < places[slot]
        ]
        self._unwritten, self._unwritten_rounds = set(), 0
        if steps:
            async with self._engine.begin() as connection:
                await advance(connection, steps)
            self._now_written(steps)

    def _now_written(self, steps: list[Step]) -> None:
        for step in steps:
            self._written[step.projection][step.slot] = step.seq

    async def _shares(self, found: list[PageRow], breath: Breath) -> dict[str, list[Happened]]:
        """What each projection is to be told: of the facts that it hears, those it has not had."""
        shares: dict[str, list[Happened]] = {name: [] for name in self._projections}
        everybody = {fact: [shares[name] for name in names] for fact, names in self._hearing.items()}
        even = self._even({page.slot for page in found})
        for number, page in enumerate(found, start=1):
            if number % PAGES_AT_ONCE == 0:  # who asks how it is, is answered; one that says nothing counts as frozen
                await breath.take()
            slot, seq, nth = page.slot, page.seq, -1
            hearers = everybody if slot in even else self._hearers(shares, page)
            for turn in self._decode(page.body):
                for fact in turn.facts:
                    nth += 1
                    if listening := hearers.get(type(fact)):
                        each = Happened(slot, seq, nth, turn.ref, turn.at, fact)
                        for share in listening:
                            share.append(each)
        return shares

    def _hearers(self, shares: dict[str, list[Happened]], page: PageRow) -> dict[type[Fact], list[list[Happened]]]:
        """The shares that a fact of each type in this page goes to: of those who have not had it."""
        new = {name for name, places in self._checkpoints.items() if places[page.slot] < page.seq}
        return {fact: [shares[name] for name in names & new] for fact, names in self._hearing.items()}

    def _even(self, slots: set[int]) -> set[int]:
        """Those of these slots in which all projections are equally far: the pages there are new to all."""
        return {slot for slot in slots if len({places[slot] for places in self._checkpoints.values()}) == 1}

    async def _pause(self, seconds: float) -> None:
        if seconds:
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                return


def _parts(shares: dict[str, list[Happened]]) -> Iterator[tuple[str, list[Happened]]]:
    """What each projection is told at a time."""
    for name, news in shares.items():
        a_time = A_TIME.get(name, max(1, len(news)))
        for first in range(0, len(news), a_time):
            yield name, news[first : first + a_time]


def _moving(shares: dict[str, list[Happened]]) -> dict[str, set[int]]:
    """The slots in which each projection is written further: where it hears something, or one beside it does."""
    slots = {name: {each.slot for each in news} for name, news in shares.items()}
    beside = [slots[name] for name in TOGETHER if name in slots]
    return slots | {name: set().union(*beside) for name in TOGETHER if name in slots}


async def reached(engine: AsyncEngine, projection: str, slot: int, seq: int, timeout_s: float = 2.0) -> bool:
    """Waits until the projection has taken this page; False if it has not in that time."""
    query = select(projected.c.seq).where(projected.c.projection == projection, projected.c.slot == slot)
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        async with engine.connect() as connection:
            place = (await connection.execute(query)).scalar()
        if place is not None and place >= seq:
            return True
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(0.02)
