"""Numbers that change no charge of a stay, or stand beside the document: each is noticed where it means something."""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.tariffs.calendar import Days, read_calendar
from actors.tariffs.interchange.neutral import translate
from actors.tariffs.interchange.neutral_form import NeutralTariff
from actors.tariffs.occupancy import Steering, steer
from actors.tariffs.offsets import Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.problems import TariffError
from actors.tariffs.quote import quote
from actors.tariffs.running import covers_until, first_entry
from actors.tariffs.stay import Stay, Versions
from actors.values import DAY_US, MINUTE_US
from tests.actors.tariffs.stays import NO_DAYS, document, hourly, us
from tests.actors.tariffs.test_mutations import changed, numbers

BASE = {"exit_grace_minutes": 15, "reentry_minutes": 20, "max_stay_minutes": 120}
HOURLY = document(periods=[hourly(300)], **BASE)
PLAN = Plan(HOURLY)
STAYS = [Stay(entry_us=us(PLAN, "06 09:00"), exit_us=us(PLAN, "06 09:00") + n * MINUTE_US) for n in range(0, 300, 1)]


def beside(plan: Plan) -> list[Any]:
    """What is said of a stay beside its charge."""
    stay, versions = STAYS[65], Versions([(0, plan)])
    back = [(us(plan, "06 08:00"), us(plan, "06 08:00") + left * MINUTE_US) for left in (39, 40, 41)]
    return [
        [covers_until(versions, msgspec.structs.replace(stay, exit_us=stay.entry_us + 50 * MINUTE_US), NO_DAYS)],
        [first_entry(plan, [before], stay.entry_us) for before in back],
        [one for n in (119, 120, 121) if (one := [notice.code for notice in quote(plan, STAYS[n], NO_DAYS).notices])],
    ]


@pytest.mark.parametrize("field", BASE)
@pytest.mark.parametrize("by", [-1, 1])
def test_lengths_that_change_no_price_are_noticed_beside_it(field: str, by: int) -> None:
    other = Plan(document(periods=[hourly(300)], **{**BASE, field: BASE[field] + by}))
    assert beside(other) != beside(PLAN)


OFFSETS = {
    "coupons": [
        {"id": "a", "kind": "minutes", "minutes": 50, "most_fen": 250},
        {"id": "b", "kind": "percent", "rate": "0.9"},
        {"id": "c", "kind": "amount", "amount_fen": 120},
    ],
    "waiver_fen": 30,
    "paid_fen": 40,
}


def due(offsets: dict[str, Any]) -> list[int]:
    """What stays of all lengths owe, also with each coupon alone."""
    whole = msgspec.convert(offsets, Offsets)
    alone = [Offsets(coupons=[msgspec.structs.replace(coupon, most_fen=None)]) for coupon in whole.coupons]
    finer = Plan(document(periods=[{"name": "a", "stages": [{"unit_minutes": 1, "price_fen": 7}]}]))
    return [quote(finer, stay, NO_DAYS, each).due_fen for stay in STAYS[::7] for each in (whole, *alone)]


def mutants(value: dict[str, Any]) -> list[Any]:
    """Each number of something with each other in its place."""
    return [
        pytest.param(path, other, id=f"{'.'.join(map(str, path))}={other}")
        for path, others in numbers(value)
        for other in others
    ]


@pytest.mark.parametrize(("path", "other"), mutants(OFFSETS))
def test_a_changed_number_of_a_coupon_changes_what_is_due(path: tuple[Any, ...], other: Any) -> None:
    try:
        found = due(changed(OFFSETS, path, other))
    except TariffError:  # a rate above one
        return
    assert found != due(OFFSETS)


CALENDAR = {
    "years": [2026],
    "days": {"2026-03-06": "short_holiday", "2026-03-07": "makeup"},
    "events": [{"name": "match", "dates": ["2026-03-10"]}],
}
DAYED = Plan(
    document(
        periods=[
            hourly(100, name="match", days=["event:match"]),
            hourly(200, name="holiday", days=["holiday"]),
            hourly(300, name="rest", days=["rest"]),
            hourly(400, name="else"),
        ]
    )
)


def by_day(calendar: dict[str, Any]) -> list[Any]:
    """What an hour of each day of three weeks costs, and of what year it is warned."""
    days, noon = Days(read_calendar(calendar)), us(DAYED, "2026-03-01 12:00")
    stays = [Stay(entry_us=noon + n * DAY_US, exit_us=noon + n * DAY_US + 60 * MINUTE_US) for n in range(21)]
    return [(made.charge_fen, made.notices) for made in (quote(DAYED, stay, days) for stay in stays)]


@pytest.mark.parametrize(
    "other",
    [
        {**CALENDAR, "years": [2025]},
        {**CALENDAR, "days": {"2026-03-05": "short_holiday", "2026-03-07": "makeup"}},
        {**CALENDAR, "days": {"2026-03-06": "short_holiday", "2026-03-08": "makeup"}},
        {**CALENDAR, "events": [{"name": "match", "dates": ["2026-03-11"]}]},
    ],
)
def test_a_changed_date_of_a_calendar_changes_what_a_day_costs(other: dict[str, Any]) -> None:
    assert by_day(other) != by_day(CALENDAR)


STEERING = {
    "zone": "Asia/Shanghai", "high": 80, "low": 40, "step": "0.2", "floor": "0.5", "ceiling": "2",
    "at": ["06:00", "14:30"], "notice_minutes": 90,
}  # fmt: skip


def steered(how: dict[str, Any]) -> list[Any]:
    """Where factors go, at each percent and each quarter of an hour."""
    rule, morning = msgspec.convert(how, Steering), us(PLAN, "06 00:00")
    times = [steer(rule, "1", 100, morning + n * MINUTE_US) for n in range(0, 1440, 1)]
    return times + [steer(rule, factor, part, morning) for factor in ("0.6", "1", "1.9") for part in range(101)]


@pytest.mark.parametrize(("path", "other"), mutants(STEERING))
def test_a_changed_number_of_a_rule_by_occupancy_is_noticed(path: tuple[Any, ...], other: Any) -> None:
    try:
        found = steered(changed(STEERING, path, other))
    except (TariffError, msgspec.ValidationError):
        return
    assert found != steered(STEERING)


NEUTRAL = [
    (source["id"], source) for source in json.loads(Path(__file__).with_name("invented.json").read_text())["tariffs"]
]


@pytest.mark.parametrize("source", [source for _, source in NEUTRAL], ids=[name for name, _ in NEUTRAL])
def test_no_number_of_a_neutral_rule_is_lost_on_the_way_into_the_document(source: dict[str, Any]) -> None:
    before = translate(msgspec.convert(copy.deepcopy(source), NeutralTariff))
    for path, others in numbers(source["rule"], ("rule",)):
        for other in others:
            try:
                assert translate(msgspec.convert(changed(source, path, other), NeutralTariff)) != before, (path, other)
            except (TariffError, msgspec.ValidationError):
                continue
