"""What changed records have to tell actors, written to the outbox in the transaction of the change."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Text, any_, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice
from actors.messages.forms import Order
from actors.messages.lane import InstallLane
from actors.messages.lane import Lane as Said
from actors.values import Ref
from storage.errors import Declined
from storage.records import Bay, Device, Lane, Record
from storage.schema.records import bays, devices, outbox

_encode = msgspec.msgpack.Encoder().encode


class Affected(NamedTuple):
    """The bays and devices whose actors have to be told, by id, and the lanes, of which their lots are."""

    bays: set[str]
    devices: set[str]
    lanes: list[Lane]

    @classmethod
    def by(cls, pairs: list[tuple[Record | None, Record]]) -> "Affected":
        """By these changes; a device that comes, goes or has another debounce concerns its bay too."""
        told = cls(set(), set(), [])
        for old, new in pairs:
            if isinstance(new, Bay):
                told.bays.add(new.id)
            elif isinstance(new, Device):
                told.devices.add(new.id)
                told.bays.update(_bays_of(old, new))
            elif isinstance(new, Lane):
                told.lanes.append(new)
        return told


def _bays_of(old: Record | None, new: Device) -> set[str]:
    before = (old.bay_id, old.bays, old.debounce_us) if isinstance(old, Device) else (None, [], 0)
    if before == (new.bay_id, new.bays, new.debounce_us):
        return set()
    return {bay for bay in (before[0], new.bay_id, *before[1], *new.bays) if bay}


def bay_ref(lot_id: str, bay_id: str) -> Ref:
    """The actor of a bay."""
    return Ref("bay", f"{lot_id}/{bay_id}")


def device_ref(lot_id: str, device_id: str) -> Ref:
    """The actor of a device."""
    return Ref("device", f"{lot_id}/{device_id}")


async def order(connection: AsyncConnection, affected: Affected) -> None:
    """Tell each affected actor what the register now says of it: bays first, in order of id."""
    told = await _to_bays(connection, affected.bays) if affected.bays else []
    told += await _to_devices(connection, affected.devices) if affected.devices else []
    told += [_to_lot(lane) for lane in sorted(affected.lanes, key=lambda lane: lane.id)]
    rows = [{"ref_kind": ref.kind, "ref_key": ref.key, "message": _encode(message)} for ref, message in told]
    if rows:
        await connection.execute(insert(outbox), rows)


async def _to_bays(connection: AsyncConnection, ids: set[str]) -> list[tuple[Ref, Order]]:
    """Locked, so that two changes around one bay are told in the order of what they made of it."""
    query = select(bays).where(_among(bays.c.id, ids)).order_by(bays.c.id).with_for_update()
    rows = (await connection.execute(query)).all()
    wanted = literal(sorted(ids), ARRAY(Text))
    watching = (devices.c.bay_id == any_(wanted)) | devices.c.bays.op("&&")(wanted)
    debounce: dict[str, int] = {}
    for row in await connection.execute(
        select(devices.c.bay_id, devices.c.bays, devices.c.debounce_us).where(watching)
    ):
        for bay in (row.bay_id, *row.bays):
            debounce[bay] = max(debounce.get(bay, 0), row.debounce_us)
    return [
        (
            bay_ref(row.lot_id, row.id),
            InstallBay(row.number, row.bay_type, debounce.get(row.id, 0), charger=row.charging),
        )
        for row in rows
    ]


async def _to_devices(connection: AsyncConnection, ids: set[str]) -> list[tuple[Ref, Order]]:
    query = (
        select(devices, bays.c.lot_id.label("bay_lot_id"))
        .join(bays, bays.c.id == devices.c.bay_id, isouter=True)
        .where(_among(devices.c.id, ids))
        .order_by(devices.c.id)
    )
    rows = (await connection.execute(query)).all()
    for row in rows:
        if row.bay_id and row.bay_lot_id != row.lot_id:
            raise Declined("bay_elsewhere", "The bay lies in another lot than the device", id=row.id, bay=row.bay_id)
        await _all_there(connection, row)
    return [
        (
            device_ref(row.lot_id, row.id),
            InstallDevice(row.kind, row.bay_id or "", row.heartbeat_us, bays=tuple(row.bays)),
        )
        for row in rows
    ]


def _to_lot(lane: Lane) -> tuple[Ref, Order]:
    devices = (lane.camera_id or "", lane.barrier_id or "", lane.screen_id or "")
    return Ref("lot", lane.lot_id), InstallLane(lane.id, Said(lane.direction, *devices, lane.name))


async def _all_there(connection: AsyncConnection, device: Any) -> None:
    """All bays that a device's numbers are bound to are registered, in its own lot."""
    wanted = {bay for bay in device.bays if bay}
    if not wanted:
        return
    query = select(bays.c.id, bays.c.lot_id).where(_among(bays.c.id, wanted))
    there = {row.id: row.lot_id for row in await connection.execute(query)}
    for bay in sorted(wanted):
        if bay not in there:
            raise Declined("unknown_parent", "There is no such bay", id=device.id, bay=bay)
        if there[bay] != device.lot_id:
            raise Declined("bay_elsewhere", "The bay lies in another lot than the device", id=device.id, bay=bay)


def _among(column: ColumnElement[Any], ids: set[str]) -> ColumnElement[bool]:
    return column == any_(literal(sorted(ids), ARRAY(Text)))
