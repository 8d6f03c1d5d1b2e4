"""A night in which 5,000 sensors of one firmware say that their bays are free: nobody is charged for it, and two people
put it right in the morning.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeVar

import msgspec
import pytest

from actors.engine.entries import ByKey, Letter
from actors.kinds.bay import Bay
from actors.kinds.fleet import Fleet
from actors.kinds.session import Session
from actors.messages.bay import InstallBay, ReportPlate
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.fleet import DecideHeld, FleetQuarantined, LiftQuarantine
from actors.messages.forms import Command, Fact, Message, Reply
from actors.messages.session_facts import ArrearsMoved, AutoPayAsked, Priced, Reminded, SessionLeft
from actors.values import HOUR_US, MINUTE_US, SECOND_US, Micros, Ref, shared_slot
from gateway.http.fleets import DECIDED_MOST, Decided, decided
from gateway.workers import city
from sim.day import Said
from sim.kernel import World, one, windows

F = TypeVar("F", bound=Fact)

T0: Micros = 1_780_322_400_000_000
"""2026-06-01, 22:00 in Shanghai."""
SICK, WELL = "2.1.7", "2.1.6"
FLEET = Ref("fleet", f"yun-json:{SICK}")
BAYS, LOTS, OTHERS = 5_000, 50, 300
STORM_US = T0 + 4 * HOUR_US
MORNING_US = STORM_US + 5 * HOUR_US
TARIFF = {"name": {"en": "A"}, "visit": {"price_fen": 500}}
_keys = count()


def say(at_us: Micros, ref: Ref, message: Command) -> Said:
    """Something said from outside, under a key of its own."""
    n = next(_keys)
    return Said(at_us, ByKey(f"k{n}", n), ref, message)


class Sensors:
    """Every bay's sensor, and the number of its next frame."""

    def __init__(self) -> None:
        self.n: Counter[int] = Counter()

    def see(self, bay: int, occupied: bool, at_us: Micros) -> Said:
        """What a bay's sensor says."""
        self.n[bay] += 1
        firmware = SICK if bay < BAYS else WELL
        said = Uplinked(at_us, at_us, occupied, serial=self.n[bay], firmware=firmware)
        return say(at_us, Ref("device", f"L{bay % LOTS}/d{bay}"), said)


def bay_ref(bay: int) -> Ref:
    return Ref("bay", f"L{bay % LOTS}/b{bay}")


def stay_ref(bay: int, n: int) -> Ref:
    return Ref("session", f"{bay_ref(bay).key}-{n}")


def evening(sensors: Sensors) -> Iterator[Said]:
    """Every bay is taken at ten; until two some leave and others come, as on any evening."""
    for bay in range(BAYS + OTHERS):
        yield say(T0, bay_ref(bay), InstallBay(str(bay), "common"))
        yield say(T0, Ref("device", f"L{bay % LOTS}/d{bay}"), InstallDevice("yun-json", f"b{bay}", 0))
        yield sensors.see(bay, True, T0 + SECOND_US + bay)
        if bay % 10 == 0:
            plate = ReportPlate(f"京A{bay:05}", "blue", "pda", "p1", 100, T0 + MINUTE_US + bay, "c1")
            yield say(T0 + MINUTE_US + bay, bay_ref(bay), plate)
    for nth in range(240):
        at_us, bay = T0 + (nth + 2) * MINUTE_US, nth * 17 % BAYS
        yield sensors.see(bay, False, at_us)
        yield sensors.see(bay, True, at_us + 30 * SECOND_US)


def storm(sensors: Sensors) -> Iterator[Said]:
    """Within ten minutes all of the sick firmware say that their bays are free; meanwhile three others really are."""
    for bay in range(BAYS):
        yield sensors.see(bay, False, STORM_US + bay * 120_000)
    for bay in range(BAYS, BAYS + 3):
        yield sensors.see(bay, False, STORM_US + 5 * MINUTE_US + bay)


def morning(sensors: Sensors) -> Iterator[Said]:
    """Staff confirm two that they know of (and reverse all others, which the night does as HTTP would), and lift the
    quarantine after the repair; then everybody leaves.
    """
    at_us = MORNING_US
    known = (stay_ref(4_001, 1).key, stay_ref(4_002, 1).key)
    yield say(at_us, FLEET, DecideHeld("confirm", "u1", "towed away", known))
    yield say(at_us + 30 * MINUTE_US, FLEET, LiftQuarantine("u2", "2.1.8 is installed"))
    for bay in range(BAYS):
        if bay not in (4_001, 4_002):
            yield sensors.see(bay, True, at_us + 40 * MINUTE_US + bay)
            # As many an hour as the evening before: an ordinary fleet may be believed.
            yield sensors.see(bay, False, at_us + HOUR_US + bay * 60 * SECOND_US)


class Inside:
    """What carries a command of this moment to an actor of a world in virtual time."""

    def __init__(self, world: World, now_us: Micros) -> None:
        self._world, self._now_us = world, now_us

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        letter = Letter(shared_slot(ref.key), ByKey(key or "", 0), ref, message, self._now_us)
        (answer,) = self._world.host.deliver([letter], self._now_us)
        assert answer.how == "done", answer
        assert answer.reply is not None
        return self._world.catalogue.decode_reply(answer.reply)


