"""One bay of one lot, its first stay, and what is said to both in a test's one line."""

from actors.messages.bay import ReportPlate, Sighted
from actors.messages.session import (
    NotePlate,
    PayByHand,
    SessionQuery,
)
from actors.messages.session_facts import Priced, Received, Returned, WrittenOff
from actors.messages.session_shown import SessionAnswer
from actors.values import MINUTE_US, Ref
from tests.actors.kinds.streets import T0
from tests.actors.kinds.streets import TARIFF as PLAIN
from tests.actors.kinds.world import World

BAY, STAY = Ref("bay", "7/b1"), Ref("session", "7/b1-1")
PLATE = "京A12345"
TARIFF = {**PLAIN, "free": [{"minutes": 15}], "exit_grace_minutes": 15}
"""2.50 for each begun half hour; a quarter of an hour is free."""


def street(mode: str = "sensor_pda", **rules: object) -> World:
    world = World()
    world.refer("rules/7", {"mode": mode, "operator": "north", **rules})
    world.refer("tariff/a", TARIFF)
    world.refer("tariff-of/7", {"tariff": "a"})
    return world


def see(world: World, occupied: bool, minute: float) -> None:
    at_us = T0 + int(minute * MINUTE_US)
    world.say(BAY, Sighted("d", occupied, at_us, at_us), at=at_us)


def plate(world: World, minute: float, text: str = PLATE, pct: int = 100, person: str = "c1") -> object:
    at_us = T0 + int(minute * MINUTE_US)
    return world.say(BAY, ReportPlate(text, "blue", "pda", "p1", pct, at_us, person), at=at_us)


def stay(world: World, minutes: float) -> World:
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    see(world, False, minutes)
    return world


def hand(world: World, payment: str, fen: int, minute: float, offline: bool = False) -> object:
    at_us = T0 + int(minute * MINUTE_US)
    return world.say(STAY, PayByHand(payment, "cash", fen, "c1", "s1", at_us, offline), at=at_us)


def asked(world: World, minute: float = 0) -> SessionAnswer:
    answer = world.say(STAY, SessionQuery(T0 + int(minute * MINUTE_US) if minute else 0))
    assert isinstance(answer, SessionAnswer)
    return answer


def balance(world: World) -> int:
    """What the facts alone say is owed: charged - off - received + returned - given up."""
    facts = world.facts[STAY]
    charged = sum(f.more_fen - sum(o.fen for o in f.more_off) for f in facts if isinstance(f, Priced))
    came = sum(f.fen - f.excess_fen for f in facts if isinstance(f, Received))
    went = sum(f.fen - f.excess_fen for f in facts if isinstance(f, Returned))
    return charged - came + went - sum(f.fen for f in facts if isinstance(f, WrittenOff))


def note(text: str) -> NotePlate:
    return NotePlate(text, "blue", "staff", "", 100, T0, "s1")
