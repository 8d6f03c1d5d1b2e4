"""What patrols report and ask, as it is kept and read: inspection records, and checks of plates."""

from typing import NamedTuple

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.holdings import metres
from storage.reading import only, rows
from storage.rows import Row
from storage.schema.patrols import inspections, plate_checks
from storage.schema.records import bays
from storage.schema.stays import sessions


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


class CheckRow(Row, frozen=True):
    """Whether a vehicle might stand in a bay at `at_us`, as `who` was told at `checked_us`: until when (None: for good,
    or not at all) and why; `due_fen` is what its stay owed then. The point is where `who` said that he was.
    """

    id: str
    plate: str
    lot_id: str
    bay_id: str
    lon: float | None
    lat: float | None
    at_us: Micros
    checked_us: Micros
    who: str
    why: str
    session: str
    allowed: bool
    until_us: Micros | None
    due_fen: int


class Near(Row, frozen=True):
    """A bay, and how far from a point it is."""

    bay: str
    metres: float


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

    async def checked(self, row: CheckRow) -> CheckRow:
        """Keeps a check; the one that this id has already stays as it is. The check as it is kept."""
        new = insert(plate_checks).values(msgspec.structs.asdict(row)).on_conflict_do_nothing()
        async with self._engine.begin() as connection:
            await connection.execute(new)
        kept = await self.check(row.id)
        assert kept is not None
        return kept

    async def check(self, id: str) -> CheckRow | None:
        """One check."""
        async with self._engine.connect() as connection:
            found = await rows(connection, select(plate_checks).where(plate_checks.c.id == id), CheckRow)
        return found[0] if found else None

    async def checks(self, plate: str, who: str, after: tuple[Micros, str] | None, limit: int) -> list[CheckRow]:
        """Newest first, after the (checked, id) last seen; of a plate, by somebody, or all."""
        own = plate_checks.c
        query = only(select(plate_checks), plate=(own.plate, plate), who=(own.who, who))
        if after is not None:
            query = query.where(tuple_(own.checked_us, own.id) < after)
        async with self._engine.connect() as connection:
            ordered = query.order_by(own.checked_us.desc(), own.id.desc()).limit(limit)
            return await rows(connection, ordered, CheckRow)

    async def stood(self, plate: str, lot: str, bay: str, at: Micros) -> str:
        """The stay of a vehicle that stood in a lot then and has left since; in this very bay, if there is one."""
        own = sessions.c
        query = (
            select(own.session)
            .where(own.plate == plate, own.lot_id == lot, own.entry_us <= at, own.exit_us > at, own.void_why == "")
            .order_by((own.bay_id == bay).desc(), own.entry_us.desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            return str((await connection.execute(query)).scalar() or "")

    async def nearest(self, lon: float, lat: float) -> Near | None:
        """The bay that is nearest to a point."""
        away = metres(bays.c.lon, bays.c.lat, lon, lat)
        query = select(bays.c.id.label("bay"), away.label("metres")).order_by(away, bays.c.id).limit(1)
        async with self._engine.connect() as connection:
            found = await rows(connection, query, Near)
        return found[0] if found else None
