"""Which runs of which jobs are due, and who makes each: one row a job, moved by compare-and-set.

A run is named by (job, when it was due). However many gateways look, one of them claims a run; if it dies, another
claims the same run again when the lease is over: at least once, with the same name. All by the database's clock.
"""

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import SECOND_US, Micros
from storage.database import SERVER_US
from storage.schema.running import jobs

LEASE_US: Micros = 30 * SECOND_US
"""A runner renews its claim well within this; one that does not is dead, and its run is free."""


class Run(msgspec.Struct, frozen=True):
    """One run of a job: its name is (job, due_us), the same however often it is begun; `attempts` counts that."""

    job: str
    due_us: Micros
    attempts: int = 1


class JobRow(msgspec.Struct, frozen=True):
    """A job as it stands: its next run and how late it is, who makes it now (empty: nobody), how the last one ended."""

    name: str
    due_us: Micros
    late_us: Micros
    runner: str
    attempts: int
    last_due_us: Micros | None
    last_ended_us: Micros | None
    last_result: str


class Runs:
    """The claims of one runner; `me` names one life of it."""

    def __init__(self, engine: AsyncEngine, me: str) -> None:
        self._engine = engine
        self.me = me

    async def clock(self) -> Micros:
        """The time by which runs are due."""
        async with self._engine.connect() as connection:
            return int((await connection.execute(select(SERVER_US))).scalar_one())

    async def declare(self, job: str, schedule: str, first_us: Micros) -> bool:
        """The job is known from now on, or has another schedule: its next run is due at `first_us`.

        False while somebody makes a run by the schedule of before: nothing is changed, and it has to be said again.
        """
        row = {"name": job, "schedule": schedule, "due_us": first_us}
        changed = (jobs.c.schedule != schedule) & (jobs.c.until_us <= SERVER_US)
        fresh = {**row, "attempts": 0}
        entering = insert(jobs).values(row)
        entering = entering.on_conflict_do_update(index_elements=[jobs.c.name], set_=fresh, where=changed)
        async with self._engine.begin() as connection:
            await connection.execute(entering)
            said = await connection.execute(select(jobs.c.schedule).where(jobs.c.name == job))
            return bool(said.scalar_one() == schedule)

    async def claim(self, job: str) -> Run | None:
        """The job's run that is due and that nobody makes: it is ours to make. None if there is none."""
        due = (jobs.c.name == job) & (jobs.c.due_us <= SERVER_US) & (jobs.c.until_us <= SERVER_US)
        mine = {"runner": self.me, "until_us": SERVER_US + LEASE_US, "attempts": jobs.c.attempts + 1}
        claiming = update(jobs).where(due).values(mine).returning(jobs.c.due_us, jobs.c.attempts)
        async with self._engine.begin() as connection:
            row = (await connection.execute(claiming)).first()
        return Run(job, row.due_us, row.attempts) if row else None

    async def renew(self, run: Run) -> bool:
        """Still at it; False if the run is no longer ours: then it must not be gone on with."""
        return await self._update(run, {"until_us": SERVER_US + LEASE_US})

    async def end(self, run: Run, next_us: Micros, result: str) -> bool:
        """The run is made, and the next one is due then; False if it was no longer ours."""
        done = {"last_due_us": run.due_us, "last_ended_us": SERVER_US, "last_result": result}
        return await self._update(run, {**done, "due_us": next_us, "attempts": 0, "until_us": 0})

    async def fail(self, run: Run, wait_us: Micros, result: str) -> bool:
        """The run broke; whoever comes first makes it again after `wait_us`."""
        return await self._update(run, {"last_result": result, "until_us": SERVER_US + wait_us})

    async def _update(self, run: Run, values: dict[str, object]) -> bool:
        # The number of the attempt tells this claim from another one that the same runner made later.
        ours = (jobs.c.name == run.job) & (jobs.c.due_us == run.due_us) & (jobs.c.attempts == run.attempts)
        asking = update(jobs).where(ours, jobs.c.runner == self.me).values(values).returning(jobs.c.name)
        async with self._engine.begin() as connection:
            return (await connection.execute(asking)).first() is not None


async def standing(engine: AsyncEngine) -> list[JobRow]:
    """Every job that was ever declared, in order of name."""
    known = jobs.c
    late = func.greatest(0, SERVER_US - known.due_us).label("late")
    every = select(jobs, late, (known.until_us > SERVER_US).label("at_it")).order_by(known.name)
    async with engine.connect() as connection:
        rows = (await connection.execute(every)).all()

    return [
        JobRow(
            row.name,
            row.due_us,
            row.late,
            row.runner if row.at_it else "",
            row.attempts,
            row.last_due_us,
            row.last_ended_us,
            row.last_result,
        )
        for row in rows
    ]
