"""Devices, and the raw frames that came from them or from nobody we know."""

from typing import Final

from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, number_after, page_of
from gateway.http.query import WhichDevices, WhichFrames
from gateway.http.shown import Devices, Frames, Ingest
from storage.frames import OUTCOMES
from storage.rows import DeviceRow

LAST: Final = 20


async def listed(house: House, call: Call[WhichDevices, None]) -> Devices:
    """One page of devices."""
    asked = call.query
    filters = {"lot": asked.lot, "bay": asked.bay, "kind": asked.kind, "state": asked.state, "q": asked.q}
    rows = await house.lists.devices(key_after(asked), asked.limit + 1, **filters)
    return Devices(*page_of(rows, asked.limit, lambda row: row.id))


async def one(house: House, call: Call[NoQuery, None]) -> DeviceRow:
    """One device."""
    return found(await house.lists.device(call.path["id"]))


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
