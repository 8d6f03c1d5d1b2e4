"""Ten times as much as the city can take: what waits where, what memory it costs, and how it ends.

The sensors publish all that the city takes at its full strength, while its cells are stopped most of the time (SIGSTOP)
so that they take a tenth of it; compared with a calm rate before, and after. Frames must wait at the broker, the
gateway must hold no more than its window, no process may grow with what waits, and all of it is taken in the end.
"""

import asyncio
import contextlib
import signal
import time
import urllib.request
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
import psutil
import uvloop

from benchmarks.budget import Budget
from benchmarks.city import open_folder
from benchmarks.ingest import DRAIN_S, SYNC_MS, Screen, publish, row_of, running
from benchmarks.report import Claim, Report
from benchmarks.sensors import Task
from gateway.broker import Broker
from storage.session import now_us

TAKEN, HELD = "yunparking_ingest_acknowledged_frames_total", "yunparking_ingest_in_flight_frames"
TIMES, IN_FLIGHT = 10, 1_000
"""How much too much, and how many frames the gateway may hold: it acknowledges in order, so that much at a time."""
FEW = ("--set", f"broker.in_flight={IN_FLIGHT}")
CALM = 500
LOOK_S = 0.05
FEW_MS, STOPPED_MOST_S = 5, 4.0
"""How long a cell works at a time while it is squeezed, and how long it stands still at most: not for dead."""
WATCHED = ("gateway", "cell-0", "cell-1", "views")
GROWS_MOST = 192
"""MB that these may grow in all: the gateway's window, full queues and groups, with room for noise."""


class Phase(NamedTuple):
    """A rate of publishing (0: as fast as it goes), for so long; squeezed to so many taken a second (0: not)."""

    what: str
    rate: int
    seconds: float
    squeezed: float = 0.0


class Seen(msgspec.Struct):
    """What was seen in a phase."""

    waiting: int = 0
    least_mb: float = 1e9
    most_mb: float = 0.0


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """The rate that the city takes, then calm, overload and calm."""
    with open_folder() as folder:
        rate, rows = uvloop.run(_measure(folder, *((12.0, 3.0) if quick else (20.0, 10.0)), say))
    return _report(rate, rows)


async def _measure(
    folder: Path, overload_s: float, calm_s: float, say: Callable[[str], None]
) -> tuple[int, list[dict[str, Any]]]:
    rows = []
    async with (
        running(folder, SYNC_MS, say, *FEW) as (ready, budget, occupied, bays),
        Screen.open(ready, bays) as screen,
    ):
        burdened = Burdened(folder, budget, screen, ready["address"], occupied)
        await burdened.row(Phase("warm", CALM, 2.0))
        say("the rate that the city takes")
        rate = int((await burdened.row(Phase("full strength", 0, calm_s)))["shown/s"])
        for phase in (
            Phase("calm before", CALM, calm_s),
            Phase(f"cells held to 1/{TIMES}", rate, overload_s, rate / TIMES),
            Phase("calm after", CALM, calm_s),
        ):
            say(phase.what)
            rows.append(await burdened.row(phase))
    for row in rows:
        row["p99 of calm"] = f"{row['p99 ms'] / max(1, rows[0]['p99 ms']):.2f}"
    return rate, rows


