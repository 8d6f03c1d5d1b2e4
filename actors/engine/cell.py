"""A cell: a host with a journal, a clock and a network; one thread, no locks, one commit in flight.

It works at once in memory and lets nothing out before its commit. On any doubt it dies; whoever supervises it starts
it again, and it folds its journal again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from time import perf_counter
from typing import Any

import msgspec

from actors.engine import window
from actors.engine.bell import Bell
from actors.engine.catalogue import Catalogue
from actors.engine.commit import commit, insist, keep, mend_slots
from actors.engine.directory import Directory, Given
from actors.engine.entries import BUSY, Answer, Letter
from actors.engine.flight import Flight
from actors.engine.gauges import CellGauges
from actors.engine.host import Host
from actors.engine.journal import Journal, Unknown
from actors.engine.mail import CallCell, Clock, Mail, Unreachable
from actors.engine.opening import A_TIME, Opening
from actors.engine.pairs import PairQueue
from actors.engine.returning import Returning
from actors.engine.ring import Ring
from actors.values import SECOND_US

GROUP_MOST = 6_000
GROUP_BYTES = 4 * 1024 * 1024
LOOK_EVERY_S = 1.0
ACKS_WAIT_S = 1.0
BLIND_MOST_S = 5.0


class Cell:
    """The shell around a host: commits its groups, carries its messages, opens and gives slots."""

    def __init__(
        self,
        name: str,
        lease: int,
        catalogue: Catalogue,
        journal: Journal,
        call: CallCell,
        clock: Clock,
        die: Callable[[BaseException], None],
        dedicated_kinds: frozenset[str] = frozenset(),
        virtual: bool = False,
    ) -> None:
        self.name = name
        self.directory = Directory(dedicated_kinds)
        self.host = Host(catalogue, name, lease, self.directory, virtual=virtual)
        self.ring = Ring(lease)
        self._catalogue = catalogue
        self._journal = journal
        self._clock = clock
        self._die = die
        self._mail = Mail(catalogue, self._carry, self.directory.cell_of, self.directory.moved, clock)
        self.gauges = CellGauges(cell=name, lease=lease, mail=self._mail.gauges)
        self._call_cell = call
        self._waiting: dict[int, list[asyncio.Future[None]]] = {}
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._opening = Opening(self.host, journal, clock, self._opened, self._spawn)
        self._returning = Returning(self.host, journal, self._work.set)
        self._bell = Bell(self._work.set)
        self._commit_began = 0.0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._looked = 0.0
        self._troubled = False
        self._dead = False

    async def start(self) -> None:
        """Fences its slots (one alone first, so that a busy old owner falls at once), then works until it dies.

        They are folded while it works already, those that are asked for first.
        """
        await insist(self._look_once, asyncio.sleep)
        mine = self._unopened()
        await self._opening.open(mine[:1])
        await self._opening.fence(mine[1:])
        await self._opening.open(mine[:A_TIME])
        self._spawn(self._opening.finish())
        self._spawn(self._look())
        self._spawn(self._commit_loop())

    # -- what others ask of it

    async def call(self, method: str, payload: bytes) -> bytes:
        """Answers one request; the methods are those of `_METHODS`."""
        if self._dead:
            raise Unreachable(f"{self.name} has died")
        return await _METHODS[method](self, payload)

    async def _carry(self, cell: str, method: str, payload: bytes) -> bytes:
        """Calls another cell; what goes to a slot of this one needs no network."""
        if cell == self.name:
            return await self.call(method, payload)
        return await self._call_cell(cell, method, payload)

    async def _deliver(self, payload: bytes) -> bytes:
        while self._full() and not self._troubled:
            self._room.clear()
            await self._room.wait()
        letters = self._catalogue.decode_letters(payload)
        unopened = self._unopened({letter.slot for letter in letters})
        if unopened:
            await self._opening.open(unopened[:A_TIME])  # what is for the others comes again
        answers = [BUSY] * len(letters) if self._troubled else self._answers(letters)
        self.gauges.answered(answers)
        if missed := self._returning.wanted():
            self._spawn(self._returning.bring(missed))
        if self._troubled:
            return self._catalogue.encode(answers)
        if self.host.group.entries:  # a batch that left nothing behind would be counted for ever
            self.host.group.bytes += len(payload)
        await self._durable()
        return self._catalogue.encode(answers)

    def _full(self) -> bool:
        """Whether the group is as large as a commit may be: then what comes waits, and is not even read."""
        return self.host.group.turns >= GROUP_MOST or self.host.group.bytes >= GROUP_BYTES

    def _answers(self, letters: list[Letter[Any]]) -> list[Answer]:
        blind = asyncio.get_running_loop().time() - self._looked > BLIND_MOST_S
        if blind and any(letter.input is None for letter in letters):
            # It may have been replaced without knowing it: it must not answer queries from old state.
            return [BUSY] * len(letters)
        return self.host.deliver(letters, self._clock())

    async def _durable(self) -> None:
        """Waits until all that was decided up to now is durable."""
        ticket = self.host.ticket()
        if ticket:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(ticket, []).append(done)
            self._work.set()
            await done

    async def _follow(self, payload: bytes) -> bytes:
        return await self.ring.follow(payload, lambda: {n: self.host.durable_seq(n) for n in self.host.slots})

    async def _give(self, payload: bytes) -> bytes:
        """Gives slots away calmly: stop taking, let the commits finish, change the table, forget."""
        given = msgspec.msgpack.decode(payload, type=Given)
        slots = [slot for slot in given.slots if slot in self.host.slots]
        await self._stop_taking(dict.fromkeys(slots, given.to))
        for slot in slots:
            ref = self.directory.refs.get(slot)
            await insist(lambda s=slot, r=ref: self._journal.place(s, self.name, given.to, r), asyncio.sleep)  # type: ignore[misc]
            self.directory.moved(slot, given.to)
            self.host.forget(slot)
        return self._catalogue.encode(len(slots))

    async def _window(self, payload: bytes) -> bytes:
        """Lets a window of virtual time pass in all slots, all of it durable."""
        await self._opening.finish()
        window.let_pass(self.host, payload)
        await self._durable()
        return window.said(self.host)

    async def _state(self, payload: bytes) -> bytes:
        self.gauges.look(self.host)
        self.gauges.waiting_calls = sum(len(calls) for calls in self._waiting.values())
        self.gauges.ring_bytes = self.ring.size
        self.gauges.committing_seconds = self._committing_s()
        return self._catalogue.encode(self.gauges)

    async def _stop_taking(self, slots: dict[int, str]) -> None:
        """Takes nothing more for these slots, says who does, and waits until nothing of them is uncommitted."""
        for slot, to in slots.items():
            self.host.give(slot, to)
        while not all(self.host.clean(slot) for slot in slots):
            await self._durable()
            await asyncio.sleep(0)

    # -- the loop

    async def _commit_loop(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            self._tick()
            await mend_slots(self.host, self._journal, self._clock, self._pause)
            while (flight := self.host.cut()) is not None:
                self._room.set()
                self._commit_began = perf_counter()
                await commit(self._journal, flight.pages, self._pause)
                self.gauges.committed(flight.turns, flight.size, self._committing_s())
                self._commit_began = 0.0
                self._troubled = False
                self._release(flight)
                self._tick()
            self._schedule()

    def _committing_s(self) -> float:
        return perf_counter() - self._commit_began if self._commit_began else 0.0

    def _tick(self) -> None:
        if not self.host.virtual:
            self.host.tick(self._clock())

    async def _pause(self, delay_s: float) -> None:
        self._troubled = True
        self.gauges.commit_doubts_total += 1
        self._room.set()  # who waits for room is told that there is trouble
        await asyncio.sleep(delay_s)

    def _release(self, flight: Flight) -> None:
        """The flight is durable: answers, pushes, sends, what is asked of the outside, in this order."""
        pairs = self.host.committed(flight)
        for done in self._waiting.pop(flight.number, ()):
            if not done.done():
                done.set_result(None)
        self.ring.add(flight)
        if not self.host.virtual:
            self._send(pairs)
        self.gauges.parked_messages_total += len(flight.parked)
        self.gauges.snapshots_total += len(flight.snapshots)
        if flight.keeps:
            self._spawn(self._keep(flight))

    async def _keep(self, flight: Flight) -> None:
        async with self._keeping:  # flight by flight: no snapshot may overtake what an earlier flight has to keep
            await keep(self._journal, flight, asyncio.sleep)
        if self.host.gone.leave(flight.leavers):
            self._work.set()

    def _send(self, pairs: list[tuple[int, int]]) -> None:
        for number, to in pairs:
            self._mail.offer((number, to), PairQueue(self.host, number, to, self._schedule))

    def _schedule(self) -> None:
        """Wakes the loop at the next due alarm, and for acknowledgements alone within a second."""
        if self.host.group.urgent or self.host.broken:
            self._work.set()
            return
        due = None if self.host.virtual else self.host.next_wake()
        waits = [max(0.0, (due - self._clock()) / SECOND_US)] if due is not None else []
        waits += [ACKS_WAIT_S] if self.host.group.entries else []
        if waits:
            self._bell.ring_in(min(waits))

    # -- slots

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self._look_once()
            except Unknown:
                continue
            await self._follow_table()

    async def _look_now(self, payload: bytes) -> bytes:
        """Somebody has changed the table and wants it followed at once, not at the next look."""
        await insist(self._look_once, asyncio.sleep)
        await self._follow_table()
        return b""

    async def _follow_table(self) -> None:
        await self._let_go()
        await self._opening.open([slot for slot in self._unopened() if not self._opening.fenced(slot)])

    async def _let_go(self) -> None:
        """Gives up slots that were placed elsewhere by force: an idle one would go on answering from old memory."""
        cell_of, host = self.directory.cell_of, self.host
        lost = {n: cell_of(n) for n in host.slots if cell_of(n) not in ("", self.name) and n not in host.closing}
        await self._stop_taking(lost)
        for slot in lost:
            host.forget(slot)

    async def _look_once(self) -> None:
        await self.directory.refresh(self._journal)
        for name, version, since, body in await self._journal.references(self.host.references.known):
            self.host.references.add(name, version, since, body)
        self._looked = asyncio.get_running_loop().time()

    def _unopened(self, among: set[int] | None = None) -> list[int]:
        wanted = self.directory.cells if among is None else among
        host = self.host
        return sorted(s for s in wanted if s not in host.slots and self.directory.cell_of(s) == self.name)

    def _opened(self, heads: dict[int, int], seconds: float) -> None:
        for slot, seq in heads.items():  # the first of them may have been given away again meanwhile
            self.ring.opened(slot, seq, self._clock())
        self.gauges.opening_seconds.see(seconds)
        if not self.host.virtual:
            self._send([pair for pair in self.host.pairs() if pair[0] in heads])
        self._work.set()

    async def _mark(self, payload: bytes) -> bytes:
        """Writes pages and snapshots of those of these slots that it carries; two each, for the first one may be
        filed under a month that is long over, and names this one.
        """
        wanted = msgspec.msgpack.decode(payload, type=list[int])
        for _ in range(2):
            for slot in wanted:
                self.host.mark(slot, self._clock())
            await self._durable()
        for slot in wanted:  # a commit makes some snapshots, not all
            if self.host.due.waits(slot):
                self.host.mark(slot, self._clock())
                await self._durable()
        return b""

    # -- the end

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.stop()
            self._die(task.exception())  # type: ignore[arg-type]

    def stop(self) -> None:
        """Answers nobody any more; what was not durable was never shown."""
        self._dead = True
        self._mail.stop()
        for task in self._tasks:
            task.cancel()
        self._bell.stop()
        for waiting in self._waiting.values():
            for done in waiting:
                if not done.done():
                    done.set_exception(Unreachable(f"{self.name} has died"))


Method = Callable[[Cell, bytes], Awaitable[bytes]]
_METHODS: dict[str, Method] = {
    "deliver": Cell._deliver,
    "follow": Cell._follow,
    "give": Cell._give,
    "mark": Cell._mark,
    "look": Cell._look_now,
    "window": Cell._window,
    "state": Cell._state,
}
