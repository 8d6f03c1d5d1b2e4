"""Virtual time: the city's own actors in process, without Ray, driven by a clock that jumps.

What actors say to each other arrives `hop_us` later. So nothing that follows from a message lies within `hop_us` of it,
and all that is said in a window of that length may be taken as one batch: both drivers give the same facts.
"""

import contextlib
import heapq
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import count, groupby
from typing import Any, NamedTuple

import simpy

from actors.engine.catalogue import Catalogue
from actors.engine.digest import Digest
from actors.engine.entries import FromSlot, Letter
from actors.engine.host import Host
from actors.values import SECOND_US, SHARED_SLOTS, Micros, shared_slot
from sim.day import Said

HOP_US: Micros = 3 * SECOND_US
OUTGOING_MOST = 1_000
NEVER: Micros = 1 << 62

Due = tuple[Micros, int, int, int, int]
"""When a letter is due, and its place among those of the same microsecond: what comes from outside before what actors
say, then by slot, number (each slot numbers what it says to each other one) and goal; the same whoever carries them.
"""


class World:
    """A host in virtual time that carries these slots, its pages in memory, and what its actors say on its way."""

    def __init__(
        self, catalogue: Catalogue, slots: Iterable[int] = range(SHARED_SLOTS), hop_us: Micros = HOP_US
    ) -> None:
        self.catalogue = catalogue
        self.hop_us = hop_us
        self.host = Host(catalogue, "virtual", 1, virtual=True)
        self.pages: dict[int, list[bytes]] = defaultdict(list)
        for slot in slots:
            self.host.open(slot, None, [])

    def take(self, letters: list[Letter[Any]]) -> list[Letter[Any]]:
        """Takes letters in this order, each at its own time, with the wakes before it; what actors say to it."""
        for letter, answer in zip(letters, self.host.deliver(letters, 0), strict=True):
            if answer.how != "done":
                raise RuntimeError(f"{letter.ref} did not take {type(letter.message).__name__}: {answer.how}")
        return self._said()

    def tick(self, upto_us: Micros) -> list[Letter[Any]]:
        """Rings all wakes up to then; what actors say to it."""
        while (due := self.host.tick(upto_us)) is not None and due <= upto_us:
            pass
        return self._said()

    def window(self, window: "Window") -> "Passed":
        """Lets a whole window pass."""
        said = self.take(window.letters) + self.tick(window.end_us)
        return Passed(said, self.host.next_wake())

    def _said(self) -> list[Letter[Any]]:
        said: list[Letter[Any]] = []
        while flight := self.host.cut():
            for page in flight.pages:
                self.pages[page.slot].append(page.body)
            if flight.errands:
                raise RuntimeError(f"nobody outside answers in virtual time: {flight.errands[0]}")
            for pair in self.host.committed(flight):
                said += self._outgoing(*pair)
        return said

    def _outgoing(self, slot: int, to: int) -> Iterator[Letter[Any]]:
        while letters := self.host.outgoing(slot, to, OUTGOING_MOST):
            for letter in letters:
                yield Letter(letter.slot, letter.input, letter.ref, letter.message, letter.at + self.hop_us)
            # In virtual time nothing is lost on the way: what has left has arrived.
            self.host.acked(slot, to, _number(letters[-1]))

    def digest(self) -> str:
        """Of all facts of all actors, each with its time."""
        return Digest(self.catalogue).of_pages(body for slot in sorted(self.pages) for body in self.pages[slot])


def _number(letter: Letter[Any]) -> int:
    if not isinstance(letter.input, FromSlot):
        raise TypeError("only slots send by themselves")
    return letter.input.n


def _due(letter: Letter[Any], order: int) -> Due:
    source = letter.input
    if isinstance(source, FromSlot):
        return letter.at, 1, source.slot, source.n, letter.slot
    return letter.at, 0, 0, order, 0


class Window(NamedTuple):
    """One window for one of the worlds: what its actors are told in it, in order, and its last microsecond."""

    place: int
    letters: list[Letter[Any]]
    end_us: Micros


class Passed(NamedTuple):
    """A window has passed in a world: what its actors say to it, each at its time, and when its next wake is due."""

    said: list[Letter[Any]]
    next_wake: Micros | None


