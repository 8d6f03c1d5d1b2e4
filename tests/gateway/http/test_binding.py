"""A camera's numbers are bound to bays: six to eight of one lot, as many as its rules say."""

from typing import Any

import msgspec
import pytest

from actors.messages.device import InstallDevice
from actors.messages.forms import Message
from gateway.http.house import House
from storage import records
from storage.desk import Desk
from storage.errors import Declined
from storage.outbox import Outbox
from tests.gateway.http.callers import Caller, Said
from tests.storage.cities import a_bay

POLE = "/api/v1/devices/pole-1"


@pytest.fixture(scope="module")
async def engine(engine: Any) -> Any:
    """Nine bays in lot L0, one elsewhere, and a pole."""
    desk = Desk(engine)
    for n in range(1, 10):
        await desk.create("test", a_bay(f"p{n}"))
    pole = records.Device(id="pole-1", kind="yun-camera", lot_id="L0", heartbeat_us=1)
    await desk.create("test", pole)
    return engine


async def bind(caller: Caller, bays: list[str], device: str = POLE) -> Said:
    version = (await caller.get(device)).json["version"]
    return await caller("PUT", f"{device}/bays", {"version": version, "bays": bays})


@pytest.mark.feature("DEV-13")
async def test_a_pole_watches_eight_bays_and_not_nine_unless_its_lot_says_so(operator: Caller, house: House) -> None:
    eight = [f"p{n}" for n in range(1, 9)]
    said = await bind(operator, eight)
    assert (said.status, said.json["bays"]) == (200, eight)
    told = [order for order in await orders(house) if isinstance(order, InstallDevice) and order.kind == "yun-camera"]
    assert told[-1].bays == tuple(eight)
    ninth = await bind(operator, [*eight, "p9"])
    assert (ninth.status, ninth.code, ninth.json["details"]) == (409, "too_many_bays", {"most": "8"})
    await house.desk.refer("test", "rules/L0", 0, msgspec.msgpack.encode({"camera_bays": 9}))
    assert (await bind(operator, [*eight, "p9"])).status == 200
    assert (await bind(operator, ["p1", "", "p3"])).json["bays"] == ["p1", "", "p3"]


async def orders(house: House) -> list[Message]:
    """What actors are to be told."""
    rows = await Outbox(house.desk._engine).undelivered(1_000)
    return [house.catalogue.decode_message(row.message) for row in rows]


async def test_what_cannot_be_bound_is_said(operator: Caller) -> None:
    for bays, code in ((["p1", "p1"], "invalid_body"), (["nowhere"], "unknown_parent"), (["L1-0"], "bay_elsewhere")):
        assert (await bind(operator, bays)).code == code
    said = await bind(operator, ["L0-1"], "/api/v1/devices/d-L0-0")
    assert (said.status, said.code) == (409, "one_bay_only")
    old = await operator("PUT", f"{POLE}/bays", {"version": 77, "bays": []})
    assert (old.status, old.code) == (409, "version_conflict")


async def test_a_device_may_not_be_made_with_bays_that_are_not_there(house: House) -> None:
    pole = records.Device(id="pole-9", kind="yun-camera", lot_id="L0", heartbeat_us=1, bays=["nowhere"])
    with pytest.raises(Declined, match="unknown_parent"):
        await house.desk.create("test", pole)
