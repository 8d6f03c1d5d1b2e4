"""Short ways to price a stay in tests: a document, wall times, fen."""

from datetime import datetime
from typing import Any

from actors.tariffs.calendar import Days, read_calendar
from actors.tariffs.document import Tariff, read_tariff
from actors.tariffs.offsets import Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.quote import Quote, quote
from actors.tariffs.reckon import amount
from actors.tariffs.stay import Stay, Versions

NO_DAYS = Days()


def document(**more: Any) -> Tariff:
    """A document with a name; everything else is the test's."""
    return read_tariff({"name": {"en": "test"}, **more})


def hourly(price: int, **more: Any) -> dict[str, Any]:
    """A period with one stage of an hour."""
    return {"name": "period", "stages": [{"unit_minutes": 60, "price_fen": price}], **more}


def us(plan: Plan, text: str) -> int:
    """An instant of the plan's wall clock; `06 09:30` is a day and a time of March 2026, whose 1st is a Sunday."""
    whole = text if len(text) > 14 else f"2026-03-{text}"
    return plan.zone.at(datetime.fromisoformat(whole))


def priced(tariff: Tariff | Versions, entry: str, end: str, days: Days = NO_DAYS, **more: Any) -> Quote:
    """A quote; its lines must sum, and the quick way must agree with it where it can."""
    versions = tariff if isinstance(tariff, Versions) else Versions([(0, Plan(tariff))])
    plan = versions.versions[0][1]
    offsets: Offsets | None = more.pop("offsets", None)
    stay = Stay(entry_us=us(plan, entry), exit_us=us(plan, end), **more)
    made = quote(versions, stay, days, offsets)
    assert sum(line.amount_fen for line in made.lines) == made.charge_fen
    if len(versions.versions) == 1 and not more.keys() - {"vehicle"}:
        assert amount(plan, days, stay.entry_us, stay.exit_us, stay.vehicle) == made.charge_fen
    return made


def fee(tariff: Tariff | Versions, entry: str, end: str, days: Days = NO_DAYS, **more: Any) -> int:
    """The charge of a stay."""
    return priced(tariff, entry, end, days, **more).charge_fen


def calendar(**more: Any) -> Days:
    """A calendar that knows 2026."""
    return Days(read_calendar({"years": [2026], **more}))
