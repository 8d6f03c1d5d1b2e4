"""Patrol cars over HTTP: plates that go to sensors' stays or open their own, and records of what stands wrongly."""

import os
from typing import Any

import pytest

from actors.values import MINUTE_US
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import Street
from tests.gateway.http.test_evidence import JPEG, MP4, bring

REPORTS = "/api/v1/patrol/reports"
INSPECTIONS = "/api/v1/inspections"
ROLES = ("tail", "panorama", "head", "video")


class Car:
    """A patrol car that drives along L0, and staff who read what it saw."""

    def __init__(self, street: Street, caller: Caller) -> None:
        self.street, self._caller = street, caller

    @property
    def itself(self) -> Caller:
        return self.street.staff(self._caller, "inspector")

    async def takes(self, report: str, *roles: str) -> list[str]:
        """Stores pictures (and a video) of what it sees; their ids."""
        ids = []
        for role in roles:
            video = role == "video"
            said = {"media": "mp4" if video else "jpeg", "taken_us": self.street.clock(), "kind": "patrol"}
            said |= {"key": report, "role": role, "source": "patrol", "device": "car-3", "report": report}
            made = await bring(self.itself, said, (MP4 if video else JPEG) + os.urandom(50))
            assert made.status == 200
            ids.append(made.json["id"])
        return ids

    async def reports(self, number: str, plate: str, key: str = "", **more: Any) -> Said:
        body = {"device": "car-3", "number": number, "plate": plate, "colour": "blue", "confidence_pct": 93}
        body |= {"at_us": self.street.clock(), **more}
        return await self.itself("POST", REPORTS, body, Idempotency_Key=key or os.urandom(9).hex())

    async def read(self, path: str) -> Any:
        await self.street.told()
        said = await self.street.staff(self._caller, "operator").get(path)
        assert said.status == 200, said.json
        return said.json


@pytest.fixture
async def car(street: Street, caller: Caller) -> Car:
    await street.ruled("L0", mode="sensor_patrol")
    return Car(street, caller)


@pytest.mark.feature("DEV-04")
async def test_a_patrol_report_fills_the_plate_of_the_sensors_stay(street: Street, car: Car) -> None:
    await street.came("L0-0", 20)
    came_us = street.clock() - 20 * MINUTE_US
    pictures = await car.takes("r-1", *ROLES)
    said = await car.reports("NL0-0", "川P30001", pictures=pictures)
    assert (said.status, said.json["opened"], said.json["missing"]) == (200, False, [])
    parts = await car.read(f"/api/v1/sessions/{said.json['session']}")
    stay = parts["stay"]
    assert (stay["plate"], stay["bay_id"], stay["state"]) == ("川P30001", "L0-0", "running")
    assert abs(stay["entry_us"] - came_us) < MINUTE_US, "its start stays the sensor's"
    assert {(each["evidence"], each["role"]) for each in parts["evidence"]} == set(zip(pictures, ROLES, strict=True))
    (word,) = parts["plates"]
    assert (word["source"], word["device_id"], word["confidence_pct"]) == ("patrol", "car-3", 93)


@pytest.mark.feature("DEV-04")
async def test_a_patrol_report_opens_a_stay_where_the_sensor_was_silent(street: Street, car: Car) -> None:
    seen_us = street.clock() - 5 * MINUTE_US
    said = await car.reports("NL0-1", "川P30002", "once", at_us=seen_us)
    assert (said.status, said.json["opened"], said.json["missing"]) == (200, True, list(ROLES))
    again = await car.reports("NL0-1", "川P30002", "once", at_us=seen_us)
    assert again.json == said.json, "the same report twice is one"
    stay = (await car.read(f"/api/v1/sessions/{said.json['session']}"))["stay"]
    assert (stay["plate"], stay["entry_us"], stay["bay_id"]) == ("川P30002", seen_us, "L0-1")
    listed = await car.read("/api/v1/sessions?plate=川P30002")
    assert listed["totals"]["stays"] == 1
    await street.see("L0-1", True)
    assert (await car.reports("NL0-1", "川P30002")).json["session"] == said.json["session"], "the sensor saw the same"
    await street.see("L0-1", False)
    assert (await car.read("/api/v1/sessions?plate=川P30002"))["totals"]["finished"] == 1


async def test_a_report_that_cannot_be_taken_says_why(street: Street, car: Car) -> None:
    assert (await car.reports("nowhere", "川P30004")).code == "not_found"
    assert (await car.reports("NL0-2", "川P30004", pictures=["none"])).code == "unknown_picture"
    assert (await car.reports("NL0-2", "川P30004", at_us=street.clock() + 10 * MINUTE_US)).code == "clock_ahead"
    refused = await car.reports("NL1-0", "川P30004")
    assert (refused.code, refused.json["details"]["refused"]) == ("refused", "source_not_allowed")
    assert (await car.read("/api/v1/sessions?plate=川P30004"))["totals"]["stays"] == 0


@pytest.mark.feature("DEV-06")
@pytest.mark.parametrize(("kind", "layout"), [("illegal", "diagonal"), ("unpaid", "parallel")])
async def test_a_report_of_what_stands_wrongly_is_a_record_that_staff_see(
    street: Street, car: Car, kind: str, layout: str
) -> None:
    pictures = await car.takes(f"r-{kind}", "tail", "panorama")
    plate = f"川P3001{len(kind)}"
    said = await car.reports("NL0-2", plate, f"k-{kind}", kind=kind, layout=layout, pictures=pictures, note="双黄线")
    assert (said.status, said.json["missing"]) == (200, ["head", "video"])
    assert (await car.reports("NL0-2", plate, f"k-{kind}", kind=kind, note="again")).json["inspection"]
    (listed,) = (await car.read(f"{INSPECTIONS}?kind={kind}&plate={plate}"))["items"]
    assert (listed["plate"], listed["bay"], listed["number"], listed["lot"]) == (plate, "L0-2", "NL0-2", "L0")
    assert (listed["layout"], listed["note"], listed["who"]) == (layout, "双黄线", "inspector")
    assert (listed["id"], listed["pictures"]) == (said.json["inspection"], pictures)
    parts = await car.read(f"{INSPECTIONS}/{listed['id']}")
    assert [each["role"] for each in parts["evidence"]] == ["tail", "panorama"]
    content = await street.staff(car.itself, "operator").get(parts["evidence"][0]["content"])
    assert (content.status, content.body[:4]) == (200, JPEG)
    assert (await car.read(f"/api/v1/sessions?plate={plate}"))["totals"]["stays"] == 0, "it opens no stay"


async def test_inspection_records_have_pages_and_filters(car: Car) -> None:
    ids = [
        (await car.reports("NL0-2", "川P30020", kind="unpaid", at_us=at)).json["inspection"]
        for at in (car.street.clock() - 2, car.street.clock() - 1)
    ]
    first = await car.read(f"{INSPECTIONS}?plate=川P30020&limit=1")
    second = await car.read(f"{INSPECTIONS}?plate=川P30020&limit=1&after={first['next']}")
    assert [each["items"][0]["id"] for each in (first, second)] == ids[::-1]
    assert second["next"] is None
    assert (await car.read(f"{INSPECTIONS}?plate=川P30020&kind=illegal"))["items"] == []
    assert (await car.read(f"{INSPECTIONS}?plate=川P30020&lot=L1"))["items"] == []
