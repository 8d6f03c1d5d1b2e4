"""A small city on the live line: pages committed by hand, ticks and beats given by hand, a clock that is set."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple

import msgpack  # type: ignore[import-untyped]
from websockets.asyncio.client import ClientConnection, connect

from actors.messages.bay import BayFace, Freed, Taken
from actors.messages.device import DeviceFace
from actors.messages.forms import Face, Fact
from actors.values import HOUR_US, Ref, shared_slot
from gateway.live.composer import Composer
from gateway.live.private import Private
from gateway.live.register import BayRow, DeviceRow, Register
from gateway.live.server import LiveServer, LiveSettings
from gateway.live.source import Change, SlotFaces
from gateway.live.views import Views

NOON = 1_772_800_000_000_000
LOTS = {"20001": "east", "20002": "east", "30001": "west"}


def bays_of(lot: str, n: int = 4) -> list[str]:
    return [f"{lot}{i:03d}" for i in range(n)]


def register(bays: int = 4) -> Register:
    return Register(
        set(LOTS.values()),
        LOTS.items(),
        [BayRow(bay, f"N{bay}", lot) for lot in LOTS for bay in bays_of(lot, bays)],
        [DeviceRow(f"d-{bay}", "yun-json", lot, bay) for lot in LOTS for bay in bays_of(lot, bays)],
    )


def bay_face(bay: str, state: str = "free", since: int = NOON, device: str | None = None) -> BayFace:
    return BayFace(f"N{bay}", "street", state, since, since + 1, device or f"d-{bay}", state == "occupied", 0)


def device_face(bay: str, offline: int | None = None, battery: int | None = 90, seen: int = NOON) -> DeviceFace:
    return DeviceFace("yun-json", bay, seen, offline, battery, -80, 0, 0, 1, 0, False)


class Pages:
    """What cells would commit: numbers pages per slot and remembers every face."""

    def __init__(self) -> None:
        self.seqs: dict[int, int] = {}
        self.faces: dict[int, dict[Ref, Face]] = {}

    def commit(self, at: int, faces: Mapping[Ref, Face], facts: list[tuple[Ref, Fact]] | None = None) -> list[Change]:
        """The pages of one commit, one for each slot concerned."""
        slots = {shared_slot(ref.key) for ref in [*faces, *(ref for ref, _ in facts or [])]}
        changes = []
        for slot in sorted(slots):
            mine = [(ref, face) for ref, face in faces.items() if shared_slot(ref.key) == slot]
            said = [(ref, [fact for of, fact in facts or [] if of == ref]) for ref in dict(facts or [])]
            said = [(ref, turn) for ref, turn in said if shared_slot(ref.key) == slot]
            prev = self.seqs.get(slot, 0)
            self.seqs[slot] = prev + 1
            self.faces.setdefault(slot, {}).update(mine)
            changes.append(Change(slot, prev, prev + 1, at, mine, said))
        return changes

    def whole(self, slot: int) -> SlotFaces:
        """A slot as the journal has it."""
        return SlotFaces(slot, self.seqs.get(slot, 0), list(self.faces.get(slot, {}).items()))


def whole(composer: Composer, topic: str) -> Any:
    """The body of a topic, as a newcomer gets it."""
    pieces = composer.join(topic)
    assert pieces is not None
    assert pieces[0].prev is None
    return msgpack.unpackb(pieces[0].body)


class Clock:
    """A time that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


async def never(seconds: float) -> AsyncIterator[None]:
    """Beats that do not come: the test gives them."""
    await asyncio.Event().wait()
    yield


class Bearer(NamedTuple):
    """Claims of a test's token."""

    permissions: frozenset[str]
    expires_us: int = NOON + HOUR_US
    user: str = "u"

    def may(self, permission: str) -> bool:
        return permission in self.permissions


CREW = Bearer(frozenset({"sessions.read"}))
TOKENS = {
    "good": Bearer(frozenset({"live.watch", "devices.read", "sessions.read"})),
    "crew": CREW,
    "watcher": Bearer(frozenset({"live.watch"})),
}


def verify(token: str) -> Bearer | str:
    return TOKENS.get(token, "not_signed_in")


