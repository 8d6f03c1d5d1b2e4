"""Scheduled jobs: when they are due, that each run is made once however many gateways look, and again when one dies."""

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US, HOUR_US, SECOND_US, Micros, Ref
from gateway.jobs import JOBS, RETRY_US, Daily, Every, Job, Runner
from storage.database import open_engine
from storage.desk import Desk
from storage.jobs import Run, Runs, standing
from storage.outbox import Outbox
from storage.session import connect, now_us
from storage.users import Users
from tests.storage.cities import city

BERLIN, MELBOURNE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Melbourne")
Made = list[tuple[str, str, Micros]]


@pytest.fixture
async def engine(database_url: str, world: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database_url, world)
    yield engine
    await engine.dispose()


@pytest.fixture
async def bare(database_url: str, world: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(database_url, world, "test")
    yield connection
    await connection.close()


async def no_city() -> str:
    return ""


def us(text: str) -> Micros:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND_US


def shown(at: Micros, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / SECOND_US, UTC).astimezone(zone).strftime("%m-%d %H:%M")


def test_every_so_often_is_the_same_instants_for_all() -> None:
    assert Every(10).after(us("2026-03-01T00:00:03+00:00"), BERLIN) == us("2026-03-01T00:00:10+00:00")
    assert Every(10).after(us("2026-03-01T00:00:10+00:00"), BERLIN) == us("2026-03-01T00:00:20+00:00")


@pytest.mark.parametrize(
    ("zone", "start", "days"),
    [
        (BERLIN, "2026-03-28T12:00:00+01:00", ["03-29 03:30", "03-30 02:30", "03-31 02:30"]),
        (BERLIN, "2026-10-24T12:00:00+02:00", ["10-25 02:30", "10-26 02:30", "10-27 02:30"]),
        (MELBOURNE, "2026-06-01T02:29:00+10:00", ["06-01 02:30", "06-02 02:30", "06-03 02:30"]),
        (MELBOURNE, "2026-06-01T02:30:00+10:00", ["06-02 02:30", "06-03 02:30", "06-04 02:30"]),
    ],
)
def test_daily_is_once_a_day_by_the_citys_clocks(zone: ZoneInfo, start: str, days: list[str]) -> None:
    at, found = us(start), []
    for _ in days:
        at = Daily(2, 30).after(at, zone)
        found.append(shown(at, zone))
    assert found == days


def test_the_table_says_what_each_job_is() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    for job in JOBS:
        assert job.name.isidentifier()
        assert job.missed in ("once", "skip")
        assert inspect.iscoroutinefunction(job.work)
        assert job.work.__doc__
        assert job.schedule.after(now_us(), BERLIN) > now_us()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
async def test_every_job_bears_that_a_run_is_made_twice(
    job: Job, engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    await Desk(engine).load("test", city())
    outbox, users = Outbox(engine), Users(engine)
    await outbox.delivered([row.id for row in await outbox.undelivered(100)])
    await users.add("ann", "hash", "viewer")
    ann = await users.named("ann")
    assert ann is not None
    for token, expires in (("old", 1), ("new", now_us() + HOUR_US)):
        await users.keep_token(token, "family", ann.id, expires)
    run, tables = Run(job.name, now_us()), ("refresh_tokens", "outbox", "users", "bays")
    await job.work(engine, run)
    once = [await bare.fetch(f"SELECT * FROM {table}") for table in tables]
    await job.work(engine, run)
    assert [await bare.fetch(f"SELECT * FROM {table}") for table in tables] == once


async def test_old_tokens_and_delivered_orders_go_and_nothing_else(
    engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    orders = [("device", "l/a", True), ("device", "l/a", True), ("device", "l/a", False), ("bay", "l/a", True)]
    for kind, key, delivered in orders:
        values = "INSERT INTO outbox (ref_kind, ref_key, message, delivered) VALUES ($1, $2, '', $3)"
        await bare.execute(values, kind, key, delivered)
    assert await Outbox(engine).tidy() == 1
    assert [row["id"] for row in await bare.fetch("SELECT id FROM outbox ORDER BY id")] == [2, 3, 4]
    assert [row.ref for row in await Outbox(engine).undelivered(9)] == [Ref("device", "l/a")]


def counting(made: Made, name: str, jobs: list[str], **more: object) -> list[Job]:
    """Jobs that only say that they were made, and by whom."""

    async def work(engine: AsyncEngine, run: Run) -> str:
        made.append((name, run.job, run.due_us))
        return "made"

    return [Job(job, Every(1), work, **more) for job in jobs]  # type: ignore[arg-type]


async def test_three_runners_make_each_run_once(engine: AsyncEngine) -> None:
    made: Made = []
    runners = [Runner(engine, name, no_city, counting(made, name, ["one", "two"])) for name in ("a", "b", "c")]

    async def keep_looking(runner: Runner) -> None:
        while len(made) < 6:
            await runner.look()

    async with asyncio.timeout(60):
        await asyncio.gather(*map(keep_looking, runners))
    runs = [(job, due) for _, job, due in made]
    assert len(set(runs)) == len(runs), "no run was made twice"
    for job in ("one", "two"):
        assert [due for name, due in runs if name == job] == sorted(due for name, due in runs if name == job)
    rows = {row.name: row for row in await standing(engine)}
    assert rows["one"].last_due_us == max(due for job, due in runs if job == "one")
    assert (rows["one"].runner, rows["one"].attempts, rows["one"].last_result) == ("", 0, "made")


KILLED = """
import asyncio, sys
from gateway.jobs import Every, Job, Runner
from storage.database import open_engine

async def work(engine, run):
    print(run.due_us, flush=True)
    await asyncio.sleep(600)

async def zone():
    return ""

async def main():
    runner = Runner(open_engine(*sys.argv[1:]), "killed", zone, [Job("one", Every(1), work)])
    while True:
        await runner.look()

asyncio.run(main())
"""


async def test_a_run_whose_runner_was_killed_is_made_again_under_its_name(
    engine: AsyncEngine, bare: asyncpg.Connection, database_url: str, world: str
) -> None:
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database_url, world, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert killed.stdout is not None
    async with asyncio.timeout(60):
        due = int(await killed.stdout.readline())
    made: Made = []
    other = Runner(engine, "other", no_city, counting(made, "other", ["one"]))
    await other.look()
    assert made == [], "as long as the lease holds, the run is another's"
    killed.kill()
    await killed.wait()
    await bare.execute("UPDATE jobs SET until_us = 1")  # the lease runs out
    await other.look()
    assert made == [("other", "one", due)]
    (row,) = await standing(engine)
    assert row.last_due_us == due


async def test_a_claim_that_was_lost_changes_nothing_any_more(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    slow, quick = Runs(engine, "slow"), Runs(engine, "quick")
    await slow.declare("one", "s", 1)
    first = await slow.claim("one")
    assert first == Run("one", 1)
    await bare.execute("UPDATE jobs SET until_us = 1")
    assert await quick.claim("one") == Run("one", 1, attempts=2)
    assert not await slow.renew(first)
    assert not await slow.end(first, 2, "")
    assert await slow.claim("one") is None


async def test_work_that_breaks_is_tried_again_later_under_the_same_name(
    engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    attempts: list[Run] = []

    async def breaks_once(engine: AsyncEngine, run: Run) -> str:
        attempts.append(run)
        if run.attempts == 1:
            raise ValueError("no")
        return "done"

    runner = Runner(engine, "a", no_city, [Job("one", Every(10**9), breaks_once)])  # not by itself
    await runner.look()
    await bare.execute("UPDATE jobs SET due_us = 7")
    await runner.look()
    (row,) = await standing(engine)
    assert (row.due_us, row.last_result) == (7, "broke: ValueError('no')")
    until = await bare.fetchval("SELECT until_us FROM jobs")
    assert 0 < until - await runner._runs.clock() <= RETRY_US
    await bare.execute("UPDATE jobs SET until_us = 1")
    await runner.look()
    assert attempts == [Run("one", 7), Run("one", 7, attempts=2)]


@pytest.mark.parametrize(("missed", "runs"), [("once", 1), ("skip", 0)])
async def test_missed_runs_are_made_up_for_by_one_or_skipped(
    engine: AsyncEngine, bare: asyncpg.Connection, missed: str, runs: int
) -> None:
    made: Made = []
    job = counting(made, "a", ["one"], missed=missed)
    long_ago = now_us() - 3 * DAY_US
    await Runner(engine, "a", no_city, job).look()
    made.clear()  # its first second may have ended just then
    await bare.execute("UPDATE jobs SET due_us = $1", long_ago)
    await Runner(engine, "a", no_city, job).look()
    assert made == [("a", "one", long_ago)] * runs
    (row,) = await standing(engine)
    assert row.due_us > now_us() - 60 * SECOND_US, "the next run is one of those to come"


async def idle(engine: AsyncEngine, run: Run) -> str:
    return "nothing"


async def test_another_schedule_is_declared_again_until_it_stands(
    engine: AsyncEngine, bare: asyncpg.Connection
) -> None:
    await Runner(engine, "a", no_city, [Job("one", Every(3600), idle)]).look()
    await bare.execute("UPDATE jobs SET until_us = $1", now_us() + DAY_US)  # somebody is at it
    runner = Runner(engine, "b", no_city, [Job("one", Every(60), idle)])
    await runner.look()
    (row,) = await standing(engine)
    assert row.due_us % (3600 * SECOND_US) == 0
    await bare.execute("UPDATE jobs SET until_us = 0")
    await runner.look()
    assert await bare.fetchval("SELECT schedule FROM jobs") == "Every(seconds=60) UTC"


async def test_another_schedule_begins_anew(engine: AsyncEngine) -> None:
    runs = Runs(engine, "a")
    for schedule, first in (("daily", 10**18), ("daily", 5), ("hourly", 10**17)):
        await runs.declare("one", schedule, first)
        (row,) = await standing(engine)
        assert row.due_us == (10**17 if schedule == "hourly" else 10**18)
