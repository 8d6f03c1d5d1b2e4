"""Lanes of the register over HTTP: listed, made, changed, and the code that hangs at one."""

from hashlib import blake2b
from typing import Any

import msgspec

from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import key_after, page_of
from gateway.http.shown_gates import CodeShown, LaneChange, Lanes, NewLane, WhichLanes
from gateway.lanes.codes import Codes
from storage import records
from storage.errors import Declined
from storage.gates import LaneRow

COLUMNS = {"camera": "camera_id", "barrier": "barrier_id", "screen": "screen_id"}


async def listed(house: House, call: Call[WhichLanes, None]) -> Lanes:
    """One page of lanes."""
    asked = call.query
    rows = await house.gates.lanes(key_after(asked), asked.limit + 1, lot=asked.lot)
    return Lanes(*page_of(rows, asked.limit, lambda row: row.id))


async def one(house: House, call: Call[NoQuery, Any]) -> LaneRow:
    """One lane."""
    return found(await house.gates.lane(call.path["id"]))


async def code(house: House, call: Call[NoQuery, None]) -> CodeShown:
    """What phones scan there."""
    lane = await one(house, call)
    return CodeShown(Codes(house.identity).of_lane(lane.lot, lane.id))


async def create(house: House, call: Call[NoQuery, NewLane]) -> LaneRow:
    """The new lane; the same idempotency key again finds the one that it made."""
    body, who = call.body, call.user.name
    devices = {column: getattr(body, name) for name, column in COLUMNS.items()}
    await _all_of_lot(house, body.lot, devices)
    id = blake2b(f"lane {who} {call.key}".encode(), digest_size=8).hexdigest()
    made = records.Lane(id=id, lot_id=body.lot, name=body.name, direction=body.direction, **devices)
    try:
        await house.desk.create(who, made)
    except Declined as no:
        if no.code != "id_taken" or await _version_1(house, id) != made:
            raise
    house.ordered()
    return found(await house.gates.lane(id))


async def change(house: House, call: Call[NoQuery, LaneChange]) -> LaneRow:
    """The lane after the change."""
    body, lane = call.body, await one(house, call)
    said = {name: getattr(body, name) for name in ("name", "direction", *COLUMNS)}
    fields = {COLUMNS.get(name, name): value for name, value in said.items() if value is not msgspec.UNSET}
    await _all_of_lot(house, lane.lot, {name: fields[name] for name in COLUMNS.values() if name in fields})
    await house.desk.change(call.user.name, records.Lane, lane.id, body.version, **fields)
    house.ordered()
    return await one(house, call)


async def _all_of_lot(house: House, lot: str, devices: dict[str, str | None]) -> None:
    """Whatever stands at a lane stands in its lot."""
    for id in filter(None, devices.values()):
        device = await house.lists.device(id)
        if device is None:
            raise Problem("unknown_parent", details={"device": id})
        if device.lot != lot:
            raise Problem("device_elsewhere", details={"device": id, "lot": device.lot})


async def _version_1(house: House, id: str) -> records.Lane:
    return msgspec.structs.replace(await house.desk.get(records.Lane, id), version=0)
