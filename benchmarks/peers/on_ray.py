"""Bare Ray: an actor of its own for each of a few bays, message by message; and one for the whole city, in batches.

The second is our cell without identities, journal, order and views: what the batch alone brings.
"""

import sys
from itertools import islice
from time import perf_counter
from typing import Any

import msgspec
import ray

from benchmarks.peers.process import Form, serve, timed
from benchmarks.peers.ray_actors import BAYS_A_LOT, FEW_BAYS, FEW_LOTS, LOTS, Single, Whole
from benchmarks.peers.town import CATALOGUE, Town, same_turns
from storage.session import now_us

SINGLE: Any = ray.remote(num_cpus=0)(Single)
WHOLE: Any = ray.remote(num_cpus=0)(Whole)
UNDER_WAY = 32
BATCH, BATCHES_UNDER_WAY = 1_000, 4


def _one_by_one() -> Form:
    town: Town = same_turns(FEW_LOTS, FEW_BAYS)
    actors: dict[Any, Any] = {ref: SINGLE.remote(tuple(ref)) for ref in town.parts}
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

    return Form("an actor each, one by one", len(town.parts), town.messages, timed(drive))


def _batched() -> Form:
    town, whole = same_turns(LOTS, BAYS_A_LOT), WHOLE.remote()
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

    return Form(f"one for all, batches of {BATCH:,}", len(town.parts), town.messages, timed(drive))


def _forms() -> list[Form]:
    ray.init(address=sys.argv[1], namespace=f"bare-{now_us()}", log_to_driver=False, configure_logging=False)
    return [_one_by_one(), _batched()]


if __name__ == "__main__":
    serve("ray", _forms)
