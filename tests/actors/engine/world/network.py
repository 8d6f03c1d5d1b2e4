"""A bad network: calls and answers are lost, doubled, late and out of order."""

from random import Random
from typing import Any, Protocol

from actors.engine.directory import Directory
from actors.engine.entries import Answer, Letter
from actors.engine.lanes import Call, Lanes
from actors.values import Micros


class Sender(Protocol):
    """Who makes calls and wants to know how they ended."""

    def answered(self, trip: "Trip", answers: list[Answer]) -> None:
        """The call came back."""

    def failed(self, trip: "Trip") -> None:
        """An error, or no answer in time."""


class Trip:
    """One call to a cell: over as soon as its sender knows an end, even if it goes on travelling."""

    def __init__(self, sender: Sender, cell: str, letters: list[Letter[Any]], call: Any = None) -> None:
        self.sender = sender
        self.cell = cell
        self.letters = letters
        self.call = call
        self.process: Any = None
        self.over = False

    def end(self, answers: list[Answer] | None) -> None:
        """The first end counts; None: it failed."""
        if self.over:
            return
        self.over = True
        if answers is None:
            self.sender.failed(self)
        else:
            self.sender.answered(self, answers)


class Courier:
    """Real lanes on the bad network: what `Mail` does with tasks and timers, the scheduler does here."""

    def __init__(self, network: "Network", clock: "Clock", directory: Directory, batch: int) -> None:
        self.lanes = Lanes(directory.cell_of, directory.moved, batch=batch)
        self._network = network
        self._clock = clock
        self._asked = False

    def offer(self, name: Any, queue: Any) -> None:
        """A queue has letters."""
        self.lanes.offer(name, queue)
        self._asked = True

    def pump(self) -> None:
        """Starts what may start, if `Mail` would look now: after an offer, an end, or a rest."""
        due = self.lanes.due()
        if self._asked or (due is not None and due <= self._clock.now):
            self._asked = False
            for call in self.lanes.start(self._clock.now):
                self._network.ask(Trip(self, call.cell, call.letters, call))

    def answered(self, trip: Trip, answers: list[Answer]) -> None:
        call: Call = trip.call
        self.lanes.answered(call, answers, self._clock.now)
        self._asked = True

    def failed(self, trip: Trip) -> None:
        self.lanes.failed(trip.call, self._clock.now)
        self._asked = True


class Clock:
    """The time of the world."""

    def __init__(self) -> None:
        self.now: Micros = 1_000_000


class Network:
    """What is under way: (what, trip or screen, content)."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.packets: list[tuple[str, Any, Any]] = []
        self.faulty = True
        self.lost = 0

    def ask(self, trip: Trip) -> None:
        """A call leaves."""
        self.packets.append(("ask", trip, None))

    def reply(self, trip: Trip, answers: list[Answer]) -> None:
        """An answer leaves."""
        self.packets.append(("reply", trip, answers))

    def take(self) -> tuple[str, Any, Any] | None:
        """What arrives next: anything, sometimes not for the last time; None if it is lost."""
        if not self.packets:
            return None
        random, packets = self._random, self.packets
        place = random.randrange(len(packets))
        packets[place], packets[-1] = packets[-1], packets[place]
        packet = packets[-1]
        if not (self.faulty and random.random() < 0.12):
            packets.pop()
        if not self.faulty or random.random() > 0.11:
            return packet
        if isinstance(packet[1], Trip):
            packet[1].end(None)  # its sender hears of an error, or of nothing in time
        if random.random() < 0.5:
            packets.append(packet)  # … while it is still under way
        self.lost += 1
        return None
