"""Placing while the city lives: another number of cells, and a slot of its own for an actor that has none yet.

A function that somebody calls, not a service: the placement table is changed by compare-and-set, slots are given
calmly by the cells that carry them, or taken from cells that do not answer. A wrong or torn change costs time, never
truth: the journal's key is the law.
"""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import msgspec

from actors.engine.commit import insist
from actors.engine.directory import Directory, Given, Move, allot, place
from actors.engine.journal import Journal
from actors.engine.mail import Unreachable
from actors.values import Ref

GIVE_MOST = 64
"""Slots given in one call: they are away while the table is changed, so few at a time."""
ANSWER_WITHIN_S = 10.0
START_WITHIN_S = 60.0
NAP_S = 0.2
CALM_ROUNDS = 10
SEEN_WITHIN_S = 1.5
"""Everybody who sends looks at the table at least this often."""


class Cells(Protocol):
    """The processes that carry cells, by name."""

    def start(self, name: str) -> None:
        """Starts a cell, or leaves it alone if it is there."""

    def stop(self, name: str) -> None:
        """Ends a cell for good."""

    def running(self) -> list[str]:
        """The names of all cells that have a process and share slots."""

    async def call(self, name: str, method: str, payload: bytes) -> bytes:
        """Asks a cell; `Unreachable` if it cannot be asked."""


class NotPlaced(Exception):
    """The slots do not lie as they should; saying it again goes on where this ended."""


class Resized(NamedTuple):
    """What a change of the number of cells did: slots given calmly and taken by force, cells started and ended."""

    cells: list[str]
    given: int
    forced: int
    started: list[str]
    ended: list[str]


class Placing:
    """Whoever places, now: it keeps nothing between two calls, and another may go on where it died."""

    def __init__(self, journal: Journal, cells: Cells) -> None:
        self._journal = journal
        self._cells = cells

    # -- another number of cells

    async def resize(self, names: Sequence[str]) -> Resized:
        """Spreads the shared slots evenly over exactly these cells, with as few moves as possible."""
        started = await self._start(names)
        given = forced = 0
        for nth in range(2 * CALM_ROUNDS):
            moves = await insist(lambda: place(self._journal, list(names)), asyncio.sleep)
            if not moves:
                return Resized(list(names), given, forced, started, await self._end_others(names))
            calm, taken = await self._carry_out(moves, calmly=nth < CALM_ROUNDS)
            given, forced = given + calm, forced + taken
        raise NotPlaced("the slots do not come to rest: somebody else moves them, too")

    async def _start(self, names: Sequence[str]) -> list[str]:
        """Starts the cells; those that have no slots yet are given some only when they answer.

        One that is listed may be about to end; one that has slots may be about to come back, or have been ended.
        """
        carrying = await self._carrying()
        for name in carrying.intersection(names):
            await asyncio.to_thread(self._cells.start, name)
        new = [name for name in names if name not in carrying]
        for name in new:
            await self._until_it_answers(name)
        return new

    async def _carrying(self) -> set[str]:
        """The cells that the table names."""
        return {row.cell for row in await insist(self._journal.placed, asyncio.sleep)}

    async def _until_it_answers(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_WITHIN_S
        while loop.time() < deadline:
            await asyncio.to_thread(self._cells.start, name)
            if await self._ask(name, "state", b"") is not None:
                return
            await asyncio.sleep(NAP_S)
        raise NotPlaced(f"{name} does not answer {START_WITHIN_S:g} s after its start")

    async def _carry_out(self, moves: list[Move], calmly: bool) -> tuple[int, int]:
        """(given, forced) slots; what a cell answered but has not given, it has not opened yet: the next round's."""
        given = forced = 0
        for (was, now), some in groupby(sorted(moves, key=lambda move: move[1:]), key=lambda move: move[1:]):
            slots = [move.slot for move in some]
            for start in range(0, len(slots), GIVE_MOST):
                part = slots[start : start + GIVE_MOST]
                calm = await self._give(was, now, part) if calmly else None
                if calm is None:
                    forced += await self._force(was, now, part)
                else:
                    given += calm
                await self._ask(now, "look", b"")
        if given + forced < len(moves):
            await asyncio.sleep(NAP_S)
        return given, forced

    async def _give(self, was: str, now: str, slots: list[int]) -> int | None:
        """How many slots the cell gave; None if it does not answer."""
        answer = await self._ask(was, "give", msgspec.msgpack.encode(Given(slots, now)))
        return None if answer is None else msgspec.msgpack.decode(answer, type=int)

    async def _force(self, was: str, now: str, slots: list[int]) -> int:
        """Changes the table only; who opens the slots next fences whoever had them."""
        done = 0
        for slot in slots:
            done += await insist(lambda s=slot: self._journal.place(s, was, now), asyncio.sleep)  # type: ignore[misc]
        return done

    async def _end_others(self, names: Sequence[str]) -> list[str]:
        """Ends the cells that no row of the table names any more, when nobody looks for anything there."""
        wanted = {*names, *await self._carrying()}
        others = [name for name in await asyncio.to_thread(self._cells.running) if name not in wanted]
        if others:
            await asyncio.sleep(SEEN_WITHIN_S)
        ended = []
        for name in others:
            if name not in await self._carrying():  # somebody may have placed slots there meanwhile
                await asyncio.to_thread(self._cells.stop, name)
                ended.append(name)
        return ended

    async def _ask(self, name: str, method: str, payload: bytes) -> bytes | None:
        """The answer; None if the cell is away, or too slow to wait for."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._cells.call(name, method, payload)
        except (Unreachable, TimeoutError):
            return None

    # -- a dedicated actor that comes to a living city

    async def settle(self, directory: Directory, refs: Iterable[Ref]) -> None:
        """Gives these actors slots and cells of their own; returns when every cell that answers knows them.

        Only then may they hear something: who hears of them from them could not write to them otherwise.
        """
        for row in await allot(self._journal, list(refs)):
            await asyncio.to_thread(self._cells.start, row.cell)
        await insist(lambda: directory.refresh(self._journal), asyncio.sleep)
        await asyncio.gather(*[self._ask(name, "look", b"") for name in sorted(set(directory.cells.values()))])
