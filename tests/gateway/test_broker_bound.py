"""How much our own broker keeps for gateways that are slow or away, and what sensors find when that is full."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiomqtt

from gateway.broker import Broker
from gateway.command.checks import check_broker
from gateway.command.finding import Finding
from gateway.settings import load_settings
from tests.gateway.test_broker import TOPIC, client

MOST = 100


async def says(sensor_url: str, name: str, numbers: Sequence[int]) -> int:
    """A sensor says these, in order, each when the one before was acknowledged; how many were."""
    done = 0
    try:
        async with client(sensor_url, name) as sensor:
            for number in numbers:
                await sensor.publish(TOPIC, str(number), qos=1, timeout=1)
                done += 1
    except aiomqtt.MqttError:
        pass
    return done


async def taken(gateway: aiomqtt.Client, count: int) -> list[int]:
    """The next numbers that come."""
    return [int(str(bytes((await anext(gateway.messages)).payload), "ascii")) for _ in range(count)]


async def problems(folder: Path) -> list[Finding]:
    """What the doctor says against the broker of this folder."""
    found = await check_broker(load_settings(environment={}, flags={"data_dir": str(folder)}))
    return [each for each in found if each.level == "problem"]


async def test_a_full_broker_takes_no_more_and_takes_the_rest_in_order_when_there_is_room(tmp_path: Path) -> None:
    """However long an overload lasts, what waits is so much and no more, and nothing that was acknowledged is lost."""
    broker = Broker(tmp_path / "broker", most_waiting=MOST)
    url, numbers = broker.start(), list(range(MOST + 50))
    try:
        async with client(url, "a-share") as gateway:
            await gateway.subscribe("yunparking/#", qos=1)
        assert await says(broker.sensor_url, "s-1", numbers) == MOST
        assert await says(broker.sensor_url, "s-1", numbers[MOST:]) == 0
        broker.stop()
        broker = Broker(tmp_path / "broker", most_waiting=MOST // 2)
        assert broker.start() == url, "a lower bound throws nothing away"
        assert await says(broker.sensor_url, "s-1", numbers[MOST:]) == 0
        (full,) = await problems(tmp_path)
        assert full.found.startswith("200% full: 100 frames wait, the oldest for ")

        came: list[int] = []
        async with asyncio.timeout(30), client(url, "a-share") as gateway:
            came += await taken(gateway, MOST)
            while left := numbers[len(came) :]:
                came += await taken(gateway, await says(broker.sensor_url, "s-1", left))
        assert came == numbers
        assert await problems(tmp_path) == []
    finally:
        broker.stop()
