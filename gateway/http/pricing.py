"""Prices of stays, online verification: what would a stay cost, and why. Nothing here is stored."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.document import Tariff, first_class, read_tariff
from actors.tariffs.interchange.examples import Outcome, price_examples, read_tariffs
from actors.tariffs.interchange.neutral import translate
from actors.tariffs.interchange.neutral_form import NeutralTariff
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.phrases import PHRASES
from actors.tariffs.picture import Curve, bands, curve, curve_of
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.problems import Problem as Senseless
from actors.tariffs.problems import TariffError
from actors.tariffs.quote import quote
from actors.tariffs.registry import TARIFF, tariff_in
from actors.tariffs.running import running
from actors.tariffs.stay import Stay, Versions
from actors.tariffs.words import describe, explain, period_in_words
from actors.values import DAY_US, Micros
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.occupancy_price import factor_of
from gateway.http.rates import days_at, holding, invalid, not_priceable, sensible, versions_of
from gateway.http.shown_tariffs import (
    BandShown,
    ChangeShown,
    Checked,
    Curves,
    CurveShown,
    ExamplesTried,
    Offer,
    Offers,
    OutcomeShown,
    Priced,
    ProblemShown,
    TariffTried,
    Told,
)
from gateway.http.tariffs import Document, Moment

LONGEST_US = 400 * DAY_US
"""Who asks about longer stays has other reasons: the worst document takes a quarter of a second for this one."""

Span = tuple[Moment, Moment]


class Which(Typed, frozen=True):
    """One tariff, named in one of four ways; `version` 0 of a kept one is the version at entry."""

    document: Document | None = None
    preset: Annotated[str, msgspec.Meta(max_length=48)] = ""
    tariff: Annotated[str, msgspec.Meta(max_length=48)] = ""
    version: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)] = 0
    lot: Annotated[str, msgspec.Meta(max_length=64, description="What the lot has at entry")] = ""


class Asked(Typed, frozen=True):
    """A stay to be priced: under which tariff, from when to when, as which class, with what taken off.

    `place` is the lot whose areas decide which events hold; without it, the lot of `which`.
    """

    which: Which
    entry_us: Moment
    exit_us: Moment
    vehicle: Annotated[str, msgspec.Meta(max_length=48)] = ""
    place: Annotated[str, msgspec.Meta(max_length=64)] = ""
    coupons: Annotated[list[Coupon], msgspec.Meta(max_length=20)] = []
    waiver_fen: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0
    paid_fen: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0
    passes: Annotated[list[Span], msgspec.Meta(max_length=100)] = []
    charging: Annotated[list[Span], msgspec.Meta(max_length=100)] = []


class CurvesAsked(Typed, frozen=True):
    """Up to four tariffs to be drawn over the length of a stay, charged when `charging` says, however long it is."""

    which: Annotated[list[Which], msgspec.Meta(min_length=1, max_length=4)]
    entry_us: Moment
    length_us: Annotated[int, msgspec.Meta(ge=60_000_000, le=31 * DAY_US)] = DAY_US
    vehicle: Annotated[str, msgspec.Meta(max_length=48)] = ""
    place: Annotated[str, msgspec.Meta(max_length=64)] = ""
    charging: Annotated[list[Span], msgspec.Meta(max_length=100)] = []


class Draft(Typed, frozen=True):
    """A document that is being written."""

    document: Document


class ExamplesFile(Typed, frozen=True):
    """A file of tariffs with worked examples, in the neutral form."""

    file: Annotated[dict[str, Any], msgspec.Meta(description='`{"tariffs": [{id, currency, rule, examples}]}`')]


class Chosen(NamedTuple):
    """A tariff that was named: its versions, the one that holds at entry, and its number if it is a kept one.

    Its plans are made for one request: prices are worked out in a thread, and a plan serves one thread only.
    """

    versions: Versions
    plan: Plan
    tariff: str = ""
    version: int = 0


async def check(house: House, call: Call[NoQuery, Draft]) -> Checked:
    """Whether a document makes sense, and what it says in words."""
    try:
        document = Plan(read_tariff(call.body.document)).tariff
    except TariffError as error:
        return Checked(_problems(error.problems), None, None)
    return Checked([], told(document), document)


async def presets(house: House, call: Call[NoQuery, None]) -> Offers:
    """The tariffs to begin with."""
    return Offers([Offer(id, tariff, told(tariff)) for id, tariff in PRESETS.items()])


async def price(house: House, call: Call[NoQuery, Asked]) -> Priced:
    """What a stay costs, line by line, and when that changes."""
    body = call.body
    if not 0 <= body.exit_us - body.entry_us <= LONGEST_US:
        raise Problem("invalid_body", "A stay ends after its entry, and within 400 days", {"path": "$.exit_us"})
    chosen = await _chosen(house, body.which, body.entry_us)
    days = await days_at(house, body.place or body.which.lot)
    stay = Stay(
        entry_us=body.entry_us,
        exit_us=body.exit_us,
        vehicle=body.vehicle or first_class(chosen.plan.tariff),
        passes=[*body.passes],
        charging=[*body.charging],
        factor=await _factor(house, body.which, body.entry_us),
    )
    offsets = Offsets(coupons=body.coupons, waiver_fen=body.waiver_fen, paid_fen=body.paid_fen)
    try:
        return await asyncio.to_thread(_priced, chosen, stay, days, offsets)
    except TariffError as error:
        raise not_priceable(error) from None


async def curves(house: House, call: Call[NoQuery, CurvesAsked]) -> Curves:
    """How the charge grows with the stay, under each of some tariffs."""
    body = call.body
    chosen = [await _chosen(house, which, body.entry_us) for which in body.which]
    factors = [await _factor(house, which, body.entry_us) for which in body.which]
    days = await days_at(house, body.place or body.which[0].lot)
    try:
        return await asyncio.to_thread(_drawn, chosen, factors, days, body)
    except TariffError as error:
        raise not_priceable(error) from None


async def examples(house: House, call: Call[NoQuery, ExamplesFile]) -> ExamplesTried:
    """Every worked example of a file, priced."""
    try:
        tried = await asyncio.to_thread(_tried, msgspec.json.encode(call.body.file))
    except TariffError as error:
        raise invalid("examples_invalid", error) from None
    outcomes = [outcome for one in tried for outcome in one.outcomes]
    right = sum(outcome.right for outcome in outcomes)
    return ExamplesTried(right, len(outcomes) - right, sum(len(one.problems) for one in tried), tried)


async def plan_of(house: House, which: Which, entry: Micros) -> Plan:
    """The one version of a tariff that was named, or that holds for an entry then."""
    return (await _chosen(house, which, entry)).plan


async def _chosen(house: House, which: Which, entry: Micros) -> Chosen:
    named = [name for name in ("document", "preset", "tariff", "lot") if getattr(which, name) not in ("", None)]
    if len(named) != 1:
        raise Problem("invalid_body", "Name one of document, preset, tariff and lot", {"path": "$.which"})
    if which.document is not None:
        plan = Plan(sensible(which.document))
        return Chosen(Versions([(0, plan)]), plan)
    if which.preset:
        plan = Plan(found(PRESETS.get(which.preset)))
        return Chosen(Versions([(0, plan)]), plan)
    if which.version:
        row = found(await house.published.version(TARIFF + which.tariff, which.version))
        plan = Plan(tariff_in(row.body))
        return Chosen(Versions([(0, plan)]), plan, which.tariff, which.version)
    tariff = which.tariff or (await holding(house, which.lot, entry)).tariff
    versions, number = await versions_of(house, tariff, entry)
    return Chosen(versions, versions.versions[versions.at(entry)][1], tariff, number)


async def _factor(house: House, which: Which, entry: Micros) -> str:
    """What a price that follows occupancy multiplies by, where a lot was named."""
    return await factor_of(house, which.lot, entry) if which.lot else "1"


def _priced(chosen: Chosen, stay: Stay, days: Days, offsets: Offsets) -> Priced:
    made, change = quote(chosen.versions, stay, days, offsets), running(chosen.versions, stay, days, offsets)
    words = Told(explain(made, "zh"), explain(made, "en"))
    return Priced(chosen.tariff, chosen.version, made, words, ChangeShown(*change))


def _drawn(chosen: list[Chosen], factors: list[str], days: Days, asked: CurvesAsked) -> Curves:
    plans = [one.plan for one in chosen]
    first, entry, length = plans[0], asked.entry_us, asked.length_us
    vehicle = asked.vehicle or first_class(first.tariff)
    stay = Stay(entry_us=entry, exit_us=entry + length, vehicle=vehicle, charging=[*asked.charging])
    stays = [msgspec.structs.replace(stay, factor=factor) for factor in factors]
    drawn = [_curve(one, days, stay) for one, stay in zip(chosen, stays, strict=True)]
    below = bands(first, days, entry, length, vehicle)
    by_days = any(plan.by_days for plan in plans)
    unknown = days.unknown_years(first.zone.day_of(entry), first.zone.day_of(entry + length)) if by_days else []
    return Curves(
        currency=first.tariff.currency,
        zone=first.tariff.zone,
        length_us=length,
        curves=[CurveShown(plan.tariff.name, one.steps) for plan, one in zip(plans, drawn, strict=True)],
        bands=[BandShown(start, end, _period(name)) for start, end, name in below],
        unknown_years=unknown,
    )


def _curve(chosen: Chosen, days: Days, stay: Stay) -> Curve:
    """The quick way where a stay is plain; never another price than the quote's."""
    if stay.charging or stay.factor != "1" or len(chosen.versions.versions) > 1:
        return curve_of(chosen.versions, days, "", stay)
    return curve(chosen.plan, days, "", stay.entry_us, stay.exit_us - stay.entry_us, stay.vehicle)


