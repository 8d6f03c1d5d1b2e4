"""pykka: a thread for each actor, in one process."""

from queue import SimpleQueue
from time import perf_counter
from typing import Any

import pykka

from actors.values import Ref
from benchmarks.peers.process import Form, Window, serve, timed
from benchmarks.peers.town import FORMS, Part, Town

LOTS, BAYS_A_LOT = 50, 20
UNDER_WAY = 1_000


class Carried(pykka.ThreadingActor):
    """Carries one part; `done` hears of what the last actor of a reading took."""

    def __init__(self, part: Part, others: dict[Ref, pykka.ActorRef[Any]], done: "SimpleQueue[None] | None") -> None:
        super().__init__()
        self._part, self._others, self._done = part, others, done

    def on_receive(self, message: Any) -> None:
        """Takes one message."""
        for ref, said in self._part.take(message):
            self._others[ref].tell(said)
        if self._done is not None:
            self._done.put(None)


def _drive(town: Town) -> Window:
    actors: dict[Ref, pykka.ActorRef[Any]] = {}
    done: SimpleQueue[None] = SimpleQueue()
    for ref, part in town.parts.items():
        actors[ref] = Carried.start(part, actors, done if ref in town.last else None)

    def drive(until: float) -> int:
        sent = 0
        while perf_counter() < until:
            ref, message = next(town.readings)
            actors[ref].tell(message)
            sent += 1
            if sent > UNDER_WAY:
                done.get()
        for _ in range(min(sent, UNDER_WAY)):
            done.get()
        return sent

    return timed(drive)


def _forms() -> list[Form]:
    towns = [form(LOTS, BAYS_A_LOT) for form in FORMS]
    return [Form(town.form, len(town.parts), town.messages, _drive(town)) for town in towns]


if __name__ == "__main__":
    serve("pykka", _forms)
    pykka.ActorRegistry.stop_all(block=False)
