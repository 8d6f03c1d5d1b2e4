"""Regions, roads and lots: the register's places above the bay."""

from gateway.http.errors import Problem
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.query import WhichLots, WhichRoads
from gateway.http.route import Call, NoQuery
from gateway.http.shown import Lot, Lots, Region, Regions, Road, Roads


async def regions(house: House, call: Call[Paged, None]) -> Regions:
    """One page of regions."""
    rows = await house.lists.regions(key_after(call.query), call.query.limit + 1)
    return Regions(*page_of(Region, rows, call.query))


async def roads(house: House, call: Call[WhichRoads, None]) -> Roads:
    """One page of roads."""
    rows = await house.lists.roads(key_after(call.query), call.query.limit + 1, region=call.query.region)
    return Roads(*page_of(Road, rows, call.query))


async def lots(house: House, call: Call[WhichLots, None]) -> Lots:
    """One page of lots."""
    asked = call.query
    rows = await house.lists.lots(
        key_after(asked), asked.limit + 1, region=asked.region, road=asked.road, street=asked.street, q=asked.q
    )
    return Lots(*page_of(Lot, rows, asked))
