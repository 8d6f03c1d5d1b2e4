"""Quotes and tariffs in words and pictures, two tariffs side by side."""

from xml.etree import ElementTree

import msgspec
import pytest

from actors.tariffs.compare import chart, compare
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.phrases import PHRASES
from actors.tariffs.picture import curve, sketch, svg
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.stay import Stay
from actors.tariffs.words import describe, explain
from actors.values import DAY_US, HOUR_US
from tests.actors.tariffs.stays import NO_DAYS, document, hourly, priced, us

DAY_NIGHT = PRESETS["day-night"]


def test_both_languages_have_every_sentence() -> None:
    assert PHRASES["zh"].keys() == PHRASES["en"].keys()


def test_a_quote_is_explained_line_by_line() -> None:
    offsets = Offsets(coupons=[Coupon(id="c1", kind="amount", amount_fen=100)], paid_fen=200)
    made = priced(DAY_NIGHT, "06 09:00", "07 09:00", offsets=offsets)
    told = explain(made, "en")
    first = "03-06 09:00:00 – 03-06 20:00:00 day: 22 × 30 min at ¥2.50 = ¥55.00"
    assert told[0] == f"{first}, of which the cap since entry leaves ¥50.00"
    assert told[-4:] == ["Charge ¥50.00", "coupon c1: ¥1.00 off", "paid before: ¥2.00", "Due ¥47.00"]
    assert explain(made, "zh")[-1] == "应付 ¥47.00"


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
    assert drawn.fen == sorted(drawn.fen)
    assert drawn.fen[-1] == 5000
    assert ElementTree.fromstring(svg([drawn, drawn], "CNY", "x & y")).tag.endswith("svg")
    lines = sketch(drawn).splitlines()
    assert "50.00" in lines[0]
    assert lines[0].rstrip().endswith("█")


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
