"""The city's calendar of day kinds: read, changed as a whole, and offered by packages that know holidays."""

import asyncio
from typing import Annotated, Any

import msgspec

from actors.tariffs.calendar import Calendar, read_calendar
from actors.tariffs.problems import TariffError
from actors.tariffs.registry import CALENDAR, body_of, calendar_in
from gateway.day_kinds import FIRST_YEAR, LAST_YEAR, NoSource, calendar_from
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.rates import invalid
from gateway.http.shown_tariffs import CalendarFound, CalendarShown
from storage.published import Publication

Year = Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=LAST_YEAR)]
YEARS = 20


class NewCalendar(Typed, frozen=True):
    """The calendar as it is to be from now on, decided on the version that whoever decided it knew."""

    version: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
    calendar: Annotated[dict[str, Any], msgspec.Meta(description="See the schema `Calendar`")]
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Source(Typed, frozen=True):
    """Where days come from: `chinesecalendar`, or a country or a part of one, such as `DE-BY`; some years of it."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] = "chinesecalendar"
    first: Year = 2026
    last: Year = 2026
    long_from: Annotated[int, msgspec.Meta(ge=2, le=100, description="So many days on end are a long holiday")] = 7


async def calendar(house: House, call: Call[NoQuery, None]) -> CalendarShown:
    """The calendar as it is."""
    return await _shown(house)


async def change(house: House, call: Call[NoQuery, NewCalendar]) -> CalendarShown:
    """Another calendar, from now on."""
    body = call.body
    try:
        wanted = read_calendar(body.calendar)
    except TariffError as error:
        raise invalid("calendar_invalid", error) from None
    now = house.lookout.clock()
    await house.desk.publish(
        call.user.name, [Publication(CALENDAR, now, body_of(wanted), body.note, after=body.version)]
    )
    return await _shown(house)


async def found(house: House, call: Call[Source, None]) -> CalendarFound:
    """What a source knows of some years; nothing is changed by it."""
    asked = call.query
    if not 0 <= asked.last - asked.first < YEARS:
        raise Problem("invalid_query", f"At most {YEARS} years, in their order", {"path": "$.last"})
    years = list(range(asked.first, asked.last + 1))
    try:
        return CalendarFound(*await asyncio.to_thread(calendar_from, asked.source, years, asked.long_from))
    except NoSource as no:
        raise Problem("unknown_source", str(no), {"source": asked.source}) from None


async def _shown(house: House) -> CalendarShown:
    newest = next(iter(await house.published.versions(CALENDAR, limit=1)), None)
    if newest is None:
        return CalendarShown(0, Calendar(), 0, "", "")
    return CalendarShown(newest.version, calendar_in(newest.body), newest.at, newest.who, newest.note)
