"""Does an event cost more in a larger city? The same readings through 2 cells that carry 10³, 10⁴, 10⁵ or 10⁶ bays.

Compared in rounds, each size in turn: the processor time that cells and PostgreSQL spend on one reading (three durable
turns), its rate, and what a bay adds to the cells. All cities are there all the time. A city is loaded with the very
letters that the courier would tell its actors, straight through a gateway's post: records and outbox of a city so large
would measure the register instead.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain, cycle, islice
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
import psutil
import uvloop

from actors.engine.cluster import Cluster
from actors.engine.directory import Directory, share_out
from actors.engine.entries import Letter
from actors.engine.post import Post
from benchmarks.city import own_postgres
from benchmarks.grown import PASSING, Spot, installing, reading, spots
from benchmarks.report import Claim, Report, Section, middle
from benchmarks.stages import stages
from gateway.workers import WorkerSettings, city, collect_seldom, namespace_of
from storage.journal import PostgresJournal
from storage.migrations import migrate
from storage.session import now_us

CELLS = 2
WINDOW = 8_000
ROUNDS = 5
MOST = 1.5
"""How much more an event may cost in the largest city than in the smallest."""


class Cost(NamedTuple):
    """What the processes have spent: seconds of processor."""

    cells: float
    postgres: float


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Each size in a world and in cells of its own."""
    sizes = (1_000, 10_000, 100_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
    with own_postgres() as url:
        report = uvloop.run(_measure(url, sizes, 15_000 if quick else 120_000, say))
    collect_seldom()  # as a cell
    report.more = [Section("growth: the stages of a reading in one of two cells", stages(sizes, 20_000, say))]
    return report


async def _measure(url: str, sizes: tuple[int, ...], events: int, say: Callable[[str], None]) -> Report:
    cluster = Cluster(namespace_of("bench_growth"))
    cluster.join(None, processes=CELLS * len(sizes))
    try:
        async with AsyncExitStack() as stack:
            cities = [await stack.enter_async_context(_grown(url, cluster, bays)) for bays in sizes]
            for grown in cities:
                say(f"a city of {grown.bays:,} bays")
                await grown.load(events)
            for nth in range(ROUNDS):
                say(f"round {nth + 1} of {ROUNDS}")
                for grown in cities:
                    await grown.window(events // ROUNDS)
            return _report([grown.row() for grown in cities])
    finally:
        cluster.leave()


class _Grown:
    """A city in two cells of its own."""

    def __init__(self, url: str, cluster: Cluster, bays: int) -> None:
        self.world = f"bench_{bays}"
        self.names = [f"cell-{bays}-{n}" for n in range(CELLS)]
        self.bays = bays
        self._url = url
        self._cluster = cluster
        self._chance = Random(bays)
        self.journal = PostgresJournal(url, self.world, "benchmark")
        self.post = Post(city(), cluster.call, Directory(), self.journal, now_us)
        self._readings: Iterator[Letter[Any]] = iter(())
        self._windows: list[dict[str, float]] = []
        self._empty, self._loaded_s = 0, 0.0

    async def start(self) -> None:
        """Starts the cells."""
        await migrate(self._url, self.world)
        await share_out(self.journal, self.names, [])
        for name in self.names:
            known = WorkerSettings(name, self._url, self.world, self._cluster.namespace)
            self._cluster.start(name, "gateway.workers.cell:cell", msgspec.msgpack.encode(known))
        for name in self.names:
            await self._cluster.call(name, "state", b"")
        await self.post.start()

    async def load(self, events: int) -> None:
        """Loads the city, and lets readings pass until it runs as it will run: of bays all over the city."""
        self._empty, began = self._own(), perf_counter()
        await self._send(installing(_city(self.bays)))
        self._loaded_s = perf_counter() - began
        everybody = list(islice(_scattered(self.bays, self._chance), events * (PASSING + 1)))
        self._readings = (reading(spot, nth, now_us()) for spot, nth in everybody)
        await self._send(islice(self._readings, events * PASSING))

    async def window(self, events: int) -> None:
        """Measures the next readings."""
        before, began = self._cost(), perf_counter()
        await self._send(islice(self._readings, events))
        took, after, each = perf_counter() - began, self._cost(), 1e6 / events
        self._windows.append(
            {
                "readings/s": events / took,
                "cells, µs each": (after.cells - before.cells) * each,
                "PostgreSQL, µs each": (after.postgres - before.postgres) * each,
            }
        )

    def row(self) -> dict[str, Any]:
        """The medians of all that was measured."""
        found = {what: middle([window[what] for window in self._windows]) for what in self._windows[0]}
        return {
            "bays": self.bays,
            "loaded, s": self._loaded_s,
            **found,
            "cells, MB": self._own() / 1e6,
            "bytes a bay": round((self._own() - self._empty) / self.bays),
        }

    async def _send(self, letters: Iterable[Letter[Any]]) -> None:
        waiting: deque[asyncio.Future[Any]] = deque()
        for letter in letters:
            if len(waiting) >= WINDOW:
                await waiting[0]
                while waiting and waiting[0].done():
                    waiting.popleft()
            waiting.append(self.post.send(letter.ref, letter.input, letter.message))
        await asyncio.gather(*waiting)

    def _processes(self) -> list[psutil.Process]:
        return [psutil.Process(self._cluster.pid(name)) for name in self.names]

    def _own(self) -> int:
        return sum(int(process.memory_full_info().uss) for process in self._processes())

    def _cost(self) -> Cost:
        cells = sum(sum(process.cpu_times()[:2]) for process in self._processes())
        servers = [each for each in psutil.Process().children(recursive=True) if each.name().startswith("postgres")]
        return Cost(cells, sum(sum(process.cpu_times()[:2]) for process in servers))

    async def stop(self) -> None:
        """Ends the cells."""
        await self.post.close()
        await self.journal.close()
        for name in self.names:
            self._cluster.stop(name)


def _city(bays: int) -> Iterator[Spot]:
    """As many in each cell: a few lots by chance may all be carried by one of them."""
    return chain.from_iterable(zip(*(spots(bays // CELLS, CELLS, cell) for cell in range(CELLS)), strict=True))


def _scattered(bays: int, chance: Random) -> Iterator[tuple[Spot, int]]:
    """Devices of the whole city in an order of chance, again when all have been, with the number of the reading."""
    order = list(_city(bays))
    chance.shuffle(order)
    return ((spot, n // len(order)) for n, spot in enumerate(cycle(order)))


@asynccontextmanager
async def _grown(url: str, cluster: Cluster, bays: int) -> AsyncIterator[_Grown]:
    grown = _Grown(url, cluster, bays)
    await grown.start()
    try:
        yield grown
    finally:
        await grown.stop()


def _report(rows: list[dict[str, Any]]) -> Report:
    first = _each(rows[0])
    for row in rows:
        row["of the smallest"] = f"{_each(row) / first:.2f}"
    ratio = _each(rows[-1]) / first
    return Report(
        "growth",
        "a reading (device, bay and lot take a durable turn each) in cities of growing size, through 2 cells",
        rows,
        [f"Processor time of cells and PostgreSQL together makes the ratio; medians of {ROUNDS} rounds of all sizes."],
        [f"an event costs {ratio:.2f} times as much as in the smallest city: {MOST} is the limit"] * (ratio > MOST),
        claims=[
            Claim(
                f"an event in a city of {rows[-1]['bays']:,} bays, beside one of {rows[0]['bays']:,}",
                f"{ratio:.2f}x",
                f"≤ {MOST}x",
            )
        ],
    )


def _each(row: dict[str, Any]) -> float:
    return float(row["cells, µs each"] + row["PostgreSQL, µs each"])
