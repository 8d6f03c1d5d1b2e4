"""Worked examples of real tariffs, and the three classic presets: every amount as it was published or derived."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from actors.tariffs.calendar import Days, read_calendar
from actors.tariffs.document import read_tariff, write_tariff
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.quote import quote
from actors.tariffs.reckon import amount
from actors.tariffs.stay import Stay, Versions

HERE = Path(__file__).parent
EXAMPLES: list[dict[str, Any]] = json.loads((HERE / "examples.json").read_text())
GOLDEN: dict[str, list[tuple[str, str, int]]] = json.loads((HERE / "presets.json").read_text())


def versions(example: dict[str, Any]) -> Versions:
    plans = [(since, Plan(read_tariff(document))) for since, document in example["versions"]]
    return Versions([(plan.zone.at(datetime.fromisoformat(since)), plan) for since, plan in plans])


def stay(tariff: Versions, entry: str, end: str, vehicle: str) -> Stay:
    zone = tariff.versions[0][1].zone
    times = (zone.at(datetime.fromisoformat(text)) for text in (entry, end))
    return Stay(entry_us=next(times), exit_us=next(times), vehicle=vehicle)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_real_tariffs_cost_what_they_cost(example: dict[str, Any]) -> None:
    tariff, days = versions(example), Days(read_calendar(example.get("calendar", {})))
    for entry, end, vehicle, fen in example["examples"]:
        made = quote(tariff, stay(tariff, entry, end, vehicle), days)
        assert made.charge_fen == fen, (entry, end, made.lines)
        assert sum(line.amount_fen for line in made.lines) == fen
    for entry, end, vehicle, minutes, off in example.get("coupons", []):
        coupon = Offsets(coupons=[Coupon(id="hours", kind="minutes", minutes=minutes)])
        made = quote(tariff, stay(tariff, entry, end, vehicle), days, coupon)
        assert sum(taken.amount_fen for taken in made.offsets) == off, (entry, end)


def test_all_of_the_examples_are_there() -> None:
    names = {example["name"].partition(": ")[0] for example in EXAMPLES}
    several = sum(len(example["examples"]) for example in EXAMPLES if ": " in example["name"])
    assert (len(names), sum(len(example["examples"]) for example in EXAMPLES), several) == (55, 185, 4)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_classic_presets_cost_what_they_cost(name: str) -> None:
    plan, days = Plan(PRESETS[name]), Days()
    for entry, end, fen in GOLDEN[name]:
        got = amount(plan, days, *(plan.zone.at(datetime.fromisoformat(text)) for text in (entry, end)))
        assert got == fen, (entry, end)
    assert sum(map(len, GOLDEN.values())) == 630


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_makes_sense_and_survives_being_written(name: str) -> None:
    tariff = PRESETS[name]
    Plan(tariff)
    assert read_tariff(write_tariff(tariff)) == tariff
    assert set(tariff.name) >= {"zh", "en"}
