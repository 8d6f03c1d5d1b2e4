"""Devices, and the raw frames that came from them or from nobody we know."""

from typing import Annotated, Final

import msgspec

from actors.devices import KIND_NAMED
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.lot_rules import rules_now
from gateway.http.paging import Paged, key_after, number_after, page_of
from gateway.http.query import WhichDevices, WhichFrames
from gateway.http.shown import Devices, Frames, Ingest
from storage import records
from storage.frames import OUTCOMES
from storage.rows import DeviceRow

LAST: Final = 20


class Binding(Typed, frozen=True):
    """Which bay each number of a camera means, from 1 (an empty name: none), and the version decided on."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
    bays: Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=64)]


async def listed(house: House, call: Call[WhichDevices, None]) -> Devices:
    """One page of devices."""
    asked = call.query
    filters = {"lot": asked.lot, "bay": asked.bay, "kind": asked.kind, "state": asked.state, "q": asked.q}
    rows = await house.lists.devices(key_after(asked), asked.limit + 1, **filters)
    return Devices(*page_of(rows, asked.limit, lambda row: row.id))


async def one(house: House, call: Call[NoQuery, None]) -> DeviceRow:
    """One device."""
    return found(await house.lists.device(call.path["id"]))


async def bind(house: House, call: Call[NoQuery, Binding]) -> DeviceRow:
    """The device, whose numbers mean these bays from now on."""
    id, body = call.path["id"], call.body
    device = found(await house.lists.device(id))
    kind = KIND_NAMED.get(device.kind)
    if kind is None or not kind.many_bays:
        raise Problem("one_bay_only", details={"kind": device.kind})
    most = (await rules_now(house, device.lot)).camera_bays
    if len(body.bays) > most:
        raise Problem("too_many_bays", details={"most": str(most)})
    bound = [bay for bay in body.bays if bay]
    if len(set(bound)) < len(bound):
        raise Problem("invalid_body", "A bay may be bound once", {"path": "$.bays"})
    await house.desk.change(call.user.name, records.Device, id, body.version, bays=body.bays)
    house.ordered()
    return found(await house.lists.device(id))


async def frames_of(house: House, call: Call[Paged, None]) -> Frames:
    """One page of a registered device's frames."""
    device = found(await house.lists.device(call.path["id"])).id
    rows = await house.history.frames(number_after(call.query), call.query.limit + 1, device=device)
    return Frames(*page_of(rows, call.query.limit, lambda row: row.id))


async def frames(house: House, call: Call[WhichFrames, None]) -> Frames:
    """One page of all frames."""
    asked = call.query
    rows = await house.history.frames(number_after(asked), asked.limit + 1, outcome=asked.outcome, device=asked.device)
    return Frames(*page_of(rows, asked.limit, lambda row: row.id))


async def ingest(house: House, call: Call[NoQuery, None]) -> Ingest:
    """What became of all frames, and the newest of them."""
    counted = await house.history.outcomes()
    last = await house.history.frames(limit=LAST)
    return Ingest({outcome: counted.get(outcome, 0) for outcome in OUTCOMES}, last)
