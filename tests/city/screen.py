"""A screen that trusts nothing: it takes the live line as its README says, and remembers every broken promise."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgpack  # type: ignore[import-untyped]
import websockets

from tests.city.whole import Whole
from tests.gateway.http.callers import Caller

Body = dict[str, Any]
Held = tuple[str, int, Body]


class Screen:
    """Follows topics over cut lines, resuming where it was.

    Within one connection the line promises deltas that follow each other, from a snapshot or from where the screen
    said that it was, and beats that are never ahead of them. Whatever breaks that would be a gap nobody sees: it is
    written into `faults`.
    """

    def __init__(self, url: str, token: str, topics: Sequence[str]) -> None:
        self.url, self.token, self.topics = url, token, topics
        self.held: dict[str, Held] = {}
        self.heard: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.connections = self.snaps = self.deltas = 0
        self.wholes = Counter[str]()
        self._known: set[str] = set()
        self._line: websockets.ClientConnection | None = None
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Screen":
        self._running = asyncio.create_task(self._follow())
        await self.until(lambda: len(self.held) == len(self.topics), "every topic is here")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def body(self, topic: str) -> Body:
        """What the screen shows of a topic."""
        return self.held[topic][2]

    async def until(self, true: Callable[[], object], what: str, patience_s: float = 60) -> None:
        """Waits until what is held makes this true."""
        assert self._running is not None
        try:
            async with asyncio.timeout(patience_s):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"in {patience_s:g} s the screen did not show that {what}: {self.held}") from None

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(OSError, websockets.ConnectionClosed, websockets.InvalidHandshake):
                await self._connect()
            await asyncio.sleep(0.1)

    async def _connect(self) -> None:
        async with websockets.connect(self.url, max_size=None, compression=None) as line:
            self.connections += 1
            self._line = line
            self._known = set()
            places = [{"t": "sub", "topic": topic} | self._place(topic) for topic in self.topics]
            await line.send(msgpack.packb([{"t": "hello", "v": 1, "token": self.token}, *places]))
            async for frame in line:
                for message in msgpack.unpackb(frame):
                    self._take(message)
                self._changed.set()

    def move(self, url: str) -> None:
        """The line breaks, and the next one leads to another gateway."""
        self.url = url
        self.cut()

    def cut(self) -> None:
        """The line breaks."""
        assert self._line is not None
        self._line.transport.abort()

    def _place(self, topic: str) -> dict[str, object]:
        known = self.held.get(topic)
        return {"epoch": known[0], "seq": known[1]} if known else {}

    def _take(self, m: dict[str, Any]) -> None:
        match m["t"]:
            case "snap":
                self.snaps += 1
                self.wholes[m["topic"]] += 1
                self._known.add(m["topic"])
                self.held[m["topic"]] = (m["epoch"], m["seq"], m["body"])
            case "delta":
                self._take_delta(m)
            case "beat":
                self._check_beat(m["seqs"])
            case "error" | "gone":
                self.faults.append(f"{m}")

    def _take_delta(self, m: dict[str, Any]) -> None:
        topic = m["topic"]
        if topic not in self.held:
            return self.faults.append(f"{topic}: a delta before any snapshot")
        epoch, seq, body = self.held[topic]
        if m["epoch"] == epoch and m["seq"] <= seq and m["prev"] < seq:
            return None
        if (m["epoch"], m["prev"]) != (epoch, seq):
            return self.faults.append(f"{topic}: {epoch} {seq} is followed by {m['epoch']} {m['prev']} → {m['seq']}")
        self.deltas += 1
        self.heard.append(m)
        self._known.add(topic)
        merge(body, m["body"])
        self.held[topic] = (epoch, m["seq"], body)
        return None

    def _check_beat(self, seqs: dict[str, tuple[str, int]]) -> None:
        for topic, (epoch, seq) in seqs.items():
            mine = self.held.get(topic, ("", -1, {}))
            if topic in self._known and (mine[0] != epoch or mine[1] < seq):
                self.faults.append(f"{topic}: at {mine[0]} {mine[1]}, the beat says {epoch} {seq}")


def looking(city: Whole, http: Caller, *topics: str) -> Screen:
    """A screen of whoever is signed in that follows these topics."""
    return Screen(f"ws://127.0.0.1:{city.settings.live.port}", http.token, topics)


def merge(body: Body, delta: Body) -> None:
    """Rows by id, a null removes; lists of events are told one by one."""
    for key, value in delta.items():
        if key == "events":
            for verb, alarm, *row in value:
                body["open"].update({alarm: row}) if verb == "raise" else body["open"].pop(alarm, None)
        elif key == "list":
            body["list"] = (body["list"] + value)[-50:]
        elif isinstance(value, dict) and isinstance(body.get(key), dict):
            body[key] = {k: row for k, row in (body[key] | value).items() if row is not None}
        else:
            body[key] = value
