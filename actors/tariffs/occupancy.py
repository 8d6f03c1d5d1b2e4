"""Prices that follow occupancy: a step up or down, only at set times, within limits, announced before it holds.

The factor in force when a stay begins is the stay's for good (`Stay.factor`), so a running stay keeps its price.
"""

from decimal import Decimal
from typing import Annotated, NamedTuple

from msgspec import Meta

from actors.tariffs.document import Clock, Factor, Minutes, Part
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.units import micros, time_of_day
from actors.tariffs.zone import zone_named
from actors.values import Micros

Percent = Annotated[int, Meta(ge=0, le=100)]


class Steering(Part, frozen=True, kw_only=True):
    """How a factor follows occupancy: above `high` percent it steps up, below `low` down, at the times of `at`."""

    zone: str
    high: Percent
    low: Percent
    step: Factor
    floor: Factor
    ceiling: Factor
    at: Annotated[list[Clock], Meta(min_length=1)]
    notice_minutes: Minutes = 0


class Announced(NamedTuple):
    """A factor and the instant from which it holds for stays that begin."""

    factor: str
    effective_us: Micros


def check_steering(how: Steering) -> None:
    """TariffError if limits are crossed, nothing can ever step, or a time or a zone is none."""
    problems = []
    if how.low >= how.high or Decimal(how.floor) > Decimal(how.ceiling):
        problems.append(Problem("steering_crossed", "low", "low lies below high, and the floor below the ceiling"))
    if not Decimal(how.step):
        problems.append(Problem("no_step", "step", "a step of nothing never changes a price"))
    problems += [
        Problem("no_such_time", "at", "`24:00` is where a day ends: write midnight as 00:00")
        for at in how.at
        if at == "24:00"
    ]
    if problems:
        raise TariffError(*problems)
    zone_named(how.zone)


def steer(how: Steering, factor: str, occupancy: int, now_us: Micros) -> Announced | None:
    """The next factor, if it is to change: it takes effect at the first set time after the notice has passed."""
    check_steering(how)
    way = (occupancy > how.high) - (occupancy < how.low)
    wanted = Decimal(factor) + way * Decimal(how.step)
    bounded = min(max(wanted, Decimal(how.floor)), Decimal(how.ceiling))
    if bounded == Decimal(factor):
        return None
    zone = zone_named(how.zone)
    ready = now_us + micros(how.notice_minutes) - 1
    return Announced(f"{bounded.normalize():f}", min(zone.next_clock(ready, time_of_day(at)) for at in how.at))
