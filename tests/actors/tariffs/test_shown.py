"""Quotes and tariffs in words and pictures, two tariffs side by side."""

import copy
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from actors.tariffs.compare import chart, compare
from actors.tariffs.document import first_class
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.phrases import PHRASES
from actors.tariffs.picture import POINTS, curve, sketch, svg
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.reckon import amount
from actors.tariffs.stay import Stay
from actors.tariffs.words import describe, explain, money_of
from actors.values import DAY_US, HOUR_US, SECOND_US
from tests.actors.tariffs.stays import NO_DAYS, document, hourly, priced, us

DAY_NIGHT = PRESETS["day-night"]


def test_both_languages_have_every_sentence() -> None:
    assert PHRASES["zh"].keys() == PHRASES["en"].keys()


def test_a_quote_is_explained_line_by_line() -> None:
    offsets = Offsets(coupons=[Coupon(id="c1", kind="amount", amount_fen=100)], paid_fen=200)
    made = priced(DAY_NIGHT, "06 09:00", "07 09:00", offsets=offsets)
    told = explain(made, "en")
    first = "03-06 09:00:00 – 03-06 20:00:00 Day: 22 × 30 min at ¥2.50 = ¥55.00"
    assert told[0] == f"{first}, of which the cap since entry leaves ¥50.00"
    assert told[-4:] == ["Charge ¥50.00", "coupon c1: ¥1.00 off", "paid before: ¥2.00", "Due ¥47.00"]
    assert explain(made, "zh")[-1] == "应付 ¥47.00"


def test_a_flat_price_is_told_as_one_and_once() -> None:
    free = {"name": "late", "hours": ["23:00-00:00"], "stages": [{"unit_minutes": 60, "price_fen": 0}]}
    flat = document(periods=[free, {"name": "night", "hours": ["20:00-08:00"], "flat_fen": 800}])
    told = explain(priced(flat, "03 21:00", "04 07:00"), "en")
    assert told[0] == "03-03 21:00:00 – 03-03 23:00:00 Night: flat ¥8.00 = ¥8.00"
    assert told[2] == "03-04 00:00:00 – 03-04 07:00:00 Night: flat, charged above"
    assert told[3] == "Charge ¥8.00"


def test_a_currency_without_hundredths_is_shown_without_them() -> None:
    assert [money_of(fen, "JPY") for fen in (160_000, 50, -300)] == ["JP¥1,600", "JP¥0.50", "-JP¥3"]
    assert money_of(160_000, "CNY") == "¥1,600.00"


def test_what_another_cap_does_to_a_periods_cap_is_part_of_its_words() -> None:
    night = hourly(100, hours=["20:00-08:00"], cap_fen=500)
    assert "at most ¥5.00 (anew" not in "".join(describe(document(periods=[night]), "en"))
    day = document(periods=[night], caps=[{"window": "day", "amount_fen": 3000}])
    assert "at most ¥5.00 (anew whenever one of the caps below begins again)" in "".join(describe(day, "en"))


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("language", PHRASES)
def test_every_preset_and_a_quote_of_it_can_be_told(name: str, language: str) -> None:
    tariff = PRESETS[name]
    vehicle = tariff.classes[0] if tariff.classes else "small"
    assert describe(tariff, language)
    told = explain(priced(tariff, "06 09:00", "09 12:34:56", vehicle=vehicle), language)
    assert all("{" not in line for line in [*describe(tariff, language), *told])


def test_a_curve_grows_and_is_drawn_as_svg_and_in_characters() -> None:
    plan = Plan(DAY_NIGHT)
    drawn = curve(plan, NO_DAYS, "a <b>", us(plan, "06 09:00"), DAY_US, "small")
    assert drawn.steps == sorted(drawn.steps)
    assert drawn.most_fen == 5000
    assert ElementTree.fromstring(svg([drawn, drawn], "CNY", "x & y")).tag.endswith("svg")
    lines = sketch(drawn).splitlines()
    assert "50.00" in lines[0]
    assert lines[0].rstrip().endswith("█")


@pytest.mark.parametrize("name", PRESETS)
def test_a_curve_says_what_every_length_of_stay_costs(name: str) -> None:
    plan = Plan(PRESETS[name])
    vehicle, entry = first_class(PRESETS[name]), us(plan, "06 17:20")
    drawn = curve(plan, NO_DAYS, name, entry, 2 * DAY_US, vehicle)
    for second in range(0, 2 * 86_400, 47):
        after = second * SECOND_US
        assert drawn.at(after) == amount(plan, NO_DAYS, entry, entry + after, vehicle), second


