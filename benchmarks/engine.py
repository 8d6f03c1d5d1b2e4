"""Durable messages through Ray cells, beside a bare COPY of the very pages that they wrote.

Compared in one interleaved run: tells (a window of readings under way, as ingest sends them) and asks (so many
callers, each waiting for its answer) in batches of 1, 100 and 1,000 to 1 and to 2 cells; one lone caller at a time;
and PostgreSQL alone, given the same pages in the same commits. Each message is a real reading that changes its bay:
it is one turn of the device, one of the bay and one of the lot, all durable when it is answered.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from functools import partial
from itertools import groupby
from time import perf_counter
from typing import Any, NamedTuple

import uvloop

from actors.engine.journal import Page
from actors.engine.post import Post
from benchmarks.city import Town, own_postgres, towns
from benchmarks.report import Report, middle, percentile
from storage.database import connect

CELLS = (1, 2)
LANES = {1: 16, 100: 8, 1_000: 4}
"""Batch → calls in flight to each cell."""
WINDOWS = 2.0
"""Messages under way, as a multiple of what all lanes of all cells carry at once."""

GUARD = (2, 1_000)
FLOOR = 12_000
"""Durable readings per second that 2 cells must reach at batch 1,000 on two cores: half of what they did."""


class Took(NamedTuple):
    """What one variant did in one window."""

    messages: int
    turns: int
    seconds: float
    delays_s: list[float] = []


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures all variants."""
    with own_postgres() as url:
        return uvloop.run(_measure(url, *((1.0, 2) if quick else (2.0, 5)), say))


async def _measure(url: str, seconds: float, rounds: int, say: Callable[[str], None]) -> Report:
    found: dict[tuple[str, int, int], list[Took]] = defaultdict(list)
    async with towns(url, CELLS) as running:
        for nth in range(rounds + 1):
            say(f"round {nth} of {rounds}" if nth else "a round to get warm")
            for town in running:
                for batch in LANES:
                    for form in (tell, ask):
                        took = await form(town, batch, seconds if nth else 0.5)
                        if nth:
                            found[form.__name__, batch, town.cells].append(took)
                if nth:
                    found["lone ask", 1, town.cells].append(await lone(town, seconds))
            if nth:
                await _copied(url, running[-1], seconds / 2, found)
    return _report(found)


async def tell(town: Town, batch: int, seconds: float) -> Took:
    """Keeps a window of readings under way."""
    window = round(LANES[batch] * batch * town.cells * WINDOWS)
    async with town.post(batch, LANES[batch]) as post:
        before, start = await town.turns(), perf_counter()
        waiting: deque[asyncio.Future[Any]] = deque()
        done = 0
        while perf_counter() - start < seconds:
            while len(waiting) < window:
                waiting.append(post.send(*town.reading()))
            await waiting[0]
            while waiting and waiting[0].done():
                waiting.popleft()
                done += 1
        done += len(await asyncio.gather(*waiting))
        took_s = perf_counter() - start
        return Took(done, await town.turns() - before, took_s)


async def ask(town: Town, batch: int, seconds: float) -> Took:
    """So many callers as a batch has room, each asking again when it has its answer."""
    async with town.post(batch, LANES[batch]) as post:
        before, start = await town.turns(), perf_counter()
        callers = [_caller(town, post, start + seconds) for _ in range(max(batch, LANES[batch]) * town.cells)]
        delays = [delay for each in await asyncio.gather(*callers) for delay in each]
        took_s = perf_counter() - start
        return Took(len(delays), await town.turns() - before, took_s, delays)


async def lone(town: Town, seconds: float) -> Took:
    """One caller and nobody else: how long a durable command takes."""
    async with town.post() as post:
        before, start = await town.turns(), perf_counter()
        delays = await _caller(town, post, start + seconds)
        took_s = perf_counter() - start
        return Took(len(delays), await town.turns() - before, took_s, delays)


async def _caller(town: Town, post: Post, until: float) -> list[float]:
    delays = []
    while (began := perf_counter()) < until:
        device, _, uplinked = town.reading()
        await post.ask(device, uplinked, timeout_s=30)
        delays.append(perf_counter() - began)
    return delays


async def _copied(url: str, town: Town, seconds: float, found: dict[tuple[str, int, int], list[Took]]) -> None:
    """PostgreSQL alone: the last pages of the town, commit by commit, into an empty table of the same form."""
    line = await connect(url, town.world, "bare copy")
    try:
        await line.execute("CREATE TABLE IF NOT EXISTS bare (LIKE journal INCLUDING ALL)")
        columns = ", ".join(Page._fields)
        newest = f"SELECT {columns} FROM journal WHERE at > $1 ORDER BY lease, flight, slot"
        last = await line.fetchval("SELECT max(at) FROM journal")
        rows = [Page(*row) for row in await line.fetch(newest, last - 20_000_000)]
        commits = [list(pages) for _, pages in groupby(rows, key=lambda page: (page.lease, page.flight))]
        for batch in LANES:
            fitting = [(pages, turns) for pages in commits if (turns := _turns(town, pages)) and _near(turns, batch)]
            await line.execute("TRUNCATE bare")
            if fitting:
                found["bare copy", batch, 0].append(await _copy(partial(_one_copy, line, town.world), fitting, seconds))
    finally:
        await line.close()


def _turns(town: Town, pages: list[Page]) -> int:
    return sum(len(town.catalogue.decode_page(page.body)) for page in pages)


def _near(turns: int, batch: int) -> bool:
    """Whether a commit is of about this size: each message is three turns."""
    return batch <= turns <= 6 * batch


async def _one_copy(line: Any, world: str, pages: list[Page]) -> None:
    await line.copy_records_to_table("bare", schema_name=world, columns=list(Page._fields), records=pages)


async def _copy(copy: Callable[[list[Page]], Any], commits: list[tuple[list[Page], int]], seconds: float) -> Took:
    start, turns = perf_counter(), 0
    for pages, count in commits:
        await copy(pages)
        turns += count
        if perf_counter() - start > seconds:
            break
    return Took(turns // 3, turns, perf_counter() - start)


def _report(found: dict[tuple[str, int, int], list[Took]]) -> Report:
    rate = {key: middle([took.messages / took.seconds for took in each]) for key, each in found.items()}
    rows = []
    for (form, batch, cells), each in found.items():
        bare, delays = rate.get(("bare copy", batch, 0)), [delay for took in each for delay in took.delays_s]
        rows.append(
            {
                "what": form,
                "batch": batch,
                "cells": cells or "-",
                "messages/s": round(rate[form, batch, cells]),
                "turns/s": round(middle([took.turns / took.seconds for took in each])),
                "of bare copy": f"{rate[form, batch, cells] / bare:.2f}" if bare else "-",
                "p50 ms": f"{percentile(delays, 50) * 1000:.1f}" if delays else "-",
                "p99 ms": f"{percentile(delays, 99) * 1000:.1f}" if delays else "-",
            }
        )
    reached = rate["tell", GUARD[1], GUARD[0]]
    broken = (
        f"{reached:,.0f} durable readings/s at batch {GUARD[1]:,} with {GUARD[0]} cells: the floor is {FLOOR:,}. "
        "Was the machine busy?"
    )
    return Report(
        "engine",
        "Durable readings through Ray cells (device, bay and lot take a turn each); PostgreSQL alone with their pages.",
        rows,
        ["A message is a reading that changes its bay: three turns. Medians of the rounds of one interleaved run."],
        [broken] if reached < FLOOR else [],
    )
