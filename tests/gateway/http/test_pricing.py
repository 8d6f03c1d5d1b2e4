"""Online verification over HTTP: prices of stays with their lines, curves, files of examples; nothing is stored."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.tariffs.presets import PRESETS
from actors.tariffs.zone import zone_named
from actors.values import DAY_US, HOUR_US, MINUTE_US
from storage.schema import METADATA
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.test_tariffs import hourly

QUOTE, CURVES = "/api/v1/pricing/quote", "/api/v1/pricing/curves"
SHANGHAI = zone_named("Asia/Shanghai")
FRIDAY = SHANGHAI.begin(20_518)
"""2026-03-06 in Shanghai."""


async def priced(caller: Caller, **asked: Any) -> dict[str, Any]:
    said = await caller("POST", QUOTE, asked)
    assert said.status == 200, said.json
    return dict(said.json)


@pytest.mark.feature("TAR-08")
async def test_a_stay_is_priced_line_by_line_and_nothing_is_stored(viewer: Caller, engine: AsyncEngine) -> None:
    async def rows() -> list[int]:
        counts = [select(func.count()).select_from(table).scalar_subquery() for table in METADATA.sorted_tables]
        async with engine.connect() as connection:
            return list((await connection.execute(select(*counts))).one())

    before = await rows()
    stay = {"entry_us": FRIDAY + 9 * HOUR_US, "exit_us": FRIDAY + 33 * HOUR_US, "vehicle": "small"}
    made = await priced(viewer, which={"preset": "day-night"}, **stay)
    quote = made["quote"]
    assert quote["charge_fen"] == quote["due_fen"] == sum(line["amount_fen"] for line in quote["lines"]) == 5000
    assert made["words"]["zh"][-1] == "合计 ¥50.00"
    assert made["words"]["en"][-1] == "Charge ¥50.00"
    assert made["change"]["then_fen"] == 5250
    assert await rows() == before


@pytest.mark.feature("TAR-02")
async def test_classes_pay_their_own_prices(viewer: Caller) -> None:
    document = hourly(0, classes=["small", "large", "other"])
    document["periods"][0]["stages"][0]["price_fen"] = {"small": 200, "large": 500, "*": 300}
    stay = {"which": {"document": document}, "entry_us": FRIDAY, "exit_us": FRIDAY + HOUR_US}
    fees = [(await priced(viewer, **stay, vehicle=vehicle))["quote"]["charge_fen"] for vehicle in document["classes"]]
    assert fees == [200, 500, 300]
    said = await viewer("POST", QUOTE, {**stay, "vehicle": "boat"})
    assert (said.code, said.json["details"]["code"]) == ("not_priceable", "unknown_class")


async def test_offsets_are_taken_off_in_their_order(viewer: Caller) -> None:
    made = await priced(
        viewer,
        which={"document": hourly(600)},
        entry_us=FRIDAY,
        exit_us=FRIDAY + 3 * HOUR_US,
        passes=[(FRIDAY, FRIDAY + HOUR_US)],
        coupons=[{"id": "c", "kind": "percent", "rate": "0.5"}],
        waiver_fen=100,
        paid_fen=200,
    )
    quote = made["quote"]
    assert (quote["charge_fen"], quote["covered_fen"], quote["due_fen"]) == (1200, 600, 300)
    assert [one["kind"] for one in quote["offsets"]] == ["percent", "waiver", "paid"]


async def test_a_stay_needs_one_tariff_and_a_sane_length(viewer: Caller) -> None:
    stay = {"entry_us": FRIDAY, "exit_us": FRIDAY + HOUR_US}
    for which in ({}, {"preset": "kerb", "lot": "L0"}, {"document": hourly(1), "tariff": "x"}):
        assert (await viewer("POST", QUOTE, {"which": which, **stay})).code == "invalid_body"
    for end in (FRIDAY - 1, FRIDAY + 401 * DAY_US):
        said = await viewer("POST", QUOTE, {"which": {"preset": "free"}, "entry_us": FRIDAY, "exit_us": end})
        assert said.json["details"] == {"path": "$.exit_us"}
    assert (await viewer("POST", QUOTE, {"which": {"preset": "none"}, **stay})).code == "not_found"


async def test_two_tariffs_are_drawn_over_the_periods_of_the_first(viewer: Caller) -> None:
    asked = {
        "which": [{"preset": "day-night"}, {"document": hourly(300)}],
        "entry_us": FRIDAY + 18 * HOUR_US,
        "length_us": DAY_US,
        "vehicle": "small",
    }
    drawn = (await viewer("POST", CURVES, asked)).json
    night, hours = (curve["steps"] for curve in drawn["curves"])
    assert hours == [[0, 0], *([n * HOUR_US, 300 * (n + 1)] for n in range(24))]
    assert night[:3] == [[0, 0], [15 * MINUTE_US, 250], [30 * MINUTE_US, 500]]
    assert [band["name"].get("zh") for band in drawn["bands"]] == ["白天", "夜间", "白天"]
    assert [band["to_us"] - FRIDAY for band in drawn["bands"]] == [20 * HOUR_US, 32 * HOUR_US, 42 * HOUR_US]


async def test_a_curve_knows_when_the_car_was_charged(viewer: Caller) -> None:
    stay = {"entry_us": FRIDAY + 9 * HOUR_US, "charging": [[FRIDAY + 9 * HOUR_US, FRIDAY + 10 * HOUR_US]]}
    asked = {"which": [{"preset": "charging-bay"}], "length_us": 3 * HOUR_US, **stay}
    steps = (await viewer("POST", CURVES, asked)).json["curves"][0]["steps"]
    # An hour of charging and 15 minutes of grace by the cheap class's half hours, then idle.
    assert steps[:6] == [
        [0, 0],
        *([n * 30 * MINUTE_US, 200 * (n + 1)] for n in range(3)),
        [75 * MINUTE_US, 1200],
        [105 * MINUTE_US, 1800],
    ]
    for after, fen in ((40, 400), (75, 600), (80, 1200), (106, 1800)):
        exit_us = stay["entry_us"] + after * MINUTE_US
        made = await priced(viewer, which={"preset": "charging-bay"}, **stay, exit_us=exit_us)
        assert made["quote"]["charge_fen"] == fen


async def test_a_draft_is_told_in_words_or_what_is_wrong_with_it(viewer: Caller) -> None:
    said = (await viewer("POST", "/api/v1/pricing/check", {"document": hourly(250)})).json
    assert said["problems"] == []
    assert "¥2.50" in said["words"]["zh"][0]
    said = (await viewer("POST", "/api/v1/pricing/check", {"document": {"name": {"en": "x"}, "hors": 1}})).json
    assert [(one["code"], one["where"]) for one in said["problems"]] == [("unknown_field", "hors")]
    assert said["words"] is None


async def test_presets_can_be_chosen_from(viewer: Caller) -> None:
    items = (await viewer.get("/api/v1/pricing/presets")).json["items"]
    assert [one["id"] for one in items] == list(PRESETS)
    assert all(one["words"]["zh"] and one["document"]["name"]["zh"] for one in items)


async def test_a_whole_file_of_examples_is_tried(viewer: Caller) -> None:
    stay = {"entry": "2026-03-06T10:00:00", "exit": "2026-03-06T10:31:00"}
    tariff = {"id": "a", "city": "Town", "rule": {"kind": "per_visit", "price": 500, "free": {"minutes": 30}}}
    examples = [{**stay, "expected_cents": 500}, {**stay, "expected_cents": 400}, {**stay, "exit": "soon"}]
    file = {"tariffs": [{**tariff, "examples": examples}, {"id": "b", "rule": {"kind": "guess"}}]}
    said = (await viewer("POST", "/api/v1/pricing/examples", {"file": file})).json
    assert (said["right"], said["wrong"], said["unread"]) == (1, 1, 2)
    one, other = said["tariffs"]
    assert [(outcome["got_fen"], outcome["right"]) for outcome in one["outcomes"]] == [(500, True), (500, False)]
    assert one["outcomes"][1]["words"]["en"][-1] == "Charge ¥5.00"
    assert [problem["where"] for problem in other["problems"]] == ["kind"]


async def test_the_calendar_decides_what_a_day_is_and_unknown_years_are_told(
    operator: Caller, viewer: Caller, clock: Clock
) -> None:
    document = {
        "name": {"en": "x"},
        "periods": [
            {"name": "holiday", "days": ["holiday"], "stages": [{"unit_minutes": 60, "price_fen": 100}]},
            {"name": "match", "days": ["event:match"], "stages": [{"unit_minutes": 60, "price_fen": 900}]},
            {"name": "day", "stages": [{"unit_minutes": 60, "price_fen": 300}]},
        ],
    }
    stay = {"which": {"document": document}, "entry_us": FRIDAY, "exit_us": FRIDAY + HOUR_US}
    made = await priced(viewer, **stay)
    assert made["quote"]["charge_fen"] == 300
    assert [one["code"] for one in made["quote"]["notices"]] == ["calendar_year_unknown"]
    assert (await viewer("POST", CURVES, {**_drawn(stay)})).json["unknown_years"] == [2026]
    old = (await viewer.get("/api/v1/calendar")).json
    calendar = {"years": [2026], "days": {"2026-03-06": "short_holiday"}}
    said = await operator("PUT", "/api/v1/calendar", {"version": old["version"], "calendar": calendar})
    assert said.json["version"] == old["version"] + 1
    made = await priced(viewer, **stay)
    assert (made["quote"]["charge_fen"], made["quote"].get("notices", [])) == (100, [])
    said = await operator("PUT", "/api/v1/calendar", {"version": old["version"], "calendar": calendar})
    assert said.code == "version_conflict"


@pytest.mark.feature("EXT-17")
async def test_an_event_raises_the_price_in_its_area_only(operator: Caller, viewer: Caller) -> None:
    document = hourly(300)
    match = {"name": "match", "days": ["event:match"], "stages": [{"unit_minutes": 60, "price_fen": 900}]}
    document["periods"].insert(0, match)
    old = (await viewer.get("/api/v1/calendar")).json["version"]
    for areas, fees in ((["L0"], [900, 300]), (["cbd"], [900, 900]), (["r1"], [900, 900]), (["docklands"], [300, 300])):
        calendar = {"years": [2026], "events": [{"name": "match", "dates": ["2026-03-06"], "areas": areas}]}
        old = (await operator("PUT", "/api/v1/calendar", {"version": old, "calendar": calendar})).json["version"]
        stay = {"which": {"document": document}, "entry_us": FRIDAY, "exit_us": FRIDAY + HOUR_US}
        assert [(await priced(viewer, **stay, place=lot))["quote"]["charge_fen"] for lot in ("L0", "L1")] == fees


async def test_packages_offer_holidays(viewer: Caller) -> None:
    said = (await viewer.get("/api/v1/calendar/source?source=chinesecalendar&first=2024&last=2024")).json
    assert said["calendar"]["days"]["2024-02-04"] == "makeup"
    assert said["calendar"]["days"]["2024-02-10"] == "long_holiday"
    said = (await viewer.get("/api/v1/calendar/source?source=chinesecalendar&first=2024&last=2040")).json
    assert 2040 in said["missing"]
    said = (await viewer.get("/api/v1/calendar/source?source=de-by&first=2026&last=2026")).json
    assert said["calendar"]["days"]["2026-01-06"] == "short_holiday"


def _drawn(stay: dict[str, Any]) -> dict[str, Any]:
    return {"which": [stay["which"]], "entry_us": stay["entry_us"]}
