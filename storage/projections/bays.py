"""What bays show, and every vehicle that came or went."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.bay import Freed, Shown, Taken
from storage.projections.forms import Happened
from storage.schema.derived import bay_states, passages


class BayStates:
    """Each bay's shown state and since when we know it; since when it is taken or free, and which device said so."""

    name = "bay_states"
    tables: tuple[Table, ...] = (bay_states,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """The last word of a batch on a bay is the one that stands."""
        shown: dict[str, dict[str, Any]] = {}
        turned: dict[str, dict[str, Any]] = {}
        for each in happened:
            bay = {"bay_id": each.ref.own_id, "lot_id": each.ref.place}
            if isinstance(each.fact, Shown):
                shown[each.ref.own_id] = {**bay, "state": each.fact.state, "changed_us": each.fact.at_us}
            elif isinstance(each.fact, Taken | Freed):
                said = {"since_us": each.fact.since_us, "device_id": each.fact.device}
                turned[each.ref.own_id] = {**bay, **said, "state": "unknown", "changed_us": each.at}
        await self._keep(connection, shown, "state", "changed_us")
        await self._keep(connection, turned, "since_us", "device_id")

    @staticmethod
    async def _keep(connection: AsyncConnection, rows: dict[str, dict[str, Any]], *columns: str) -> None:
        """New bays whole, known ones in these columns only."""
        if rows:
            put = insert(bay_states)
            news = {column: put.excluded[column] for column in columns}
            put = put.on_conflict_do_update(index_elements=["bay_id"], set_=news)
            await connection.execute(put, [rows[bay] for bay in sorted(rows)])


class Passages:
    """One row for each taken and freed."""

    name = "passages"
    tables: tuple[Table, ...] = (passages,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's id is the row's key."""
        rows = [_passage(each, each.fact) for each in happened if isinstance(each.fact, Taken | Freed)]
        if rows:
            await connection.execute(insert(passages), rows)


def _passage(each: Happened, fact: Taken | Freed) -> dict[str, Any]:
    return {
        "fact_slot": each.slot,
        "fact_seq": each.seq,
        "fact_index": each.nth,
        "at": each.at,
        "verb": "taken" if isinstance(fact, Taken) else "freed",
        "bay_id": each.ref.own_id,
        "lot_id": each.ref.place,
        "since_us": fact.since_us,
        "device_id": fact.device,
        "device_us": fact.seen_us,
        "received_us": fact.received_us,
        "first": fact.first,
    }
