"""How many bays of a lot show which state, and how full lots, regions and the city were over time."""

from collections import Counter

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.lot import Counted
from actors.values import Micros
from storage.history import BUCKET_US
from storage.projections.forms import Happened, among, columns_of, put
from storage.schema.derived import lot_counts, occupancy
from storage.schema.records import lots

OCCUPIED = frozenset({"occupied", "owing"})
KNOWN = OCCUPIED | {"free", "reserved", "verify"}
"""States of bays that somebody well has an opinion of."""


class LotCounts:
    """Bays of each lot by type and shown state, as the lot itself counts them."""

    name = "lot_counts"
    tables: tuple[Table, ...] = (lot_counts,)
    hears = (Counted,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Differences are added up before they are written."""
        changes: Counter[tuple[str, str, str]] = Counter()
        for each in happened:
            if isinstance(each.fact, Counted):
                for bay_type, state, n in _moves(each.fact):
                    changes[each.ref.key, bay_type, state] += n
        rows = [
            {"lot_id": lot, "bay_type": bay_type, "state": state, "n": n}
            for (lot, bay_type, state), n in sorted(changes.items())
            if n
        ]
        if rows:
            new = put(lot_counts, columns_of(rows))
            more = {"n": lot_counts.c.n + new.excluded.n}
            key = ["lot_id", "bay_type", "state"]
            await connection.execute(new.on_conflict_do_update(index_elements=key, set_=more))


class Occupancy:
    """Changes of bays occupied, known and in all, by five minutes, of each lot, its region and the city.

    Written as changes because slots come in no order: sums of changes do not mind. A lot counts for the region
    in which the register has it when the facts are read.
    """

    name = "occupancy"
    tables: tuple[Table, ...] = (occupancy,)
    hears = (Counted,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Differences are added up before they are written."""
        counted = [(each, each.fact) for each in happened if isinstance(each.fact, Counted)]
        regions = await _regions(connection, {each.ref.key for each, _ in counted}) if counted else {}
        changes: dict[tuple[str, Micros], list[int]] = {}
        for each, fact in counted:
            lot = each.ref.key
            places = ["city", f"lot/{lot}"] + ([f"region/{regions[lot]}"] if lot in regions else [])
            for place in places:
                row = changes.setdefault((place, each.at - each.at % BUCKET_US), [0, 0, 0])
                for _, state, n in _moves(fact):
                    row[:] = row[0] + n * (state in OCCUPIED), row[1] + n * (state in KNOWN), row[2] + n
        rows = [
            {"place": place, "bucket_us": bucket, "occupied": row[0], "known": row[1], "total": row[2]}
            for (place, bucket), row in sorted(changes.items())
        ]
        if rows:
            new = put(occupancy, columns_of(rows))
            more = {name: occupancy.c[name] + new.excluded[name] for name in ("occupied", "known", "total")}
            await connection.execute(new.on_conflict_do_update(index_elements=["place", "bucket_us"], set_=more))


def _moves(fact: Counted) -> list[tuple[str, str, int]]:
    """(type, state, +1 or −1): where the bay went, and where it came from."""
    there = [(fact.bay_type, fact.now, 1)] if fact.now else []
    return there + ([(fact.was_type, fact.was, -1)] if fact.was else [])


async def _regions(connection: AsyncConnection, ids: set[str]) -> dict[str, str]:
    found = await connection.execute(select(lots.c.id, lots.c.region_id).where(among(lots.c.id, ids)))
    return {row.id: row.region_id for row in found}
