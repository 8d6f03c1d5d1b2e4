"""What waits at our own broker is seen, where an overload waits; of another broker nothing is said."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from gateway.backlog import STREAM, Backlog, BrokerGauges, Told
from gateway.broker import Broker, monitor
from tests.city.waiting import eventually
from tests.gateway.test_broker import client

FRAMES, DOWN = "yunparking/#", "yunparking-down/lock-1"
IN_FLIGHT, MOST = 10, 300
T = 1_000_000.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker", in_flight=IN_FLIGHT)
    yield broker
    broker.stop()


async def publish(url: str, topic: str, count: int) -> None:
    async with client(url) as sensor:
        for _ in range(count):
            await sensor.publish(topic, b"x", qos=1)


async def looked(backlog: Backlog) -> BrokerGauges:
    await backlog.look()
    gauges = backlog.gauges()
    assert gauges is not None
    return gauges


async def owes(backlog: Backlog, waiting: int, unacknowledged: int) -> bool:
    seen = await looked(backlog)
    return (seen.waiting_frames, seen.unacknowledged_frames) == (waiting, unacknowledged)


async def test_frames_that_no_gateway_takes_are_seen_to_wait_and_to_grow_old(broker: Broker) -> None:
    url = broker.start()
    backlog = Backlog(lambda: monitor(broker.folder, url), time.monotonic, MOST)
    async with client(url, "lock-1") as device:
        await device.subscribe(DOWN, qos=1)
    async with client(url, "a-share") as gateway:
        await gateway.subscribe(FRAMES, qos=1)
    await publish(url, DOWN, 1)  # an order for a device that is away, older than all frames
    few = pytest.approx(0, abs=1 / MOST)
    assert await looked(backlog) == BrokerGauges(full_ratio=few, unread_seconds=pytest.approx(0, abs=1))
    await asyncio.sleep(1)
    began = time.monotonic()
    await publish(url, "yunparking/v1/a/up", 30)
    published_s = time.monotonic() - began
    await asyncio.sleep(1)
    seen = await looked(backlog)
    assert (seen.waiting_frames, seen.unacknowledged_frames) == (30, 0)
    assert seen.full_ratio == 30 / MOST, "an order is no frame"
    assert 1 <= seen.waiting_seconds <= 1 + published_s + 2, "the order before them does not count"

    parts = urlsplit(url)
    deaf = await asyncio.open_connection(parts.hostname, parts.port)
    await greet(deaf[1], "a-share", parts.username or "", parts.password or "")
    await eventually(lambda: owes(backlog, 30 - IN_FLIGHT, IN_FLIGHT), "as much as may be is under way")
    deaf[1].close()

    async with asyncio.timeout(30), client(url, "a-share") as gateway:
        for _ in range(30):
            await anext(gateway.messages)
        await eventually(lambda: owes(backlog, 0, 0), "everything is acknowledged")
    assert (await looked(backlog)).waiting_seconds == 0


async def greet(writer: asyncio.StreamWriter, name: str, user: str, password: str) -> None:
    """CONNECT to a session that goes on, by somebody who will acknowledge nothing."""
    words = b"".join(len(word).to_bytes(2) + word.encode() for word in (name, user, password))
    body = b"\x00\x04MQTT\x04\xc0\x00\x3c" + words
    assert len(body) < 128
    writer.write(b"\x10" + bytes([len(body)]) + body)
    await writer.drain()


async def test_of_a_broker_that_is_not_our_own_nothing_is_said(broker: Broker) -> None:
    broker.start()
    assert monitor(broker.folder, "mqtt://elsewhere:1883") is None
    assert monitor(broker.folder / "none", "mqtt://elsewhere:1883") is None
    backlog = Backlog(lambda: None, time.monotonic, MOST)
    await backlog.look()
    assert backlog.gauges() is None


async def test_figures_grow_old_while_the_broker_is_away_and_it_is_read_again_at_its_new_port(broker: Broker) -> None:
    url = broker.start()
    now = [T]
    backlog = Backlog(lambda: monitor(broker.folder, url), lambda: now[0], MOST)
    reading = asyncio.create_task(backlog.run())
    try:
        await eventually(lambda: owes(backlog, 0, 0), "the broker is read")
        broker.stop()
        with pytest.raises(OSError, match="connect"):
            await backlog.look()
        now[0] += 40
        gauges = backlog.gauges()
        assert gauges
        assert gauges.unread_seconds == 40
        broker.start()
        assert (await looked(backlog)).unread_seconds == 0
        assert not reading.done()
    finally:
        reading.cancel()


def told(now: float, first: tuple[int, float], last: tuple[int, float], **sessions: tuple[int, int]) -> Told:
    """An answer of the broker: where its stream begins and ends, and of each session what it acknowledged and owes."""

    def stamp(at: float) -> str:
        return datetime.fromtimestamp(at, UTC).isoformat()

    consumers = [
        {
            "name": name,
            "config": {"filter_subject": f"$MQTT.msgs.yunparking{'-down' * (name == 'lock')}.x"},
            "ack_floor": {"stream_seq": floor},
            "num_pending": owed,
            "num_ack_pending": 0,
        }
        for name, (floor, owed) in sessions.items()
    ]
    state: dict[str, Any] = {"messages": last[0] - first[0] + 1, "bytes": 0}
    state |= {"first_seq": first[0], "first_ts": stamp(first[1]), "last_seq": last[0], "last_ts": stamp(last[1])}
    stream = {"name": STREAM, "state": state, "consumer_detail": consumers}
    answer = {"now": stamp(now), "account_details": [{"stream_detail": [stream]}]}
    return msgspec.convert(answer, Told)


@pytest.mark.parametrize(
    ("answers", "age"),
    [
        ([told(T + 9, (50, T), (90, T + 8), share=(49, 41))], 9.0),  # the first of the stream is the oldest
        ([told(T + 9, (1, T - 500), (90, T + 8), lock=(0, 1), share=(90, 0))], 0.0),  # only an order waits
        (
            # an order has waited long; the session was empty at 100, and owes since: 150 is half the way to 200
            [
                told(T, (1, T - 500), (100, T), lock=(0, 1), share=(100, 0)),
                told(T + 10, (1, T - 500), (200, T + 10), lock=(0, 1), share=(149, 51)),
            ],
            5.0,
        ),
        (
            # what a session of a rare topic acknowledged last is long ago: it owed nothing a moment ago
            [
                told(T, (1, T - 500), (100, T), lock=(0, 1), rare=(3, 0)),
                told(T + 10, (1, T - 500), (101, T + 9), lock=(0, 1), rare=(3, 1)),
            ],
            1.0,
        ),
        (
            # a broker that began anew counts from one again
            [told(T, (900, T - 5), (990, T), share=(899, 91)), told(T + 10, (1, T + 7), (3, T + 9), share=(0, 3))],
            3.0,
        ),
    ],
)
def test_the_age_of_the_oldest_frame_follows_from_its_place_in_the_stream(answers: list[Told], age: float) -> None:
    backlog = Backlog(lambda: None, time.monotonic, MOST)
    for answer in answers:
        backlog.take(answer)
    gauges = backlog.gauges()
    assert gauges
    assert gauges.waiting_seconds == pytest.approx(age)


async def test_what_the_broker_tells_is_no_password(broker: Broker) -> None:
    url = broker.start()
    at = monitor(broker.folder, url)
    assert at
    async with client(url), asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(at.url).port)
        said = b""
        for page in ("varz", "connz?auth=true", "jsz?config=true", "accountz?acc=$G"):
            writer.write(f"GET /{page} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            said += await reader.read(1 << 20)
        writer.close()
    assert b"yunparking" in said
    assert (urlsplit(url).password or "").encode() not in said
