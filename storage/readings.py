"""Plates as machines read them: the stays whose reading waits for a second look, and how much each camera reads."""

from typing import Final

from sqlalchemy import and_, func, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.reading import only, rows
from storage.rows import Row
from storage.schema.stays import session_evidence, session_flags, session_plates, sessions

UNSURE = "plate_unsure"
"""The flag of a stay whose plate was taken from a reading that was less sure than its lot wants."""
SECOND = "recogniser"
"""The source of a second recogniser's word."""
CAMERAS: Final = ("camera", "pile", "lane")
"""The sources that are expected to read a plate."""


class UnsureRow(Row, frozen=True):
    """A stay whose plate is unsure since `flagged_us`; `second`: how often a second recogniser has read it and was not
    sure either; the ids of its pictures, one space between them.
    """

    session: str
    lot_id: str
    bay_id: str
    plate: str
    colour: str
    entry_us: Micros
    exit_us: Micros | None
    flagged_us: Micros
    second: int
    pictures: str


class CameraRow(Row, frozen=True):
    """So many stays of vehicles that a camera saw come, of which it read the plate as sure as this (-1: not at all)."""

    camera: str
    lot: str
    best_pct: int
    stays: int


class Readings:
    """Read-only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def unsure(self, read: bool | None, after: tuple[Micros, str] | None, limit: int) -> list[UnsureRow]:
        """Those that wait longest first, after the (flagged, session) last seen; `read`: only those that a second
        recogniser has (not) read.
        """
        own, flags = sessions.c, session_flags.c
        words, seen = session_plates.c, session_evidence.c
        tries = select(func.count()).where(words.session == own.session, words.source == SECOND).scalar_subquery()
        ids = select(func.coalesce(func.string_agg(seen.evidence.distinct(), " "), ""))
        query = (
            select(
                sessions,
                flags.at_us.label("flagged_us"),
                tries.label("second"),
                ids.where(seen.session == own.session).scalar_subquery().label("pictures"),
            )
            .join(session_flags, and_(flags.session == own.session, flags.code == UNSURE, flags.cleared_us.is_(None)))
            .where(own.void_why == "")
            .order_by(flags.at_us, own.session)
            .limit(limit)
        )
        if read is not None:
            query = query.where((tries > 0) if read else (tries == 0))
        if after is not None:
            query = query.where(tuple_(flags.at_us, own.session) > after)
        async with self._engine.connect() as connection:
            return await rows(connection, query, UnsureRow)

    async def by_camera(self, span: tuple[Micros, Micros], lot: str, camera: str) -> list[CameraRow]:
        """What each camera saw of the stays that began in a time (void ones are no vehicles), in order of camera."""
        own, words = sessions.c, session_plates.c
        began = (own.entry_us >= span[0], own.entry_us < span[1], own.void_why == "")
        came = select(own.session, own.lot_id, own.device_id.label("camera"), literal(-1).label("pct"))
        read = select(own.session, own.lot_id, words.device_id.label("camera"), words.confidence_pct.label("pct"))
        seen = union_all(
            came.where(*began, own.source.in_(CAMERAS)),
            read.join(session_plates, words.session == own.session).where(
                *began, words.source.in_(CAMERAS), words.plate != ""
            ),
        ).subquery()
        best = only(
            select(seen.c.session, seen.c.lot_id, seen.c.camera, func.max(seen.c.pct).label("best_pct")),
            lot=(seen.c.lot_id, lot),
            camera=(seen.c.camera, camera),
        )
        stays = best.group_by(seen.c.session, seen.c.lot_id, seen.c.camera).subquery()
        key = (stays.c.camera, stays.c.lot_id, stays.c.best_pct)
        query = select(stays.c.camera, stays.c.lot_id.label("lot"), stays.c.best_pct, func.count().label("stays"))
        async with self._engine.connect() as connection:
            return await rows(connection, query.group_by(*key).order_by(*key), CameraRow)
