"""xoscar: actors on one event loop in the driver's own process (its fastest form), and in a process of their own."""

import asyncio
from time import perf_counter
from typing import Any, NamedTuple

import xoscar

from actors.values import Ref
from benchmarks.peers.process import Form, Window, serve, timed
from benchmarks.peers.town import FORMS, Town, same_turns
from benchmarks.peers.xoscar_actors import TOLD_EVERY, Carried, Driver

LOTS, BAYS_A_LOT = 50, 20
UNDER_WAY = 1_000


class Running(NamedTuple):
    """A town that xoscar carries, and where the driver hears of each reading that was taken to its end."""

    town: Town
    actors: dict[Ref, Any]
    done: "asyncio.Queue[None]"


async def _start(name: str, town: Town, driver_at: str, actors_at: str) -> Running:
    done: asyncio.Queue[None] = asyncio.Queue()
    driver = await xoscar.create_actor(Driver, done, address=driver_at, uid=f"{name} driver")
    actors = {}
    for ref, part in town.parts.items():
        known = {"address": actors_at, "uid": f"{name} {ref}"}
        actors[ref] = await xoscar.create_actor(Carried, part, driver if ref in town.last else None, **known)
    for ref, actor in actors.items():
        await actor.meet(_spoken_to(ref, actors))
    return Running(town, {ref: await xoscar.actor_ref(actor) for ref, actor in actors.items()}, done)


def _spoken_to(ref: Ref, actors: dict[Ref, Any]) -> dict[Ref, Any]:
    """A device speaks to its bay, a bay to its lot."""
    to = {"device": Ref("bay", f"{ref.place}/{ref.own_id[1:]}"), "bay": Ref("lot", ref.place)}.get(ref.kind)
    return {to: actors[to]} if to else {}


async def _drive(running: Running, until: float) -> int:
    town, actors, done = running
    sent = 0
    while perf_counter() < until or sent % (TOLD_EVERY * LOTS):  # so that no lot owes the driver a word
        ref, message = next(town.readings)
        await actors[ref].take.tell(message)
        sent += 1
        if sent > UNDER_WAY:
            await done.get()
    for _ in range(min(sent, UNDER_WAY)):
        await done.get()
    return sent


def _forms() -> list[Form]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pool = loop.run_until_complete(xoscar.create_actor_pool("127.0.0.1", n_process=1))
    inside, beside = pool.external_address, next(iter(pool.sub_processes))

    def form(name: str, town: Town, at: str) -> Form:
        running = loop.run_until_complete(_start(name, town, inside, at))
        window: Window = timed(lambda until: loop.run_until_complete(_drive(running, until)))
        return Form(name, len(town.parts), town.messages, window)

    forms = [form(town.form, town, inside) for town in (made(LOTS, BAYS_A_LOT) for made in FORMS)]
    return [*forms, form("same turns, another process", same_turns(LOTS, BAYS_A_LOT), beside)]


if __name__ == "__main__":
    serve("xoscar", _forms)
