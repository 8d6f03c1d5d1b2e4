"""One life of a cell: the real host and the real coroutines; a shell without event loop, stepped by the scheduler."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from actors.engine.commit import Fenced, HistoryLost, commit, insist, mend_slots, open_slots
from actors.engine.directory import Directory
from actors.engine.entries import BUSY, Answer, FromSlot
from actors.engine.flight import Flight
from actors.engine.host import Host
from actors.engine.outgoing import Pair
from actors.engine.pairs import PairQueue
from actors.engine.recovery import HoleInHistory
from actors.engine.returning import Returning
from actors.engine.ring import Ring
from actors.engine.slot import Slot
from actors.values import Micros, Ref
from tests.actors.engine.world.memory import MemoryJournal, Statement, rest, stepped
from tests.actors.engine.world.network import Courier, Trip
from tests.actors.engine.world.toys import TOYS
from tests.actors.engine.world.truth import Violation

if TYPE_CHECKING:
    from tests.actors.engine.world.world import World


class FarHost(Host):
    """A host that takes nothing at once from its own slots: all of it goes by mail."""

    def takes_here(self, slot: Slot, to: int, n: int, ref: Ref) -> bool:
        return False


class Job:
    """A coroutine of the engine, stepped by hand: it rests at a statement until somebody says how that ended.

    `asks` is the name of that statement, also while it only rests before it makes it again.
    """

    def __init__(self, owner: Any, work: Coroutine[Any, Any, Any], ended: Callable[[Any], None]) -> None:
        self.owner = owner
        self.statement: Statement | None = None
        self.asks = ""
        self._work = work
        self._ended = ended

    def go(self, value: Any = None, error: Exception | None = None) -> None:
        """The statement ended; on to the next one, or to the end."""
        try:
            self.statement = self._work.throw(error) if error else self._work.send(value)
        except StopIteration as stop:
            self._ended(stop.value)
        except Fenced:
            self.owner.die()
        except (HistoryLost, HoleInHistory) as error:
            raise Violation(f"{type(error).__name__}: {error}") from error
        else:
            if self.statement.run is not rest:
                self.asks = self.statement.name
            self.owner.world.jobs.append(self)

    def drop(self) -> None:
        """Its process has died."""
        self._work.close()


class Process:
    """What a cell does from its start to its death."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.alive = True
        self.skew: Micros = world.random.choice([0, 0, 30_000, 200_000])
        self.directory = Directory()
        kind = Host if world.near else FarHost
        lease = world.next_lease()
        self.host = kind(TOYS, name, lease, self.directory, hot=lease % 3)
        self.ring = Ring(self.host.lease)
        self.journal = MemoryJournal(world.tables, stepped)
        self.returning = Returning(self.host, self.journal, lambda: None)
        self.courier = Courier(world.network, world.clock, self.directory, world.random.choice([2, 4, 1000]))
        self.waiting: dict[int, list[tuple[Trip, list[Answer]]]] = {}
        self.held: list[Trip] = []
        self.opening = False
        self.mending = False
        self.troubled = False
        self.look()

    def now(self) -> Micros:
        """Its own clock."""
        return self.world.clock.now + self.skew

    def look(self) -> None:
        """Reads the placement table, and opens what should be here."""
        self.directory.cells.update({row.slot: row.cell for row in self.world.tables.placed()})
        self.open(self.unopened())

    # -- slots

    def unopened(self) -> list[int]:
        """Slots that should be here and are not."""
        cells = self.directory.cells
        return [slot for slot in self.world.slots if cells.get(slot) == self.name and slot not in self.host.slots]

    def open(self, slots: list[int]) -> None:
        """Opens some of these slots, one group at a time."""
        if self.opening or not slots:
            return
        self.opening = True
        some = slots if self.world.random.random() < 0.7 else slots[:1]
        work = open_slots(self.host, self.journal, some, self.now(), self.pause)
        Job(self, work, self._opened).go()

    def _opened(self, heads: dict[int, int]) -> None:
        self.opening = False
        for slot, seq in heads.items():
            self.ring.opened(slot, seq, self.now())
        self.offer([pair for pair in self.host.pairs() if pair[0] in heads])
        held, self.held = self.held, []
        for trip in held:
            self.deliver(trip)

    async def pause(self, delay_s: float) -> None:
        """A rest inside a coroutine."""
        await Statement(rest, (delay_s,))

    async def troubled_pause(self, delay_s: float) -> None:
        """A rest inside a commit: until it ends, new batches are answered busy."""
        self.troubled = True
        await Statement(rest, (delay_s,))

    # -- taking

    def deliver(self, trip: Trip) -> None:
        """A batch arrives: taken at once, answered when it is durable."""
        wanted = {letter.slot for letter in trip.letters}
        unopened = [slot for slot in self.unopened() if slot in wanted]
        if unopened:
            self.held.append(trip)
            self.open(unopened)
            return
        if self.troubled:
            self.world.network.reply(trip, [BUSY] * len(trip.letters))
            return
        answers = self.host.deliver(TOYS.decode_letters(TOYS.encode(trip.letters)), self.now())
        if missed := self.returning.wanted():
            Job(self, self.returning.bring(missed), lambda _: None).go()
        ticket = self.host.ticket()
        if ticket:
            self.waiting.setdefault(ticket, []).append((trip, answers))
        else:
            self.world.network.reply(trip, answers)

    # -- committing

    def work(self) -> None:
        """One round of the loop: due wakes, broken slots, a commit."""
        host = self.host
        if self.mending:
            return
        host.tick(self.now())
        if host.broken and not host.flights:
            self.mending = True
            Job(self, mend_slots(host, self.journal, self.now, self.troubled_pause), self._mended).go()
            return
        flight = host.cut()
        if flight is not None:
            Job(self, commit(self.journal, flight.pages, self.troubled_pause), lambda _: self._release(flight)).go()

    def _mended(self, _: None) -> None:
        self.mending = False

    def _release(self, flight: Flight) -> None:
        self.troubled = False
        pairs = self.host.committed(flight)
        for trip, answers in self.waiting.pop(flight.number, ()):
            self.world.network.reply(trip, answers)
        self.ring.add(flight)
        self.offer(pairs)
        self.world.tables.park(flight.parked)
        if flight.leavers:
            leaves = insist(lambda: self.journal.leave(flight.leavers), self.pause)
            Job(self, leaves, lambda _: self.host.gone.leave(flight.leavers)).go()
        if flight.errands:
            Job(self, insist(lambda: self.journal.ask(flight.errands), self.pause), lambda _: None).go()
        if flight.snapshots:
            self.world.late_snapshots.append(flight.snapshots)
        self.let_go()

    # -- giving

    def give(self, slot: int, to: str) -> None:
        """A calm move begins."""
        self.host.give(slot, to)
        self.let_go()

    def let_go(self) -> None:
        """Calm moves end when nothing of the slot is uncommitted."""
        for slot, to in list(self.host.closing.items()):
            if self.host.clean(slot):
                self.world.tables.place(slot, self.name, to, None)
                self.directory.moved(slot, to)
                self.host.forget(slot)

    # -- telling

    def offer(self, pairs: list[Pair]) -> None:
        """These pairs of slots have something to send."""
        for number, to in pairs:
            self.courier.offer((number, to), PairQueue(self.host, number, to, lambda: None))

    def rush(self) -> None:
        """A second batch of a pair beside the one on its lane, and not even in order: allowed, and seldom wise."""
        random, pairs = self.world.random, self.host.pairs()
        if pairs:
            number, to = random.choice(pairs)
            letters = self.host.outgoing(number, to, 8)
            some = [random.choice(letters)] if letters and random.random() < 0.7 else letters[:3]
            if some:
                queue = PairQueue(self.host, number, to, lambda: None)
                self.world.network.ask(Trip(Rush(queue), self.directory.cell_of(to), some))

    # -- the end

    def die(self) -> None:
        """A crash, or the exit on a doubt: nothing that waits is ever answered; a new life begins."""
        self.alive = False
        self.world.exits += 1
        for job in [job for job in self.world.jobs if job.owner is self]:
            self.world.jobs.remove(job)
            self.world.leave_behind(job)
        for trip in [trip for waiting in self.waiting.values() for trip, _ in waiting] + self.held:
            trip.end(None)
        self.world.replace(self)

    def idle(self) -> bool:
        """Whether nothing is uncommitted and nobody waits."""
        host = self.host
        trips = self.waiting or self.held
        return not (host.group.entries or host.flights or host.broken or trips or self.opening)


class Rush:
    """The sender of a batch beside the lanes."""

    def __init__(self, queue: PairQueue) -> None:
        self._queue = queue

    def answered(self, trip: Trip, answers: list[Answer]) -> None:
        self._queue.settle(trip.letters, answers)

    def failed(self, trip: Trip) -> None:
        """The lanes send it anyway."""


def from_cells(trip: Trip) -> bool:
    """Whether a call carries messages between slots."""
    return isinstance(trip.letters[0].input, FromSlot)
