"""From a sensor's MQTT frame to the websocket frame that shows it, in the product as it runs.

Compared: the delay from publish to screen at paced rates, and the highest rate when sensors publish as fast as the
broker takes it and the backlog has to be drained. `yunparking up` runs with its own PostgreSQL, broker, Ray cells,
views, projector and gateway, each a process of its own; sensors are one more, the screen is this one.
"""

import asyncio
import json
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop
import websockets

from benchmarks.city import open_folder
from benchmarks.report import Claim, Report, percentile
from benchmarks.sensors import Sent, Task
from gateway.broker import Broker
from storage.database import now_us, open_engine
from storage.desk import Desk
from storage.local import free_port
from storage.outbox import Outbox
from storage.postgres import Postgres

RATES, RATES_QUICK = (500, 1_000, 2_000, 4_000), (500, 2_000)
DRAIN_S = 120.0
TARGET_RATE, TARGET_P99_MS, TARGET_HIGHEST = 2_000, 250, 8_000


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures every rate once, slowest first, then unpaced."""
    with open_folder() as folder:
        return uvloop.run(_measure(folder, RATES_QUICK if quick else RATES, 4.0 if quick else 10.0, say))


async def _measure(folder: Path, rates: tuple[int, ...], seconds: float, say: Callable[[str], None]) -> Report:
    rows = []
    async with _city(folder, say) as (ready, occupied, bays), Screen.open(ready, bays) as screen:
        for rate in (rates[0], *rates, 0):  # the first one only warms up
            say(f"{rate:,}/s" if rate else "as fast as it goes")
            task = Task(Broker(folder / "broker").sensor_url, occupied, now_us() // 1_000_000, rate, seconds)
            rows.append(await _one(screen, task))
            occupied = screen.sent.occupied
    return Report(
        "ingest",
        "MQTT frame → gateway → cells → PostgreSQL → views → websocket frame, on one machine with its sensors.",
        rows[1:],
        [
            "delay: from the sensor's publish to the websocket frame that shows it; shown/s: until the last one shows.",
            "superseded: readings whose bay had changed again before the next frame (10 a second) left.",
        ],
        claims=_claims(rows[1:]),
    )


def _claims(rows: list[dict[str, Any]]) -> list[Claim]:
    """The delay at the rate that has a target, and the highest rate."""
    paced = next(row for row in rows if row["rate"] == f"{TARGET_RATE:,}/s")
    what = "from a sensor's publish to the screen that shows it"
    return [
        Claim(f"{what}, {TARGET_RATE:,} events/s: p99", f"{paced['p99 ms']} ms", f"≤ {TARGET_P99_MS} ms"),
        Claim(f"{what}: events/s, published as fast as taken", f"{rows[-1]['shown/s']:,}", f"≥ {TARGET_HIGHEST:,}"),
    ]


async def _one(screen: "Screen", task: Task) -> dict[str, Any]:
    screen.begin()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sensors", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate(msgspec.json.encode(task))
    sent = screen.sent = msgspec.json.decode(out, type=Sent)
    async with asyncio.timeout(DRAIN_S):
        await screen.drained(sent.last_us)
    published_s, shown_s = (sent.ended_us - sent.began_us) / 1e6, (screen.last_us - sent.began_us) / 1e6
    return {
        "rate": f"{task.rate:,}/s" if task.rate else "unpaced",
        "events": sent.frames,
        "published/s": round(sent.frames / published_s),
        "shown/s": round(sent.frames / shown_s),
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
        self.sent = Sent(0, 0, 0, {}, {})

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
async def _city(
    folder: Path, say: Callable[[str], None]
) -> AsyncIterator[tuple[dict[str, Any], dict[str, bool], dict[str, str]]]:
    """A running city without replay: its address and first user; its devices as free; their bays."""
    live = free_port()
    words = ["up", "--json", "--data-dir", str(folder), "--http-port", str(free_port()), "--live-port", str(live)]
    up = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.command", *words, "--set", "replay.enabled=false", stdout=asyncio.subprocess.PIPE
    )
    try:
        ready = await _ready(up)
        say("waiting until every device is installed")
        yield ready | {"live": f"ws://127.0.0.1:{live}"}, *await _installed(Postgres(folder / "postgres").url)
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
