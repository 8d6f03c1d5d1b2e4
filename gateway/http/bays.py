"""Bays: the register's, with what they show, and what became of them."""

import re
from hashlib import blake2b
from typing import Annotated

import msgspec

from actors.messages.bay import BayAnswer, BayQuery
from gateway.http.asking import ask
from gateway.http.errors import Problem, found
from gateway.http.forms import Call, NoQuery, Typed
from gateway.http.house import House
from gateway.http.paging import key_after, page_of
from gateway.http.query import WhichBays, WhichPassages
from gateway.http.shown import Bays, Passages
from storage import records
from storage.errors import Declined
from storage.orders import bay_ref
from storage.rows import BayRow

PASSAGE = re.compile(r"\d{1,18}(-\d{1,9}){3}", re.ASCII)
"""A passage's id: when, and which fact."""

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^\S(.*\S)?$")]
Kind = Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^[a-z][a-z0-9_]*$")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Bearing = Annotated[float, msgspec.Meta(ge=0, lt=360, description="Degrees clockwise from north")]


class NewBay(Typed, frozen=True):
    """A bay for the register; no other bay of the city has its number."""

    number: Number
    lot: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    type: Kind
    lon: Longitude
    lat: Latitude
    bearing: Bearing | None = None
    charging: bool = False


class BayChange(Typed, frozen=True):
    """New values for some of a bay's fields, and the version on which they were decided."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
    number: Number | msgspec.UnsetType = msgspec.UNSET
    type: Kind | msgspec.UnsetType = msgspec.UNSET
    lon: Longitude | msgspec.UnsetType = msgspec.UNSET
    lat: Latitude | msgspec.UnsetType = msgspec.UNSET
    bearing: Bearing | msgspec.UnsetType | None = msgspec.UNSET
    charging: bool | msgspec.UnsetType = msgspec.UNSET


class Freshness(Typed, frozen=True):
    """Whether to ask the bay's actor itself rather than the table derived from its facts."""

    fresh: bool = False


async def listed(house: House, call: Call[WhichBays, None]) -> Bays:
    """One page of bays."""
    asked = call.query
    rows = await house.lists.bays(
        key_after(asked),
        asked.limit + 1,
        region=asked.region,
        road=asked.road,
        lot=asked.lot,
        state=asked.state,
        type=asked.type,
        q=asked.q,
    )
    return Bays(*page_of(rows, asked.limit, lambda row: row.id))


async def one(house: House, call: Call[Freshness, None]) -> BayRow:
    """One bay, as the table has it or as its actor says."""
    row = found(await house.lists.bay(call.path["id"]))
    if not call.query.fresh:
        return row
    reply = await ask(house.post, bay_ref(row.lot, row.id), BayQuery())
    if not isinstance(reply, BayAnswer):
        return row
    face = reply.face
    return msgspec.structs.replace(
        row, state=face.state, since_us=face.since_us, changed_us=face.changed_us, device=face.device or None
    )


async def create(house: House, call: Call[NoQuery, NewBay]) -> BayRow:
    """The new bay; the same idempotency key again finds the bay that it made."""
    body, who = call.body, call.user.name
    made = records.Bay(
        id=blake2b(f"{who} {call.key}".encode(), digest_size=8).hexdigest(),
        number=body.number,
        lot_id=body.lot,
        bay_type=body.type,
        lon=body.lon,
        lat=body.lat,
        bearing=body.bearing,
        charging=body.charging,
    )
    try:
        await house.desk.create(who, made)
    except Declined as no:
        if not await _made_before(house, made):
            raise Problem(no.code, no.message, {"number": body.number, "lot": body.lot}) from None
    house.ordered()
    house.kept.forget("bays")
    return found(await house.lists.bay(made.id))


async def change(house: House, call: Call[NoQuery, BayChange]) -> BayRow:
    """The bay after the change."""
    body, names = call.body, {"type": "bay_type"}
    said = {name: getattr(body, name) for name in ("number", "type", "lon", "lat", "bearing", "charging")}
    fields = {names.get(name, name): value for name, value in said.items() if value is not msgspec.UNSET}
    await house.desk.change(call.user.name, records.Bay, call.path["id"], body.version, **fields)
    house.ordered()
    house.kept.forget("bays")
    return found(await house.lists.bay(call.path["id"]))


async def passages(house: House, call: Call[WhichPassages, None]) -> Passages:
    """One page of what became of bays."""
    asked = call.query
    after = key_after(asked, PASSAGE)
    rows = await house.history.passages(after, asked.limit + 1, lot=asked.lot, bay=asked.bay)
    return Passages(*page_of(rows, asked.limit, lambda row: row.id))


async def _made_before(house: House, made: records.Bay) -> bool:
    try:
        there = await house.desk.get(records.Bay, made.id)
    except Declined:
        return False
    return msgspec.structs.replace(there, version=0) == made
