"""Raw frames: every frame that ever arrived, stored before it is acknowledged, and what became of it."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Micros

OUTCOMES = (
    "accepted",
    "repeat",
    "late",
    "unknown_device",
    "undecodable",
    "oversized",
    "wrong_topic",
    "parked",
)

_COUNT = """
    INSERT INTO frame_counts (outcome, n, last_us)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
    ON CONFLICT (outcome) DO UPDATE
    SET n = frame_counts.n + excluded.n, last_us = greatest(frame_counts.last_us, excluded.last_us)
"""


class FrameRow(NamedTuple):
    """One raw frame as it is kept: when and where it arrived, what it was, what became of it (an `OUTCOMES`)."""

    received_us: Micros
    topic: str
    device: str | None
    kind: str | None
    payload: bytes
    outcome: str
    detail: str


class Frames:
    """Where raw frames are kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def store(self, rows: Iterable[FrameRow]) -> None:
        """Keep these frames in this order and count them, all or none; any error means: not certain, store again."""
        rows = list(rows)
        if not rows:
            return
        async with self._engine.connect() as pooled:
            line = (await pooled.get_raw_connection()).driver_connection
            assert isinstance(line, asyncpg.Connection)
            try:
                async with line.transaction():
                    await line.copy_records_to_table("frames", columns=list(FrameRow._fields), records=rows)
                    await line.execute(_COUNT, *_counts(rows))
            except BaseException:
                # Whoever is stopped while it begins leaves a transaction open that the pool knows nothing of: what
                # the next one stores on this connection would be a part of it, and never be there for anybody.
                await pooled.invalidate()
                raise


def _counts(rows: list[FrameRow]) -> tuple[list[str], list[int], list[Micros]]:
    """Outcomes in order of name (so that two doors never wait for each other), how many, and the newest of each."""
    counts, newest = Counter([row[5] for row in rows]), dict[str, Micros]()
    for row in rows:
        newest[row[5]] = max(row[0], newest.get(row[5], 0))
    names = sorted(counts)
    return names, [counts[name] for name in names], [newest[name] for name in names]
