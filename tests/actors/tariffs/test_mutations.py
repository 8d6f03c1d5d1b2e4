"""Every single number of a rule matters: change any, and some stay costs something else, in both opinions alike."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from actors.tariffs.calendar import Days, read_calendar
from actors.tariffs.document import read_tariff, write_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.problems import TariffError
from actors.tariffs.quote import quote
from actors.tariffs.stay import Stay
from actors.values import SECOND_US
from tests.actors.tariffs.oracle import Oracle

MONDAY = 1_772_380_800  # 2026-03-02 00:00 in Shanghai
CALENDAR = {"years": [2026], "days": {"2026-03-06": "short_holiday"}}
DAYS = Days(read_calendar(CALENDAR))
SINKS: dict[str, dict[str, Any]] = {
    "several caps": {
        "name": {"en": "x"},
        "periods": [{"name": "a", "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
        "caps": [
            {"window": "day", "amount_fen": 3000, "at": "05:00"},
            {"window": "hours", "hours": 12, "amount_fen": 2000},
            {"window": "visit", "amount_fen": 8000},
        ],
        "least_fen": 400,
        "least_part_minutes": 4,
        "factors": {"large": "1.5"},
    },
    "exact": {
        "name": {"en": "x"},
        "units": "exact",
        "free": [{"minutes": 20, "mode": "deduct"}],
        "periods": [
            {
                "name": "day",
                "hours": ["07:30-22:30"],
                "stages": [{"unit_minutes": 60, "price_fen": 700}],
                "cap_fen": 5000,
            },
            {"name": "night", "stages": [{"unit_minutes": 60, "price_fen": 190}], "cap_fen": 900},
        ],
    },
}
SINKS |= {
    "stages and gaps": {
        "name": {"en": "x"},
        "gaps": "count",
        "periods": [
            {"name": "a", "hours": ["09:00-18:30"], "stages": [
                {"unit_minutes": 20, "price_fen": 310, "upto_minutes": 100},
                {"unit_minutes": 50, "price_fen": 470},
            ]},
        ],
    },
    "two clocks": {
        "name": {"en": "x"},
        "stages_restart": "occurrence",
        "periods": [
            {"name": "flat", "hours": ["23:00-06:30"], "flat_fen": 900},
            {"name": "rest", "days": ["rest"], "stages": [
                {"unit_minutes": 45, "price_fen": 130, "upto_minutes": 90, "arrival": "period"},
                {"unit_minutes": 60, "price_fen": 220},
            ], "cap_fen": 1700},
            {"name": "else", "units": "completed", "stages": [{"unit_minutes": 25, "price_fen": 140}]},
        ],
        "weekend": ["fri", "sat"],
    },
}  # fmt: skip
IGNORED = {"form", "name", "exit_grace_minutes", "reentry_minutes", "max_stay_minutes", "weekend"}
"""Fields that hold no number, and lengths that change no price: `test_other_numbers.py` has those."""

FIRST_WINS = "the period before it in the list holds at that minute"
UNNOTICED = {
    "indoor-15:periods.1.hours.0": {"20:59-07:00": FIRST_WINS, "21:00-07:01": FIRST_WINS, "21:00-08:00": FIRST_WINS},
    "pooled-30:periods.1.hours.0": {"00:00-08:01": FIRST_WINS, "00:00-09:00": FIRST_WINS},
    "pooled-30:periods.1.hours.1": {"19:59-24:00": FIRST_WINS},
    "day-night:periods.1.hours.0": {"19:59-08:00": FIRST_WINS, "20:00-08:01": FIRST_WINS, "20:00-09:00": FIRST_WINS},
    "kerb:periods.2.hours.0": {"18:59-08:00": FIRST_WINS, "19:00-08:01": FIRST_WINS, "19:00-09:00": FIRST_WINS},
    "first-hour:periods.0.stages.0.unit_minutes": dict.fromkeys((61, 120), "its stage ends after an hour, and it too"),
    "kerb:periods.0.stages.0.price_fen": {301: "the sum is rounded to 50"},
    "kerb:periods.0.cap_fen": {1501: "the sum is rounded to 50"},
    "kerb:periods.2.flat_fen": {501: "the sum is rounded to 50"},
}
"""Numbers of which another is the same tariff, and why; everything else is noticed."""


def documents() -> dict[str, dict[str, Any]]:
    written = {name: json.loads(write_tariff(tariff)) for name, tariff in PRESETS.items() if name != "free"}
    return {**written, **SINKS}


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    """Every number of a document with others in its place; clock times and multipliers are numbers too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if path or key not in IGNORED:
                yield from numbers(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from numbers(inner, (*path, n))
    elif isinstance(value, str):
        yield from ((path, others) for others in _texts(value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, [other for other in (value + 1, value - 1, value * 2) if other > 0]


def _texts(value: str) -> Iterator[list[str]]:
    if value.replace(".", "").isdigit():
        yield [f"{float(value) + 0.1:g}", f"{float(value) * 2:g}"]
    elif ":" in value:
        times = value.split("-")
        for n in range(len(times)):
            yield ["-".join([*times[:n], _moved(times[n], by), *times[n + 1 :]]) for by in (1, -1, 60)]


def _moved(clock: str, by: int) -> str:
    hours, minutes, *seconds = clock.split(":")
    total = (int(hours) * 60 + int(minutes) + by) % 1440
    return ":".join([f"{total // 60:02}", f"{total % 60:02}", *seconds])


def stays(rng: Random) -> list[dict[str, Any]]:
    """Stays of all lengths, many of them a minute either side of an edge."""
    made = []
    for _ in range(600):
        entry = MONDAY + rng.randrange(7 * 48) * 1800 + rng.choice([0, 0, -60, 60])
        length = rng.choice([rng.randrange(1, 300), rng.randrange(300, 1500), rng.randrange(1500, 5000)]) * 60
        length = length // 1800 * 1800 + rng.choice([0, 60, 120, 240, 900, 960, length % 1800])
        plugged = [(entry + length // 4 // 60 * 60, entry + length // 2 // 60 * 60)]
        made.append({"entry": entry, "exit": entry + length, "charging": plugged, "number": rng.randrange(100)})
    edges = [MONDAY + half * 1800 + before for half in range(48) for before in (-60, 0)]
    around = [(edge, edge + length) for edge in edges for length in (60, 86_460)]
    around += [(MONDAY + 43_200, edge + 86_400) for edge in edges]
    noons = [MONDAY + day * 86_400 + 43_200 for day in (0, 4)]  # a working day, and one of somebody's weekend
    around += [(noon, noon + minutes * 60) for noon in noons for minutes in range(1, 131)]
    return made + [{"entry": entry, "exit": end, "charging": [], "number": 0} for entry, end in around]


STAYS = stays(Random(7))
MUTANTS = [
    pytest.param(document, path, others, id=f"{name}:{'.'.join(map(str, path))}={others[0]}")
    for name, document in documents().items()
    for path, others in numbers(document)
]


@pytest.mark.parametrize(("document", "path", "others"), MUTANTS)
def test_a_changed_number_changes_a_price(
    document: dict[str, Any], path: tuple[Any, ...], others: list[Any], request: pytest.FixtureRequest
) -> None:
    classes = document.get("classes") or ["small", "large"]
    plan = Plan(read_tariff(document))
    unnoticed = [other for other in others if not _noticed(plan, changed(document, path, other), classes)]
    allowed = UNNOTICED.get(request.node.callspec.id.partition("=")[0], ())
    assert [other for other in unnoticed if other not in allowed] == []


def changed(document: dict[str, Any], path: tuple[Any, ...], other: Any) -> dict[str, Any]:
    """The document with another value in one place."""
    made = copy.deepcopy(document)
    place: Any = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = other
    return made


def _noticed(plan: Plan, changed: dict[str, Any], classes: list[str]) -> bool:
    """Whether it is refused, or some stay costs something else; the oracle must say the same of it."""
    try:
        other = Plan(read_tariff(changed))
    except TariffError:
        return True
    for stay in STAYS:
        vehicle = classes[stay["number"] % len(classes)]
        asked = Stay(
            entry_us=stay["entry"] * SECOND_US,
            exit_us=stay["exit"] * SECOND_US,
            vehicle=vehicle,
            charging=[(a * SECOND_US, b * SECOND_US) for a, b in stay["charging"]],
        )
        before, after = (quote(one, asked, DAYS).charge_fen for one in (plan, other))
        if before != after:
            assert after == Oracle([(0, changed)], CALENDAR, {**stay, "vehicle": vehicle}, 60).charge()
            return True
    return False
