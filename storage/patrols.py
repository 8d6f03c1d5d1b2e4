"""What patrols report, as it is kept and read: inspection records."""

from typing import NamedTuple

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import only, rows
from storage.rows import Row
from storage.schema.patrols import inspections


class InspectionRow(Row, frozen=True):
    """A vehicle that stood wrongly (`illegal`) or unpaid, with the ids of its pictures, one space between them;
    `layout` is how the bay lies to the road, `session` the stay that was open in it.
    """

    id: str
    kind: str
    lot_id: str
    bay_id: str
    number: str
    plate: str
    colour: str
    confidence_pct: int
    layout: str
    note: str
    session: str
    pictures: str
    device_id: str
    who: str
    at_us: Micros


class Which(NamedTuple):
    """Which records; empty: all."""

    kind: str = ""
    lot: str = ""
    bay: str = ""
    plate: str = ""


class Patrols:
    """Records of patrols; each is written once, by its own id."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def inspected(self, row: InspectionRow) -> InspectionRow:
        """Keeps a record; the one that this id has already stays as it is. The record as it is kept."""
        new = insert(inspections).values(msgspec.structs.asdict(row)).on_conflict_do_nothing()
        async with self._engine.begin() as connection:
            await connection.execute(new)
        kept = await self.inspection(row.id)
        assert kept is not None
        return kept

    async def inspection(self, id: str) -> InspectionRow | None:
        """One record."""
        async with self._engine.connect() as connection:
            found = await rows(connection, select(inspections).where(inspections.c.id == id), InspectionRow)
        return found[0] if found else None

    async def inspections(self, which: Which, after: tuple[Micros, str] | None, limit: int) -> list[InspectionRow]:
        """Newest first, after the (time, id) last seen."""
        own = inspections.c
        query = only(
            select(inspections),
            kind=(own.kind, which.kind),
            lot=(own.lot_id, which.lot),
            bay=(own.bay_id, which.bay),
            plate=(own.plate, which.plate),
        )
        if after is not None:
            query = query.where(tuple_(own.at_us, own.id) < after)
        async with self._engine.connect() as connection:
            ordered = query.order_by(own.at_us.desc(), own.id.desc()).limit(limit)
            return await rows(connection, ordered, InspectionRow)
