"""Plates as machines read them: the stays whose reading waits for a second look, and how much each camera reads."""

from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    TableValuedAlias,
    Text,
    and_,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros
from storage.projections.forms import table_of
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
    """So many stays of vehicles that a camera saw come, and of how many it read the plate as sure as the lot wanted."""

    camera: str
    lot: str
    recognised: int
    total: int


class Wanted(NamedTuple):
    """How sure a lot wants readings to be, of stays that begin from then until then."""

    lot: str
    from_us: Micros
    until_us: Micros
    pct: int


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

    async def by_camera(
        self, span: tuple[Micros, Micros], lot: str, camera: str, wanted: list[Wanted]
    ) -> list[CameraRow]:
        """What each camera saw of the stays that began in a time (void ones are no vehicles), in order of camera. A
        stay of which no lot's wish tells was in a lot without rules: nothing of it counts as recognised.
        """
        own, words = sessions.c, session_plates.c
        began = (own.entry_us >= span[0], own.entry_us < span[1], own.void_why == "")
        stay = (own.session, own.lot_id, own.entry_us)
        came = select(*stay, own.device_id.label("camera"), literal(-1).label("pct"))
        read = select(*stay, words.device_id.label("camera"), words.confidence_pct.label("pct"))
        seen = union_all(
            came.where(*began, own.source.in_(CAMERAS)),
            read.join(session_plates, words.session == own.session).where(
                *began, words.source.in_(CAMERAS), words.plate != ""
            ),
        ).subquery()
        of_one = (seen.c.session, seen.c.lot_id, seen.c.entry_us, seen.c.camera)
        best = only(
            select(*of_one, func.max(seen.c.pct).label("pct")), lot=(seen.c.lot_id, lot), camera=(seen.c.camera, camera)
        )
        stays, wish = best.group_by(*of_one).subquery(), _table(wanted)
        began_at, key = stays.c.entry_us, (stays.c.camera, stays.c.lot_id)
        then = and_(wish.c.lot == stays.c.lot_id, wish.c.from_us <= began_at, began_at < wish.c.until_us)
        query = (
            select(
                stays.c.camera,
                stays.c.lot_id.label("lot"),
                func.count().filter(stays.c.pct >= wish.c.pct).label("recognised"),
                func.count().label("total"),
            )
            .select_from(stays.outerjoin(wish, then))
            .group_by(*key)
            .order_by(*key)
        )
        async with self._engine.connect() as connection:
            return await rows(connection, query, CameraRow)


def _table(wanted: list[Wanted]) -> TableValuedAlias:
    """Wishes as a table in a query."""
    lots, since, until, pcts = ([each[n] for each in wanted] for n in range(len(Wanted._fields)))
    return table_of(
        "wanted", lot=(Text, lots), from_us=(BigInteger, since), until_us=(BigInteger, until), pct=(Integer, pcts)
    )