def _tried(file: bytes) -> list[TariffTried]:
    tried = []
    for source in read_tariffs(file):
        if isinstance(source, tuple):
            tried.append(TariffTried(source[0], "", "", None, [], _problems(source[1].problems)))
            continue
        outcomes, problems = price_examples(source)
        shown = [_outcome(one) for one in outcomes]
        document = _document(source)
        tried.append(TariffTried(source.id, source.city, source.currency, document, shown, _problems(problems)))
    return tried


def _document(source: NeutralTariff) -> Tariff | None:
    try:
        return translate(source).tariff
    except TariffError:
        return None


def _outcome(one: Outcome) -> OutcomeShown:
    return OutcomeShown(
        entry=one.entry,
        exit=one.exit,
        vehicle=one.vehicle,
        what=one.what,
        policy=one.policy,
        expected_fen=one.expected,
        got_fen=one.got,
        right=one.right,
        words=Told(explain(one.quote, "zh"), explain(one.quote, "en")),
    )


def _problems(problems: Iterable[Senseless]) -> list[ProblemShown]:
    return [ProblemShown.of(one) for one in problems]


def told(tariff: Tariff) -> Told:
    """A document in words."""
    return Told(describe(tariff, "zh"), describe(tariff, "en"))


def _period(name: str) -> dict[str, str]:
    """A period's name in both languages; where parking is free there is none."""
    return {language: period_in_words(name, say) for language, say in PHRASES.items()} if name else {}
