"""How many bays of a lot show which state, and how full lots, regions and the city were over time."""

from collections import Counter
from functools import lru_cache

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
MOVES_KEPT = 4_096
"""Types and states are few, and what a move means is asked for each event of the city."""

Row = tuple[int, int, int]
"""Bays occupied, known and in all."""
NOTHING: Row = (0, 0, 0)
Move = tuple[str, str, str, str]
"""Of a bay: the type and state that it has now, and those that it had."""


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
                for bay_type, state, n in _moves(*_move(each.fact)):
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
        lots: dict[tuple[str, Micros], Row] = {}
        for each in happened:
            if isinstance(each.fact, Counted):
                _add(lots, each.ref.key, each.at - each.at % BUCKET_US, _difference(*_move(each.fact)))
        regions = await _regions(connection, {lot for lot, _ in lots}) if lots else {}
        places: dict[tuple[str, Micros], Row] = {}
        for (lot, bucket), row in lots.items():
            for place in ("city", f"lot/{lot}", *([f"region/{regions[lot]}"] if lot in regions else [])):
                _add(places, place, bucket, row)
        rows = [(*place, *row) for place, row in sorted(places.items())]
        if rows:
            figures = ("occupied", "known", "total")
            new = put(occupancy, columns_of(("place", "bucket_us", *figures), rows))
            more = {name: occupancy.c[name] + new.excluded[name] for name in figures}
            await connection.execute(new.on_conflict_do_update(index_elements=["place", "bucket_us"], set_=more))


def _add(sums: dict[tuple[str, Micros], Row], place: str, bucket: Micros, row: Row) -> None:
    occupied, known, total = sums.get((place, bucket), NOTHING)
    sums[place, bucket] = (occupied + row[0], known + row[1], total + row[2])


def _move(fact: Counted) -> Move:
    return fact.bay_type, fact.now, fact.was_type, fact.was


@lru_cache(MOVES_KEPT)
def _difference(bay_type: str, now: str, was_type: str, was: str) -> Row:
    """What a bay's move adds to the bays occupied, known and in all."""
    moves = _moves(bay_type, now, was_type, was)
    occupied, known = (sum(n for _, state, n in moves if state in states) for states in (OCCUPIED, KNOWN))
    return occupied, known, sum(n for *_, n in moves)


@lru_cache(MOVES_KEPT)
def _moves(bay_type: str, now: str, was_type: str, was: str) -> tuple[tuple[str, str, int], ...]:
    """(type, state, +1 or −1): where the bay went, and where it came from."""
    there = ((bay_type, now, 1),) if now else ()
    return there + (((was_type, was, -1),) if was else ())


async def _regions(connection: AsyncConnection, ids: set[str]) -> dict[str, str]:
    found = await connection.execute(select(lots.c.id, lots.c.region_id).where(among(lots.c.id, ids)))
    return {row.id: row.region_id for row in found}
