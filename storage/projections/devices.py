"""How devices are: last heard, battery, signal, frames lost and late, offline since when."""

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.device import CameBack, Heard, LateHeard, WentOffline
from actors.messages.forms import Fact
from actors.values import Micros
from storage.projections.forms import Happened, among, columns_of, put
from storage.schema.derived import device_states


class State(msgspec.Struct):
    """A row of `device_states`, in its columns' order."""

    device_id: str
    lot_id: str
    last_seen_us: Micros | None = None
    battery_pct: int | None = None
    rssi_dbm: int | None = None
    lost: int = 0
    late: int = 0
    drift_us: int = 0
    offline_since_us: Micros | None = None
    frames: int = 0
    firmware: str = ""
    arm: str = ""


class DeviceStates:
    """One row for each device that was heard, or was waited for in vain."""

    name = "device_states"
    tables: tuple[Table, ...] = (device_states,)
    hears = (Heard, LateHeard, WentOffline, CameBack)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole."""
        refs = {each.ref: each.ref.own_id for each in happened}
        known = await connection.execute(
            select(device_states).where(among(device_states.c.device_id, set(refs.values())))
        )
        states = {row[0]: State(*row) for row in known}
        for each in happened:
            device = refs[each.ref]
            if device not in states:
                states[device] = State(device, each.ref.place)
            _fold(states[device], each.fact)
        names = State.__struct_fields__
        rows = sorted(msgspec.structs.astuple(state) for state in states.values())
        new = put(device_states, columns_of(names, rows))
        set_ = {name: new.excluded[name] for name in names[2:]}
        await connection.execute(new.on_conflict_do_update(index_elements=["device_id"], set_=set_))


def _fold(state: State, fact: Fact) -> None:
    if isinstance(fact, Heard):
        state.frames += 1
        state.lost += fact.lost
        state.drift_us = fact.drift_us
        state.last_seen_us = max(state.last_seen_us or 0, fact.received_us)
        state.battery_pct = state.battery_pct if fact.battery_pct is None else fact.battery_pct
        state.rssi_dbm = state.rssi_dbm if fact.rssi_dbm is None else fact.rssi_dbm
        state.firmware, state.arm = fact.firmware or state.firmware, fact.arm or state.arm
    elif isinstance(fact, LateHeard):
        state.frames += 1
        state.late += 1
        state.lost -= fact.found and state.lost > 0
    elif isinstance(fact, WentOffline):
        state.offline_since_us = fact.last_seen_us
    elif isinstance(fact, CameBack):
        state.offline_since_us = None
