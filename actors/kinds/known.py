"""Reference data as turns need it: each version is read once a process, whoever asks."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from actors.engine.turn import Reference, Turn
from actors.messages.owners import OWNERS, OwnerRules
from actors.messages.rules import FLEETS, RULES, SPECIAL_PLATES, FleetRules, LotRules, SpecialPlates
from actors.tariffs.calendar import Calendar, Days, read_calendar
from actors.tariffs.document import read_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.registry import ASSIGNED, CALENDAR, FACTOR, TARIFF
from actors.tariffs.stay import Versions
from actors.values import Micros

KEPT_MOST = 4096

T = TypeVar("T")


class Reading(Generic[T]):
    """Makes something of a version's value, and keeps it beside the value, by whose identity it is found again."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._kept: dict[int, tuple[object, T]] = {}

    def of(self, reference: Reference) -> T:
        """What was made of this version."""
        known = self._kept.get(id(reference.value))
        if known is None:
            if len(self._kept) >= KEPT_MOST:
                self._kept.clear()
            known = self._kept[id(reference.value)] = reference.value, self._make(reference.value)
        return known[1]


_rules = Reading(lambda value: msgspec.convert(value, LotRules))
_special = Reading(lambda value: msgspec.convert(value, SpecialPlates))
_owners = Reading(lambda value: msgspec.convert(value, OwnerRules))
_plans = Reading(lambda value: Plan(read_tariff(value)))
_calendars: Reading[Calendar] = Reading(read_calendar)
_days: dict[tuple[int, tuple[str, ...]], tuple[Calendar, Days]] = {}

_fleets = Reading(lambda value: msgspec.convert(value, FleetRules))

NO_RULES = LotRules()
NO_OWNER_RULES = OwnerRules()
FLEET_RULES = FleetRules()
NO_CALENDAR = Calendar()
SPECIAL = SpecialPlates()


def in_force(turn: Turn, name: str, at: Micros | None = None) -> Reference | None:
    """The version in force then (now), or None."""
    try:
        return turn.reference(name, at)
    except KeyError:
        return None


def rules_of(turn: Turn, lot: str, at: Micros | None = None) -> LotRules:
    """A lot's rules; a lot without any is only watched."""
    found = in_force(turn, RULES + lot, at)
    return NO_RULES if found is None else _rules.of(found)


def special_plates(turn: Turn) -> SpecialPlates:
    """Which classes of plates park free now."""
    found = in_force(turn, SPECIAL_PLATES)
    return SPECIAL if found is None else _special.of(found)


def owner_rules(turn: Turn) -> OwnerRules:
    """What holds for owners' accounts now."""
    found = in_force(turn, OWNERS)
    return NO_OWNER_RULES if found is None else _owners.of(found)


def fleets_of(turn: Turn) -> FleetRules:
    """How departures of one model and firmware are believed."""
    found = in_force(turn, FLEETS)
    return FLEET_RULES if found is None else _fleets.of(found)


def tariff_of(turn: Turn, lot: str, at: Micros) -> Reference | None:
    """The version of the lot's tariff that an entry at that time gets; None if nothing is charged there."""
    assigned = in_force(turn, ASSIGNED + lot, at)
    tariff = str(assigned.value.get("tariff", "")) if assigned and isinstance(assigned.value, dict) else ""
    return in_force(turn, TARIFF + tariff, at) if tariff else None


def factor_of(turn: Turn, lot: str, at: Micros) -> str:
    """By what the price of a stay that begins at that time is multiplied, where the price follows occupancy."""
    found = in_force(turn, FACTOR + lot, at)
    return str(found.value.get("factor", "1")) if found and isinstance(found.value, dict) else "1"


def versions_of(turn: Turn, tariff: str, number: int, until: Micros) -> Versions:
    """The version of a tariff that a stay entered under, and those that took effect since, as far as that matters."""
    first = turn.version(TARIFF + tariff, number)
    plan = _plans.of(first)
    versions = [(0, plan)]
    if plan.tariff.on_change != "entry":
        versions += [(each.effective_from, _plans.of(each)) for each in turn.later(first, until)]
    return Versions(versions)


def days_of(turn: Turn, *areas: str) -> Days:
    """The calendar as it is now, for a place that lies in these areas."""
    found = in_force(turn, CALENDAR)
    calendar = NO_CALENDAR if found is None else _calendars.of(found)
    known = _days.get((id(calendar), areas))
    if known is None or known[0] is not calendar:
        if len(_days) >= KEPT_MOST:
            _days.clear()
        known = _days[id(calendar), areas] = calendar, Days(calendar, *areas)
    return known[1]
