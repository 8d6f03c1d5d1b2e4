"""Plates as machines read them, over HTTP: how many each camera reads; unsure ones wait for a second recogniser, then
for a person.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actors.engine.entries import FromDevice
from actors.messages.bay import InstallBay
from actors.messages.device import Uplinked
from actors.values import MINUTE_US, SECOND_US, Ref
from tests.gateway.http.callers import Said
from tests.gateway.http.streets import Street
from tests.gateway.http.test_patrols import Car, car

__all__ = ["car"]

UNSURE = "/api/v1/readings/unsure"


async def queue(car: Car, turn: str = "") -> dict[str, Any]:
    return {row["session"]: row for row in (await car.read(f"{UNSURE}?turn={turn}"))["items"]}


async def answers(car: Car, session: str, plate: str, by: str, pct: int = 100, key: str = "", **more: int) -> Said:
    body = {"plate": plate, "colour": "blue", "by": by, "confidence_pct": pct, **more}
    headers = {"Idempotency_Key": key} if key else {}
    return await car.street.staff(car.itself, "service")("POST", f"{UNSURE}/{session}", body, **headers)


async def unsure(car: Car, bay: str, plate: str, pct: int = 55) -> str:
    """A stay of a sensor whose plate a patrol car read badly."""
    await car.street.came(bay, 10)
    (picture,) = await car.takes(f"r-{plate}", "tail")
    said = await car.reports(f"N{bay}", plate, confidence_pct=pct, pictures=[picture])
    assert said.status == 200, said.json
    row = (await queue(car))[said.json["session"]]
    assert (row["plate"], row["bay"], row["second"], row["pictures"]) == (plate, bay, 0, [picture])
    return str(said.json["session"])


async def words(car: Car, session: str) -> list[tuple[str, str, int, bool]]:
    parts = await car.read(f"/api/v1/sessions/{session}")
    return [(each["plate"], each["source"], each["confidence_pct"], each["taken"]) for each in parts["plates"]]


@pytest.mark.feature("DEV-14")
async def test_a_second_recogniser_replaces_an_unsure_plate_and_the_first_value_stays_in_history(car: Car) -> None:
    session = await unsure(car, "L0-0", "川P4000B")
    assert session in await queue(car, "recogniser")
    at = {"at_us": car.street.clock()}
    said = await answers(car, session, "川P40008", "recogniser", 97, "a-1", **at)
    assert (said.status, said.json["taken"], said.json["plate"]) == (200, True, "川P40008")
    assert (await answers(car, session, "川P40008", "recogniser", 97, "a-1", **at)).json == said.json
    assert session not in await queue(car)
    parts = await car.read(f"/api/v1/sessions/{session}")
    assert (parts["stay"]["plate"], parts["stay"]["flags"]) == ("川P40008", "")
    assert await words(car, session) == [("川P4000B", "patrol", 55, True), ("川P40008", "recogniser", 97, True)]
    assert (await car.read("/api/v1/sessions?plate=川P4000B"))["totals"]["stays"] == 0


@pytest.mark.feature("DEV-14")
async def test_what_the_second_recogniser_cannot_read_either_waits_for_a_person(car: Car) -> None:
    session = await unsure(car, "L0-1", "川P4001Q")
    said = await answers(car, session, "川P40011", "recogniser", 40)
    assert (said.json["taken"], said.json["plate"]) == (False, "川P4001Q"), "it is less sure than the first"
    assert session not in await queue(car, "recogniser")
    assert (await queue(car, "person"))[session]["second"] == 1
    said = await answers(car, session, "川P40010", "person")
    assert (said.json["taken"], said.json["plate"]) == (True, "川P40010")
    assert session not in await queue(car)
    late = await answers(car, session, "川P40017", "recogniser", 99)
    assert (late.json["taken"], late.json["plate"]) == (False, "川P40010"), "a person's word stands"
    assert [word[0] for word in await words(car, session)] == ["川P4001Q", "川P40011", "川P40010", "川P40017"]
    (flag,) = (await car.read(f"/api/v1/sessions/{session}"))["flags"]
    assert (flag["code"], flag["cleared_by"]) == ("plate_unsure", "service")


async def test_a_sure_plate_waits_for_nobody_and_the_queue_has_pages(street: Street, car: Car) -> None:
    await street.came("L0-0", 10)
    sure = (await car.reports("NL0-0", "川P40020", confidence_pct=80)).json["session"]
    first = await unsure(car, "L0-1", "川P40021", 79)
    second = await unsure(car, "L0-2", "川P40022", 10)
    assert sure not in await queue(car)
    page = await car.read(f"{UNSURE}?limit=1")
    assert [row["session"] for row in page["items"]] == [first]
    page = await car.read(f"{UNSURE}?limit=1&after={page['next']}")
    assert ([row["session"] for row in page["items"]], page["next"]) == ([second], None)
    assert (await answers(car, "L0/L0-0-99", "川P40023", "person")).code == "not_found"


class Cameras:
    """Cameras over L0's bays that say what they see, each of one bay."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self._n = count(1)
        self._boot = street.clock() // 1000 + 1

    async def installed(self) -> "Cameras":
        """Bays with cameras change at once, as the register says of that kind."""
        for bay in ("L0-0", "L0-1", "L0-2"):
            await self.street.ask(Ref("bay", f"L0/{bay}"), InstallBay(f"N{bay}", "standard", 0, order=1 << 40))
        return self

    async def sees(self, bay: str, plate: str | None, pct: int = 95) -> None:
        """The vehicle that stands there, or (None) an empty bay; half a minute goes by."""
        lot, at_us, n = bay.partition("-")[0], self.street.clock(), next(self._n)
        device = Ref("device", f"{lot}/d-{bay}")
        there = {"plate": plate, "colour": "blue", "confidence_pct": pct if plate else 0} if plate is not None else {}
        seen = Uplinked(at_us, at_us, plate is not None, serial=n, boot=self._boot, source="camera", **there)
        await self.street.post.send(device, FromDevice(device, self._boot, n), seen)
        self.street.clock.ahead_us += MINUTE_US // 2

    async def one_after_the_other(self, bay: str, *readings: tuple[str, int]) -> None:
        """Vehicles come to a bay and leave it."""
        for plate, pct in readings:
            await self.sees(bay, None)
            await self.sees(bay, plate, pct)
        await self.sees(bay, None)

    def day(self) -> str:
        """The day it is in the city."""
        now = datetime.fromtimestamp(self.street.clock() / SECOND_US, ZoneInfo("Australia/Melbourne"))
        return now.date().isoformat()


