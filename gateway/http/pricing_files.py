"""Whole files priced or read: two tariffs over a list of stays, and other people's tariffs as documents of ours."""

import asyncio
from typing import Annotated

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.compare import Comparison, Tally, compare
from actors.tariffs.document import first_class
from actors.tariffs.plan import Plan
from actors.tariffs.problems import Problem as Senseless
from actors.tariffs.problems import TariffError
from gateway.http.errors import Problem
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.pricing import Which, plan_of, told
from gateway.http.rates import days_at, invalid, not_priceable
from gateway.http.shown_tariffs import Compared, Imported, ImportedTariff, ProblemShown, TallyShown, UnreadTariff
from gateway.tariff_forms import FORMS, merged, stays_in

STAYS_MOST = 100_000
"""Two tariffs over so many stays take some seconds."""

Text = Annotated[str, msgspec.Meta(max_length=8 * 1024 * 1024)]


class ComparisonAsked(Typed, frozen=True):
    """Two tariffs, and the text of a CSV file of stays with the columns entry, exit and, if need be, vehicle.

    Kept tariffs are taken as they are now, or in the version that is named.
    """

    a: Which
    b: Which
    stays: Text
    place: Annotated[str, msgspec.Meta(max_length=64)] = ""


class ForeignFile(Typed, frozen=True):
    """The text of a file of tariffs in one of the forms that we read; `zone` and `currency` where it says none."""

    form: Annotated[str, msgspec.Meta(max_length=16, description="curblr, cds, ocpi, taipei or seoul")]
    file: Text
    zone: Annotated[str, msgspec.Meta(max_length=64)] = "UTC"
    currency: Annotated[str, msgspec.Meta(max_length=3)] = "USD"


async def compared(house: House, call: Call[NoQuery, ComparisonAsked]) -> Compared:
    """How many stays, what each tariff brings, who pays more and who less, by class and by hour of entry."""
    body, now = call.body, house.lookout.clock()
    a, b = [await plan_of(house, which, now) for which in (body.a, body.b)]
    if a.tariff.currency != b.tariff.currency:
        wrong = Senseless("two_currencies", "b", f"`{a.tariff.currency}` and `{b.tariff.currency}` cannot be compared")
        raise not_priceable(TariffError(wrong))
    days = await days_at(house, body.place)
    try:
        found = await asyncio.to_thread(_compared, a, b, body.stays, days)
    except TariffError as error:
        raise invalid("stays_invalid", error) from None
    return Compared(
        currency=a.tariff.currency,
        zone=a.tariff.zone,
        all=_shown(found.all),
        by_class={name: _shown(one) for name, one in sorted(found.by_class.items())},
        by_hour=[_shown(found.by_hour[hour]) for hour in range(24)],
    )


async def imported(house: House, call: Call[NoQuery, ForeignFile]) -> Imported:
    """What our documents can say of a file, and what they cannot, by name; nothing is stored."""
    body = call.body
    if body.form not in FORMS:
        raise Problem("unknown_form", details={"form": body.form, "forms": ", ".join(FORMS)})
    try:
        found = await asyncio.to_thread(lambda: list(FORMS[body.form](body.file, body.zone, body.currency)))
    except TariffError as error:
        raise invalid("file_invalid", error) from None
    kept = [ImportedTariff(names, tariff, told(tariff)) for tariff, names in merged(found)]
    unread = [UnreadTariff(one.name, [ProblemShown.of(each) for each in one.problems]) for one in found if one.problems]
    return Imported(sum(len(one.names) for one in kept), kept, unread)


def _shown(tally: Tally) -> TallyShown:
    return TallyShown(**msgspec.structs.asdict(tally))


def _compared(a: Plan, b: Plan, text: str, days: Days) -> Comparison:
    stays = []
    for number, stay in enumerate(stays_in(text, a.zone, first_class(a.tariff)), 2):
        if number > STAYS_MOST + 1:
            raise TariffError(
                Senseless("too_many_stays", f"line {number}", f"`{STAYS_MOST:,}` stays at once are enough")
            )
        stays.append(stay)
    return compare(a, b, stays, days)