class Night:
    """The night lived through, up to some time."""

    def __init__(self, until_us: Micros, least: int = 100) -> None:
        self.world = World(city(), hop_us=SECOND_US)
        self._refer("fleets", {"least": least, "times": 5.0, "learn_minutes": 60})
        self._refer("tariff/a", TARIFF)
        for lot in range(LOTS):
            self._refer(f"rules/L{lot}", {"mode": "sensor_pda", "operator": "o"})
            self._refer(f"tariff-of/L{lot}", {"tariff": "a"})
        sensors = Sensors()
        told = [*evening(sensors), *storm(sensors), *morning(sensors)]
        self._live([each for each in told if each.at_us <= until_us], until_us)
        self.facts: dict[Ref, list[Fact]] = {}
        for bodies in self.world.pages.values():
            for body in bodies:
                for entry in self.world.catalogue.decode_page(body):
                    self.facts.setdefault(getattr(entry, "ref", Ref("", "")), []).extend(getattr(entry, "facts", []))

    def _live(self, told: list[Said], until_us: Micros) -> None:
        """All windows; right after the one in which staff began the morning, one command reverses all that is held."""
        self.reversed: Decided | None = None
        run = windows((each.letter() for each in told), until_us, one, 1, self.world.hop_us)
        with contextlib.suppress(StopIteration):
            asked = next(run)
            while True:
                (passed,) = [self.world.window(each) for each in asked]
                if asked[0].end_us >= MORNING_US and self.reversed is None:
                    command = DecideHeld("reverse", "u1", "firmware 2.1.7", most=DECIDED_MOST)
                    told_now = Inside(self.world, asked[0].end_us)
                    self.reversed = asyncio.run(decided(told_now, FLEET, command, "morning"))
                    passed = passed._replace(said=passed.said + self.world.take([]))
                asked = run.send([passed])

    def _refer(self, name: str, value: Any) -> None:
        self.world.host.references.add(name, 1, 0, msgspec.msgpack.encode(value))

    def said(self, ref: Ref, fact: type[F]) -> list[F]:
        """The facts of one type that an actor has recorded, in order."""
        return [each for each in self.facts.get(ref, []) if isinstance(each, fact)]

    def actor(self, ref: Ref, kind: type[Any]) -> Any:
        """An actor as its facts have made it."""
        actor = kind()
        for fact in self.facts.get(ref, []):
            actor.remember(fact)
        return actor

    def last_stay(self, bay: int) -> tuple[Ref, Session]:
        """The bay's newest stay."""
        ref = stay_ref(bay, self.actor(bay_ref(bay), Bay).sessions)
        return ref, self.actor(ref, Session)

    def owed(self, ref: Ref) -> int:
        """What the facts of a stay charge for it."""
        return sum(each.more_fen - sum(off.fen for off in each.more_off) for each in self.said(ref, Priced))


@pytest.mark.feature("EXT-23")
def test_in_the_night_stays_stay_open_and_nobody_is_asked_for_money() -> None:
    night = Night(STORM_US + 4 * HOUR_US)
    (quarantined,) = night.said(FLEET, FleetQuarantined)
    assert quarantined.at_us < STORM_US + 15 * SECOND_US, "the first hundred took twelve seconds"
    assert quarantined.recalled
    assert len(night.actor(FLEET, Fleet).held) == BAYS, "and none of those whose bay had its next car already"
    for bay in range(BAYS):
        ref, stay = night.last_stay(bay)
        assert (stay.exit_us, stay.due_fen, night.owed(ref)) == (None, 0, 0), ref
        assert night.actor(bay_ref(bay), Bay).state() == "verify"
        assert sum(each.fen for each in night.said(ref, ArrearsMoved)) == 0
        assert night.said(ref, AutoPayAsked) == night.said(ref, Reminded) == []
    for bay in range(BAYS, BAYS + 3):
        ref, stay = night.last_stay(bay)
        assert (stay.exit_us is not None, night.owed(ref)) == (True, 500), "others are believed"


@pytest.mark.feature("EXT-23")
def test_in_the_morning_all_are_reversed_in_bulk_and_pay_for_their_true_stay_once() -> None:
    end_us = STORM_US + 6 * HOUR_US + BAYS * 60 * SECOND_US + HOUR_US
    night = Night(end_us)
    assert night.reversed == Decided(BAYS - 2, 0), "one command, and nothing is left"
    fleet = night.actor(FLEET, Fleet)
    assert (fleet.quarantined_us, fleet.held) == (0, {})
    for bay in (4_001, 4_002):
        ref, stay = night.last_stay(bay)
        assert stay.exit_us == STORM_US + bay * 120_000, "it left when its sensor said"
        assert night.owed(ref) == 500
    for bay in range(BAYS):
        if bay in (4_001, 4_002):
            continue
        ref, stay = night.last_stay(bay)
        gone_us = STORM_US + 6 * HOUR_US + bay * 60 * SECOND_US
        assert stay.exit_us == gone_us, ref
        assert night.owed(ref) == stay.due_fen == 500, ref
        assert len(night.said(ref, SessionLeft)) in (1, 2)


def test_without_the_fleet_all_of_them_would_have_been_charged() -> None:
    """What this is for: the same night, with nobody who counts."""
    night = Night(STORM_US + HOUR_US, least=0)
    assert all(night.owed(night.last_stay(bay)[0]) > 0 for bay in range(0, BAYS, 50))
