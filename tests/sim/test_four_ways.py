"""One generated day, driven in several ways: whoever carries the actors and however time runs, the same facts."""

from collections.abc import Callable

import pytest

from actors.engine.catalogue import Catalogue
from actors.kinds import KINDS
from actors.values import DAY_US, Micros
from sim.day import BEGIN_US, Said, day
from sim.kernel import World, by_slot, one, run_events, run_windows, slots_of

UNTIL_US: Micros = BEGIN_US + DAY_US + DAY_US // 4

Way = Callable[[list[Said]], str]


def event_by_event(said: list[Said]) -> str:
    world = World(Catalogue(KINDS), slots_of(said))
    run_events(world, said, UNTIL_US)
    return world.digest()


def in_windows(said: list[Said]) -> str:
    world = World(Catalogue(KINDS), slots_of(said))
    run_windows([world], said, UNTIL_US, one)
    return world.digest()


def in_windows_of_two_hosts(said: list[Said]) -> str:
    catalogue, carries = Catalogue(KINDS), by_slot(2)
    worlds = [World(catalogue, [s for s in slots_of(said) if carries(s) == place]) for place in range(2)]
    run_windows(worlds, said, UNTIL_US, carries)
    whole = World(catalogue, [])
    whole.pages = {**worlds[0].pages, **worlds[1].pages}  # type: ignore[assignment]
    return whole.digest()


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


def test_another_day_gives_other_facts() -> None:
    assert in_windows(day(20, seed=1)) != in_windows(day(20, seed=2))


def test_no_two_bays_share_a_microsecond(said: list[Said]) -> None:
    bays: dict[Micros, str] = {}
    for each in said:
        bay = each.ref.own_id.partition("-")[0]
        assert bays.setdefault(each.at_us, bay) == bay
