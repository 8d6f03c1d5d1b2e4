"""Motorcycles share a bay: each has a stay of its own, as many as there is room; a car has none beside them."""

from typing import Any

import pytest

from tests.gateway.http.streets import PLATE, Collector, Street

ONE, TWO, THREE = "京A00001", "京A00002", "京A00003"


async def left(li: Collector, plate: str = "") -> Any:
    return await li.leave("L0-0", **({"plate": plate} if plate else {}))


@pytest.mark.feature("EXT-09")
async def test_two_motorcycles_stand_in_one_bay_and_a_car_is_refused(li: Collector, street: Street) -> None:
    await street.see("L0-0", False)
    await street.see("L0-0", True)
    first = (await li.plate("L0-0", ONE, colour="moto_blue")).json
    again = (await li.plate("L0-0", ONE, colour="moto_blue")).json
    street.clock.ahead_us += 20 * 60_000_000
    second = (await li.plate("L0-0", TWO, colour="moto_yellow")).json
    assert (first["session"], first["plate_class"]) == (again["session"], "moto")
    assert (second["opened"], second["plate_class"], second["session"] != first["session"]) == (True, "moto", True)
    for plate, colour in ((PLATE, "blue"), (THREE, "moto_blue")):
        said = await li.plate("L0-0", plate, colour=colour)
        assert (said.status, said.code) == (409, "bay_full")
    rows = [row for row in (await li.get("sections/L0/bays"))["items"] if row["bay"] == "L0-0"]
    assert sorted(row["plate"] for row in rows) == [ONE, TWO]
    (section,) = (await li.get("sections"))["items"]
    assert (section["total"], section["occupied"]) == (3, 1)
    street.clock.ahead_us += 20 * 60_000_000
    said = await left(li)
    assert (said.status, said.code, said.json["details"]["plates"]) == (409, "which_vehicle", f"{ONE} {TWO}")
    gone = (await left(li, ONE)).json
    assert (gone["session"], gone["plate"], gone["charge_fen"]) == (first["session"], ONE, 500)
    third = (await li.plate("L0-0", THREE, colour="moto_blue")).json
    assert third["session"] not in (first["session"], second["session"])
    await street.see("L0-0", False)
    for stay in (second, third):
        lot, _, own = stay["session"].partition("/")
        assert (await li.get(f"sections/{lot}/stays/{own}"))["exit_us"] is not None


async def test_a_motorcycle_finds_no_room_beside_a_car(li: Collector, street: Street) -> None:
    await street.see("L0-1", False)
    await street.see("L0-1", True)
    car = (await li.plate("L0-1")).json
    said = await li.plate("L0-1", ONE, colour="moto_blue")
    assert (said.status, said.code) == (409, "bay_full")
    corrected = (await li.plate("L0-1", TWO)).json
    assert (corrected["session"], corrected["plate"]) == (car["session"], TWO)
    assert (await li.leave("L0-1")).json["plate"] == TWO
