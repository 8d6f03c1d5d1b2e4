"""Whole files over HTTP: two tariffs over a list of stays, other people's tariffs as documents; nothing is stored."""

import json
from typing import Any

import pytest

from tests.gateway.http.callers import Caller

COMPARE, IMPORT = "/api/v1/pricing/compare", "/api/v1/pricing/import"
STAYS = """entry,exit,vehicle
2026-03-06T09:00:00,2026-03-06T12:00:00,small
2026-03-06T09:30:00,2026-03-06T10:00:00,small
2026-03-06T21:00:00,2026-03-06T22:00:00,large
"""
FARES = {"WorkingDay": [{"Period": "00~24", "Fare": "20"}], "Holiday": [{"Period": "00~24", "Fare": "10"}]}


def visit(fen: int, currency: str = "CNY") -> dict[str, Any]:
    return {"document": {"name": {"en": "x"}, "currency": currency, "visit": {"price_fen": fen}}}


async def test_two_tariffs_are_compared_over_a_file_of_stays(viewer: Caller) -> None:
    hourly = {"unit_minutes": 60, "price_fen": 300}
    a = {"document": {"name": {"en": "a"}, "periods": [{"name": "all", "stages": [hourly]}]}}
    said = await viewer("POST", COMPARE, {"a": a, "b": visit(500), "stays": STAYS})
    assert said.status == 200, said.json
    found = said.json
    same = {"stays": 3, "a_fen": 1500, "b_fen": 1500, "dearer": 2, "cheaper": 1, "same": 0}
    assert (found["currency"], found["all"]) == ("CNY", same)
    assert {name: one["stays"] for name, one in found["by_class"].items()} == {"small": 2, "large": 1}
    assert [hour for hour, one in enumerate(found["by_hour"]) if one["stays"]] == [9, 21]


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ({"stays": "from,to\n1,2\n"}, "stays_invalid", "line 1"),
        ({"stays": "entry,exit\n2026-03-06T09:00:00,soon\n"}, "stays_invalid", "line 2"),
        ({"stays": STAYS, "b": visit(5, "EUR")}, "not_priceable", "code"),
        ({"stays": STAYS, "b": {"preset": "no-such"}}, "not_found", ""),
    ],
)
async def test_what_cannot_be_compared_is_refused(viewer: Caller, body: dict[str, Any], code: str, where: str) -> None:
    said = await viewer("POST", COMPARE, {"a": visit(5), "b": visit(6), **body})
    assert said.code == code
    assert not where or where in said.json["details"]


async def test_foreign_tariffs_become_documents_that_can_be_priced(viewer: Caller) -> None:
    lots = [{"id": str(n), "name": "x", "FareInfo": fares} for n, fares in enumerate([FARES, FARES, {"x": []}])]
    said = await viewer("POST", IMPORT, {"form": "taipei", "file": json.dumps(lots)})
    assert said.status == 200, said.json
    assert (said.json["read"], len(said.json["tariffs"]), len(said.json["tariffs"][0]["names"])) == (2, 1, 2)
    assert said.json["tariffs"][0]["words"]["zh"]
    asked = {"which": {"document": said.json["tariffs"][0]["document"]}, "entry_us": 0, "exit_us": 3_600_000_000}
    assert (await viewer("POST", "/api/v1/pricing/quote", asked)).json["quote"]["charge_fen"] == 2000


async def test_a_file_that_cannot_be_read_is_refused_with_the_reason(viewer: Caller) -> None:
    assert (await viewer("POST", IMPORT, {"form": "word", "file": "[]"})).code == "unknown_form"
    refused = await viewer("POST", IMPORT, {"form": "ocpi", "file": "{"})
    assert (refused.code, refused.json["message_zh"]) == ("file_invalid", "这不是 JSON 文件")


async def test_files_may_begin_with_the_mark_of_a_windows_editor(viewer: Caller) -> None:
    assert (await viewer("POST", IMPORT, {"form": "ocpi", "file": "\ufeff[]"})).status == 200
    compared = await viewer("POST", COMPARE, {"a": visit(5), "b": visit(6), "stays": "\ufeff" + STAYS})
    assert compared.status == 200, compared.json
