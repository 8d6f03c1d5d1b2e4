"""What has been, as people read it: frames, passages, audit (newest first) and occupancy over time."""

from bisect import bisect_left
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, Text, cast, func, literal, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import MINUTE_US, Micros
from storage.reading import only, rows
from storage.rows import AuditRow, KeptFrame, PassageRow
from storage.schema.derived import frame_counts, frames, occupancy, passages
from storage.schema.engine import parked
from storage.schema.payments import payments
from storage.schema.records import audit

BUCKET_US = 5 * MINUTE_US
"""How long a bucket of occupancy is; buckets begin at multiples of it."""

Point = tuple[Micros, int, int, int]
"""Start of a bucket, and bays occupied, known and in all at its end."""

ASIDE_MOST = 100
"""How many of what was set aside is read: more would tell a person no more."""


class ParkedFrames(NamedTuple):
    """Frames of one device (or topic) that were set aside: since when, and how many."""

    subject: str
    first_us: Micros
    frames: int


class ParkedTurn(NamedTuple):
    """A message that broke its actor, kept for staff: whose, when, and how it failed."""

    ref: str
    at: Micros
    error: str


class TroubledPayment(NamedTuple):
    """A payment with a provider that staff have to look at, since when and for what."""

    id: str
    at: Micros
    trouble: str


class Aside(NamedTuple):
    """What was set aside: frames of unknown devices in all, and when the newest of them came if that was lately
    (else 0); frames parked lately; messages and payments that staff have not settled.
    """

    unknown: int
    unknown_us: Micros
    frames: list[ParkedFrames]
    messages: list[ParkedTurn]
    payments: list[TroubledPayment] = []


_NOT_ACCEPTED = frames.c.outcome != literal_column("'accepted'", Text)
"""As the index of outcomes has it, in these words: it leaves out what nearly all frames are."""
_KEY = (passages.c.at, passages.c.fact_slot, passages.c.fact_seq, passages.c.fact_index)
_DASH = literal("-", Text)
_PASSAGES = select(
    passages,
    (
        cast(_KEY[0], Text) + _DASH + cast(_KEY[1], Text) + _DASH + cast(_KEY[2], Text) + _DASH + cast(_KEY[3], Text)
    ).label("id"),
    passages.c.bay_id.label("bay"),
    passages.c.lot_id.label("lot"),
    passages.c.device_id.label("device"),
)


class History:
    """Read-only; lists are paged by `after`, the id of the last row seen."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def frames(
        self, after: int | None = None, limit: int = 100, *, outcome: str = "", device: str = ""
    ) -> list[KeptFrame]:
        """Raw frames, newest first."""
        query = only(select(frames), outcome=(frames.c.outcome, outcome), device=(frames.c.device, device))
        if outcome not in ("", "accepted"):
            query = query.where(_NOT_ACCEPTED)
        if after is not None:
            query = query.where(frames.c.id < after)
        async with self._engine.connect() as connection:
            return await rows(connection, query.order_by(frames.c.id.desc()).limit(limit), KeptFrame)

    async def outcomes(self) -> dict[str, int]:
        """How many frames had each outcome since the beginning."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(frame_counts).order_by(frame_counts.c.outcome))
            return {row.outcome: row.n for row in found}

    async def aside(self, since_us: Micros) -> Aside:
        """What was set aside; of frames only what came since then."""
        counted = select(frame_counts.c.n, frame_counts.c.last_us).where(frame_counts.c.outcome == "unknown_device")
        subject = func.coalesce(frames.c.device, frames.c.topic)
        stuck = (
            select(subject, func.min(frames.c.received_us), func.count())
            .where(_NOT_ACCEPTED, frames.c.outcome == "parked", frames.c.received_us > since_us)
            .group_by(subject)
            .order_by(subject)
            .limit(ASIDE_MOST)
        )
        broken = select(parked.c.ref, parked.c.at, parked.c.error).where(parked.c.done_at.is_(None))
        broken = broken.order_by(parked.c.at.desc()).limit(ASIDE_MOST)
        wrong = select(payments.c.id, payments.c.trouble_us, payments.c.trouble).where(payments.c.trouble != "")
        wrong = wrong.order_by(payments.c.trouble_us.desc()).limit(ASIDE_MOST)
        async with self._engine.connect() as connection:
            unknown = (await connection.execute(counted)).first()
            n, last_us = unknown if unknown is not None else (0, 0)
            return Aside(
                n,
                last_us if last_us > since_us else 0,
                [ParkedFrames(*row) for row in await connection.execute(stuck)],
                [ParkedTurn(*row) for row in await connection.execute(broken)],
                [TroubledPayment(*row) for row in await connection.execute(wrong)],
            )

    async def passages(
        self, after: str | None = None, limit: int = 100, *, lot: str = "", bay: str = ""
    ) -> list[PassageRow]:
        """Bays taken and freed, newest first; ValueError for an `after` that is no id of a passage."""
        query = only(_PASSAGES, lot=(passages.c.lot_id, lot), bay=(passages.c.bay_id, bay))
        if after is not None:
            query = _before(query, after)
        newest_first = query.order_by(*(column.desc() for column in _KEY)).limit(limit)
        async with self._engine.connect() as connection:
            return await rows(connection, newest_first, PassageRow)

    async def last_states(self) -> dict[str, bool]:
        """bay → is it taken, by the last that was heard of it, also where its devices are silent by now."""
        newest = [passages.c.bay_id, *(column.desc() for column in _KEY)]
        query = select(passages.c.bay_id, passages.c.verb).ext(distinct_on(passages.c.bay_id)).order_by(*newest)
        async with self._engine.connect() as connection:
            return {row.bay_id: row.verb == "taken" for row in await connection.execute(query)}

    async def audit(self, after: str | None = None, limit: int = 100, *, what: str = "") -> list[AuditRow]:
        """Changes to records, newest first; `what` is one of them (`bay/66222`)."""
        query = only(select(audit), what=(audit.c.what, what))
        if after is not None:
            query = query.where(audit.c.id < after)
        async with self._engine.connect() as connection:
            return await rows(connection, query.order_by(audit.c.id.desc()).limit(limit), AuditRow)

    async def occupancy(self, place: str, from_us: Micros, to_us: Micros) -> list[Point]:
        """Every bucket that begins in [from_us, to_us), from the first change on; place: city, region/…, lot/…."""
        sums = [
            func.sum(column).over(order_by=occupancy.c.bucket_us).cast(BigInteger)
            for column in (occupancy.c.occupied, occupancy.c.known, occupancy.c.total)
        ]
        query = select(occupancy.c.bucket_us, *sums).where(occupancy.c.place == place, occupancy.c.bucket_us < to_us)
        async with self._engine.connect() as connection:
            found = await connection.execute(query.order_by(occupancy.c.bucket_us))
            return filled([tuple(row) for row in found], from_us, to_us)


def filled(levels: list[Point], from_us: Micros, to_us: Micros) -> list[Point]:
    """A level holds until the next one: a point for every bucket that begins in [from_us, to_us)."""
    if not levels:
        return []
    start = max(from_us + -from_us % BUCKET_US, levels[0][0])
    buckets = range(start, to_us, BUCKET_US)
    at = [level[0] for level in levels]
    return [(bucket, *levels[bisect_left(at, bucket + 1) - 1][1:]) for bucket in buckets]


def _before(query: Select[Any], id: str) -> Select[Any]:
    at, slot, seq, index = (int(part) for part in id.split("-"))
    return query.where(tuple_(*_KEY) < tuple_(at, slot, seq, index))
