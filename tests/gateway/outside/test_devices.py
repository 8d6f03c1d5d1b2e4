"""The port `devices` at a real broker: published once it is there, never when it is too late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import msgspec
import pytest

from actors.devices import kind_of
from actors.kinds import PORTS
from actors.messages.device import DeviceTold, TellDevice
from actors.messages.lane import Commanded, MoveBarrier
from gateway.broker import Broker
from gateway.outside.devices import DownFrame, Downlink, NotConnected
from gateway.outside.ports import DEVICES

NOW = 1_780_000_000_000_000


@pytest.fixture
async def listening(broker_url: str) -> AsyncIterator[aiomqtt.Client]:
    at = urlsplit(broker_url)
    assert at.hostname
    async with aiomqtt.Client(at.hostname, at.port or 0, username=at.username, password=at.password) as client:
        await client.subscribe("yunparking-down/+", qos=1)
        yield client


async def soon(tell: Callable[[], object]) -> object:
    """Asks until the connection is there, as an envoy does."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await tell()  # type: ignore[misc]
            except NotConnected:
                await asyncio.sleep(0.05)


async def test_an_order_is_published_to_its_device(broker_url: str, listening: aiomqtt.Client) -> None:
    downlink = Downlink(broker_url, "test-down", lambda: NOW)
    running = asyncio.create_task(downlink.run())
    lower = TellDevice("lock.7", "3", "lower", "", NOW + 5)
    assert await soon(lambda: downlink.tell(lower, "w-1-2")) == DeviceTold("3")
    assert await downlink.tell(MoveBarrier("arm-7", "stay_open", "why"), "w-1-3") == Commanded("arm-7", "stay_open")
    async with asyncio.timeout(20):
        heard = [(await anext(listening.messages)) for _ in range(2)]
    assert [(str(one.topic), msgspec.json.decode(one.payload, type=DownFrame)) for one in heard] == [
        ("yunparking-down/lock.7", DownFrame(1, "3", "lower", "", NOW + 5)),
        ("yunparking-down/arm-7", DownFrame(1, "w-1-3", "stay_open")),
    ]
    assert kind_of("yunparking-down/lock.7") is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_late_is_not_published_whether_the_broker_is_there_or_not() -> None:
    downlink = Downlink("mqtt://127.0.0.1:1", "test-down", lambda: NOW)
    assert await downlink.tell(TellDevice("a", "3", "open", "", NOW), "k") == DeviceTold("3", "late")
    assert await downlink.tell(MoveBarrier("a", "open", "", NOW - 1), "k") == Commanded("a", "open", "late")
    with pytest.raises(NotConnected):
        await downlink.tell(MoveBarrier("a", "open", "", NOW + 1), "k")


async def test_after_the_broker_was_away_orders_go_out_again(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker")
    url = broker.start()
    downlink = Downlink(url, "test-down", lambda: NOW)
    running = asyncio.create_task(downlink.run())
    order = MoveBarrier("a", "open")
    await soon(lambda: downlink.tell(order, "1"))
    broker.stop()
    async with asyncio.timeout(20):
        await downlink.away.wait()
    with pytest.raises(NotConnected):
        await downlink.tell(order, "2")
    broker.start()
    assert await soon(lambda: downlink.tell(order, "2")) == Commanded("a", "open")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    broker.stop()


def test_every_port_that_kinds_ask_has_a_name_here() -> None:
    assert DEVICES in PORTS
