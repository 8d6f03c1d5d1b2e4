"""Durable messages through Ray cells, beside other actor systems that keep nothing and beside a bare COPY.

Compared in one interleaved run, in messages taken by actors per second:
- our cells (1 and 2): a window of readings under way in batches of 1, 100 and 1,000, each message durable when it is
  answered, the live views following; and one lone caller, each time waiting for its answer;
- pykka, xoscar and thespian, with our own handlers and with a bay and a lot as one would write them by hand;
- bare Ray: a process for each of a few actors, and one process that gets batches of 1,000;
- PostgreSQL alone, given the very pages that our cells wrote, in the same commits.

A message of ours, of `same turns` and of bare Ray is a turn: a reading that changes its bay is one of the device, one
of the bay and one of the lot, with the facts that they record. Of `lean` it is what the bay and what the lot takes.
"""

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Callable
from functools import partial
from itertools import groupby
from time import perf_counter
from typing import Any, NamedTuple

import uvloop

from actors.engine.journal import Page
from actors.engine.post import Post
from benchmarks.budget import Budget, Seconds
from benchmarks.city import Town, own_postgres, towns
from benchmarks.peers import PEERS
from benchmarks.peers.process import Peer, peers
from benchmarks.report import Claim, Guard, Report, Section, middle, percentile
from gateway.workers import collect_seldom
from storage.session import connect

CELLS = (1, 2)
LANES = {1: 16, 100: 8, 1_000: 4}
"""Batch → calls in flight to each cell."""
WINDOWS = 2.0
"""Readings under way, as a multiple of what all lanes of all cells carry at once."""
TURNS = 3
"""Messages that a reading makes: to the device, its bay, its lot."""

TARGETS = {1_000: 60_000, 100: 30_000}
"""Batch → durable messages a second with 2 cells."""
LONE_TARGET_MS = 5.0
PARTS = {"up": "sender (the place of a gateway)"}
PYKKA_TARGET = 2.0


class Key(NamedTuple):
    """One variant: who, in which form, at which batch, carried by what."""

    who: str
    form: str
    batch: int | str
    carried: str


class Took(NamedTuple):
    """What one variant did in one window; `behind_s`: how much later the live views showed all of it; `spent`: the
    processor time of each part, views included.
    """

    messages: int
    seconds: float
    delays_s: list[float] = []
    behind_s: float | None = None
    spent: Seconds = {}

    @property
    def cpu_s(self) -> float:
        """Of all parts."""
        return sum(self.spent.values())


