"""Raw frames: stored in order and counted, all or none."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_engine
from storage.frames import OUTCOMES, FrameRow, Frames
from storage.history import History
from tests.storage.conftest import Home


def frame(n: int, outcome: str = "accepted", device: str | None = "d1") -> FrameRow:
    return FrameRow(n, f"yunparking/v1/{device}/up", device, "yun-json", b"\x00%d" % n, outcome, "")


async def test_frames_are_read_newest_first_page_by_page(engine: AsyncEngine) -> None:
    await Frames(engine).store([frame(n, OUTCOMES[n % 2], f"d{n % 3}") for n in range(30)])
    history = History(engine)
    first = await history.frames(limit=10)
    assert [each.received_us for each in first] == list(range(29, 19, -1))
    assert first[0].payload == b"\x0029"
    rest = await history.frames(after=first[-1].id, limit=100)
    assert [each.received_us for each in rest] == list(range(19, -1, -1))
    assert {each.received_us % 3 for each in await history.frames(device="d1")} == {1}
    assert [each.received_us for each in await history.frames(outcome="repeat", device="d1", limit=2)] == [25, 19]


async def test_outcomes_are_counted_by_several_doors(engine: AsyncEngine) -> None:
    frames = Frames(engine)
    batch = [frame(n, OUTCOMES[n % len(OUTCOMES)]) for n in range(80)]
    await asyncio.gather(*(frames.store(batch[::step]) for step in (1, -1, 1, -1)))
    assert await History(engine).outcomes() == dict.fromkeys(sorted(OUTCOMES), 40)


async def test_a_batch_is_stored_whole_or_not_at_all(engine: AsyncEngine) -> None:
    with pytest.raises((asyncpg.DataError, asyncpg.PostgresError)):
        await Frames(engine).store([frame(1), frame(2)._replace(topic="null\x00byte")])
    assert await History(engine).frames() == []
    assert await History(engine).outcomes() == {}
    await Frames(engine).store([])


async def test_whoever_stops_in_the_middle_leaves_nothing_open_for_the_next(
    home: Home, bare: asyncpg.Connection
) -> None:
    """As an intake does when its line to the broker is cut: what is stored afterwards is there for everybody."""
    engine = open_engine(*home, pool=1)
    frames = Frames(engine)
    await frames.store([frame(0)])
    for n in range(1, 201):
        stopped = asyncio.ensure_future(frames.store([frame(-n)]))
        await asyncio.sleep(n * 0.00002)
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        await frames.store([frame(n)])
        assert await bare.fetchval("SELECT count(*) FROM frames WHERE received_us = $1", n) == 1, n
    await engine.dispose()
