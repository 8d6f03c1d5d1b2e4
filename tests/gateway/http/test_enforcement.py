"""Whether a vehicle may stand where it does, over HTTP: each reason is told rightly, and each answer is kept."""

import os
from typing import Any

import pytest

from actors.values import DAY_US, MINUTE_US
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import Collector, Street

CHECKS = "/api/v1/enforcement/checks"


class Inspector:
    """An inspector on the street, and the back office that reads what he was told."""

    def __init__(self, street: Street, li: Collector) -> None:
        self.street, self.li = street, li

    def of(self, role: str) -> Caller:
        return self.street.staff(self.li.caller, role)

    async def asks(self, plate: str, number: str = "NL0-0", key: str = "", **more: Any) -> Said:
        body = {"plate": plate, "colour": "blue", **({"number": number} if number else {}), **more}
        return await self.of("inspector")("POST", CHECKS, body, Idempotency_Key=key or os.urandom(9).hex())

    async def told(self, plate: str, **more: Any) -> tuple[bool, str, float | None, int]:
        """Whether it may stand there, why, in how many minutes from now that ends, and what is due."""
        said = await self.asks(plate, **more)
        assert said.status == 200, said.json
        until = said.json["until_us"]
        minutes = None if until is None else round((until - self.street.clock()) / MINUTE_US, 1)
        return said.json["allowed"], said.json["why"], minutes, said.json["due_fen"]

    async def stands(self, plate: str, minutes: float, bay: str = "L0-0") -> str:
        """A vehicle that has been there for so long."""
        await self.street.came(bay, minutes)
        return str((await self.li.plate(bay, plate)).json["session"])

    async def does(self, path: str, body: object) -> Said:
        """The back office does something, under a key of its own."""
        return await self.of("operator")("POST", f"/api/v1/{path}", body, Idempotency_Key=os.urandom(9).hex())

    async def logged(self, query: str) -> Any:
        said = await self.of("operator").get(f"{CHECKS}?{query}")
        assert said.status == 200, said.json
        return said.json


@pytest.fixture
def inspector(street: Street, li: Collector) -> Inspector:
    return Inspector(street, li)


def near(minutes: float) -> Any:
    return pytest.approx(minutes, abs=0.2)


@pytest.mark.feature("EXT-02")
async def test_free_just_expired_and_unpaid_are_told_apart(street: Street, inspector: Inspector) -> None:
    plate = "川P60001"
    assert await inspector.told(plate) == (False, "no_stay", None, 0)
    session = await inspector.stands(plate, 5)
    assert await inspector.told(plate) == (True, "free", near(10), 0)
    street.clock.ahead_us += 20 * MINUTE_US
    assert await inspector.told(plate) == (True, "just_expired", near(5), 250)
    street.clock.ahead_us += 4 * MINUTE_US
    assert await inspector.told(plate) == (True, "just_expired", near(1), 250)
    earlier = street.clock() - 20 * MINUTE_US
    street.clock.ahead_us += 2 * MINUTE_US
    assert await inspector.told(plate) == (False, "unpaid", None, 500)
    assert (await inspector.told(plate, at_us=earlier))[:2] == (True, "free"), "the time that is asked about decides"
    log = await inspector.logged(f"plate={plate}")
    said = [(each["why"], each["allowed"], each["session"]) for each in log["items"]]
    why = ("free", "unpaid", "just_expired", "just_expired", "free", "no_stay")
    assert said == [(each, each not in ("unpaid", "no_stay"), "" if each == "no_stay" else session) for each in why]
    assert {(each["who"], each["bay_id"], each["lot_id"]) for each in log["items"]} == {("inspector", "L0-0", "L0")}
    assert log["items"][0]["at_us"] == earlier < log["items"][0]["checked_us"]


@pytest.mark.feature("EXT-02")
async def test_who_paid_may_stand_as_long_as_that_covers_and_a_quarter_of_an_hour_more(
    street: Street, inspector: Inspector
) -> None:
    plate = "川P60002"
    session = await inspector.stands(plate, 40)
    assert await inspector.told(plate) == (False, "unpaid", None, 500)
    assert (await inspector.li.pay(session, 500)).status == 200
    allowed, why, minutes, due = await inspector.told(plate)
    assert (allowed, why, due) == (True, "paid", 0)
    assert minutes is not None
    assert minutes >= 15
    street.clock.ahead_us += int((minutes + 10) * MINUTE_US)
    allowed, why, left, due = await inspector.told(plate)
    assert (allowed, why, left, due > 0) == (True, "just_expired", near(5), True)
    street.clock.ahead_us += 6 * MINUTE_US
    assert (await inspector.told(plate))[:2] == (False, "unpaid")


