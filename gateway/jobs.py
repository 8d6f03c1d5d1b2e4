"""What has to be done again and again, whoever does it: the table of jobs, and the runner in each gateway.

Every gateway looks, and one makes each run. A run is made at least once: a runner that dies in the middle of one is
followed by another that makes the same run, of the same name, from its beginning. So a job's work must bear that.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from actors.values import HOUR_US, MINUTE_US, SECOND_US, Micros
from storage.database import Engine
from storage.field import Field
from storage.jobs import LEASE_US, Run, Runs
from storage.outbox import Outbox
from storage.users import Users

log = logging.getLogger("yunparking.jobs")

LOOK_EVERY_S = 5.0
RETRY_US: Micros = MINUTE_US
LATE_US: Micros = HOUR_US
"""A run that is later than this was missed: nobody was there to make it."""


class Schedule(Protocol):
    """When a job's runs are due; `str` of it is kept, and another one begins anew."""

    def after(self, at: Micros, zone: ZoneInfo) -> Micros:
        """The first instant after `at` at which a run is due."""


@dataclass(frozen=True)
class Every:
    """Every so many seconds, counted from 1970: the same instants for all who count."""

    seconds: int

    def after(self, at: Micros, zone: ZoneInfo) -> Micros:
        """The next multiple."""
        period = self.seconds * SECOND_US
        return (at // period + 1) * period


@dataclass(frozen=True)
class Daily:
    """Once a day at this time of the city's zone; on the day whose clocks jump over it, as much later as they jump, and
    where it comes twice, at the first.
    """

    hour: int
    minute: int = 0

    def after(self, at: Micros, zone: ZoneInfo) -> Micros:
        """That time today or tomorrow, as the city's clocks show it."""
        day = datetime.fromtimestamp(at / SECOND_US, zone).date() - timedelta(days=1)
        while (due := self._on(datetime.combine(day, time(self.hour, self.minute), zone))) <= at:
            day += timedelta(days=1)
        return due

    @staticmethod
    def _on(local: datetime) -> Micros:
        return int(local.astimezone(UTC).timestamp()) * SECOND_US


Work = Callable[[Engine, Run], Awaitable[str]]
"""Makes one run, which may have been begun before; what it did, in a few words."""


@dataclass(frozen=True)
class Job:
    """One line of the table. `missed` runs (the platform was off) are made up for by one run, or skipped."""

    name: str
    schedule: Every | Daily
    work: Work
    missed: Literal["once", "skip"] = "once"


async def tidy_refresh_tokens(engine: Engine, run: Run) -> str:
    """Removes refresh tokens that have expired: they are good for nothing."""
    return f"{await Users(engine).tidy(run.due_us)} tokens removed"


async def tidy_outbox(engine: Engine, run: Run) -> str:
    """Removes delivered orders, but for each actor's last: by that one it is known to have been told at all."""
    return f"{await Outbox(engine).tidy()} orders removed"


async def tidy_field(engine: Engine, run: Run) -> str:
    """Removes operations that devices sent long ago, and their files."""
    return f"{await Field(engine).tidy(run.due_us)} operations and files removed"


JOBS: tuple[Job, ...] = (
    Job("tidy_refresh_tokens", Every(3600), tidy_refresh_tokens, missed="skip"),
    Job("tidy_outbox", Daily(3, 20), tidy_outbox),
    Job("tidy_field", Daily(3, 40), tidy_field),
)

Zone = Callable[[], Awaitable[str]]
"""Reads the name of the city's time zone; empty if no city is loaded yet."""


class Runner:
    """Looks every few seconds whether a run is due, and makes it unless another gateway does."""

    def __init__(self, engine: Engine, me: str, zone: Zone, jobs: Sequence[Job] = JOBS) -> None:
        self._engine, self._runs, self._zone, self._jobs = engine, Runs(engine, me), zone, jobs
        self._declared: dict[str, str] = {}

    async def run(self) -> None:
        """Until cancelled; a run that is cancelled is made again by whoever is left."""
        while True:
            try:
                await self.look()
            except Exception as error:  # whatever the database says: what is due stays due
                log.warning("the jobs could not be looked at: %r", error)
            await asyncio.sleep(LOOK_EVERY_S * random.uniform(0.8, 1.2))  # noqa: S311 - spreads gateways, guards nothing

    async def look(self) -> None:
        """Makes every run that is due now and that is ours to make, one after the other."""
        zone = ZoneInfo(await self._zone() or "UTC")
        for job in self._jobs:
            await self._declare(job, zone)
            if (run := await self._runs.claim(job.name)) is not None:
                await self._make(job, run, zone)

    async def _declare(self, job: Job, zone: ZoneInfo) -> None:
        schedule = f"{job.schedule} {zone.key}"
        if self._declared.get(job.name) != schedule:
            first_us = job.schedule.after(await self._runs.clock(), zone)
            if await self._runs.declare(job.name, schedule, first_us):
                self._declared[job.name] = schedule

    async def _make(self, job: Job, run: Run, zone: ZoneInfo) -> None:
        now = await self._runs.clock()
        skipped = job.missed == "skip" and run.attempts == 1 and now - run.due_us > LATE_US
        try:
            result = "skipped: nobody was there to make it" if skipped else await self._worked(job, run)
        except Exception as error:
            log.exception("job %s, due %d, broke at attempt %d", job.name, run.due_us, run.attempts)
            await self._runs.fail(run, RETRY_US, f"broke: {error!r}"[:500])
            return
        # One run stands for all that were missed before it.
        after = max(run.due_us, await self._runs.clock())
        if await self._runs.end(run, job.schedule.after(after, zone), result):
            log.info("job %s, due %d: %s", job.name, run.due_us, result)

    async def _worked(self, job: Job, run: Run) -> str:
        """Does the work while it renews the claim; if the claim is lost, another does it, and this stops."""
        working = asyncio.ensure_future(job.work(self._engine, run))
        try:
            while not (await asyncio.wait({working}, timeout=LEASE_US / SECOND_US / 3))[0]:
                if not await self._runs.renew(run):
                    raise RuntimeError("the claim was lost: another gateway makes this run")
            return working.result()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
