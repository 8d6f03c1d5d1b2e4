"""Which day of business a line belongs to, and which day it is booked on when that day's period is closed already.

A period is a month of business days, written 202611. Whether it was closed is decided by the journal's places at which
it was closed and opened again, never by a clock: who makes the ledger again from the journal finds the same dates.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from actors.values import MINUTE_US, SECOND_US, Micros
from storage.months import month_after

ACCOUNTING: Final = "accounting"
"""The reference data that says how days are counted; `accounting/OPERATOR` for one operator alone."""

_STEP_US: Final = 15 * MINUTE_US
"""Every zone's offset is a multiple of this, so all instants within it have the same date."""


class DayRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an operator's business days are counted: in which zone (empty: the city's), and at which hour they begin."""

    zone: str = ""
    begins_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 0


class Rule(NamedTuple):
    """A day rule that holds from a time on."""

    from_us: Micros
    zone: str
    begins_hour: int


class Closing(NamedTuple):
    """A period was closed at these places of the journal (slot → page) and opened again at those (None: it is not)."""

    period: int
    places: dict[int, int]
    reopened: dict[int, int] | None

    def holds(self, slot: int, seq: int) -> bool:
        """Whether the period was closed when this page was taken."""
        after = seq > self.places.get(slot, 0)
        return after and (self.reopened is None or seq <= self.reopened.get(slot, 0))


def period_of(day: date) -> int:
    """The period of a day."""
    return day.year * 100 + day.month


def first_day(period: int) -> date:
    """The first day of a period."""
    return date(period // 100, period % 100, 1)


@lru_cache(maxsize=1 << 16)
def _day(zone: str, begins_hour: int, step: int) -> date:
    at = datetime.fromtimestamp(step * _STEP_US // SECOND_US, UTC).astimezone(ZoneInfo(zone))
    return (at.replace(tzinfo=None) - timedelta(hours=begins_hour)).date()


class Calendar:
    """What dates lines: the operators' rules, newest first, and what was closed when."""

    def __init__(self, rules: dict[str, list[Rule]], closings: list[Closing]) -> None:
        self._rules = rules
        self._closings: dict[int, list[Closing]] = {}
        for each in closings:
            self._closings.setdefault(each.period, []).append(each)

    def day(self, operator: str, at: Micros) -> date:
        """The operator's business day at an instant."""
        rules = self._rules.get(operator) or self._rules[""]
        rule = next((each for each in rules if each.from_us <= at), rules[-1])
        return _day(rule.zone, rule.begins_hour, at // _STEP_US)

    def booked(self, slot: int, seq: int, operator: str, occurred_us: Micros, at: Micros) -> tuple[date, int | None]:
        """The day on which a fact of this page is booked, and the closed period that it comes too late for.

        Its own day; if that period is closed, the day on which it was told; if that one is closed as well, the first
        day of the next period that is open. Nothing is booked on a day that had not come when it was told.
        """
        own = self.day(operator, min(occurred_us, at))
        if not self._closings or not self._closed(period_of(own), slot, seq):
            return own, None
        told = self.day(operator, at)
        period = period_of(told)
        if not self._closed(period, slot, seq):
            return told, period_of(own)
        while self._closed(period, slot, seq):
            period = month_after(period)
        return first_day(period), period_of(own)

    def _closed(self, period: int, slot: int, seq: int) -> bool:
        return any(each.holds(slot, seq) for each in self._closings.get(period, ()))
