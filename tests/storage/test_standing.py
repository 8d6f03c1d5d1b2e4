"""How tables stand, and which lives ended: read from a real server."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.eras import FIRST
from actors.values import MINUTE_US
from storage import recoveries
from storage.database import SERVER_US
from storage.last_word import last_word
from storage.projections.checkpoints import load
from storage.recoveries import Recoveries, Recovery
from storage.schema.engine import journal, outside, parked
from storage.schema.notices import notices
from storage.schema.running import jobs
from storage.standing import Standing
from tests.storage.conftest import Home

S = 1_000_000


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000 * S

    def __call__(self) -> int:
        return self.at


async def write_pages(engine: AsyncEngine, slot: int, *at: int) -> None:
    """The slot's pages, written at these times."""
    row = {"slot": slot, "lease": 1, "body": b"\x90", "era": FIRST, "next_era": FIRST}
    rows = [row | {"seq": seq, "flight": seq, "at": at} for seq, at in enumerate(at, 1)]
    async with engine.begin() as connection:
        await connection.execute(insert(journal), rows)


async def test_how_far_each_projection_is_behind(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await load(connection, ["bays", "lots"])
    await write_pages(engine, 3, 990 * S, 994 * S)
    await write_pages(engine, 8, 980 * S)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE projected SET seq = 1 WHERE projection = 'bays' AND slot IN (3, 8)"))
        await connection.execute(text("UPDATE projected SET seq = 2 WHERE projection = 'lots' AND slot = 3"))
    standing = Standing(engine, Clock())
    await standing.look()
    gauges = standing.gauges()
    assert gauges.behind_pages == {"bays": 1, "lots": 1}
    assert gauges.behind_seconds == {"bays": 6.0, "lots": 20.0}


async def test_what_waits_and_how_old_the_look_is(engine: AsyncEngine) -> None:
    clock = Clock()
    standing = Standing(engine, clock)
    row = {"slot": 1, "at": 1, "ref": "bay:a/b", "error": "E", "message": b""}
    async with engine.begin() as connection:
        await connection.execute(insert(parked), [row | {"input": b"1"}, row | {"input": b"2"}])
        await connection.execute(text("UPDATE parked SET done_at = 5 WHERE input = '2'"))
        await connection.execute(text("INSERT INTO outbox (ref_kind, ref_key, message) VALUES ('bay', 'a/b', '')"))
    await standing.look()
    clock.at += 7 * S
    gauges = standing.gauges()
    assert (gauges.parked_messages, gauges.undelivered_orders, gauges.unread_seconds) == (1, 1, 7.0)


async def test_what_waits_for_somebody_outside_and_how_long(engine: AsyncEngine) -> None:
    clock = Clock()
    standing = Standing(engine, clock)
    notice = {
        "slot": 1,
        "nth": 0,
        "channel": "sms",
        "template": "t",
        "account": "a",
        "phone": "",
        "about": "",
        "words": {},
    }
    asked = {"slot": 1, "ref": "bay:a/b", "port": "payments", "request": b""}
    async with engine.begin() as connection:
        await connection.execute(insert(outside), [asked | {"n": n, "at": at * S} for n, at in ((1, 970), (2, 990))])
        for seq, state, at in ((1, "waiting", 980), (2, "waiting", 985), (3, "sent", 900)):
            own = {"seq": seq, "state": state, "at_us": at * S, "words": {}}
            await connection.execute(insert(notices).values(notice | own))
        for name, late in (("a", 60 * S), ("b", -60 * S)):
            await connection.execute(insert(jobs).values(name=name, schedule="s", due_us=SERVER_US - late))
    await standing.look()
    gauges = standing.gauges()
    assert (gauges.waiting_errands, gauges.oldest_errand_seconds) == (2, 30.0)
    assert (gauges.waiting_notices, gauges.oldest_notice_seconds) == (2, 20.0)
    assert gauges.late_jobs == 1
    assert 60 <= gauges.late_job_seconds < 90


async def test_how_much_the_world_has_grown(engine: AsyncEngine) -> None:
    clock = Clock()
    standing = Standing(engine, clock)
    await standing.look()
    before = standing.gauges()
    assert before.world_bytes == sum(before.table_bytes.values())
    assert before.grown_bytes == 0
    async with engine.begin() as connection:
        row = {"slot": 1, "seq": 1, "lease": 1, "flight": 1, "at": 1, "body": bytes(range(256)) * 4_000}
        await connection.execute(insert(journal), row | {"era": FIRST, "next_era": FIRST})
    clock.at += 5 * MINUTE_US
    await standing.look()
    after = standing.gauges()
    assert after.grown_bytes == after.table_bytes["journal"] - before.table_bytes["journal"] > 0
    assert after.grown_seconds == 300.0
    clock.at += 11 * MINUTE_US
    await standing.look()
    assert standing.gauges().grown_bytes == 0, "what is longer ago than ten minutes is forgotten"


async def test_partitions_count_as_their_table(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE years (y int) PARTITION BY RANGE (y)"))
        for year in (1, 2):
            await connection.execute(
                text(f"CREATE TABLE years_{year} PARTITION OF years FOR VALUES FROM ({year}) TO ({year + 1})")
            )
        await connection.execute(text("INSERT INTO years VALUES (1), (2)"))
    standing = Standing(engine)
    await standing.look()
    tables = standing.gauges().table_bytes
    assert tables["years"] > 0
    assert "years_1" not in tables


async def test_who_was_away_when_the_city_stopped_is_back_with_it(engine: AsyncEngine) -> None:
    kept = Recoveries(engine)
    await kept.note("gateway", 1, 10, 20)
    await kept.note("gateway", 2, 30, None, "ended with status 1")
    await kept.all_back(90)
    assert [(one.life, one.back_us) for one in await kept.recent()] == [(2, 90), (1, 20)]


async def test_the_word_of_the_dying_and_the_gateways_are_one_recovery(home: Home, engine: AsyncEngine) -> None:
    kept = Recoveries(engine)
    await last_word(*home, "cell-0", 7, 100, "Fenced: [3]")
    assert await kept.recent() == [Recovery("cell-0", 7, 100, None, "Fenced: [3]")]
    assert await kept.note("cell-0", 7, 90, 250) == "Fenced: [3]"
    await kept.note("cell-0", 7, 95, 240)  # another gateway heard it earlier
    assert await kept.recent() == [Recovery("cell-0", 7, 100, 240, "Fenced: [3]")]
    assert await kept.note("cell-1", 1, 300, 310) is None
    await last_word(*home, "cell-1", 1, 305, "x" * 9_999)
    newest = (await kept.recent(1))[0]
    assert (newest.worker, newest.back_us, len(newest.why or "")) == ("cell-1", 310, 500)


async def test_only_the_newest_recoveries_are_kept(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoveries, "KEPT", 3)
    kept = Recoveries(engine)
    for n in range(8):
        await kept.note("cell-0", n, n, n + 1)
    assert [one.life for one in await kept.recent()] == [7, 6, 5]
