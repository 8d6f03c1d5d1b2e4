"""The register as people read it: places, bays and devices joined with how they are now.

Every list is ordered by id and paged by it: `after` is the id of the last row seen, None at the start.
"""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.reading import naming, only, page, rows
from storage.records import City
from storage.rows import BayMark, BayRow, DeviceRow, FleetRow, LotRow, RegionRow, RoadLines, RoadRow, Totals
from storage.schema.derived import bay_states, device_states, lot_counts
from storage.schema.records import bays, city, devices, lots, outbox, regions, roads

_REGIONS = select(regions)
_ROADS = select(roads.c.id, roads.c.region_id.label("region"), roads.c.name_zh, roads.c.name_en, roads.c.version)
_LOTS = select(lots, lots.c.road_id.label("road"), lots.c.region_id.label("region"))
_BAY_STATE = func.coalesce(bay_states.c.state, "unknown")
_BAYS = (
    select(
        bays,
        bays.c.lot_id.label("lot"),
        bays.c.bay_type.label("type"),
        _BAY_STATE.label("state"),
        bay_states.c.since_us,
        bay_states.c.changed_us,
        bay_states.c.device_id.label("device"),
    )
    .join(lots, lots.c.id == bays.c.lot_id)
    .join(bay_states, bay_states.c.bay_id == bays.c.id, isouter=True)
)
_DEVICE_STATE = case(
    (device_states.c.offline_since_us.is_not(None), "offline"),
    (device_states.c.last_seen_us.is_not(None), "online"),
    else_="unheard",
)


def _or_empty(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, "").label(column.key)


def _or_zero(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, 0).label(column.key)


_DEVICES = select(
    devices.c.id,
    devices.c.kind,
    devices.c.lot_id.label("lot"),
    devices.c.bay_id.label("bay"),
    devices.c.heartbeat_us,
    devices.c.debounce_us,
    devices.c.bays,
    devices.c.version,
    _DEVICE_STATE.label("state"),
    device_states.c.last_seen_us,
    device_states.c.battery_pct,
    device_states.c.rssi_dbm,
    _or_zero(device_states.c.lost),
    _or_zero(device_states.c.late),
    _or_zero(device_states.c.drift_us),
    device_states.c.offline_since_us,
    _or_zero(device_states.c.frames),
    _or_empty(device_states.c.firmware),
    _or_empty(device_states.c.arm),
).join(device_states, device_states.c.device_id == devices.c.id, isouter=True)
_MARKS = select(
    bays,
    bays.c.lot_id.label("lot"),
    bays.c.bay_type.label("type"),
    lots.c.road_id.label("road"),
    lots.c.region_id.label("region"),
).join(lots, lots.c.id == bays.c.lot_id)


