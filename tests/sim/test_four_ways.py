"""One generated day, driven in several ways: whoever carries the actors and however time runs, the same facts."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors.engine.catalogue import Catalogue
from actors.engine.cluster import Cluster
from actors.engine.digest import Digest
from actors.engine.entries import FromStream, Letter
from actors.kinds import KINDS, PORTS
from actors.values import DAY_US, SECOND_US, Micros, Ref
from sim.day import BEGIN_US, Said, day
from sim.kernel import Passed, Window, World, by_slot, one, run_events, run_windows, slots_of, windows
from tests.city.town import Town, town

HOP_US: Micros = 300 * SECOND_US
"""Long, so that a day has few windows: on Ray each of them is a durable commit."""

UNTIL_US: Micros = BEGIN_US + DAY_US + DAY_US // 4

Way = Callable[[list[Said]], str]


def event_by_event(said: list[Said]) -> str:
    world = World(Catalogue(KINDS, PORTS), slots_of(said), HOP_US)
    run_events(world, said, UNTIL_US)
    return world.digest()


def in_windows(said: list[Said]) -> str:
    world = World(Catalogue(KINDS, PORTS), slots_of(said), HOP_US)
    run_windows([world], said, UNTIL_US, one)
    return world.digest()


def in_windows_of_two_hosts(said: list[Said]) -> str:
    catalogue, carries = Catalogue(KINDS, PORTS), by_slot(2)
    worlds = [World(catalogue, [s for s in slots_of(said) if carries(s) == n], HOP_US) for n in range(2)]
    run_windows(worlds, said, UNTIL_US, carries)
    whole = World(catalogue, [])
    whole.pages = {**worlds[0].pages, **worlds[1].pages}  # type: ignore[assignment]
    return whole.digest()


# The way through cells on Ray waits for what a way in this process need not: it has a test of its own below.
WAYS: dict[str, Way] = {
    "windows": in_windows,
    "windows of two hosts": in_windows_of_two_hosts,
}


@pytest.fixture(scope="module")
def said() -> list[Said]:
    return day(300)


@pytest.fixture(scope="module")
def expected(said: list[Said]) -> str:
    return event_by_event(said)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_same_facts(way: str, said: list[Said], expected: str) -> None:
    assert WAYS[way](said) == expected


async def on_ray(here: Town, said: list[Said], until_us: Micros) -> str:
    """The same windows through cells that are processes on Ray, with PostgreSQL as their journal."""
    directory = here.directory
    places = {cell: place for place, cell in enumerate(here.cells)}
    letters = list(relaid(here, said))
    run = windows(letters, until_us, lambda slot: places[directory.cell_of(slot)], len(here.cells), HOP_US)
    with contextlib.suppress(StopIteration):
        asked = next(run)
        while True:
            asked = run.send(await asyncio.gather(*[passed(here, window) for window in asked]))
    return Digest(here.catalogue).of_pages(page.body for page in await here.pages())


def relaid(here: Town, said: list[Said]) -> Iterator[Letter[Any]]:
    """The letters for the slots that this town has; a stream is numbered per slot."""
    last: dict[tuple[int, str], int] = {}
    for each in said:
        slot, source = here.directory.slot_of(each.ref), each.source
        if isinstance(source, FromStream):
            n = last[slot, source.name] = last.get((slot, source.name), 0) + 1
            source = FromStream(source.name, n)
        yield Letter(slot, source, each.ref, each.message, each.at_us)


async def passed(here: Town, window: Window) -> Passed:
    """One window in one cell."""
    payload = here.catalogue.encode((window.letters, window.end_us))
    raw = await here.cluster.call(here.cells[window.place], "window", payload)
    said, next_wake = msgspec.msgpack.decode(raw, type=tuple[msgspec.Raw, Micros | None])
    arriving = [replace(letter, at=letter.at + HOP_US) for letter in here.catalogue.decode_letters(bytes(said))]
    return Passed(arriving, next_wake)


@pytest.mark.ray
async def test_two_cells_on_ray_give_the_same_facts(
    said: list[Said], expected: str, database_url: str, world: str, ray_cluster: Cluster
) -> None:
    async with town(database_url, world, cells=2, virtual=True) as here:
        assert await on_ray(here, said, UNTIL_US) == expected


@pytest.mark.ray
async def test_a_process_for_each_actor_gives_the_same_facts(
    database_url: str, world: str, ray_cluster: Cluster
) -> None:
    said, until_us = day(1), BEGIN_US + DAY_US // 2  # one bay and its two sensors
    calm = World(Catalogue(KINDS, PORTS), slots_of(said), HOP_US)
    run_events(calm, said, until_us)
    own = sorted({each.ref for each in said} | {Ref("lot", each.ref.place) for each in said})
    kinds = ("bay", "device", "lot")
    async with town(database_url, world, cells=1, dedicated=kinds, own=own, virtual=True) as here:
        assert await on_ray(here, said, until_us) == calm.digest()


def test_another_day_gives_other_facts() -> None:
    assert in_windows(day(20, seed=1)) != in_windows(day(20, seed=2))


def test_no_two_bays_share_a_microsecond(said: list[Said]) -> None:
    bays: dict[Micros, str] = {}
    for each in said:
        bay = each.ref.own_id.partition("-")[0]
        assert bays.setdefault(each.at_us, bay) == bay