class Burdened:
    """A running city, and what is seen of it while its sensors publish."""

    def __init__(self, folder: Path, budget: Budget, screen: Screen, address: str, occupied: dict[str, bool]) -> None:
        self._url, self._address = Broker(folder / "broker").sensor_url, address
        self._budget, self._screen = budget, screen
        self._occupied = occupied
        self._seen = Seen()

    async def row(self, phase: Phase) -> dict[str, Any]:
        """What a phase did; it is over when all that was published is shown."""
        self._seen = Seen()
        self._screen.begin()
        before = (await self._figures())[TAKEN]
        task = Task(self._url, self._occupied, now_us() // 1_000_000, phase.rate, phase.seconds)
        async with self._watched():
            async with self._squeezed(before, phase.squeezed):
                sent = self._screen.sent = await publish(task)
                meanwhile = (await self._figures())[TAKEN] - before
            async with asyncio.timeout(DRAIN_S):
                await self._screen.drained(sent.last_us)
                await self._taken(before + sent.frames)
        self._occupied = sent.occupied
        shown = row_of(self._screen, task)
        seconds = (sent.ended_us - sent.began_us) / 1e6
        return {
            "phase": phase.what,
            "published/s": shown["published/s"],
            "taken/s meanwhile": round(meanwhile / seconds),
            "shown/s": shown["shown/s"],
            "most in the gateway": self._seen.waiting,
            "least MB": round(self._seen.least_mb),
            "most MB": round(self._seen.most_mb),
            "p99 ms": shown["p99 ms"],
            "drained after s": shown["drained after s"],
        }

    async def _taken(self, frames: float) -> None:
        """Waits until all is acknowledged: what a phase leaves behind would be the next one's."""
        while (await self._figures())[TAKEN] < frames:  # noqa: ASYNC110 - a page of figures has no event
            await asyncio.sleep(LOOK_S)

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        parts = [process for part, process in await self._budget.processes() if part in WATCHED]

        async def look() -> None:
            while True:
                self._seen.waiting = max(self._seen.waiting, int((await self._figures())[HELD]))
                size = sum(process.memory_full_info().uss for process in parts) / 1e6
                self._seen.least_mb, self._seen.most_mb = min(size, self._seen.least_mb), max(size, self._seen.most_mb)
                await asyncio.sleep(LOOK_S)

        async with _beside(look()):
            yield

    @asynccontextmanager
    async def _squeezed(self, before: float, rate: float) -> AsyncIterator[None]:
        """The cells take so many a second: they stand still while they have taken as many."""
        if not rate:
            yield
            return
        cells = [process for part, process in await self._budget.processes() if part.startswith("cell-")]
        try:
            async with _beside(self._squeeze(cells, before, rate)):
                yield
        finally:
            _signal(cells, signal.SIGCONT)

    async def _squeeze(self, cells: list[psutil.Process], before: float, rate: float) -> None:
        began = stopped = perf_counter()
        while True:
            ahead = (await self._figures())[TAKEN] - before > rate * (perf_counter() - began)
            if not ahead or perf_counter() - stopped > STOPPED_MOST_S:
                await _to_its_end(asyncio.to_thread(_work_a_little, cells))
                stopped = perf_counter()
            await asyncio.sleep(LOOK_S)

    async def _figures(self) -> dict[str, float]:
        return await asyncio.to_thread(_figures, f"{self._address}/metrics")


def _figures(url: str) -> dict[str, float]:
    """The figures of all gateways and workers, each summed over its labels."""
    found: dict[str, float] = defaultdict(float)
    with urllib.request.urlopen(url, timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name.split("{")[0]] += float(value)
    return found


@asynccontextmanager
async def _beside(work: Any) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Also when it is cancelled meanwhile: a thread goes on, and the last signal would be its own."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    finally:
        await task


def _work_a_little(cells: list[psutil.Process]) -> None:
    """In a thread: the event loop of a busy screen would let them work for ten times as long."""
    _signal(cells, signal.SIGCONT)
    time.sleep(FEW_MS / 1000)
    _signal(cells, signal.SIGSTOP)


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _report(rate: int, rows: list[dict[str, Any]]) -> Report:
    calm, over, after = rows
    held = over["most in the gateway"]
    grown = over["most MB"] - calm["most MB"]
    times = over["published/s"] / max(1, over["taken/s meanwhile"])
    broken = []
    if times < TIMES * 0.7:
        broken.append(f"{times:.1f} times as much was published as was taken, not {TIMES}")
    if held > IN_FLIGHT:
        broken.append(f"the gateway held {held:,} frames: {IN_FLIGHT:,} is its window")
    if grown > GROWS_MOST:
        broken.append(f"gateway, cells and views grew by {grown} MB: {GROWS_MOST} MB is the limit")
    found = f"+{grown:,} MB; drained {over['drained after s']:g} s after"
    return Report(
        "overload",
        f"what is published while the cells take a tenth of the {rate:,} events/s that the city takes at full strength",
        rows,
        [
            f"{times:.1f} times as much was published as was taken. In the gateway: frames not yet acknowledged, of "
            f"{IN_FLIGHT:,} at most; the others wait at the broker. MB: gateway, cells and views together, meanwhile.",
            f"After it, p99 is {after['p99 ms']:,} ms at {CALM}/s, before it {calm['p99 ms']:,} ms.",
        ],
        broken,
        claims=[Claim(f"memory under {times:.0f} times too much, and the end of it", found, f"≤ {GROWS_MOST} MB")],
    )