class Lists:
    """Read-only; every method is one or two queries."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def city(self) -> City | None:
        """The city, or None as long as none was loaded."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(city))).first()
        return msgspec.convert(row, City, from_attributes=True) if row else None

    async def totals(self) -> Totals:
        """How many of each the register has."""
        tables = (regions, roads, lots, bays, devices)
        sizes = [select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables]
        async with self._engine.connect() as connection:
            return (await rows(connection, select(*sizes), Totals))[0]

    async def regions(self, after: str | None = None, limit: int = 100) -> list[RegionRow]:
        """Regions in order of id."""
        async with self._engine.connect() as connection:
            return await rows(connection, page(_REGIONS, regions.c.id, after, limit), RegionRow)

    async def roads(
        self, after: str | None = None, limit: int = 100, *, region: str = "", q: str = ""
    ) -> list[RoadRow]:
        """Roads, of one region, with `q` in a name."""
        query = naming(only(_ROADS, region=(roads.c.region_id, region)), q, roads.c.name_zh, roads.c.name_en)
        async with self._engine.connect() as connection:
            return await rows(connection, page(query, roads.c.id, after, limit), RoadRow)

    async def lots(
        self,
        after: str | None = None,
        limit: int = 100,
        *,
        region: str = "",
        road: str = "",
        street: bool | None = None,
        q: str = "",
    ) -> list[LotRow]:
        """Lots with their bays by shown state."""
        wanted = {"region": (lots.c.region_id, region), "road": (lots.c.road_id, road), "s": (lots.c.street, street)}
        query = naming(only(_LOTS, **wanted), q, lots.c.name_zh, lots.c.name_en, lots.c.id)
        async with self._engine.connect() as connection:
            return await _counted(connection, page(query, lots.c.id, after, limit))

    async def bays(
        self,
        after: str | None = None,
        limit: int = 100,
        *,
        region: str = "",
        road: str = "",
        lot: str = "",
        state: str = "",
        type: str = "",
        q: str = "",
    ) -> list[BayRow]:
        """Bays with what they show; `q` is part of a number or id."""
        query = only(
            _BAYS,
            region=(lots.c.region_id, region),
            road=(lots.c.road_id, road),
            lot=(bays.c.lot_id, lot),
            state=(_BAY_STATE, state),
            type=(bays.c.bay_type, type),
        )
        query = naming(query, q, bays.c.number, bays.c.id)
        async with self._engine.connect() as connection:
            return await rows(connection, page(query, bays.c.id, after, limit), BayRow)

    async def devices(
        self,
        after: str | None = None,
        limit: int = 100,
        *,
        lot: str = "",
        bay: str = "",
        kind: str = "",
        state: str = "",
        q: str = "",
    ) -> list[DeviceRow]:
        """Devices with how they are; `q` is part of an id."""
        query = only(
            _DEVICES,
            lot=(devices.c.lot_id, lot),
            bay=(devices.c.bay_id, bay),
            kind=(devices.c.kind, kind),
            state=(_DEVICE_STATE, state),
        )
        async with self._engine.connect() as connection:
            return await rows(connection, page(naming(query, q, devices.c.id), devices.c.id, after, limit), DeviceRow)

    async def region(self, id: str) -> RegionRow | None:
        """One region."""
        async with self._engine.connect() as connection:
            return next(iter(await rows(connection, _REGIONS.where(regions.c.id == id), RegionRow)), None)

    async def road(self, id: str) -> RoadRow | None:
        """One road."""
        async with self._engine.connect() as connection:
            return next(iter(await rows(connection, _ROADS.where(roads.c.id == id), RoadRow)), None)

    async def lot(self, id: str) -> LotRow | None:
        """One lot."""
        async with self._engine.connect() as connection:
            return next(iter(await _counted(connection, _LOTS.where(lots.c.id == id))), None)

    async def missing_lots(self, ids: list[str]) -> list[str]:
        """Those of these lots that the register does not have."""
        async with self._engine.connect() as connection:
            found = set(await connection.scalars(select(lots.c.id).where(lots.c.id.in_(ids))))
        return [id for id in ids if id not in found]

    async def bay(self, id: str) -> BayRow | None:
        """One bay."""
        async with self._engine.connect() as connection:
            return next(iter(await rows(connection, _BAYS.where(bays.c.id == id), BayRow)), None)

    async def device(self, id: str) -> DeviceRow | None:
        """One device."""
        async with self._engine.connect() as connection:
            return next(iter(await rows(connection, _DEVICES.where(devices.c.id == id), DeviceRow)), None)

    async def bay_marks(self) -> list[BayMark]:
        """Every bay of the city, for the map."""
        async with self._engine.connect() as connection:
            return await rows(connection, _MARKS.order_by(bays.c.id), BayMark)

    async def road_lines(self) -> list[RoadLines]:
        """Every road of the city, for the map."""
        query = select(roads, roads.c.region_id.label("region")).order_by(roads.c.id)
        async with self._engine.connect() as connection:
            return await rows(connection, query, RoadLines)

    async def device_secrets(self) -> list[tuple[str, str, str]]:
        """(id, kind, secret) of each device that has one, in order of id."""
        query = select(devices.c.id, devices.c.kind, devices.c.secret).where(devices.c.secret.is_not(None))
        async with self._engine.connect() as connection:
            return [(row.id, row.kind, row.secret) for row in await connection.execute(query.order_by(devices.c.id))]

    async def fleets(self) -> list[FleetRow]:
        """All devices by kind and firmware."""
        firmware = _or_empty(device_states.c.firmware)
        query = select(devices.c.kind, firmware, func.count().label("devices"))
        query = query.join(device_states, device_states.c.device_id == devices.c.id, isouter=True)
        query = query.group_by(devices.c.kind, firmware).order_by(devices.c.kind, firmware)
        async with self._engine.connect() as connection:
            return await rows(connection, query, FleetRow)

    async def device_lots(self) -> list[tuple[str, str]]:
        """(device, lot) of every device whose actor has been told of it: where that actor lives.

        A device whose first order still waits is not among them: its actor would refuse what it says.
        """
        told, waiting = outbox.alias(), outbox.alias()
        before = told.c.delivered & (told.c.ref_kind == waiting.c.ref_kind) & (told.c.ref_key == waiting.c.ref_key)
        its = (waiting.c.ref_kind == "device") & (waiting.c.ref_key == devices.c.lot_id + "/" + devices.c.id)
        first = exists().where(~waiting.c.delivered, its, ~exists().where(before))
        async with self._engine.connect() as connection:
            found = await connection.execute(select(devices.c.id, devices.c.lot_id).where(~first))
            return [(row.id, row.lot_id) for row in found]


async def _counted(connection: AsyncConnection, query: Select[Any]) -> list[LotRow]:
    found = await rows(connection, query, LotRow)
    here = lot_counts.c.lot_id.in_([lot.id for lot in found])
    sums = select(lot_counts.c.lot_id, lot_counts.c.state, func.sum(lot_counts.c.n).label("n"))
    grouped = sums.where(here).group_by(lot_counts.c.lot_id, lot_counts.c.state)
    counts: dict[str, dict[str, int]] = {}
    for row in await connection.execute(grouped.having(func.sum(lot_counts.c.n) > 0)):
        counts.setdefault(row.lot_id, {})[row.state] = int(row.n)
    return [msgspec.structs.replace(lot, counts=counts.get(lot.id, {})) for lot in found]
