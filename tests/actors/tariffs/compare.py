"""One generated case, priced by the engine and by the oracle."""

from typing import NamedTuple

from actors.tariffs.calendar import Calendar, Days, read_calendar
from actors.tariffs.document import read_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.quote import Quote, quote
from actors.tariffs.reckon import amount
from actors.tariffs.stay import Stay, Versions
from actors.values import SECOND_US
from tests.actors.tariffs.generate import CALENDAR, Case
from tests.actors.tariffs.oracle import Oracle

DAYS = Days(read_calendar(CALENDAR))


class Both(NamedTuple):
    """Both opinions; `quick` is the engine's amount without lines, for cases that it serves."""

    engine: Quote
    oracle: int
    quick: int | None


def both(case: Case) -> Both:
    """Price one case twice; a document that makes no sense is a TariffError."""
    versions = Versions([(since * SECOND_US, Plan(read_tariff(document))) for since, document in case.versions])
    stay = stay_of(case)
    made = quote(versions, stay, DAYS)
    quick = None
    if len(case.versions) == 1 and not stay.passes and not stay.charging:
        quick = amount(versions.versions[0][1], DAYS, stay.entry_us, stay.exit_us, stay.vehicle)
    return Both(made, Oracle(case.versions, CALENDAR, case.stay, case.tick).charge(), quick)


def stay_of(case: Case) -> Stay:
    """The stay of a case, in microseconds."""
    spans = {
        name: [(a * SECOND_US, b * SECOND_US) for a, b in case.stay.get(name, [])] for name in ("passes", "charging")
    }
    return Stay(
        entry_us=case.stay["entry"] * SECOND_US,
        exit_us=case.stay["exit"] * SECOND_US,
        vehicle=case.stay["vehicle"],
        **spans,  # type: ignore[arg-type]
    )


__all__ = ["DAYS", "Both", "Calendar", "both", "stay_of"]
