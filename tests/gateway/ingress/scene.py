"""What the tests of the door need around it: brokers, a post whose turns are durable when the test says so, a store."""

import asyncio
import contextlib
import getpass
import itertools
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import aiomqtt

from actors.devices import SUBSCRIPTIONS, SensorFrame, encode
from actors.engine.entries import DONE, Answer, Input
from actors.messages.forms import Message
from actors.values import SECOND_US, Ref
from gateway.ingress.counters import Counters
from gateway.ingress.intake import Limits
from gateway.ingress.shares import Share
from gateway.ingress.subscriber import Subscriber
from storage.frames import FrameRow
from storage.local import free_port

NOW = 1_780_000_000_000_000
WAIT_S = 20.0
REST_S = 2.0
"""Longer than the test's broker waits before it sends again."""

_names = itertools.count()


class RunningBroker(NamedTuple):
    """A broker of the test's own; `redelivers` while connected, after a second without PUBACK."""

    url: str
    port: int
    redelivers: bool


NATS = """
host: 127.0.0.1
port: {core}
server_name: test
jetstream {{ store_dir: "{folder}", max_file_store: 1GB }}
mqtt {{ host: 127.0.0.1, port: {port}, ack_wait: "1s", max_ack_pending: 12000 }}
authorization {{ users: [ {{ user: door, password: "p@ss/word" }} ] }}
"""

MOSQUITTO = """
user {user}
listener {port} 127.0.0.1
password_file {folder}/passwords
persistence false
max_queued_messages 0
max_inflight_messages 20000
"""


def nats_server() -> str:
    return str(Path(sys.executable).with_name("nats-server"))


def mosquitto() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def nats_command(folder: Path, port: int) -> list[str]:
    config = folder / "nats.conf"
    config.write_text(NATS.format(core=free_port(), port=port, folder=folder / "store"))
    return [nats_server(), "-c", str(config)]


def mosquitto_command(folder: Path, port: int, more: str = "", users: Sequence[str] = ("door",)) -> list[str]:
    program = mosquitto()
    assert program is not None
    folder.chmod(0o755)
    passwords, config = folder / "passwords", folder / "mosquitto.conf"
    passwords.write_text("".join(f"{user}:p@ss/word\n" for user in users))
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    passwords.chmod(0o644)
    config.write_text(MOSQUITTO.format(user=getpass.getuser(), port=port, folder=folder) + more)
    return [program, "-c", str(config)]


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path):
    """The broker as a child process, from when it listens until the end of the block."""
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _until_listening(child, port, folder)
            yield child
        finally:
            child.terminate()
            child.wait(10)


def _until_listening(child: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(1000):
        if child.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.05):
            return
        time.sleep(0.01)
    raise AssertionError(f"the broker does not listen: {(folder / 'log').read_text()}")


def url(port: int, user: str = "door") -> str:
    return f"mqtt://{user}:p%40ss%2Fword@127.0.0.1:{port}"


class Letter(NamedTuple):
    """One message that was told to the post."""

    ref: Ref
    source: Input
    message: Message
    taken: asyncio.Future[Answer]


class FakePost:
    """A post that remembers what was told. Unless it is held, it is done at once; repeats as a cell would see them."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.turns: dict[object, Letter] = {}
        self.hold: Callable[[Letter], bool] = lambda letter: False
        self.full = False
        self._told = asyncio.Condition()

    def send(self, ref: Ref, source: Input, message: Message, at: int = 0) -> asyncio.Future[Answer]:
        letter = Letter(ref, source, message, asyncio.get_running_loop().create_future())
        self.letters.append(letter)
        if not self.hold(letter):
            self.make_durable(letter)
        return letter.taken

    def room(self, ref: Ref) -> bool:
        return not self.full

    def make_durable(self, letter: Letter) -> None:
        if not letter.taken.done():
            repeat = self.turns.setdefault(letter.source, letter) is not letter
            letter.taken.set_result(Answer("done", note="repeat") if repeat else DONE)


class FakeStore:
    """A store that remembers rows; it fails as often as the test says, and waits while it is shut."""

    def __init__(self) -> None:
        self.rows: list[FrameRow] = []
        self.batches: list[int] = []
        self.failures = 0
        self.open = asyncio.Event()
        self.open.set()

    async def store(self, rows: Sequence[FrameRow]) -> None:
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        self.rows += rows
        self.batches.append(len(rows))

    def outcomes(self) -> list[str]:
        return [row.outcome for row in self.rows]


class FakeRegistry:
    """Knows every device but those whose name begins with `x`, in one lot."""

    def ref(self, device: str) -> Ref | None:
        return None if device.startswith("x") else Ref("device", f"lot/{device}")


class Door:
    """A subscriber with all its surroundings faked but the broker."""

    def __init__(self, broker: RunningBroker, client_id: str = "", stuck_s: float = 60, **limits: int) -> None:
        self.post = FakePost()
        self.store = FakeStore()
        self.counters = Counters()
        self.client_id = client_id or f"door-{next(_names)}-{broker.port}"
        self.broker = broker
        self.subscriber = Subscriber(
            broker.url,
            self.client_id,
            Share("all", SUBSCRIPTIONS),
            self.post,
            FakeRegistry(),
            self.store,
            self.counters,
            Limits(stuck_us=int(stuck_s * SECOND_US), **limits),
            lambda: NOW,
            rest_s=REST_S,
        )

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator["Door"]:
        task = asyncio.create_task(self.subscriber.run())
        try:
            async with asyncio.timeout(WAIT_S):
                await self.subscriber.connected.wait()
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def publisher(broker: RunningBroker) -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client(
        "127.0.0.1", broker.port, username="door", password="p@ss/word", max_queued_outgoing_messages=0
    ) as client:
        client.pending_calls_threshold = 100_000
        yield client


def sensor(n: int, occupied: bool | None = True, boot: int = 1) -> bytes:
    return encode(SensorFrame(v=1, boot=boot, n=n, at=NOW + n, occupied=occupied))


def topic(device: str = "s-1") -> str:
    return f"yunparking/v1/{device}/up"


async def until(condition: Callable[[], object]) -> None:
    """Waits until the condition holds; fails the test after a while."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)
