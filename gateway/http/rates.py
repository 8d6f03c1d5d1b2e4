"""The kept tariffs as handlers need them: which version holds where and when, and the calendar of a place."""

from typing import Any, NamedTuple

from actors.tariffs.calendar import Calendar, Days
from actors.tariffs.document import Tariff, read_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.problems import Problem as Senseless
from actors.tariffs.problems import TariffError
from actors.tariffs.registry import ASSIGNED, CALENDAR, TARIFF, assigned_in, calendar_in, tariff_in
from actors.tariffs.stay import Versions
from actors.values import Micros
from gateway.http.errors import Problem, found
from gateway.http.house import House
from gateway.http.shown_tariffs import Standing, VersionShown
from storage.rows import LotRow, PublishedRow


class Held(NamedTuple):
    """What holds for an entry: the lot's assignment, and the version of its tariff."""

    assigned: PublishedRow
    version: PublishedRow

    @property
    def tariff(self) -> str:
        """The tariff's id."""
        return self.version.name.removeprefix(TARIFF)


def invalid(code: str, error: TariffError) -> Problem:
    """A document that makes no sense, as a refusal that says all of it."""
    details: dict[str, str] = {}
    for one in error.problems:
        where = one.where or "document"
        details[where] = "; ".join(filter(None, (details.get(where, ""), f"{one.sentence} [{one.code}]")))
    first = error.problems[0]
    return Problem(code, first.sentence, details, zh=first.said("zh"))


def sensible(document: dict[str, Any]) -> Tariff:
    """A document from outside, checked: `tariff_invalid`."""
    try:
        return Plan(read_tariff(document)).tariff
    except TariffError as error:
        raise invalid("tariff_invalid", error) from None


def not_priceable(error: TariffError) -> Problem:
    """A question that a tariff has no answer to."""
    one: Senseless = error.problems[0]
    return Problem("not_priceable", one.sentence, {"code": one.code, "where": one.where}, zh=one.said("zh"))


def effective_at(house: House, wanted: Micros | None) -> Micros:
    """From when a version holds, if it is published now: then, or `effective_in_past`."""
    now = house.lookout.clock()
    if wanted is not None and wanted < now:
        raise Problem("effective_in_past", details={"now_us": str(now)})
    return now if wanted is None else wanted


async def holding(house: House, lot: str, at: Micros) -> Held:
    """What holds for a stay that begins at this moment in this lot: `not_found`, `no_tariff`."""
    found(await house.lists.lot(lot))
    assigned = await house.published.in_force(ASSIGNED + lot, at)
    tariff = assigned_in(assigned.body).tariff if assigned else ""
    version = await house.published.in_force(TARIFF + tariff, at) if tariff else None
    if assigned is None or version is None:
        raise Problem("no_tariff", details={"lot": lot})
    return Held(assigned, version)


async def versions_of(house: House, tariff: str, at: Micros) -> tuple[Versions, int]:
    """All versions of a tariff in force one after the other, and the number of the one that holds at a time."""
    rows = held(await house.published.versions(TARIFF + tariff))
    if not rows:
        raise Problem("not_found", details={"tariff": tariff})
    now = [row for row in rows if row.effective_from <= at]
    if not now:
        raise Problem("tariff_not_in_force", details={"tariff": tariff})
    return Versions([(row.effective_from, Plan(tariff_in(row.body))) for row in rows]), now[-1].version


def held(rows: list[PublishedRow]) -> list[PublishedRow]:
    """Versions in the order in which they hold; of those that take effect at the same time only the last one does."""
    last = {row.effective_from: row for row in sorted(rows, key=lambda row: row.version)}
    return [last[since] for since in sorted(last)]


async def days_at(house: House, lot: str) -> Days:
    """The city's calendar as it is now, for the place of a lot; without a lot, for no area."""
    row = await house.published.in_force(CALENDAR, house.lookout.clock())
    place: LotRow | None = found(await house.lists.lot(lot)) if lot else None
    areas = (place.id, place.road, place.region) if place else ()
    return Days(calendar_in(row.body) if row else Calendar(), *areas)


def version_shown(row: PublishedRow, order: list[PublishedRow], now: Micros) -> VersionShown:
    """A version among all of its name, which `order` has as they hold."""
    later = [other.effective_from for other in order if other.effective_from > row.effective_from]
    until = later[0] if later else None
    return VersionShown(row.version, standing(row, order, now), row.effective_from, until, row.at, row.who, row.note)


def standing(row: PublishedRow, order: list[PublishedRow], now: Micros) -> Standing:
    """How a version stands at a time."""
    if row not in order:
        return "replaced"
    if row.effective_from > now:
        return "coming"
    current = [other for other in order if other.effective_from <= now][-1]
    return "in_force" if row == current else "past"
