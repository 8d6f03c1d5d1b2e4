"""How devices are: last heard, battery, signal, frames lost and late, offline since when."""

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.device import CameBack, Heard, LateHeard, WentOffline
from actors.messages.forms import Fact
from storage.projections.forms import Happened, among
from storage.schema.derived import device_states

_NEW: dict[str, Any] = {
    "last_seen_us": None,
    "battery_pct": None,
    "rssi_dbm": None,
    "lost": 0,
    "late": 0,
    "drift_us": 0,
    "offline_since_us": None,
    "frames": 0,
}
_TOLD = (Heard, LateHeard, WentOffline, CameBack)


class DeviceStates:
    """One row for each device that was heard, or was waited for in vain."""

    name = "device_states"
    tables: tuple[Table, ...] = (device_states,)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        told = [each for each in happened if isinstance(each.fact, _TOLD)]
        if not told:
            return
        ids = {each.ref.own_id for each in told}
        known = await connection.execute(select(device_states).where(among(device_states.c.device_id, ids)))
        states: dict[str, dict[str, Any]] = {row.device_id: dict(row._mapping) for row in known}
        for each in told:
            new = {"device_id": each.ref.own_id, "lot_id": each.ref.place, **_NEW}
            _fold(states.setdefault(each.ref.own_id, new), each.fact)
        put = insert(device_states)
        put = put.on_conflict_do_update(
            index_elements=["device_id"], set_={column: put.excluded[column] for column in _NEW}
        )
        await connection.execute(put, [states[device] for device in sorted(ids)])


def _fold(state: dict[str, Any], fact: Fact) -> None:
    if isinstance(fact, Heard):
        state["frames"] += 1
        state["lost"] += fact.lost
        state["drift_us"] = fact.drift_us
        state["last_seen_us"] = max(state["last_seen_us"] or 0, fact.received_us)
        for reading in ("battery_pct", "rssi_dbm"):
            said = getattr(fact, reading)
            state[reading] = state[reading] if said is None else said
    elif isinstance(fact, LateHeard):
        state["frames"] += 1
        state["late"] += 1
        state["lost"] -= fact.found and state["lost"] > 0
    elif isinstance(fact, WentOffline):
        state["offline_since_us"] = fact.last_seen_us
    elif isinstance(fact, CameBack):
        state["offline_since_us"] = None
