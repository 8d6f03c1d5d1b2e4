"""What people did with gates. A lot lives in one slot: its facts come in order."""

from typing import Any

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.lane_facts import GateLifted, GatesForced
from storage.projections.forms import Happened, columns_of, put
from storage.schema.gates import emergencies, gate_lifts


class GateLifts:
    """One row for each barrier that a person lifted."""

    name = "gate_lifts"
    tables: tuple[Table, ...] = (gate_lifts,)
    hears = (GateLifted,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's place is the row's key."""
        rows = [_lift(each, each.fact) for each in happened if isinstance(each.fact, GateLifted)]
        if rows:
            names = [column.name for column in gate_lifts.columns]
            await connection.execute(put(gate_lifts, columns_of(names, rows)))


class Emergencies:
    """One row for each time that all gates of a lot were forced open."""

    name = "emergencies"
    tables: tuple[Table, ...] = (emergencies,)
    hears = (GatesForced,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A beginning is a new row, an end changes the row that has none."""
        for each in happened:
            fact, lot = each.fact, each.ref.key
            if isinstance(fact, GatesForced) and fact.on:
                row = {"lot_id": lot, "from_us": fact.at_us, "person": fact.person, "reason": fact.reason}
                await connection.execute(insert(emergencies).values(**row, ended_by="", ended_why=""))
            elif isinstance(fact, GatesForced):
                open_ = (emergencies.c.lot_id == lot) & emergencies.c.until_us.is_(None)
                said = {"until_us": fact.at_us, "ended_by": fact.person, "ended_why": fact.reason}
                await connection.execute(update(emergencies).where(open_).values(said))


def _lift(each: Happened, fact: GateLifted) -> tuple[Any, ...]:
    what = (fact.at_us, each.ref.key, fact.lane, fact.person, fact.reason, fact.picture, fact.session)
    return each.slot, each.seq, each.nth, *what
