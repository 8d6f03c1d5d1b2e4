"""The worked examples of the neutral form, priced by our documents: expected, got, and the lines behind it."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from actors.tariffs.calendar import Days
from actors.tariffs.document import Tariff, read_as
from actors.tariffs.interchange.neutral import Translated, in_their_words, translate
from actors.tariffs.interchange.neutral_form import (
    CouponExample,
    Example,
    NeutralFile,
    NeutralTariff,
)
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.quote import Quote, quote
from actors.tariffs.sense import check_sense
from actors.tariffs.stay import Stay, Versions
from actors.tariffs.zone import zone_named
from actors.values import Micros

POLICIES: dict[str, dict[str, Any]] = {
    "units_run_over_midnight": {"cuts_units": False},
    "units_cut_at_midnight_by_cap_day": {"cuts_units": True},
    "policy_price_at_unit_start": {"on_change": "unit", "gaps": "count"},
    "policy_version_at_entry": {"on_change": "entry", "gaps": "count"},
}
"""Policies that an example may leave open → what our document says for each."""

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
"""What a change of a tariff calls the prices of its stages."""

FIELDS = sorted({name for kind in (NeutralTariff, Example, CouponExample) for name in kind.__struct_fields__})


class Outcome(NamedTuple):
    """One example priced: `policy` says which reading of an open example this is; `what` is a fee or a discount."""

    tariff: str
    entry: str
    exit: str
    vehicle: str
    what: str
    policy: str
    expected: int
    got: int
    quote: Quote

    @property
    def right(self) -> bool:
        """Whether what we got is what was expected."""
        return self.expected == self.got


def read_tariffs(text: bytes) -> Iterator[NeutralTariff | tuple[str, TariffError]]:
    """The tariffs of a file; one that cannot be read does not stop the others."""
    for number, source in enumerate(read_as(NeutralFile, text, ["tariffs"]).tariffs):
        try:
            yield read_as(NeutralTariff, source, FIELDS)
        except TariffError as error:
            name = source.get("id") if isinstance(source, dict) else None
            yield str(name or f"tariffs[{number}]"), error


def price_examples(source: NeutralTariff) -> tuple[list[Outcome], list[Problem]]:
    """Every example of one tariff, in each reading that it leaves open; and what stands against the rest."""
    try:
        made = translate(source).tariff
    except TariffError as error:
        return [], list(error.problems)
    try:
        check_sense(made)
    except TariffError as error:
        return [], [in_their_words(one) for one in error.problems]
    outcomes: list[Outcome] = []
    problems: list[Problem] = []
    examples = [(f"examples[{n}]", _priced, one) for n, one in enumerate(source.examples)]
    coupons = [(f"coupon_examples[{n}]", _discount, one) for n, one in enumerate(source.coupon_examples)]
    for where, price, example in [*examples, *coupons]:
        try:
            outcomes += price(source, example)
        except TariffError as error:
            problems += [one._replace(where=f"{where}: {one.where}") for one in error.problems]
    return outcomes, problems


def _priced(source: NeutralTariff, given: Any) -> list[Outcome]:
    example, plain = read_as(Example, given, FIELDS), translate(source)
    if not isinstance(example.expected_cents, dict):
        return [_outcome(source, example, plain, "", _number(example.expected_cents))]
    named = {name: value for name, value in example.expected_cents.items() if name in POLICIES}
    if named:
        return [
            _outcome(source, example, configured(plain, name), name, _number(value)) for name, value in named.items()
        ]
    values = {name: value for name, value in example.expected_cents.items() if isinstance(value, int)}
    if not values:
        raise TariffError(Problem("nothing_expected", "expected_cents", "no policy has an amount"))
    tried = [_outcome(source, example, plain, name, value) for name, value in values.items()]
    return [next((one for one in tried if one.right), tried[0])]


def _number(value: Any) -> int:
    """A whole amount; in a sentence it is the last word."""
    try:
        amount = Fraction(value if isinstance(value, int | float) else str(value).split()[-1])
    except (ValueError, IndexError):
        raise TariffError(Problem("no_amount", "expected_cents", f"`{value}` holds no amount")) from None
    if amount.denominator != 1:
        raise TariffError(Problem("no_amount", "expected_cents", f"`{value}` is no whole amount"))
    return int(amount)


def configured(plain: Translated, policy: str) -> Translated:
    """A translated tariff with one policy chosen."""
    wanted = dict(POLICIES[policy])
    tariff = plain.tariff
    if "cuts_units" in wanted:
        caps = [msgspec.structs.replace(cap, cuts_units=wanted["cuts_units"]) for cap in tariff.caps]
        wanted = {"caps": caps}
        # Where periods last all day, midnight is their only edge, and running over it is what was asked for.
        if policy == "units_run_over_midnight" and all(period.hours == ["00:00-24:00"] for period in tariff.periods):
            wanted["at_period_end"] = "run_on"
    return msgspec.structs.replace(plain, tariff=msgspec.structs.replace(tariff, **wanted))


def _outcome(source: NeutralTariff, example: Example, means: Translated, policy: str, expected: int) -> Outcome:
    made = quote_example(source, means, example)
    return Outcome(source.id, example.entry, example.exit, made.vehicle, "fee", policy, expected, made.due_fen, made)


def _discount(source: NeutralTariff, given: Any) -> list[Outcome]:
    example = read_as(CouponExample, given, FIELDS)
    offsets = Offsets(coupons=[Coupon(id="coupon", kind="minutes", minutes=example.coupon_hours * 60)])
    made = quote_example(source, translate(source), example, offsets)
    got = sum(taken.amount_fen for taken in made.offsets)
    stay = (source.id, example.entry, example.exit, made.vehicle)
    outcomes = [Outcome(*stay, "discount", "", example.discount_cents, got, made)]
    if example.fee_cents is not None:
        outcomes.append(Outcome(*stay, "fee", "", example.fee_cents, made.charge_fen, made))
    return outcomes


def quote_example(
    source: NeutralTariff, means: Translated, example: Example | CouponExample, offsets: Offsets | None = None
) -> Quote:
    """The quote of one example. Times without an offset are what the wall clock shows: there no clock is changed."""
    tariff, entry, leaving = _placed(source, means.tariff, example)
    versions = _versions(source, tariff)
    vehicle = example.vehicle or "small"
    stay = Stay(entry_us=_instant(entry, tariff), exit_us=_instant(leaving, tariff), vehicle=vehicle)
    made = quote(versions, stay, Days(means.calendar), offsets)
    ends = {period.name: len(period.stages) - 1 for period in tariff.periods if period.name in means.closed}
    if any(line.count and ends.get(line.rule) == line.stage for line in made.lines if line.kind in ("units", "time")):
        raise TariffError(Problem("past_last_tier", "exit", "the stay is longer than the tiers say a price for"))
    return made


def _placed(
    source: NeutralTariff, tariff: Tariff, example: Example | CouponExample
) -> tuple[Tariff, datetime, datetime]:
    """The tariff in the zone in which an example's times are to be read, and those times."""
    entry, leaving = _time(example.entry, "entry"), _time(example.exit, "exit")
    if (entry.tzinfo is None) != (leaving.tzinfo is None):
        raise TariffError(Problem("offset_missing", "exit", "either both times have an offset or none has"))
    if entry.tzinfo is not None and source.rule.get("tz") is None:
        if entry.utcoffset() != leaving.utcoffset():
            raise TariffError(Problem("zone_missing", "exit", "times with two offsets need the rule's `tz`"))
        entry, leaving = entry.replace(tzinfo=None), leaving.replace(tzinfo=None)
    if entry.tzinfo is None:
        zone_named(tariff.zone)
        tariff = msgspec.structs.replace(tariff, zone="UTC")
    return tariff, entry, leaving


