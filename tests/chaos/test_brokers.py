"""Which broker keeps what it has acknowledged when it is killed, and what exactly one that does not loses."""

import asyncio
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.broker import Broker
from storage.local import eventually
from tests.gateway.test_broker import client
from tests.mosquitto import ABSENT, PROGRAM, Mosquitto

pytestmark = pytest.mark.timeout(60)

TOPIC = "yunparking/v1/a/up"
SESSION = "gateway"
"""A session that the broker keeps while nobody is connected, as the gateway's while that is dead."""
EACH = 300
LAST = -1


async def say(url: str, numbers: Iterable[int]) -> None:
    """Publishes these; returns when the broker has acknowledged each."""
    async with client(url) as sensor:
        await asyncio.gather(*(sensor.publish(TOPIC, str(n), qos=1) for n in numbers))


async def hear(url: str, owed: Iterable[int] = ()) -> list[int]:
    """All that the broker has for the session, taken and acknowledged; what it owes may come after new ones."""
    heard: list[int] = []
    left = {LAST, *owed}
    async with asyncio.timeout(30), client(url, SESSION) as listener:
        await listener.subscribe(TOPIC, qos=1)
        await say(url, [LAST])
        async for message in listener.messages:
            heard.append(int(bytes(message.payload)))  # type: ignore[arg-type]
            left.discard(heard[-1])
            if not left:
                return [number for number in heard if number != LAST]
    raise AssertionError("the line ended")


def killed(server: Broker | Mosquitto) -> str:
    """kill -9, and started again by its supervisor: its URL."""
    assert server.process
    server.process.kill()
    server.process.wait()
    server.stop()
    return server.start()


async def told_before_and_after(server: Broker | Mosquitto, url: str) -> tuple[range, range]:
    """Numbers that the session has taken, and numbers that wait for it: all acknowledged to who said them."""
    taken, waiting = range(EACH), range(EACH, 2 * EACH)
    assert await hear(url) == []
    await say(url, taken)
    assert await hear(url) == list(taken)
    await say(url, waiting)
    return taken, waiting


@pytest.mark.parametrize("sync_ms", [0, 1000], ids=["each message on disk", "the disk once a second"])
async def test_our_broker_keeps_all_that_it_acknowledged(tmp_path: Path, sync_ms: int) -> None:
    server = Broker(tmp_path / "broker", sync_ms=sync_ms)
    url = server.start()
    try:
        taken, waiting = await told_before_and_after(server, url)
        assert killed(server) == url
        heard = await hear(url, waiting)
        assert [number for number in heard if number in waiting] == list(waiting)
        assert set(heard) <= {*taken, *waiting}, "what it had not yet noted as taken may come again"
    finally:
        server.stop()


@pytest.mark.skipif(PROGRAM is None, reason=ABSENT)
async def test_mosquitto_loses_what_waited_since_its_last_snapshot_and_nothing_else(tmp_path: Path) -> None:
    server = Mosquitto(tmp_path)
    url = server.start()
    try:
        _, waiting = await told_before_and_after(server, url)
        snapshot(server)
        later = range(2 * EACH, 3 * EACH)
        await say(url, later)
        killed(server)
        assert await hear(url) == list(waiting), "those after the snapshot are forgotten, those before it are here"
        after = range(3 * EACH, 4 * EACH)
        await say(url, after)
        server.stop()  # in order: this writes a snapshot
        server.start()
        assert await hear(url) == list(after)
    finally:
        server.stop()


def snapshot(server: Mosquitto) -> None:
    """Has it written now, as it is every half an hour by itself."""
    file, process = server.folder / "mosquitto.db", server.process
    assert process
    before = file.stat().st_mtime_ns if file.exists() else 0
    os.kill(process.pid, signal.SIGUSR1)
    assert eventually(lambda: file.exists() and file.stat().st_mtime_ns > before, patience_s=10)
