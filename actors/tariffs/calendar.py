"""The calendar of a city: which dates are holidays, make-up working days or event days, and for which years it knows.

A date that the calendar does not name is an ordinary day of its week. In a year that the calendar does not know,
that is a guess, and whoever asks is told.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

import msgspec

from actors.tariffs.document import WEEKDAYS, Part, read_as
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.zone import EPOCH

DayKind = Literal["short_holiday", "long_holiday", "makeup"]
KINDS = ("short_holiday", "long_holiday", "makeup")
SHORT, LONG, MAKEUP = 7, 8, 9
"""Codes of special days; 0 to 6 are the ordinary days of the week from Monday on."""

GROUPS = ("working", "rest", "holiday", *KINDS)
EVENT = "event:"
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


class Event(Part, frozen=True, kw_only=True):
    """Days on which an event raises prices, in the named areas (regions, roads, lots) or, without any, everywhere."""

    name: str
    dates: list[Day]
    areas: list[str] = []


class Calendar(Part, frozen=True, kw_only=True):
    """An editable table of special days; `years` are those for which it is complete."""

    years: list[int] = []
    days: dict[Day, DayKind] = {}
    events: list[Event] = []


FIELDS = sorted({*Calendar.__struct_fields__, *Event.__struct_fields__})


def read_calendar(source: bytes | str | object) -> Calendar:
    """A calendar from JSON; what is wrong with its form is a TariffError."""
    calendar = read_as(Calendar, source, FIELDS)
    Days(calendar)
    return calendar


class Code(msgspec.Struct, frozen=True):
    """What a day is: its kind (0–6 ordinary weekday, 7–9 special) and the events that fall on it."""

    kind: int
    events: frozenset[str] = frozenset()


ORDINARY = tuple(Code(n) for n in range(7))


class Days:
    """A calendar ready to be asked, for one place: `areas` are all those in which it lies."""

    def __init__(self, calendar: Calendar | None = None, *areas: str) -> None:
        calendar = calendar or Calendar()
        self.years = frozenset(calendar.years)
        kinds = {_number(text): SHORT + KINDS.index(kind) for text, kind in calendar.days.items()}
        events: dict[int, set[str]] = {}
        for event in calendar.events:
            if not event.areas or not set(areas).isdisjoint(event.areas):
                for text in event.dates:
                    events.setdefault(_number(text), set()).add(event.name)
        self.special = {
            day: Code(kinds.get(day, (day + 3) % 7), frozenset(events.get(day, ()))) for day in kinds.keys() | events
        }
        self.ordered = sorted(self.special)

    def code(self, day: int) -> Code:
        """What the numbered day is; 1970-01-01 was a Thursday."""
        return self.special.get(day) or ORDINARY[(day + 3) % 7]

    def unknown_years(self, first: int, last: int) -> list[int]:
        """The years from one numbered day to another for which days are guessed."""
        low, high = (date.fromordinal(EPOCH + day).year for day in (first, last))
        return [year for year in range(low, high + 1) if year not in self.years]


def matches(named: Iterable[str], code: Code, weekend: frozenset[int]) -> bool:
    """Whether a day is among the named ones; no names are all days.

    A special day does not follow its weekday: a holiday is matched by a name for it, or by a list that holds every
    day of the weekend; a make-up working day by its name, or by a list that holds every working day of the week.
    """
    names = set(named)
    if not names or any(EVENT + event in names for event in code.events):
        return True
    listed = {n for n, name in enumerate(WEEKDAYS) if name in names}
    if code.kind < 7:
        return code.kind in listed or ("rest" if code.kind in weekend else "working") in names
    if code.kind == MAKEUP:
        return "makeup" in names or "working" in names or set(range(7)) - weekend <= listed
    own = KINDS[code.kind - SHORT]
    return own in names or "holiday" in names or "rest" in names or (bool(weekend) and weekend <= listed)


def _number(text: str) -> int:
    return _parsed(text).toordinal() - EPOCH


def _parsed(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TariffError(Problem("no_such_date", "days", f"`{text}` is no date")) from None
