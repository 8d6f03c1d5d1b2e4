"""xoscar: actors in one process on one event loop (its fastest form)."""

import asyncio
from time import perf_counter
from typing import Any

import xoscar

from actors.values import Ref
from benchmarks.peers.process import Window, serve, timed
from benchmarks.peers.town import FORMS, Part, Town

LOTS, BAYS_A_LOT = 50, 20
UNDER_WAY = 1_000


class Carried(xoscar.Actor):
    """Carries one part; `done` hears of what the last actor of a reading took."""

    def __init__(self, part: Part, others: dict[Ref, Any], done: "asyncio.Queue[None] | None") -> None:
        self._part, self._others, self._done = part, others, done

    async def take(self, message: Any) -> None:
        """Takes one message."""
        for ref, said in self._part.take(message):
            await self._others[ref].take.tell(said)
        if self._done is not None:
            self._done.put_nowait(None)


async def _start(address: str, town: Town) -> tuple[dict[Ref, Any], "asyncio.Queue[None]"]:
    actors: dict[Ref, Any] = {}
    done: asyncio.Queue[None] = asyncio.Queue()
    for ref, part in town.parts.items():
        known = {"address": address, "uid": f"{town.form} {ref}"}
        made = await xoscar.create_actor(Carried, part, actors, done if ref in town.last else None, **known)
        actors[ref] = await xoscar.actor_ref(made)
    return actors, done


def _drive(loop: asyncio.AbstractEventLoop, address: str, town: Town) -> Window:
    actors, done = loop.run_until_complete(_start(address, town))

    async def drive(until: float) -> int:
        sent = 0
        while perf_counter() < until:
            ref, message = next(town.readings)
            await actors[ref].take.tell(message)
            sent += 1
            if sent > UNDER_WAY:
                await done.get()
        for _ in range(min(sent, UNDER_WAY)):
            await done.get()
        return sent

    return timed(lambda until: loop.run_until_complete(drive(until)))


def _forms() -> list[tuple[str, int, int, Window]]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pool = loop.run_until_complete(xoscar.create_actor_pool("127.0.0.1", n_process=0))
    towns = [form(LOTS, BAYS_A_LOT) for form in FORMS]
    return [(t.form, len(t.parts), t.messages, _drive(loop, pool.external_address, t)) for t in towns]


if __name__ == "__main__":
    serve("xoscar", _forms)
