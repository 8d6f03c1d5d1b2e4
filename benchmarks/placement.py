"""What an actor costs: many in one cell, beside a Ray process for each.

Compared: the memory that 20,000 installed bays add to one cell's process, and the memory and the time to the first
answer of Ray processes that carry one actor each. Memory is PSS, so that shared libraries are not counted twice.
"""

import asyncio
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import msgspec
import psutil
import uvloop

from actors.engine.cluster import Cluster
from actors.engine.directory import Directory, share_out
from actors.engine.post import Post
from actors.messages.bay import InstallBay
from actors.values import Ref
from benchmarks.city import own_postgres
from benchmarks.report import Claim, Report
from gateway.workers import WorkerSettings, city, namespace_of
from storage.journal import PostgresJournal
from storage.migrations import migrate
from storage.session import now_us

WORLD = "bench_placement"
BAYS_A_LOT = 20
CITY = 1_000_000
KB = 1024


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures both placements."""
    with own_postgres() as url:
        return uvloop.run(_measure(url, *((4_000, 2) if quick else (20_000, 5)), say))


async def _measure(url: str, bays: int, processes: int, say: Callable[[str], None]) -> Report:
    await migrate(url, WORLD)
    cluster = Cluster(namespace_of(WORLD))
    cluster.join(None, processes=2)
    try:
        say(f"{bays:,} bays in one cell")
        packed = await _packed(cluster, url, bays)
        say(f"{processes} processes with one actor each")
        own = [await _own(cluster, url, n) for n in range(processes)]
    finally:
        cluster.leave()
    rows = [
        _row("packed: in a cell", packed / bays, 0.0),
        _row("dedicated: a Ray process each", median(size for size, _ in own), median(took for _, took in own)),
    ]
    cell, ray = (row["KB an actor"] for row in rows)
    return Report(
        "placement",
        "memory and start of one actor, in a cell and in a Ray process of its own",
        rows,
        claims=[
            Claim(
                "memory of a bay and its share of a lot", f"{cell:.1f} KB", beside=f"{ray / KB:.0f} MB as a Ray process"
            )
        ],
    )


def _row(placement: str, each: float, start_s: float) -> dict[str, Any]:
    return {
        "placement": placement,
        "KB an actor": each / KB,
        "start, s": start_s,
        "a million actors, GB": each * CITY / KB**3,
    }


async def _packed(cluster: Cluster, url: str, bays: int) -> int:
    """By how many bytes a cell grows when it gets so many bays, and their lots."""
    journal = PostgresJournal(url, WORLD, "benchmark")
    await share_out(journal, ["cell-0"], [])
    _start(cluster, url, "cell-0")
    await cluster.call("cell-0", "state", b"")
    before = _pss(cluster, "cell-0")
    post = Post(city(), cluster.call, Directory(), journal, now_us)
    await post.start()
    asked = ((Ref("bay", f"lot-{n // BAYS_A_LOT}/{n}"), InstallBay(str(n), "common")) for n in range(bays))
    await asyncio.gather(*[post.ask(ref, what, timeout_s=300) for ref, what in asked])
    await post.close()
    await journal.close()
    return _pss(cluster, "cell-0") - before


async def _own(cluster: Cluster, url: str, n: int) -> tuple[int, float]:
    """The bytes of one more Ray process, and the seconds until it answers."""
    began, name = perf_counter(), f"own-{n}"
    _start(cluster, url, name)
    await cluster.call(name, "state", b"")
    return _pss(cluster, name), perf_counter() - began


def _start(cluster: Cluster, url: str, name: str) -> None:
    known = WorkerSettings(name, url, WORLD, cluster.namespace)
    cluster.start(name, "gateway.workers.cell:cell", msgspec.msgpack.encode(known))


def _pss(cluster: Cluster, name: str) -> int:
    return int(psutil.Process(cluster.pid(name)).memory_full_info().pss)
