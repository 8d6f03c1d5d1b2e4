"""Bare Ray: an actor of its own for each of a few bays, message by message; and one for the whole city, in batches.

The second is our cell without identities, journal, order and views: what the batch alone brings.
"""

import sys
from itertools import islice
from time import perf_counter
from typing import Any

import msgspec
import ray

from actors.values import Ref
from benchmarks.peers.process import Window, serve, timed
from benchmarks.peers.town import CATALOGUE, Town, same_turns
from storage.database import now_us

FEW_LOTS, FEW_BAYS = 1, 2
LOTS, BAYS_A_LOT = 50, 20
UNDER_WAY = 32
BATCH, BATCHES_UNDER_WAY = 1_000, 4


@ray.remote(num_cpus=0)
class Single:
    """A Ray process for one actor of the city."""

    def __init__(self, ref: tuple[str, str]) -> None:
        self._part = same_turns(FEW_LOTS, FEW_BAYS).parts[Ref(*ref)]
        self._others: dict[Ref, Any] = {}
        self._taken = 0

    def meet(self, others: dict[Ref, Any]) -> None:
        """Learns how to reach the others."""
        self._others = others

    def take(self, message: bytes) -> None:
        """Takes one message, tells others by one call each."""
        for ref, said in self._part.take(CATALOGUE.decode_message(message)):
            self._others[ref].take.remote(CATALOGUE.encode(said))
        self._taken += 1

    def taken(self) -> int:
        """How many messages it has taken."""
        return self._taken


@ray.remote(num_cpus=0)
class Whole:
    """A Ray process for all actors of the city; a call is a batch of readings as bytes."""

    def __init__(self) -> None:
        self._parts = same_turns(LOTS, BAYS_A_LOT).parts

    def take(self, batch: bytes) -> int:
        """Takes a batch: each reading goes through its device, bay and lot at once."""
        letters = msgspec.msgpack.decode(batch, type=list[tuple[Ref, msgspec.Raw]])
        for ref, message in letters:
            self._take(ref, CATALOGUE.decode_message(message))
        return len(letters)

    def _take(self, ref: Ref, message: Any) -> None:
        for to, said in self._parts[ref].take(message):
            self._take(to, said)


def _one_by_one() -> tuple[str, int, int, Window]:
    town: Town = same_turns(FEW_LOTS, FEW_BAYS)
    actors: dict[Ref, Any] = {ref: Single.remote(tuple(ref)) for ref in town.parts}
    ray.get([actor.meet.remote(actors) for actor in actors.values()])
    (lot,) = town.last
    done = 0

    def drive(until: float) -> int:
        nonlocal done
        waiting: list[Any] = []
        sent = 0
        while perf_counter() < until:
            ref, message = next(town.readings)
            waiting.append(actors[ref].take.remote(CATALOGUE.encode(message)))
            sent += 1
            if len(waiting) >= UNDER_WAY:
                _, waiting = ray.wait(waiting, num_returns=1)
        done += sent
        while ray.get(actors[lot].taken.remote()) < done:
            pass
        return sent

    return "an actor each, one by one", len(town.parts), town.messages, timed(drive)


def _batched() -> tuple[str, int, int, Window]:
    town, whole = same_turns(LOTS, BAYS_A_LOT), Whole.remote()
    ray.get(whole.take.remote(msgspec.msgpack.encode([])))

    def drive(until: float) -> int:
        waiting: list[Any] = []
        done = 0
        while perf_counter() < until:
            batch = msgspec.msgpack.encode(list(islice(town.readings, BATCH)))
            waiting.append(whole.take.remote(batch))
            if len(waiting) >= BATCHES_UNDER_WAY:
                ready, waiting = ray.wait(waiting, num_returns=1)
                done += sum(ray.get(ready))
        return done + sum(ray.get(waiting))

    return f"one for all, batches of {BATCH:,}", len(town.parts), town.messages, timed(drive)


def _forms() -> list[tuple[str, int, int, Window]]:
    ray.init(address=sys.argv[1], namespace=f"bare-{now_us()}", log_to_driver=False, configure_logging=False)
    return [_one_by_one(), _batched()]


if __name__ == "__main__":
    serve("ray", _forms)