@pytest.mark.feature("DEV-15")
async def test_each_cameras_rate_of_a_day_is_what_its_events_say(street: Street, car: Car) -> None:
    await street.ruled("L0", mode="camera", confidence_pct=80)
    cameras, rates = await Cameras(street).installed(), "/api/v1/readings/rates"
    today = cameras.day()
    await cameras.one_after_the_other("L0-0", ("川P50001", 95), ("", 0), ("川P50002", 79), ("川P50003", 80))
    await cameras.one_after_the_other("L0-1", ("川P50004", 99))
    await cameras.sees("L0-2", "")
    await cameras.sees("L0-2", "川P50005", 91)
    said = await car.read(f"{rates}?lot=L0")
    assert (said["day"], said["target_pct"], said["next"]) == (today, 95, None)
    found = [(each["camera"], each["recognised"], each["total"], each["rate_pct"]) for each in said["items"]]
    assert found == [("d-L0-0", 2, 4, 50.0), ("d-L0-1", 1, 1, 100.0), ("d-L0-2", 1, 1, 100.0)]
    assert (said["recognised"], said["total"], said["rate_pct"]) == (4, 6, 66.7)
    page = await car.read(f"{rates}?limit=2&day={today}")
    assert [each["camera"] for each in page["items"]] == ["d-L0-0", "d-L0-1"]
    page = await car.read(f"{rates}?limit=2&after={page['next']}")
    assert ([each["camera"] for each in page["items"]], page["total"], page["next"]) == (["d-L0-2"], 6, None)
    assert (await car.read(f"{rates}?camera=d-L0-0"))["total"] == 4
    page = await car.read(f"{rates}?order=rate&limit=1&day={today}")
    assert [each["camera"] for each in page["items"]] == ["d-L0-0"], "the one that reads least comes first"
    page = await car.read(f"{rates}?order=rate&after={page['next']}")
    assert [each["camera"] for each in page["items"]] == ["d-L0-1", "d-L0-2"]
    tomorrow = (datetime.fromisoformat(today) + timedelta(days=1)).date().isoformat()
    said = await car.read(f"{rates}?day={tomorrow}")
    assert (said["items"], said["total"], said["rate_pct"]) == ([], 0, None)
    await street.ruled("L0", mode="camera", confidence_pct=99)
    assert (await car.read(f"{rates}?lot=L0"))["recognised"] == 4, "who came before is judged by what was wanted then"
    await cameras.one_after_the_other("L0-1", ("川P50006", 98))
    said = await car.read(f"{rates}?camera=d-L0-1")
    assert (said["recognised"], said["total"]) == (1, 2), "by what is wanted now, that one was not read"
    await cameras.one_after_the_other("L0-1", ("川P50007", 99))
    said = await car.read(f"{rates}?camera=d-L0-1")
    assert (said["recognised"], said["total"]) == (2, 3)
    await street.ruled("L0", mode="camera", confidence_pct=80)
    void = (await car.read("/api/v1/sessions?plate=川P50004"))["items"][0]["session"]
    staff = street.staff(car.itself, "operator")
    assert (await staff("POST", f"/api/v1/sessions/{void}/void", {"reason": "a shadow"})).status == 204
    assert (await car.read(f"{rates}?camera=d-L0-1"))["total"] == 2, "nothing was there to be read"
