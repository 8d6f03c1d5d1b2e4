"""Regions, roads and lots: the register's places above the bay."""

from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.query import WhichLots, WhichRoads
from gateway.http.shown import Lots, Regions, Roads
from storage.rows import LotRow, RegionRow, RoadRow


async def regions(house: House, call: Call[Paged, None]) -> Regions:
    """One page of regions."""
    asked = call.query
    rows = await house.lists.regions(key_after(asked), asked.limit + 1)
    return Regions(*page_of(rows, asked.limit, lambda row: row.id))


async def region(house: House, call: Call[NoQuery, None]) -> RegionRow:
    """One region."""
    return found(await house.lists.region(call.path["id"]))


async def roads(house: House, call: Call[WhichRoads, None]) -> Roads:
    """One page of roads."""
    asked = call.query
    rows = await house.lists.roads(key_after(asked), asked.limit + 1, region=asked.region, q=asked.q)
    return Roads(*page_of(rows, asked.limit, lambda row: row.id))


async def road(house: House, call: Call[NoQuery, None]) -> RoadRow:
    """One road."""
    return found(await house.lists.road(call.path["id"]))


async def lots(house: House, call: Call[WhichLots, None]) -> Lots:
    """One page of lots."""
    asked = call.query
    filters = {"region": asked.region, "road": asked.road, "q": asked.q}
    rows = await house.lists.lots(key_after(asked), asked.limit + 1, street=asked.street, **filters)
    return Lots(*page_of(rows, asked.limit, lambda row: row.id))


async def lot(house: House, call: Call[NoQuery, None]) -> LotRow:
    """One lot."""
    return found(await house.lists.lot(call.path["id"]))