def _versions(source: NeutralTariff, tariff: Tariff) -> Versions:
    change = source.tariff_change
    if change is None:
        return Versions([(0, Plan(tariff))])
    effective = _instant(_time(change.effective, "tariff_change.effective"), tariff)
    before, after = (_changed(source, tariff, keys) for keys in (change.before, change.after))
    return Versions([(0, Plan(before)), (effective, Plan(after))])


def _changed(source: NeutralTariff, tariff: Tariff, keys: dict[str, Any]) -> Tariff:
    """A tariff with other prices for its stages, by number; other keys take the place of the rule's."""
    prices = {ORDINALS.index(key): price for key, price in keys.items() if key in ORDINALS}
    if rule := {key: value for key, value in keys.items() if key not in ORDINALS}:
        other = translate(msgspec.structs.replace(source, rule=source.rule | rule)).tariff
        kept = {"zone": tariff.zone, "on_change": tariff.on_change, "gaps": tariff.gaps}
        tariff = msgspec.structs.replace(other, **kept)
    periods = []
    for period in tariff.periods:
        stages = list(period.stages)
        for n, price in prices.items():
            if n >= len(stages):
                sentence = f"there is no {ORDINALS[n]} price to change"
                raise TariffError(Problem("no_such_stage", "tariff_change", sentence))
            stages[n] = msgspec.structs.replace(stages[n], price_fen=int(price))
        periods.append(msgspec.structs.replace(period, stages=stages))
    return msgspec.structs.replace(tariff, periods=periods)


def _time(text: str, where: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise TariffError(Problem("no_such_instant", where, f"`{text}` is no time")) from None


def _instant(wall: datetime, tariff: Tariff) -> Micros:
    return zone_named(tariff.zone).at(wall)
