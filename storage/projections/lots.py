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
        rows = [(*place, n) for place, n in sorted(changes.items()) if n]
        if rows:
            key = ["lot_id", "bay_type", "state"]
            new = put(lot_counts, columns_of([*key, "n"], rows))
            more = {"n": lot_counts.c.n + new.excluded.n}
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
        lots: dict[tuple[str, Micros], list[int]] = {}
        for each in happened:
            if isinstance(each.fact, Counted):
                _add(lots, each.ref.key, each.at - each.at % BUCKET_US, _difference(each.fact))
        regions = await _regions(connection, {lot for lot, _ in lots}) if lots else {}
        places: dict[tuple[str, Micros], list[int]] = {}
        for (lot, bucket), row in lots.items():
            for place in ("city", f"lot/{lot}", *([f"region/{regions[lot]}"] if lot in regions else [])):
                _add(places, place, bucket, row)
        rows = [(*place, *row) for place, row in sorted(places.items())]
        if rows:
            figures = ("occupied", "known", "total")
            new = put(occupancy, columns_of(("place", "bucket_us", *figures), rows))
            more = {name: occupancy.c[name] + new.excluded[name] for name in figures}
            await connection.execute(new.on_conflict_do_update(index_elements=["place", "bucket_us"], set_=more))


def _add(sums: dict[tuple[str, Micros], list[int]], place: str, bucket: Micros, row: list[int]) -> None:
    sum_ = sums.setdefault((place, bucket), [0, 0, 0])
    for nth, n in enumerate(row):
        sum_[nth] += n


def _difference(fact: Counted) -> list[int]:
    """What a bay's move adds to the bays occupied, known and in all."""
    moves = _moves(fact)
    occupied, known = (sum(n for _, state, n in moves if state in states) for states in (OCCUPIED, KNOWN))
    return [occupied, known, sum(n for *_, n in moves)]


def _moves(fact: Counted) -> list[tuple[str, str, int]]:
    """(type, state, +1 or −1): where the bay went, and where it came from."""
    there = [(fact.bay_type, fact.now, 1)] if fact.now else []
    return there + ([(fact.was_type, fact.was, -1)] if fact.was else [])


async def _regions(connection: AsyncConnection, ids: set[str]) -> dict[str, str]:
    found = await connection.execute(select(lots.c.id, lots.c.region_id).where(among(lots.c.id, ids)))
    return {row.id: row.region_id for row in found}
