"""What bays show, and every vehicle that came or went."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.bay import Freed, Shown, Taken
from actors.values import Micros, Ref
from storage.projections.forms import Happened, add, columns_of, put
from storage.schema.derived import bay_states, passages

TURNS = (Taken, Freed)
SHOWN, TURNED = ("state", "changed_us"), ("since_us", "device_id")


class Said:
    """What a batch says of one bay: what it shows, and since when it is taken or free, as far as it says so."""

    __slots__ = ("changed_us", "device_id", "since_us", "state", "turned_us")

    def __init__(self) -> None:
        self.state: str | None = None
        self.changed_us: Micros | None = None
        self.since_us: Micros | None = None
        self.device_id: str | None = None
        self.turned_us: Micros = 0

    def news(self) -> tuple[str, ...]:
        """The columns that it says something of."""
        return (SHOWN if self.state is not None else ()) + (TURNED if self.device_id is not None else ())


class BayStates:
    """Each bay's shown state and since when we know it; since when it is taken or free, and which device said so."""

    name = "bay_states"
    tables: tuple[Table, ...] = (bay_states,)
    hears = (Shown, Taken, Freed)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """The last word of a batch on a bay is the one that stands; of a known bay, only what was said of it is new."""
        said: dict[Ref, Said] = {}
        for each in happened:
            fact, bay = each.fact, said.get(each.ref)
            if bay is None:
                bay = said[each.ref] = Said()
            if isinstance(fact, Shown):
                bay.state, bay.changed_us = fact.state, fact.at_us
            elif isinstance(fact, TURNS):
                bay.since_us, bay.device_id, bay.turned_us = fact.since_us, fact.device, each.at
        for news in (SHOWN + TURNED, SHOWN, TURNED):
            rows = [_row(ref, bay) for ref, bay in sorted(said.items(), key=_ref) if bay.news() == news]
            if rows:
                new = put(bay_states, columns_of(_BAY, rows))
                set_ = {column: new.excluded[column] for column in news}
                await connection.execute(new.on_conflict_do_update(index_elements=["bay_id"], set_=set_))


_BAY = ("bay_id", "lot_id", "state", "since_us", "changed_us", "device_id")


def _ref(said: tuple[Ref, Said]) -> Ref:
    return said[0]


def _row(ref: Ref, said: Said) -> tuple[Any, ...]:
    """A bay that is not known yet shows nothing before it is said what."""
    changed_us = said.turned_us if said.changed_us is None else said.changed_us
    return ref.own_id, ref.place, said.state or "unknown", said.since_us, changed_us, said.device_id


class Passages:
    """One row for each taken and freed."""

    name = "passages"
    tables: tuple[Table, ...] = (passages,)
    hears = TURNS

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """A fact's id is the row's key."""
        rows = [_passage(each, each.fact) for each in happened if isinstance(each.fact, TURNS)]
        if rows:
            await add(connection, passages, _PASSAGE, rows)


_PASSAGE = (
    *("fact_slot", "fact_seq", "fact_index", "at", "verb", "bay_id", "lot_id"),
    *("since_us", "device_id", "device_us", "received_us", "first"),
)


def _passage(each: Happened, fact: Taken | Freed) -> tuple[Any, ...]:
    slot, seq, nth, ref, at, _ = each
    verb = "taken" if isinstance(fact, Taken) else "freed"
    fact_id, where = (slot, seq, nth, at), (verb, ref.own_id, ref.place)
    return fact_id + where + (fact.since_us, fact.device, fact.seen_us, fact.received_us, fact.first)