def test_a_price_that_grows_all_the_time_is_drawn_from_even_points() -> None:
    plan = Plan(document(periods=[hourly(6000)], units="exact"))
    drawn = curve(plan, NO_DAYS, "", us(plan, "06 09:00"), 10 * HOUR_US, "small")
    assert len(drawn.steps) == POINTS + 1
    assert drawn.most_fen == 60_000


PLAIN: dict[str, Any] = {
    "periods": [
        {"name": "a", "hours": ["08:00-20:00"], "stages": [{"unit_minutes": 60, "price_fen": 100}]},
        {"name": "b", "stages": [{"unit_minutes": 30, "price_fen": 50, "upto_minutes": 60},
                                 {"unit_minutes": 30, "price_fen": 90}]},
    ],
    "visit": {"price_fen": 100, "turns": {"at": "06:00", "price_fen": 10}},
    "free": [{"minutes": 15}],
    "caps": [{"window": "day", "amount_fen": 3000}],
    "charging": {"charging": "ev", "idle": "idle"},
}  # fmt: skip
SAID: list[tuple[str, Any]] = [
    ("classes", ["ev", "idle"]), ("units", "completed"), ("least_part_minutes", 5), ("at_period_end", "run_on"),
    ("at_stage_end", "run_on"), ("stages_restart", "cycle"), ("stage_clock", "elapsed"), ("seconds", "cut"),
    ("least_fen", 200), ("factors", {"ev": "2"}), ("rounding", {"to_fen": 50}), ("weekend", ["sun"]),
    ("max_stay_minutes", 120), ("reentry_minutes", 10), ("exit_grace_minutes", 15), ("on_change", "cut"),
    ("visit.price_fen", 1), ("visit.turns.at", "07:00"), ("visit.turns.first", "next_day"),
    ("visit.turns.inclusive", True), ("free.0.minutes", 20), ("free.0.mode", "deduct"), ("free.0.inclusive", False),
    ("free.0.measure", "charged"), ("free.0.days", ["working"]), ("free.0.classes", ["ev"]),
    ("caps.0.window", "hours"), ("caps.0.at", "05:00"), ("caps.0.amount_fen", 1), ("caps.0.cuts_units", False),
    ("charging.grace_minutes", 5), ("periods.0.name", "c"), ("periods.0.hours", ["08:00-21:00"]),
    ("periods.0.days", ["rest"]), ("periods.0.classes", ["ev"]), ("periods.0.cap_fen", 900),
    ("periods.0.counts", False),
    ("periods.0.units", "exact"), ("periods.0.stages.0.price_fen", {"ev": 1, "*": 2}),
    ("periods.1.stages.0.arrival", "period"),
    ("periods.1.stages.0.upto_minutes", 90), ("periods.1.stages.0.unit_minutes", 15),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), SAID, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("language", PHRASES)
def test_whatever_a_document_says_is_said_in_words(path: str, value: Any, language: str) -> None:
    changed = copy.deepcopy(PLAIN)
    *way, last = path.split(".")
    place: Any = changed
    for key in way:
        place = place[int(key) if key.isdigit() else key]
    place[last] = value
    assert describe(document(**PLAIN), language) != describe(document(**changed), language)


def test_two_tariffs_are_compared_by_class_and_hour() -> None:
    one, other = Plan(document(periods=[hourly(300)])), Plan(document(visit={"price_fen": 500}))
    stays = [
        Stay(
            entry_us=us(one, f"06 {hour:02}:30"),
            exit_us=us(one, f"06 {hour:02}:30") + length * HOUR_US,
            vehicle=vehicle,
        )
        for hour, length, vehicle in ((9, 1, "small"), (9, 3, "small"), (15, 2, "large"))
    ]
    found = compare(one, other, stays, NO_DAYS)
    whole = msgspec.to_builtins(found.all)
    assert whole == {"stays": 3, "a_fen": 1800, "b_fen": 1500, "dearer": 1, "cheaper": 2, "same": 0}
    assert {name: tally.stays for name, tally in found.by_class.items()} == {"small": 2, "large": 1}
    assert {hour: tally.a_fen for hour, tally in found.by_hour.items() if tally.stays} == {9: 1200, 15: 600}
    assert ElementTree.fromstring(chart(found, ("a", "b"), "CNY")).tag.endswith("svg")
