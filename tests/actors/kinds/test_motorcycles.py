"""Stays of motorcycles beside each other in one bay: who is first, who leaves, and what becomes of the others."""

from actors.kinds.bay import Bay
from actors.messages.bay import ForgetSession, ReportExit, ReportPlate, SessionAt, StayJoined
from actors.messages.forms import Refused
from actors.values import MINUTE_US, Ref
from tests.actors.kinds.one_bay import BAY, see, street
from tests.actors.kinds.streets import T0
from tests.actors.kinds.world import World

ONE, TWO, THREE = "京A00001", "京A00002", "京A00003"


def here(world: World) -> tuple[str, tuple[str, ...]]:
    """The stay that is first, and those beside it."""
    bay = world.actors[BAY]
    assert isinstance(bay, Bay)
    return bay.session, tuple(each.session for each in bay.beside)


def come(world: World, minute: float, plate: str) -> object:
    at_us = T0 + int(minute * MINUTE_US)
    answer = world.say(BAY, ReportPlate(plate, "moto_blue", "pda", "p", 100, at_us, "c1"), at=at_us)
    return answer.session if isinstance(answer, SessionAt) else answer


def go(world: World, minute: float, plate: str = "") -> object:
    at_us = T0 + int(minute * MINUTE_US)
    answer = world.say(BAY, ReportExit(at_us, "pda", "p", "c1", plate=plate), at=at_us)
    return answer.code if isinstance(answer, Refused) else answer


def two() -> World:
    world = street()
    see(world, False, -1)
    see(world, True, 0)
    assert [come(world, 1, ONE), come(world, 2, TWO), come(world, 3, ONE)] == ["7/b1-1", "7/b1-2", "7/b1-1"]
    assert here(world) == ("7/b1-1", ("7/b1-2",))
    return world


def exit_of(world: World, n: int) -> int | None:
    return world.actors[Ref("session", f"7/b1-{n}")].exit_us  # type: ignore[attr-defined, no-any-return]


def test_when_the_first_leaves_the_next_is_first() -> None:
    world = two()
    assert go(world, 9) == "which_vehicle"
    go(world, 10, ONE)
    assert here(world) == ("7/b1-2", ())
    assert (exit_of(world, 1), exit_of(world, 2)) == (T0 + 10 * MINUTE_US, None)
    assert come(world, 11, THREE) == "7/b1-3"
    go(world, 12, THREE)
    assert here(world) == ("7/b1-2", ())
    go(world, 13)
    assert here(world) == ("", ())


def test_an_empty_bay_ends_them_all() -> None:
    world = two()
    see(world, False, 40)
    assert here(world) == ("", ())
    assert exit_of(world, 1) == exit_of(world, 2) == T0 + 40 * MINUTE_US
    see(world, True, 50)
    assert come(world, 51, ONE) == "7/b1-3"


def test_how_many_the_lot_says() -> None:
    world = street(bay_units=6)
    see(world, False, -1)
    assert [come(world, n, f"京A1000{n}") for n in (1, 2, 3)] == ["7/b1-1", "7/b1-2", "7/b1-3"]
    assert isinstance(come(world, 4, "京A10004"), Refused)
    assert len(world.said(BAY, StayJoined)) == 2


def test_one_that_was_no_stay_at_all_is_forgotten_alone() -> None:
    world = two()
    world.say(BAY, ForgetSession("7/b1-2"))
    assert here(world) == ("7/b1-1", ())
