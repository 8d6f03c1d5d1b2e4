"""The ledger's calendar as the database has it: the city's zone, the operators' rules, and every closing."""

import msgspec
from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.ledger.dates import ACCOUNTING, Calendar, Closing, DayRule, Rule
from storage.schema.books import closings
from storage.schema.engine import reference
from storage.schema.records import city

NOWHERE = "UTC"
"""The zone of a city that was not loaded yet."""

HOLD = text("LOCK TABLE closings IN ROW SHARE MODE")
"""Who books holds this, so that no period closes between looking whether it is closed and writing the lines."""

CLOSE = text("LOCK TABLE closings IN EXCLUSIVE MODE")
"""Who closes waits for those who book, and they for it; who reads is not held up."""


async def calendar(connection: AsyncConnection) -> Calendar:
    """The calendar as it is now."""
    zone = (await connection.execute(select(city.c.zone))).scalar() or NOWHERE
    known = await connection.execute(select(closings).order_by(closings.c.period, closings.c.n))
    return Calendar(
        await _rules(connection, zone),
        [
            Closing(row.period, _places(row.places), None if row.reopened_us is None else _places(row.reopened_places))
            for row in known
        ],
    )


async def _rules(connection: AsyncConnection, zone: str) -> dict[str, list[Rule]]:
    """By operator (empty: all others), newest first."""
    named = or_(reference.c.name == ACCOUNTING, reference.c.name.startswith(f"{ACCOUNTING}/", autoescape=True))
    newest = (reference.c.effective_from.desc(), reference.c.version.desc())
    rules: dict[str, list[Rule]] = {}
    for row in await connection.execute(select(reference).where(named).order_by(*newest)):
        said = msgspec.msgpack.decode(row.body, type=DayRule)
        operator = row.name.removeprefix(ACCOUNTING).removeprefix("/")
        rules.setdefault(operator, []).append(Rule(row.effective_from, said.zone or zone, said.begins_hour))
    before_all = Rule(0, zone, 0)
    for of_operator in rules.values():
        of_operator.append(before_all)
    return {"": [before_all], **rules}


def _places(kept: dict[str, int]) -> dict[int, int]:
    return {int(slot): seq for slot, seq in kept.items()}