@pytest.mark.feature("EXT-02")
async def test_of_a_vehicle_that_has_left_it_is_told_how_it_stood_then(street: Street, inspector: Inspector) -> None:
    plate, li = "川P60007", inspector.li
    session, came = await inspector.stands(plate, 5), street.clock() - 5 * MINUTE_US
    street.clock.ahead_us += 35 * MINUTE_US
    assert (await li.pay(session, 500)).status == 200
    street.clock.ahead_us += 10 * MINUTE_US
    await li.leave("L0-0")
    await street.see("L0-0", False)
    await street.told()
    assert (await inspector.told(plate))[1] == "no_stay"
    street.clock.ahead_us += 10 * MINUTE_US

    async def at(minute: float) -> tuple[bool, str, int]:
        """How it stood so long after it came."""
        said = await inspector.told(plate, at_us=came + int(minute * MINUTE_US))
        return said[0], said[1], said[3]

    assert await at(-1) == (False, "no_stay", 0)
    assert await at(5) == (True, "free", 0)
    assert await at(20) == (True, "just_expired", 250)
    assert await at(39) == (False, "unpaid", 500), "what was paid later was not paid then"
    assert await at(45) == (True, "paid", 0)
    assert await at(55) == (False, "no_stay", 0), "it had left"
    assert (await inspector.asks(plate, at_us=came + 39 * MINUTE_US)).json["session"] == session


@pytest.mark.feature("EXT-02")
async def test_lists_and_passes_let_a_vehicle_stand(street: Street, inspector: Inspector) -> None:
    plate, now = "川P60003", street.clock()
    await inspector.stands(plate, 60)
    assert (await inspector.told(plate))[1] == "unpaid"
    until_us = street.clock() + DAY_US
    listing = {"list": "white", "from_us": now - DAY_US, "until_us": until_us, "lots": ["L0"], "reason": "company"}
    assert (await inspector.does(f"vehicles/{plate}/lists", listing)).status == 201
    assert await inspector.told(plate) == (True, "white", near(24 * 60), 0)
    assert (await inspector.told(plate, number="NL1-0"))[1] == "no_stay", "the list is for the other section"
    holder = "川P60004"
    rule = {"name": "L0", "price_fen": {"*": 30_000}, "lots": ["L0"], "operator": "north"}
    assert (await inspector.does("pass-rules", {"id": "enforced", "rule": rule})).status == 201
    await street.cell.call("look", b"")
    made = await inspector.does("passes", {"rule": "enforced", "plates": [holder], "periods": 1})
    paid = await inspector.does(f"passes/{made.json['id']}/payments", {"channel": "cash", "fen": 30_000})
    assert paid.json["state"] == "valid"
    assert (await inspector.told(holder))[:2] == (True, "pass"), "with or without a stay"
    await inspector.stands(holder, 90, "L0-1")
    allowed, why, minutes, due = await inspector.told(holder)
    assert (allowed, why, due) == (True, "pass", 0)
    assert minutes is not None
    assert minutes > 20 * 24 * 60
    assert (await inspector.told("WJ川60005"))[:2] == (True, "special")


async def test_a_point_is_the_bay_beside_it_and_a_check_is_logged_once(street: Street, inspector: Inspector) -> None:
    plate, at = "川P60006", {"number": "", "lon": 144.9, "lat": -37.8001}
    said = await inspector.asks(plate, key="once", **at)
    assert (said.status, said.json["lot_id"], said.json["lon"]) == (200, "L0", 144.9)
    assert (await inspector.asks(plate, key="once", **at)).json == said.json
    assert len((await inspector.logged(f"plate={plate}"))["items"]) == 1
    assert (await inspector.asks(plate, number="", lon=100.0, lat=10.0)).code == "not_found"
    assert (await inspector.asks(plate, number="")).code == "invalid_body"
    assert (await inspector.asks(plate, number="nowhere")).code == "not_found"
    await inspector.asks(plate)
    first = await inspector.logged(f"plate={plate}&limit=1")
    second = await inspector.logged(f"plate={plate}&limit=1&after={first['next']}")
    assert (second["items"][0]["id"], second["next"]) == (said.json["id"], None)
    assert (await inspector.logged("who=nobody"))["items"] == []