Found = dict[Key, list[Took]]


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures all variants."""
    collect_seldom()  # the sender stands for a gateway, and is set up as one
    with own_postgres() as url:
        return uvloop.run(_measure(url, *((1.0, 3) if quick else (2.0, 7)), say))


async def _measure(url: str, seconds: float, rounds: int, say: Callable[[str], None]) -> Report:
    found: Found = defaultdict(list)
    async with (
        towns(url, CELLS) as running,
        peers(PEERS, running[0].cluster.address) as others,
        Budget.of(os.getpid(), url) as budget,
    ):
        for nth in range(rounds + 1):
            say(f"round {nth} of {rounds}" if nth else "a round to get warm")
            took = await _round(budget, running, others, seconds if nth else 0.3)
            for key, window in took if nth else ():
                found[key].append(window)
    return _report(found, others)


async def _round(budget: Budget, running: list[Town], others: list[Peer], seconds: float) -> list[tuple[Key, Took]]:
    took: list[tuple[Key, Took]] = []
    for town in running:
        took += [(_ours("tell", batch, town), await tell(town, batch, seconds, budget)) for batch in LANES]
        took.append((_ours("lone ask", 1, town), await lone(town, seconds)))
    took += await _copied(running[-1], seconds / 2)
    for peer in others:
        for window in await peer.window(seconds):
            who = f"{peer.name} {peer.hello.version}"
            took.append(
                (Key(who, window.form, "-", f"{window.actors:,} actors"), Took(window.messages, window.seconds))
            )
    return took


def _ours(form: str, batch: int, town: Town | int) -> Key:
    cells = town if isinstance(town, int) else town.cells
    return Key("YunParking", form, batch, f"{cells} cell{'s' if cells > 1 else ''}")


async def tell(town: Town, batch: int, seconds: float, budget: Budget) -> Took:
    """Keeps a window of readings under way."""
    window = round(LANES[batch] * batch * town.cells * WINDOWS)
    async with town.post(batch, LANES[batch]) as post:
        before, spent, start = await town.turns(), await budget.read(), perf_counter()
        waiting: deque[asyncio.Future[Any]] = deque()
        while perf_counter() - start < seconds:
            while len(waiting) < window:
                waiting.append(post.send(*town.reading()))
            await waiting[0]
            while waiting and waiting[0].done():
                waiting.popleft()
        await asyncio.gather(*waiting)
        took_s = perf_counter() - start
    turns = await town.turns() - before
    await town.shown()
    behind_s = perf_counter() - start - took_s
    used = {part: seconds - spent.get(part, 0.0) for part, seconds in (await budget.read()).items()}
    return Took(turns, took_s, behind_s=behind_s, spent=used)


async def lone(town: Town, seconds: float) -> Took:
    """One caller and nobody else: how long a durable command takes."""
    async with town.post() as post:
        before, start = await town.turns(), perf_counter()
        delays = await _asked(town, post, start + seconds)
        took_s = perf_counter() - start
        return Took(await town.turns() - before, took_s, delays)


async def _asked(town: Town, post: Post, until: float) -> list[float]:
    delays = []
    while (began := perf_counter()) < until:
        device, _, uplinked = town.reading()
        await post.ask(device, uplinked, timeout_s=30)
        delays.append(perf_counter() - began)
    return delays


async def _copied(town: Town, seconds: float) -> list[tuple[Key, Took]]:
    """PostgreSQL alone: the last pages of the town, commit by commit, into an empty table of the same form."""
    line, took = await connect(town.url, town.world, "bare copy"), []
    try:
        await line.execute("CREATE TABLE IF NOT EXISTS bare (LIKE journal INCLUDING ALL)")
        columns = ", ".join(Page._fields)
        newest = f"SELECT {columns} FROM journal WHERE at > $1 ORDER BY lease, flight, slot"
        last = await line.fetchval("SELECT max(at) FROM journal")
        rows = [Page(*row) for row in await line.fetch(newest, last - 20_000_000)]
        commits = [list(pages) for _, pages in groupby(rows, key=lambda page: (page.lease, page.flight))]
        for batch in LANES:
            fitting = [(pages, turns) for pages in commits if _near(turns := _turns(town, pages), batch)]
            await line.execute("TRUNCATE bare")
            if fitting:
                copy = partial(_one_copy, line, town.world)
                took.append((Key("bare COPY", "their pages", batch, "1 line"), await _copy(copy, fitting, seconds)))
    finally:
        await line.close()
    return took


def _turns(town: Town, pages: list[Page]) -> int:
    return sum(len(town.catalogue.decode_page(page.body)) for page in pages)


def _near(turns: int, batch: int) -> bool:
    """Whether a commit is of about this size."""
    return batch <= turns <= 2 * TURNS * batch


async def _one_copy(line: Any, world: str, pages: list[Page]) -> None:
    await line.copy_records_to_table("bare", schema_name=world, columns=list(Page._fields), records=pages)


async def _copy(copy: Callable[[list[Page]], Any], commits: list[tuple[list[Page], int]], seconds: float) -> Took:
    start, turns = perf_counter(), 0
    for pages, count in commits:
        await copy(pages)
        turns += count
        if perf_counter() - start > seconds:
            break
    return Took(turns, perf_counter() - start)


# -- what was found


def _rate(found: Found, key: Key) -> float:
    return middle([took.messages / took.seconds for took in found.get(key, ())])


def _cpu_us(found: Found, key: Key) -> float:
    """What a message costs of all processor time; unlike its rate, hardly changed by other work on the machine."""
    return middle([took.cpu_s * 1e6 / took.messages for took in found.get(key, ())])


def _best(found: Found, who: str) -> float:
    """The rate of a peer in the form in which it is fastest."""
    return max((_rate(found, key) for key in found if key.who.partition(" ")[0] == who), default=0.0)


def _row(found: Found, key: Key) -> dict[str, Any]:
    delays = [delay for took in found[key] for delay in took.delays_s]
    behind = [took.behind_s for took in found[key] if took.behind_s is not None]
    pykka = _best(found, "pykka")
    return {
        "who": key.who,
        "form": key.form,
        "batch": str(key.batch),
        "by": key.carried,
        "keeps": "all" if key.who in ("YunParking", "bare COPY") else "-",
        "messages/s": round(_rate(found, key)),
        "of pykka": f"{_rate(found, key) / pykka:.2f}" if pykka else "-",
        "CPU µs": f"{_cpu_us(found, key):.0f}" if _cpu_us(found, key) else "-",
        "p50 ms": f"{percentile(delays, 50) * 1000:.1f}" if delays else "-",
        "p99 ms": f"{percentile(delays, 99) * 1000:.1f}" if delays else "-",
        "views late s": f"{middle(behind):.1f}" if behind else "-",
    }


def _report(found: Found, others: list[Peer]) -> Report:
    return Report(
        "engine",
        "Messages taken by actors per second: durable through Ray cells, and by others that keep nothing.",
        [_row(found, key) for key in found],
        [
            "Ours, same turns, Ray: a message is a turn; a reading that changes its bay is three (device, bay, lot).",
            "lean: a bay and a lot by hand, two messages a reading. of pykka: of its faster form.",
            "CPU: of all processes, the sender's and the views' included; what it costs, however busy the machine is.",
            "views late: how much later than the last answer the live views showed everything.",
            *(f"{peer.name} was not measured: {peer.hello.absent}" for peer in others if peer.hello.absent),
        ],
        more=[Section("engine: where the CPU went, µs a message, 2 cells, by batch", _shares(found))],
        broken=_broken(found),
        guards=_guards(found),
        claims=_claims(found),
    )


def _shares(found: Found) -> list[dict[str, Any]]:
    """Each part's µs a message with two cells, the largest at the largest batch first."""
    per: dict[int, Seconds] = {}
    for batch in LANES:
        windows = found[_ours("tell", batch, CELLS[-1])]
        parts = {part for window in windows for part in window.spent}
        per[batch] = {
            part: middle([window.spent.get(part, 0.0) * 1e6 / window.messages for window in windows]) for part in parts
        }
    most = per[max(LANES)]
    table = [
        {"part": PARTS.get(part, part)} | {str(batch): per[batch].get(part, 0.0) for batch in LANES}
        for part in sorted(most, key=lambda part: -most[part])
        if max(per[b].get(part, 0.0) for b in LANES) >= 0.1
    ]
    return [*table, {"part": "all"} | {str(batch): sum(per[batch].values()) for batch in LANES}]


