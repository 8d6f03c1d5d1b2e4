"""Reservations and shared bays as people read them; and where the nearest free bay is."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import only, page, rows
from storage.rows import Row
from storage.schema.derived import bay_states
from storage.schema.holdings import bay_shares, reservations
from storage.schema.records import bays, lots


class ReservationRow(Row, frozen=True):
    """A reservation; `deposit`: held, returned or kept (empty: there is none, or it is not paid)."""

    id: str
    account: str
    lot_id: str
    bay_id: str
    plate: str
    state: str
    why: str
    operator: str
    from_us: Micros
    until_us: Micros
    deposit_fen: int
    deposit: str
    payment: str
    asked_us: Micros
    changed_us: Micros


class ShareRow(Row, frozen=True):
    """A shared bay; `body` is `holding.Share` as MessagePack."""

    id: str
    lot_id: str
    bay_id: str
    owner: str
    state: str
    asked: str
    body: bytes
    person: str
    reason: str
    changed_us: Micros


class FreeBay(Row, frozen=True):
    """A bay that is free now, and how far it is, in metres."""

    lot: str
    lot_zh: str
    lot_en: str
    bay: str
    number: str
    type: str
    charging: bool
    lon: float
    lat: float
    metres: int


class Wish(NamedTuple):
    """Which bay: of a type (empty: any), with a charging pile, not this one; near a point."""

    lon: float
    lat: float
    type: str = ""
    charging: bool = False
    but: str = ""


class Holdings:
    """Read-only; every method is one or two queries."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def reservations(
        self, after: str | None, limit: int, *, account: str = "", lot: str = "", state: str = ""
    ) -> list[ReservationRow]:
        """Reservations in order of id."""
        table = reservations.c
        wanted = {"account": (table.account, account), "lot": (table.lot_id, lot), "state": (table.state, state)}
        return await self._rows(page(only(select(reservations), **wanted), table.id, after, limit), ReservationRow)

    async def shares(
        self, after: str | None, limit: int, *, owner: str = "", lot: str = "", state: str = "", waits: bool = False
    ) -> list[ShareRow]:
        """Shared bays in order of id; `waits`: those of which something waits for staff."""
        table = bay_shares.c
        wanted = {"owner": (table.owner, owner), "lot": (table.lot_id, lot), "state": (table.state, state)}
        query = only(select(bay_shares), **wanted)
        if waits:
            query = query.where((table.state == "applied") | (table.asked != ""))
        return await self._rows(page(query, table.id, after, limit), ShareRow)

    async def nearest(self, wish: Wish, limit: int, lot: str = "") -> list[FreeBay]:
        """Free bays, the nearest first: of this lot, else of the nearest lot that has one."""
        query = _free(wish)
        here = await self._rows(_near(query, wish, limit).where(lots.c.id == lot), FreeBay) if lot else []
        if here:
            return here
        next_lot = query.with_only_columns(lots.c.id).order_by(
            metres(lots.c.lon, lots.c.lat, wish.lon, wish.lat), lots.c.id
        )
        nearest = next_lot.limit(1).scalar_subquery()
        return await self._rows(_near(query, wish, limit).where(lots.c.id == nearest), FreeBay)

    async def _rows(self, query: Select[Any], shape: type[Any]) -> list[Any]:
        async with self._engine.connect() as connection:
            return await rows(connection, query, shape)


def _free(wish: Wish) -> Select[Any]:
    query: Select[Any] = select(
        lots.c.id.label("lot"),
        lots.c.name_zh.label("lot_zh"),
        lots.c.name_en.label("lot_en"),
        bays.c.id.label("bay"),
        bays.c.number,
        bays.c.bay_type.label("type"),
        bays.c.charging,
        bays.c.lon,
        bays.c.lat,
        cast(func.round(metres(bays.c.lon, bays.c.lat, wish.lon, wish.lat)), Integer).label("metres"),
    )
    query = query.join(lots, lots.c.id == bays.c.lot_id).join(bay_states, bay_states.c.bay_id == bays.c.id)
    query = only(query.where(bay_states.c.state == "free"), type=(bays.c.bay_type, wish.type))
    if wish.charging:
        query = query.where(bays.c.charging)
    return query.where(bays.c.id != wish.but)


def _near(query: Select[Any], wish: Wish, limit: int) -> Select[Any]:
    return query.order_by(metres(bays.c.lon, bays.c.lat, wish.lon, wish.lat), bays.c.id).limit(limit)


DEGREE_M = 111_195.0
"""A degree of latitude."""


def metres(lon: ColumnElement[float], lat: ColumnElement[float], to_lon: float, to_lat: float) -> ColumnElement[float]:
    """The distance on a plane that touches the earth at the point `to`: right within a city."""
    east, north = (lon - to_lon) * func.cos(func.radians(to_lat)), lat - to_lat
    return DEGREE_M * func.sqrt(east * east + north * north)
