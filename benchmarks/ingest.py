"""From a sensor's MQTT frame to the websocket frame that shows it, in the product as it runs.

Compared: the delay from publish to screen at paced rates, and the highest rate when sensors publish as fast as the
broker takes it and the backlog has to be drained. `yunparking up` runs with its own PostgreSQL, broker, Ray cells,
views, projector and gateway, each a process of its own; sensors are one more, the screen is this one.
"""

import asyncio
import json
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import msgspec
import uvloop
import websockets

from benchmarks.budget import Budget, Seconds
from benchmarks.city import open_folder
from benchmarks.report import Claim, Report, Section, percentile
from benchmarks.sensors import Sent, Task
from gateway.broker import Broker
from storage.database import open_engine
from storage.desk import Desk
from storage.local import free_port
from storage.outbox import Outbox
from storage.postgres import Postgres
from storage.session import now_us


class Pace(NamedTuple):
    """How many frames a second are published, for so long; rate 0 is as fast as the broker takes them."""

    rate: int
    seconds: float


WARM = Pace(500, 2)
PACES = (Pace(500, 10), Pace(1_000, 10), Pace(2_000, 10), Pace(4_000, 10), Pace(8_000, 60), Pace(0, 5))
PACES_QUICK = (Pace(500, 3), Pace(2_000, 4), Pace(8_000, 6), Pace(0, 3))
PACES_EACH = (Pace(500, 10), Pace(2_000, 10), Pace(0, 5))
GOALS_MS = {2_000: 250, 8_000: 500}
"""Rate → the p99 that it should keep."""
SYNC_MS = 100
"""How often our broker writes to disk; with each frame on disk before its sensor is told, the disk is the limit."""
DRAIN_S = 120.0


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures every rate once, slowest first, then unpaced; the full form also with each frame on disk first."""
    rows, shares = _in_city(PACES_QUICK if quick else PACES, SYNC_MS, say)
    more = [Section("ingest: where the CPU went, µs an event", shares)]
    if not quick:
        title = "ingest, each frame on the broker's disk before its sensor is told (broker.sync_ms=0)"
        each, shares = _in_city(PACES_EACH, 0, say)
        more += [Section(title, each), Section(f"{title}: µs an event", shares)]
    return Report(
        "ingest",
        "MQTT frame → gateway → cells → PostgreSQL → views → websocket frame, on one machine with its sensors.",
        rows,
        [
            "delay: from the sensor's publish to the websocket frame that shows it; shown/s: until the last one shows.",
            "superseded: readings whose bay had changed again before the next frame (10 a second) left: never shown.",
            f"Our own broker, which writes to disk every {SYNC_MS} ms (broker.sync_ms).",
            *_verdicts(rows),
        ],
        more=more,
        claims=[*_claims(rows)],
    )


def _claims(rows: list[dict[str, Any]]) -> Iterator[Claim]:
    """The delay at the rates that have a goal, and the highest rate."""
    what = f"from a sensor's publish to the screen that shows it, the broker's disk written each {SYNC_MS} ms"
    for rate, most, row in _with_goal(rows):
        seconds = f"{row['seconds']:g} s of {rate:,} events/s"
        yield Claim(f"{what}, {seconds}: p99", f"{row['p99 ms']:,} ms", f"≤ {most} ms")
    yield Claim(f"{what}: events/s, published as fast as taken", f"{rows[-1]['shown/s']:,}")


def _verdicts(rows: list[dict[str, Any]]) -> Iterator[str]:
    for rate, most, row in _with_goal(rows):
        verdict = "reached" if row["p99 ms"] <= most else "missed"
        yield f"{rate:,}/s for {row['seconds']:g} s with p99 ≤ {most} ms: {verdict} ({row['p99 ms']:,} ms)."


def _with_goal(rows: list[dict[str, Any]]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for rate, most in GOALS_MS.items():
        yield from ((rate, most, row) for row in rows if row["rate"] == f"{rate:,}/s")


def _in_city(
    paces: tuple[Pace, ...], sync_ms: int, say: Callable[[str], None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with open_folder() as folder:
        return uvloop.run(_measure(folder, paces, sync_ms, say))


async def _measure(
    folder: Path, paces: tuple[Pace, ...], sync_ms: int, say: Callable[[str], None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows, spent = [], []
    async with running(folder, sync_ms, say) as (ready, budget, occupied, bays), Screen.open(ready, bays) as screen:
        for rate, seconds in (WARM, *paces):
            say(f"{rate:,}/s for {seconds:g} s" if rate else "as fast as it goes")
            task = Task(Broker(folder / "broker").sensor_url, occupied, now_us() // 1_000_000, rate, seconds)
            row, used = await _one(screen, budget, task)
            rows.append(row)
            spent.append(used)
            occupied = screen.sent.occupied
    for row in rows:
        row["p99 of the slowest's"] = f"{row['p99 ms'] / max(1, rows[1]['p99 ms']):.2f}"
    return rows[1:], _shares(rows[1:], spent[1:])


def _shares(rows: list[dict[str, Any]], spent: list[Seconds]) -> list[dict[str, Any]]:
    """Each part's µs per event in each run, the largest of the last run first."""
    parts = sorted({part for used in spent for part in used}, key=lambda part: -spent[-1].get(part, 0.0))
    per = [
        {part: used.get(part, 0.0) * 1e6 / row["events"] for part in parts}
        for row, used in zip(rows, spent, strict=True)
    ]
    rates = [row["rate"] for row in rows]
    table = [{"part": part} | {rate: round(one[part]) for rate, one in zip(rates, per, strict=True)} for part in parts]
    return [*table, {"part": "all"} | {rate: round(sum(one.values())) for rate, one in zip(rates, per, strict=True)}]


