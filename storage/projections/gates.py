"""What happened at gates. A lot lives in one slot: its facts come in order."""

from typing import Any

import msgspec
from sqlalchemy import Table, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.messages.lane_facts import (
    CarEntered,
    CarLeft,
    CarTurnedAway,
    ExitAsked,
    GateLifted,
    GatesForced,
    QuoteExpired,
)
from storage.projections.forms import Happened, columns_of, put, write
from storage.schema.gates import emergencies, gate_lifts, lane_passages


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


class Seen(msgspec.Struct):
    """A row of `lane_passages`, in its columns' order. `outcome`: in, out, waiting (to pay) or away."""

    lot_id: str
    lane: str
    n: int
    entering: bool
    seen_us: int = 0
    plate: str = ""
    outcome: str = ""
    why: str = ""
    session: str = ""
    picture: str = ""


Passing = CarEntered | CarTurnedAway | ExitAsked | CarLeft | QuoteExpired


class LanePassages:
    """One row for each vehicle that a lane saw."""

    name = "lane_passages"
    tables: tuple[Table, ...] = (lane_passages,)
    hears = (CarEntered, CarTurnedAway, ExitAsked, CarLeft, QuoteExpired)

    async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
        """Rows are read, folded and written back whole: a vehicle that waits to pay is the same when it has."""
        told = [(each.ref.key, each.fact) for each in happened if isinstance(each.fact, Passing)]
        places = tuple_(lane_passages.c.lot_id, lane_passages.c.lane, lane_passages.c.n)
        keys = {(lot, fact.lane, fact.n) for lot, fact in told}
        known = await connection.execute(select(lane_passages).where(places.in_(keys)))
        rows = {row[:3]: Seen(*row) for row in known}
        for lot, fact in told:
            key = (lot, fact.lane, fact.n)
            _learn(rows.setdefault(key, Seen(*key, isinstance(fact, CarEntered))), fact)
        await write(connection, lane_passages, ["lot_id", "lane", "n"], rows.values())


def _learn(row: Seen, fact: Passing) -> None:
    match fact:
        case CarEntered():
            row.seen_us, row.plate, row.picture = fact.seen_us, fact.plate, fact.picture
            row.outcome, row.why, row.session = "in", fact.why, fact.session
        case ExitAsked():
            row.seen_us, row.plate, row.picture = fact.seen_us, fact.read, fact.picture
            row.outcome, row.why, row.session = "waiting", "", fact.session
        case CarTurnedAway():
            row.seen_us, row.plate, row.picture = fact.seen_us, fact.plate, fact.picture or row.picture
            row.outcome, row.why, row.entering = "away", fact.why, fact.entering
        case CarLeft():
            row.seen_us, row.plate = row.seen_us or fact.at_us, row.plate or fact.plate
            row.outcome, row.why, row.session = "out", fact.why, fact.session
            row.picture = row.picture or fact.picture
        case QuoteExpired():
            row.outcome, row.why = "away", "quote_lapsed"


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