class Stage:
    """Views, a gateway and their city; `commit`, `tick` and `beat` are the only things that move time on."""

    def __init__(self, settings: LiveSettings, bays: int = 4, private: Private | None = None) -> None:
        self.pages, self.clock, self.bays = Pages(), Clock(), bays
        self.changes: asyncio.Queue[Change | SlotFaces] = asyncio.Queue()
        self.views = self._new_views()
        self.away: list[str] = []
        self.live = LiveServer(self._call, verify, self.clock, never, settings, private, lambda: list(self.away))
        self.reachable = asyncio.Event()
        self.url = ""
        self.calls: list[str] = []
        self.chance = random.Random(7)
        self._running: asyncio.Task[None] | None = None

    def _new_views(self) -> Views:
        async def load() -> Register:
            return register(self.bays)

        def died(error: BaseException) -> None:
            raise error

        return Views(load, self._follow, self.clock, never, died)

    async def _follow(self) -> AsyncIterator[Change | SlotFaces]:
        while True:
            yield await self.changes.get()
            self.changes.task_done()

    async def _call(self, method: str, payload: bytes) -> bytes:
        await self.reachable.wait()
        self.calls.append(method)
        await self._dawdle()
        answer: bytes = await getattr(self.views, method)(payload)
        await self._dawdle()
        return answer

    async def _dawdle(self) -> None:
        """Calls and answers overtake each other as on a network."""
        for _ in range(self.chance.randrange(6)):
            await asyncio.sleep(0)

    async def __aenter__(self) -> "Stage":
        await self.views.start()
        self.reachable.set()
        port = await self.live.start()
        self.url = f"ws://127.0.0.1:{port}"
        self._running = asyncio.create_task(self.live.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.live.stop()
        await self.views.stop()

    async def restart_views(self) -> None:
        """The worker dies and another one begins, filled from the journal."""
        await self.views.stop()
        self.views = self._new_views()
        await self.views.start()
        for slot in self.pages.seqs:
            await self.changes.put(self.pages.whole(slot))
        await self.changes.join()

    async def commit(self, faces: Mapping[Ref, Face], facts: list[tuple[Ref, Fact]] | None = None) -> None:
        for change in self.pages.commit(self.clock.now, faces, facts):
            await self.changes.put(change)
        await self.changes.join()

    async def park(self, bay: str, state: str, received: int | None = None) -> None:
        """A sensor's frame became durable: the bay shows this state, and a fact says so."""
        device, now = f"d-{bay}", self.clock.now
        received = now - 40_000 if received is None else received
        fact: Fact = Taken(now, device, now - 90_000, received)
        if state == "free":
            fact = Freed(now, device, now - 90_000, received, 0)
        ref = self.ref(bay)
        await self.commit({ref: bay_face(bay, state, now)}, [(ref, fact)])

    async def tick(self) -> None:
        """A tenth of a second passes and is on its way to everybody."""
        self.clock.now += 100_000
        moved = asyncio.ensure_future(self.live.feed.moved())
        await asyncio.sleep(0)
        self.views.tick()
        await moved

    async def told(self) -> None:
        """The views have heard what the gateway had to say."""
        telling = self.live.feed._telling
        if telling is not None:
            await telling

    def beat(self) -> None:
        self.live.beat()

    def ref(self, bay: str) -> Ref:
        return Ref("bay", f"{bay[:5]}/{bay}")

    def face(self, bay: str, state: str) -> BayFace:
        return bay_face(bay, state, self.clock.now)

    def whole(self, topic: str) -> Any:
        """A topic as the views hold it."""
        pieces = self.views.composer.join(topic)
        assert pieces is not None
        return msgpack.unpackb(pieces[0].body)

    def small_buffers(self) -> None:
        """The kernel holds little for a client that does not read."""
        assert self.live._server is not None
        for sock in self.live._server.sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)


class Client:
    """A client that follows the documented rules; what it knows of a topic is (epoch, seq, body)."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.topics: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self.heard: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self.resubs = 0

    async def say(self, *messages: dict[str, Any]) -> None:
        await self.line.send(msgpack.packb(list(messages)))

    async def sub(self, *topics: str) -> None:
        await self.say(*({"t": "sub", "topic": topic} | self.place(topic) for topic in topics))
        await self.until(lambda: all(topic in self.topics for topic in topics))

    def place(self, topic: str) -> dict[str, Any]:
        known = self.topics.get(topic)
        return {"epoch": known[0], "seq": known[1]} if known else {}

    async def until(self, done: Callable[[], bool]) -> None:
        while not done():
            await self.take()

    async def take(self) -> list[dict[str, Any]]:
        """The next frame, applied."""
        async with asyncio.timeout(10):
            frame = await self.line.recv()
        assert isinstance(frame, bytes)
        self.frames.append(frame)
        messages: list[dict[str, Any]] = msgpack.unpackb(frame)
        for message in messages:
            self.heard.append(message)
            await self._apply(message)
        return messages

    async def _apply(self, message: dict[str, Any]) -> None:
        if message["t"] == "snap":
            self.topics[message["topic"]] = (message["epoch"], message["seq"], message["body"])
        elif message["t"] == "delta":
            await self._delta(message)
        elif message["t"] == "beat":
            behind = [topic for topic, at in message["seqs"].items() if tuple(at) != self.topics[topic][:2]]
            assert not behind, behind

    async def _delta(self, message: dict[str, Any]) -> None:
        topic = message["topic"]
        epoch, seq, body = self.topics[topic]
        if message["epoch"] == epoch and message["prev"] == seq:
            merge(topic, body, message["body"])
            self.topics[topic] = (epoch, message["seq"], body)
        elif message["epoch"] != epoch or message["seq"] > seq:
            self.resubs += 1
            await self.say({"t": "sub", "topic": topic})

    def body(self, topic: str) -> dict[str, Any]:
        return self.topics[topic][2]

    def of(self, topic: str, t: str = "delta") -> list[dict[str, Any]]:
        return [message for message in self.heard if message["t"] == t and message.get("topic") == topic]


ROWS = {"city": ["regions"], "region": ["lots"], "lot": ["bays", "devices"], "map": ["bays"]}
ROWS["section"] = ["bays", "tasks"]
ROWS["devices"] = ["kinds", "offline", "low_battery"]
ROWS |= {"own": ["stays"], "fee": [], "messages": []}


def merge(topic: str, body: dict[str, Any], delta: dict[str, Any]) -> None:
    """What a delta does to a body, by the protocol's words."""
    kind = topic.split("/")[0]
    if kind == "events":
        body["list"] = (body["list"] + delta.get("list", []))[-50:]
    elif kind == "alarms":
        for verb, key, *row in delta.get("events", []):
            if verb == "raise":
                body["open"][key] = row
            else:
                body["open"].pop(key)
    else:
        for name, value in delta.items():
            if name in ROWS[kind]:
                body[name] = {key: row for key, row in (body[name] | value).items() if row is not None}
            else:
                body[name] = value


async def opened(stage: Stage, token: str = "good", **options: Any) -> Client:
    """A client that has said hello and is welcome."""
    client = Client(await connect(stage.url, max_size=None, **options))
    await client.say({"t": "hello", "v": 1, "token": token})
    assert (await client.take())[0]["t"] == "welcome"
    return client
