"""Each way in which a city charges, asked over HTTP as whoever verifies a rule does."""

from datetime import datetime
from typing import Any

import pytest

from actors.tariffs.zone import zone_named
from tests.gateway.http.callers import Caller

SHANGHAI = zone_named("Asia/Shanghai")
Stay = tuple[str, str, int]


def stage(unit: int, fen: int, upto: int | None = None) -> dict[str, Any]:
    return {"unit_minutes": unit, "price_fen": fen} | ({"upto_minutes": upto} if upto else {})


def period(name: str, *stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "stages": list(stages), **more}


ANY = period("any", stage(30, 250))
DAY = period("day", stage(30, 250), hours=["08:00-20:00"])
NIGHT = period("night", stage(60, 100), hours=["20:00-08:00"])


def us(text: str) -> int:
    """An instant of March 2026 in Shanghai, whose 6th is a Friday."""
    return SHANGHAI.at(datetime.fromisoformat(text if len(text) > 12 else f"2026-03-{text}"))


async def fee(caller: Caller, document: dict[str, Any], entry: str, end: str, **more: Any) -> int:
    asked = {"which": {"document": {"name": {"en": "x"}, **document}}, "entry_us": us(entry), "exit_us": us(end)}
    said = await caller("POST", "/api/v1/pricing/quote", {**asked, **more})
    assert said.status == 200, said.json
    quote = said.json["quote"]
    assert sum(line["amount_fen"] for line in quote["lines"]) == quote["charge_fen"]
    return int(quote["due_fen"])


async def costs(caller: Caller, document: dict[str, Any], stays: list[Stay]) -> None:
    """Each stay costs what is said beside it."""
    for entry, end, fen in stays:
        assert await fee(caller, document, entry, end) == fen, (entry, end)


@pytest.mark.feature("TAR-03")
async def test_started_units_count_and_exact_edges_add_none(viewer: Caller) -> None:
    await costs(
        viewer,
        {
            "free": [{"minutes": 15}],
            "periods": [period("any", stage(60, 500, 60), stage(30, 200))],
        },
        [
            ("06 10:00", "06 10:15:00", 0),
            ("06 10:00", "06 10:15:01", 500),
            ("06 10:00", "06 11:00:00", 500),
            ("06 10:00", "06 11:00:01", 700),
            ("06 10:00", "06 11:30:00", 700),
        ],
    )


@pytest.mark.feature("TAR-04")
async def test_a_visit_has_one_price(viewer: Caller) -> None:
    await costs(
        viewer,
        {"visit": {"price_fen": 800}},
        [("06 10:00", "06 10:01", 800), ("06 10:00", "09 10:00", 800)],
    )


@pytest.mark.feature("TAR-04")
async def test_a_day_has_one_price(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [period("day", hours=["00:00-24:00"], flat_fen=800)]},
        [("06 10:00", "06 10:01", 800), ("06 10:00", "07 00:00", 800), ("06 10:00", "08 00:01", 2400)],
    )


@pytest.mark.feature("TAR-05")
async def test_day_and_night_are_split_over_midnight_and_several_days(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [DAY, NIGHT]},
        [
            ("06 19:45", "06 20:15", 350),
            ("06 23:30", "07 00:30", 100),
            ("06 19:00", "08 09:00", 500 + 1200 + 6000 + 1200 + 500),
        ],
    )


@pytest.mark.feature("TAR-06")
async def test_stages_follow_the_total_duration(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [period("any", stage(60, 300, 120), stage(60, 500, 240), stage(60, 900))]},
        [("06 10:00", "06 12:00", 600), ("06 10:00", "06 13:00", 1100), ("06 10:00", "06 15:00", 2500)],
    )


@pytest.mark.feature("TAR-10")
async def test_no_window_costs_more_than_its_cap(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [ANY], "caps": [{"window": "day", "amount_fen": 3000}, {"window": "visit", "amount_fen": 7000}]},
        [("06 10:00", "06 20:00", 3000), ("06 20:00", "07 20:00", 2000 + 3000), ("06 00:00", "09 00:00", 7000)],
    )