def _lone_ms(found: Found) -> float:
    delays = [delay for took in found[_ours("lone ask", 1, CELLS[-1])] for delay in took.delays_s]
    return percentile(delays, 50) * 1000


def _claims(found: Found) -> list[Claim]:
    claims = []
    for batch, target in TARGETS.items():
        ours = _ours("tell", batch, CELLS[-1])
        rate, cost = _rate(found, ours), f"{_cpu_us(found, ours):.0f} µs of CPU each"
        claim = f"durable messages/s, {CELLS[-1]} cells, batch {batch:,}, views following"
        claims.append(Claim(claim, f"{rate:,.0f} ({cost})", f"≥ {target:,}", _times(found, batch, rate)))
    lone_claim = Claim("a lone durable command, p50", f"{_lone_ms(found):.1f} ms", f"≤ {LONE_TARGET_MS:.0f} ms")
    return [*claims, lone_claim]


def _times(found: Found, batch: int, rate: float) -> str:
    """How many times each peer's rate this is, each in its fastest form, and of xoscar also across a process border."""
    rates = {who: _best(found, who) for who in ("pykka", "thespian", "xoscar")}
    rates["xoscar across processes"] = max(
        (_rate(found, key) for key in found if key.who.startswith("xoscar") and key.form.endswith("process")),
        default=0.0,
    )
    rates["bare Ray, one process for all"] = _best(found, "ray")
    beside = ", ".join(f"{rate / other:.1f}x {who}" for who, other in rates.items() if other)
    copied = _rate(found, Key("bare COPY", "their pages", batch, "1 line"))
    kept = f"; {rate / copied:.2f}x bare COPY of the same pages, which decides nothing" if copied else ""
    return f"{beside}: none keeps anything{kept}"


def _guards(found: Found) -> list[Guard]:
    rates = {batch: _rate(found, _ours("tell", batch, CELLS[-1])) for batch in TARGETS}
    rate_guards = [
        Guard(f"durable messages/s at batch {batch:,}", rate, TARGETS[batch]) for batch, rate in rates.items()
    ]
    return [*rate_guards, Guard("ms of a lone command", _lone_ms(found), LONE_TARGET_MS, most=True)]


def _broken(found: Found) -> list[str]:
    pykka, ours = _best(found, "pykka"), _rate(found, _ours("tell", 1_000, CELLS[-1]))
    if pykka and ours < PYKKA_TARGET * pykka:
        return [f"{ours:,.0f} durable messages/s are not {PYKKA_TARGET:.0f}x pykka's {pykka:,.0f} in the same run."]
    return []