def windows(
    letters: Iterable[Letter[Any]],
    until_us: Micros,
    carries: Callable[[int], int],
    worlds: int,
    hop_us: Micros = HOP_US,
) -> Generator[list[Window], list[Passed], None]:
    """The windows of a run, one after the other, for all worlds at once; whoever drives it sends back how they passed.

    `carries` tells which of the worlds carries a slot.
    """
    order = count()
    waiting = [(*_due(letter, next(order)), letter) for letter in letters]
    heapq.heapify(waiting)
    wake = NEVER
    while (begin_us := min(waiting[0][0] if waiting else NEVER, wake)) <= until_us:
        end_us = min(begin_us - begin_us % hop_us + hop_us - 1, until_us)
        batches: dict[int, list[Letter[Any]]] = defaultdict(list)
        while waiting and waiting[0][0] <= end_us:
            letter = heapq.heappop(waiting)[-1]
            batches[carries(letter.slot)].append(letter)
        passed = yield [Window(place, batches[place], end_us) for place in range(worlds)]
        for letter in (letter for each in passed for letter in each.said):
            heapq.heappush(waiting, (*_due(letter, 0), letter))
        wake = min((each.next_wake for each in passed if each.next_wake is not None), default=NEVER)


def run_windows(worlds: Sequence[World], said: Iterable[Said], until_us: Micros, carries: Callable[[int], int]) -> None:
    """Drives worlds in this process by windows of their hop: all letters of a window are one batch per world."""
    run = windows((each.letter() for each in said), until_us, carries, len(worlds), worlds[0].hop_us)
    with contextlib.suppress(StopIteration):
        asked = next(run)
        while True:
            asked = run.send([worlds[window.place].window(window) for window in asked])


def run_events(world: World, said: Iterable[Said], until_us: Micros) -> None:
    """Drives a world event by event under SimPy's clock: every letter and every wake at its own microsecond."""
    env = simpy.Environment(initial_time=0)
    run = _Run(env, world)
    for at_us, letters in groupby((s.letter() for s in said), key=lambda letter: letter.at):
        run.post(at_us, list(letters))
    env.process(run.wakes())
    env.run(until=until_us + 1)


class _Run:
    """One run under SimPy: letters that are due and the next wake, each an event."""

    def __init__(self, env: simpy.Environment, world: World) -> None:
        self._env = env
        self._world = world
        self._due: dict[Micros, list[Letter[Any]]] = {}
        self._nudge = env.event()

    def post(self, at_us: Micros, letters: list[Letter[Any]]) -> None:
        """Has these taken then, with all others of that microsecond in their order."""
        if at_us not in self._due:
            self._due[at_us] = []
            self._env.timeout(at_us - int(self._env.now)).callbacks.append(lambda _: self._take(at_us))
        self._due[at_us] += letters

    def _take(self, at_us: Micros) -> None:
        letters = self._due.pop(at_us)
        ranked = sorted(enumerate(letters), key=lambda item: _due(item[1], item[0]))
        self._spread(self._world.take([letter for _, letter in ranked]))
        self._nudge.succeed()
        self._nudge = self._env.event()

    def _spread(self, letters: list[Letter[Any]]) -> None:
        for letter in letters:
            self.post(letter.at, [letter])

    def wakes(self) -> Generator[simpy.Event, Any, None]:
        """Rings each wake when it is due; a letter may set an earlier one, so every letter is looked at."""
        while True:
            due = self._world.host.next_wake()
            if due is not None and due <= self._env.now:
                self._spread(self._world.tick(int(self._env.now)))
                continue
            if due is None:
                yield self._nudge
            else:
                yield self._nudge | self._env.timeout(due - int(self._env.now))


def one(slot: int) -> int:
    """The only world carries every slot."""
    return 0


def by_slot(worlds: int) -> Callable[[int], int]:
    """Slots shared out over several worlds."""
    return lambda slot: slot % worlds


def slots_of(said: Iterable[Said]) -> list[int]:
    """The slots that a run needs."""
    return sorted({shared_slot(s.ref.key) for s in said})
