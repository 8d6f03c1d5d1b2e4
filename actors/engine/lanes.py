"""Lanes: what carries letters to cells in order. Pure: no I/O; whoever drives it makes the calls and reads the clock.

A lane is one cell and one residue of slots; one call is in flight per lane, so order per slot is kept although calls
to an async actor overtake each other. Each queue's letters go out oldest first and stay until they are answered.
"""

import heapq
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, Protocol

from actors.engine.entries import Answer, Letter
from actors.values import Micros

LANES = 4
BATCH_MOST = 1_000
BATCH_BYTES = 512 * 1024
REST_FIRST_US = 20_000
REST_MOST_US = 1_000_000


class Queue(Protocol):
    """Letters for one slot, in order."""

    slot: int

    def peek(self, most: int) -> list[Letter[Any]]:
        """The oldest letters, at most so many; they stay."""

    def settle(self, letters: list[Letter[Any]], answers: list[Answer]) -> bool:
        """Takes the answers to the letters last peeked; True if all of them were done."""


Lane = tuple[str, int]


class Call(NamedTuple):
    """One batch on its way to a cell."""

    lane: Lane
    cell: str
    parts: list[tuple[Hashable, Queue, list[Letter[Any]]]]

    @property
    def letters(self) -> list[Letter[Any]]:
        """All letters of the batch, in order."""
        return [letter for _, _, letters in self.parts for letter in letters]


class Lanes:
    """Which call may start now, and what its answer or failure means for the next.

    `pace_us`: the calls of one lane start at least so far apart, for a call costs much more than a letter. A lane at
    rest is not held up by it: the first letter goes at once, and what comes meanwhile makes one call.
    """

    def __init__(
        self,
        route: Callable[[int], str],
        moved: Callable[[int, str], None],
        lanes: int = LANES,
        batch: int = BATCH_MOST,
        pace_us: Micros = 0,
    ) -> None:
        self._route = route
        self._moved = moved
        self._lanes = lanes
        self._batch = batch
        self._pace_us = pace_us
        self._began: dict[Lane, Micros] = {}
        self._ready: dict[Lane, deque[tuple[Hashable, Queue]]] = {}
        self._listed: set[Hashable] = set()
        self._flying: set[Lane] = set()
        self._resting: list[tuple[Micros, int, Hashable, Queue]] = []
        self._tired: dict[Hashable, int] = {}
        self._order = 0

    def offer(self, name: Hashable, queue: Queue) -> None:
        """This queue has letters; offering it again while it is listed changes nothing."""
        if self.unlisted(name):
            self._listed.add(name)
            self._ready.setdefault(self._lane(queue), deque()).append((name, queue))

    def unlisted(self, name: Hashable) -> bool:
        """Whether the queue is neither waiting nor in a call: one call at a time holds letters of a queue."""
        return name not in self._listed

    def start(self, now: Micros) -> list[Call]:
        """The calls that may start now, one for each free lane with letters."""
        self._wake(now)
        calls = []
        lanes = deque(self._ready)
        while lanes:
            lane = lanes.popleft()
            if not self.free(lane) or self._too_soon(lane, now):
                continue
            call = self._load(lane, lanes)
            if call is not None:
                self._flying.add(lane)
                self._began[lane] = now
                calls.append(call)
        return calls

    def free(self, lane: Lane) -> bool:
        """Whether no call is in flight on this lane."""
        return lane in self._ready and lane not in self._flying

    def due(self) -> Micros | None:
        """When the next resting queue or paced lane wants to go again."""
        waits = [until for until, *_ in self._resting[:1]]
        if self._pace_us:
            waits += [began + self._pace_us for lane, began in self._began.items() if self.free(lane)]
        return min(waits, default=None)

    def _too_soon(self, lane: Lane, now: Micros) -> bool:
        began = self._began.get(lane)
        return began is not None and began <= now < began + self._pace_us

    def answered(self, call: Call, answers: list[Answer], now: Micros) -> None:
        """The call came back: settled letters leave, the rest goes again (after a rest, or to another cell)."""
        self._flying.discard(call.lane)
        place = 0
        for name, queue, letters in call.parts:
            mine = answers[place : place + len(letters)]
            place += len(letters)
            self._listed.discard(name)
            if queue.settle(letters, mine):
                self._tired.pop(name, None)
                self.offer(name, queue)
            else:
                self._again(name, queue, mine, now)

    def failed(self, call: Call, now: Micros) -> None:
        """No answer, or an error: the same letters go again after a rest."""
        self._flying.discard(call.lane)
        for name, queue, _ in call.parts:
            self._rest(name, queue, now)

    def _lane(self, queue: Queue) -> Lane:
        return self._route(queue.slot), queue.slot % self._lanes

    def _load(self, lane: Lane, others: deque[Lane]) -> Call | None:
        # A queue whose slot has moved meanwhile goes to its new lane, which then may start now, too.
        waiting = self._ready[lane]
        parts: list[tuple[Hashable, Queue, list[Letter[Any]]]] = []
        left = self._batch
        while waiting and left > 0:
            name, queue = waiting.popleft()
            if self._lane(queue) != lane:
                self._listed.discard(name)
                self.offer(name, queue)
                others.append(self._lane(queue))
                continue
            letters = queue.peek(left)
            if not letters:
                self._listed.discard(name)
                self._tired.pop(name, None)
                continue
            parts.append((name, queue, letters))
            left -= len(letters)
        if not waiting:
            del self._ready[lane]
        return Call(lane, lane[0], parts) if parts else None

    def _again(self, name: Hashable, queue: Queue, answers: list[Answer], now: Micros) -> None:
        blocked = next(answer for answer in answers if answer.how != "done")
        if blocked.how == "moved" and blocked.cell and blocked.cell != self._route(queue.slot):
            self._moved(queue.slot, blocked.cell)
        if blocked.how == "again":
            self.offer(name, queue)
            return
        self._listed.add(name)
        self._rest(name, queue, now)

    def _rest(self, name: Hashable, queue: Queue, now: Micros) -> None:
        tired = self._tired.get(name, 0)
        self._tired[name] = tired + 1
        self._order += 1
        until = now + min(REST_FIRST_US << min(tired, 10), REST_MOST_US)
        heapq.heappush(self._resting, (until, self._order, name, queue))

    def _wake(self, now: Micros) -> None:
        while self._resting and self._resting[0][0] <= now:
            _, _, name, queue = heapq.heappop(self._resting)
            self._listed.discard(name)
            self.offer(name, queue)
