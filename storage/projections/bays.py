"""What bays show, and every vehicle that came or went."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.bay import Freed, Shown, Taken
from actors.values import Ref
from storage.projections.forms import Happened, columns_of, put
from storage.schema.derived import bay_states, passages


class BayStates:
    """Each bay's shown state and since when we know it; since when it is taken or free, and which device said so."""

    name = "bay_states"
    tables: tuple[Table, ...] = (bay_states,)
    hears = (Shown, Taken, Freed)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """The last word of a batch on a bay is the one that stands; of a known bay, only what was said of it is new."""
        said: dict[Ref, dict[str, Any]] = {}
        for each in happened:
            bay = said.setdefault(each.ref, {})
            if isinstance(each.fact, Shown):
                bay |= {"state": each.fact.state, "changed_us": each.fact.at_us}
            elif isinstance(each.fact, Taken | Freed):
                bay |= {"since_us": each.fact.since_us, "device_id": each.fact.device, "turned_us": each.at}
        for news in (
            ("state", "changed_us", "since_us", "device_id"),
            ("state", "changed_us"),
            ("since_us", "device_id"),
        ):
            rows = [_row(ref, bay) for ref, bay in sorted(said.items()) if set(news) == bay.keys() - {"turned_us"}]
            if rows:
                new = put(bay_states, columns_of(rows))
                set_ = {column: new.excluded[column] for column in news}
                await connection.execute(new.on_conflict_do_update(index_elements=["bay_id"], set_=set_))


def _row(ref: Ref, said: dict[str, Any]) -> dict[str, Any]:
    """A bay that is not known yet shows nothing before it is said what."""
    return {
        "bay_id": ref.own_id,
        "lot_id": ref.place,
        "state": said.get("state", "unknown"),
        "since_us": said.get("since_us"),
        "changed_us": said.get("changed_us", said.get("turned_us")),
        "device_id": said.get("device_id"),
    }


class Passages:
    """One row for each taken and freed."""

    name = "passages"
    tables: tuple[Table, ...] = (passages,)
    hears = (Taken, Freed)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's id is the row's key."""
        rows = [_passage(each, each.fact) for each in happened if isinstance(each.fact, Taken | Freed)]
        if rows:
            await connection.execute(put(passages, columns_of(rows)))


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
