"""Lists and claims of plates: each plate's facts lie in one slot, in order."""

from typing import Any

from sqlalchemy import Table, delete, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.ownership import ClaimDecided, PlateClaimed
from actors.messages.vehicle import ListingDropped, ListingPut
from storage.projections.forms import Happened, columns_of, put
from storage.schema.plates import listings, plate_claims

Row = tuple[Any, ...]


async def write_rows(connection: AsyncConnection, table: Table, keys: int, rows: list[Row]) -> None:
    """These rows as they are now, known or new, by their first columns; in order, so that writers do not block."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    new = put(table, columns_of(names, sorted(rows, key=lambda row: tuple(row[:keys]))))
    set_ = {name: new.excluded[name] for name in names[keys:]}
    await connection.execute(new.on_conflict_do_update(index_elements=names[:keys], set_=set_))


class Listings:
    """One row for each list that a plate stands on."""

    name = "listings"
    tables: tuple[Table, ...] = (listings,)
    hears = (ListingPut, ListingDropped)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """The last word on each (plate, listing) is written: a row, or that there is none."""
        last: dict[tuple[str, str], Row | None] = {}
        for each in happened:
            fact, plate = each.fact, each.ref.key
            if isinstance(fact, ListingPut):
                one = fact.listing
                said = (one.list, one.from_us, one.until_us, " ".join(one.lots), one.reason, fact.person, fact.at_us)
                last[plate, one.id] = (plate, one.id, *said)
            elif isinstance(fact, ListingDropped):
                last[plate, fact.id] = None
        gone = sorted(key for key, row in last.items() if row is None)
        if gone:
            await connection.execute(delete(listings).where(tuple_(listings.c.plate, listings.c.id).in_(gone)))
        await write_rows(connection, listings, 2, [row for row in last.values() if row is not None])


class PlateClaims:
    """The last claim of each account on each plate."""

    name = "plate_claims"
    tables: tuple[Table, ...] = (plate_claims,)
    hears = (PlateClaimed, ClaimDecided)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Claims are written whole; a verdict changes the row that is there."""
        for each in happened:
            fact, plate = each.fact, each.ref.key
            if isinstance(fact, PlateClaimed):
                claim = fact.claim
                row = (plate, claim.account, fact.holder, claim.evidence, "open", "", "", claim.at_us, 0)
                await write_rows(connection, plate_claims, 2, [row])
            elif isinstance(fact, ClaimDecided):
                state = "accepted" if fact.accepted else "refused" if fact.person else "withdrawn"
                there = (plate_claims.c.plate == plate) & (plate_claims.c.account == fact.account)
                said = {"state": state, "person": fact.person, "reason": fact.reason, "decided_us": fact.at_us}
                await connection.execute(plate_claims.update().where(there).values(said))