async def _one(screen: "Screen", budget: Budget, task: Task) -> tuple[dict[str, Any], Seconds]:
    screen.begin()
    before, own_s = await budget.read(), process_time()
    sent = screen.sent = await publish(task)
    async with asyncio.timeout(DRAIN_S):
        await screen.drained(sent.last_us)
    used = {part: seconds - before.get(part, 0.0) for part, seconds in (await budget.read()).items()}
    used |= {"sensors": sent.cpu_s, "screen": process_time() - own_s}
    return row_of(screen, task), used


async def publish(task: Task) -> Sent:
    """The sensors, in a process of their own."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sensors", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate(msgspec.json.encode(task))
    return msgspec.json.decode(out, type=Sent)


def row_of(screen: "Screen", task: Task) -> dict[str, Any]:
    """What a screen saw of a task, when all of it is shown."""
    sent = screen.sent
    published_s, shown_s = (sent.ended_us - sent.began_us) / 1e6, (screen.last_us - sent.began_us) / 1e6
    return {
        "rate": f"{task.rate:,}/s" if task.rate else "unpaced",
        "seconds": task.seconds,
        "events": sent.frames,
        "published/s": round(sent.frames / published_s),
        "shown/s": round(sent.frames / shown_s),
        "shown of published": f"{sent.frames / shown_s / (sent.frames / published_s):.2f}",
        "superseded": sent.frames - len(screen.delays_ms),
        "p50 ms": round(percentile(screen.delays_ms, 50)),
        "p99 ms": round(percentile(screen.delays_ms, 99)),
        "drained after s": round(shown_s - published_s, 1),
    }


class Screen:
    """A websocket client that follows the map and notes when each bay's newest change was shown."""

    def __init__(self, bays: dict[str, str]) -> None:
        self._bays = bays
        self._since: dict[str, int] = {}
        self._came = asyncio.Event()
        self.delays_ms: list[float] = []
        self.last_us = 0
        self.sent = Sent(0, 0, 0, 0.0, {}, {})

    @classmethod
    @asynccontextmanager
    async def open(cls, ready: dict[str, Any], bays: dict[str, str]) -> AsyncIterator["Screen"]:
        """Signs in and follows; `bays` are the bays by their devices."""
        session = await asyncio.to_thread(_sign_in, ready)
        screen = cls(bays)
        async with websockets.connect(ready["live"], max_size=None, compression=None) as line:
            hello = {"t": "hello", "v": 1, "token": session["access_token"]}
            await line.send(msgspec.msgpack.encode([hello, {"t": "sub", "topic": "map"}]))
            listening = asyncio.ensure_future(screen._listen(line))
            try:
                yield screen
            finally:
                listening.cancel()

    async def _listen(self, line: websockets.ClientConnection) -> None:
        async for frame in line:
            assert isinstance(frame, bytes)
            now = now_us()
            for message in msgspec.msgpack.decode(frame):
                if message["t"] in ("delta", "snap"):
                    self._see(message["body"].get("bays", {}), now, message["t"] == "delta")

    def _see(self, rows: dict[str, Any], now: int, news: bool) -> None:
        for bay, (_, since) in rows.items():
            if news and self._since.get(bay) != since:
                self.delays_ms.append((now - since) / 1000)
                self.last_us = now
            self._since[bay] = since
        self._came.set()

    def begin(self) -> None:
        """Forgets the delays of the run before."""
        self.delays_ms = []

    async def drained(self, last_us: dict[str, int]) -> None:
        """Waits until the last reading of every device is shown."""
        while any(self._since.get(self._bays[device]) != at for device, at in last_us.items()):
            self._came.clear()
            await self._came.wait()


def _sign_in(ready: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(ready["administrator"]).encode()
    asked = urllib.request.Request(
        f"{ready['address']}/api/v1/session", body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return dict(json.load(answer))


@asynccontextmanager
async def running(
    folder: Path, sync_ms: int, say: Callable[[str], None], *more: str
) -> AsyncIterator[tuple[dict[str, Any], Budget, dict[str, bool], dict[str, str]]]:
    """A running city without replay (`more`: words of its command): its address and first user; its CPU; its devices as
    free; their bays.
    """
    live = free_port()
    words = ["up", "--json", "--data-dir", str(folder), "--http-port", str(free_port()), "--live-port", str(live)]
    up = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.command", *words, "--set", "replay.enabled=false"),
        *("--set", "city.presets=none"),  # readings alone: with rules and tariffs each second one opens a stay
        *("--set", f"broker.sync_ms={sync_ms}", *more),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        ready = await _ready(up)
        say("waiting until every device is installed")
        url = Postgres(folder / "postgres").url
        async with Budget.of(up.pid, url) as budget:
            yield ready | {"live": f"ws://127.0.0.1:{live}"}, budget, *await _installed(url)
    finally:
        if up.returncode is None:
            up.terminate()
        await up.wait()


async def _ready(up: asyncio.subprocess.Process) -> dict[str, Any]:
    assert up.stdout is not None
    async for line in up.stdout:
        said = dict(json.loads(line))
        if said["kind"] == "error":
            raise RuntimeError(said["text"])
        if said["kind"] == "ready":
            return said
    raise RuntimeError("the city ended before it was ready")


async def _installed(url: str) -> tuple[dict[str, bool], dict[str, str]]:
    engine = open_engine(url, "live", "benchmark", pool=1)
    try:
        while await Outbox(engine).undelivered(1):  # noqa: ASYNC110 - a table has no event to wait for
            await asyncio.sleep(0.2)
        devices = [each for each in (await Desk(engine).export()).devices if each.kind == "yun-json" and each.bay_id]
        return dict.fromkeys((each.id for each in devices), False), {each.id: each.bay_id or "" for each in devices}
    finally:
        await engine.dispose()
