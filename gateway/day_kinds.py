"""Where calendars come from: packages that know holidays, asked once, so that what they say can be read and edited."""

import importlib
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from actors.tariffs.calendar import Calendar, DayKind

FIRST_YEAR, LAST_YEAR = 1970, 2200


class NoSource(Exception):
    """There is no source of that name, or its package is not installed; the sentence says which."""


Known = tuple[set[date], set[date], set[int]]
"""Holidays, make-up working days, and the years that the source knows."""


def calendar_from(source: str, years: list[int], long_from: int) -> tuple[Calendar, list[int]]:
    """A calendar of some years, and those that the source does not know."""
    holidays, makeup, known = SOURCES[source](years) if source in SOURCES else _country(source, years)
    days: dict[str, DayKind] = {day.isoformat(): "makeup" for day in makeup}
    for run in _runs(holidays):
        kind: DayKind = "long_holiday" if len(run) >= long_from else "short_holiday"
        days |= {day.isoformat(): kind for day in run}
    made = Calendar(years=sorted(known), days=dict(sorted(days.items())))
    return made, sorted(set(years) - known)


def _runs(days: Iterable[date]) -> list[list[date]]:
    """Days on end, together."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _chinesecalendar(years: list[int]) -> Known:
    """Mainland China with its make-up working days; weekends that belong to a holiday are part of it."""
    module = _module("chinese_calendar")
    known = {year for year in years if date(year, 10, 1) in module.holidays}
    holidays = {day for day in module.holidays if day.year in known}
    makeup = {day for day in module.workdays if day.year in known}
    return holidays, makeup, known


def _country(code: str, years: list[int]) -> Known:
    """Any country of the `holidays` package, or a part of one: `DE-BY`."""
    module = _module("holidays")
    country, _, part = code.upper().partition("-")
    try:
        found = module.country_holidays(country, subdiv=part or None, years=years)
    except NotImplementedError:
        raise NoSource(
            f"No source of holidays is called {code}: name {', '.join(SOURCES)} or a country, such as DE."
        ) from None
    return set(found), set(), {day.year for day in found}


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise NoSource(f"The package {name} is not installed here.") from None


SOURCES: dict[str, Callable[[list[int]], Known]] = {"chinesecalendar": _chinesecalendar}