@pytest.mark.feature("TAR-11")
async def test_exactly_the_free_limit_is_free_and_a_minute_more_is_charged_whole(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [ANY], "free": [{"minutes": 15}]},
        [("06 10:00", "06 10:15", 0), ("06 10:00", "06 10:16", 250), ("06 10:00", "06 10:31", 500)],
    )


@pytest.mark.feature("TAR-11")
async def test_a_rule_may_say_that_the_free_part_is_never_charged(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [ANY], "free": [{"minutes": 15, "mode": "deduct"}]},
        [("06 10:00", "06 10:15", 0), ("06 10:00", "06 10:16", 250), ("06 10:00", "06 10:45", 250)],
    )


@pytest.mark.feature("TAR-13")
async def test_outside_charging_hours_parking_is_free(viewer: Caller) -> None:
    await costs(
        viewer,
        {"periods": [DAY]},
        [("06 20:00", "07 08:00", 0), ("06 19:30", "07 08:30", 500)],
    )


@pytest.mark.feature("TAR-09")
async def test_kinds_of_days_have_their_own_rules(operator: Caller) -> None:
    document = {
        "periods": [
            period("long", stage(60, 100), days=["long_holiday"]),
            period("short", stage(60, 200), days=["short_holiday"]),
            period("working", stage(60, 500), days=["working"]),
            period("weekend", stage(60, 800), days=["rest"]),
        ]
    }
    calendar = {
        "years": [2026],
        "days": {"2026-05-01": "long_holiday", "2026-04-06": "short_holiday", "2026-05-09": "makeup"},
    }
    said = await operator("PUT", "/api/v1/calendar", {"version": 0, "calendar": calendar})
    assert said.status == 200, said.json
    days = {"2026-05-01": 100, "2026-04-06": 200, "2026-05-09": 500, "2026-05-08": 500, "2026-05-16": 800}
    for day, fen in days.items():
        assert await fee(operator, document, f"{day}T10:00:00", f"{day}T11:00:00") == fen, day


async def test_paying_half_way_costs_what_one_stay_costs(viewer: Caller) -> None:
    document = {"periods": [period("any", stage(60, 500, 60), stage(60, 200))], "free": [{"minutes": 15}]}
    first = await fee(viewer, document, "06 10:00", "06 11:30")
    rest = await fee(viewer, document, "06 10:00", "06 13:10", paid_fen=first)
    assert (first, rest) == (700, 400), "no second first hour, no fresh free minutes"
    assert first + rest == await fee(viewer, document, "06 10:00", "06 13:10")


async def test_a_car_that_is_charged_pays_more_once_it_only_stands(viewer: Caller) -> None:
    document = {
        "periods": [period("any", {"unit_minutes": 30, "price_fen": {"ev": 200, "idle": 600}})],
        "charging": {"charging": "ev", "idle": "idle", "grace_minutes": 15},
    }
    charging = [(us("06 10:00"), us("06 10:45"))]
    assert await fee(viewer, document, "06 10:00", "06 12:00", vehicle="ev", charging=charging) == 400 + 1200


@pytest.mark.parametrize(
    ("coupon", "due"),
    [
        ({"kind": "amount", "amount_fen": 300}, 700),
        ({"kind": "amount", "amount_fen": 3000}, 0),
        ({"kind": "percent", "rate": "0.85"}, 850),
        ({"kind": "full"}, 0),
        ({"kind": "minutes", "minutes": 61}, 500),
    ],
)
async def test_coupons_take_off_what_they_say(viewer: Caller, coupon: dict[str, Any], due: int) -> None:
    stay = {"document": {"periods": [ANY]}, "entry": "06 10:00", "end": "06 12:00"}
    assert await fee(viewer, **stay, coupons=[{"id": "c", **coupon}]) == due
