"""Sensors wait outside while too much waits at our own broker: what waits has an end, and no order turns round."""

import asyncio
import errno
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import msgspec
import pytest

from gateway.broker import Broker
from gateway.command.checks import check_broker
from gateway.command.finding import Finding
from gateway.command.say import Say
from gateway.command.sluice import Sluice
from gateway.ingress.access import DeviceLogin
from gateway.ingress.wire import Broker as At
from gateway.ingress.wire import Wire
from gateway.settings import load_settings
from tests.city.waiting import eventually
from tests.gateway.test_broker import TOPIC, client, own

MOST, WITHIN_S = 1_000, 20.0
FRAMES, ORDERS = "yunparking/#", "yunparking-down/lock-1"
AT_ONCE = 100
LOCK, LANE = DeviceLogin("lock-1", "yun-lock", "p1"), DeviceLogin("cam-1", "yun-lane", "p2")
TELLS = DeviceLogin("v1-1", "yun-v1", "p3")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker", sync_ms=100)
    broker.admit([LOCK, LANE, TELLS])
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def sluice(broker: Broker) -> Sluice:
    return Sluice(broker, MOST, Say(as_json=True))


async def look(sluice: Sluice) -> None:
    await asyncio.to_thread(sluice.look, WITHIN_S)


async def say(broker: Broker, first: int, last: int) -> None:
    """A sensor says these numbers; all are acknowledged."""
    async with client(broker.sensor_url, "s-1") as sensor:
        for start in range(first, last, AT_ONCE):
            part = range(start, min(start + AT_ONCE, last))
            await asyncio.gather(*[sensor.publish(TOPIC, str(n), qos=1, timeout=WITHIN_S) for n in part])


class Share:
    """A gateway that takes a share's frames when it is told to, each once, and then acknowledges them."""

    def __init__(self) -> None:
        self.came: list[int] = []
        self._waiting: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self._wire: Wire | None = None

    @asynccontextmanager
    async def at(self, broker: Broker) -> AsyncIterator[None]:
        """In this block it is connected."""
        self._waiting = asyncio.Queue()
        async with asyncio.timeout(100), Wire(At(broker.url), "a-share", (FRAMES,), self._arrived) as self._wire:
            yield

    def _arrived(self, number: int, topic: str, payload: bytes, *_: object) -> None:
        self._waiting.put_nowait((number, int(payload)))

    async def take(self, more: int) -> None:
        """So many more."""
        assert self._wire
        wanted = len(self.came) + more
        while len(self.came) < wanted:
            number, n = await self._waiting.get()
            if n not in self.came:
                self.came.append(n)
            self._wire.acknowledge([number])


@pytest.fixture
async def share(broker: Broker) -> Share:
    """It has been there, and is away."""
    share = Share()
    async with share.at(broker):
        return share


async def found(broker: Broker) -> list[Finding]:
    """What the doctor says of this broker, if it is not good."""
    settings = load_settings(environment={}, flags={"data_dir": str(broker.folder.parent)})
    few = msgspec.structs.replace(settings.broker, most_waiting=MOST)
    findings = await check_broker(msgspec.structs.replace(settings, broker=few))
    return [each for each in findings if each.level != "good"]


async def refused(coming: aiomqtt.Client) -> bool:
    try:
        await coming.__aenter__()
    except aiomqtt.MqttError as error:
        return "Not authorized" in str(error)
    await coming.__aexit__(None, None, None)
    return False


async def test_sensors_wait_outside_until_half_of_what_waits_is_taken(
    broker: Broker, sluice: Sluice, share: Share
) -> None:
    await say(broker, 0, MOST - 1)
    await look(sluice)
    (warning,) = await found(broker)
    assert (warning.level, warning.found.partition(",")[0]) == ("warning", "999 frames wait")
    await say(broker, MOST - 1, MOST)
    inside = client(broker.sensor_url, "s-2")
    await inside.__aenter__()
    await look(sluice)
    with pytest.raises(aiomqtt.MqttError):
        async with asyncio.timeout(WITHIN_S):
            await anext(inside.messages)
    assert await refused(client(broker.sensor_url, "s-1"))
    assert await refused(own(broker, TELLS)), "who has a password of its own, and only tells, waits too"
    (problem,) = await found(broker)
    assert problem.found.startswith("sensors are kept out: 1000 frames wait, 100% of what may")

    async with share.at(broker):
        await share.take(MOST // 2 - 1)
        await look(sluice)
        assert await refused(client(broker.sensor_url, "s-1")), "as long as more than half waits"
        await share.take(1)
        await eventually(lambda: opened(broker, sluice), "sensors are let in")
        await eventually(lambda: comes_in(broker), "the broker has heard of it")
        await say(broker, MOST, MOST + 1)
        await share.take(MOST // 2 + 1)
    assert share.came == list(range(MOST + 1))
    await eventually(lambda: quiet(broker), "the doctor has nothing against it")


async def test_a_city_that_is_started_again_keeps_them_out_as_before(broker: Broker, sluice: Sluice) -> None:
    broker.keep_out(True)
    broker.stop()
    again = Broker(broker.folder)
    again.start()
    try:
        assert await refused(client(again.sensor_url, "s-1"))
        afterwards = Sluice(again, MOST, Say(as_json=True))
        await look(afterwards)
        await eventually(lambda: comes_in(again), "nothing waits any more")
    finally:
        again.stop()


async def test_orders_to_devices_that_are_away_keep_nobody_out(broker: Broker, sluice: Sluice) -> None:
    """No gateway can take them: it would be for ever."""
    async with own(broker, LOCK) as lock:
        await lock.subscribe(ORDERS, qos=1)
    async with client(broker.url) as gateway:
        await asyncio.gather(*[gateway.publish(ORDERS, bytes(100_000), qos=1, timeout=WITHIN_S) for _ in range(20)])
    await look(sluice)
    assert await found(broker) == []
    assert await comes_in(broker)


async def test_who_cannot_be_told_is_told_at_the_next_look(
    broker: Broker, sluice: Sluice, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(broker, 0, MOST)
    with monkeypatch.context() as full_disk:
        full_disk.setattr("gateway.broker.write_private", _no_room)
        await look(sluice)
        assert not broker.keeps_out
    await look(sluice)
    assert broker.keeps_out


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def comes_in(broker: Broker) -> bool:
    return not await refused(client(broker.sensor_url, "s-1"))


async def opened(broker: Broker, sluice: Sluice) -> bool:
    """Whether it lets sensors in, having looked: an acknowledgement is on its way for a moment."""
    await look(sluice)
    return not broker.keeps_out


async def quiet(broker: Broker) -> bool:
    return await found(broker) == []


async def test_who_cannot_wait_is_heard_and_told_while_sensors_wait_outside(
    broker: Broker, sluice: Sluice, share: Share
) -> None:
    async with asyncio.timeout(60), own(broker, LOCK) as lock:
        await lock.subscribe(ORDERS, qos=1)
        await say(broker, 0, MOST)
        await look(sluice)
        await eventually(lambda: refused(client(broker.sensor_url, "s-1")), "sensors are kept out")
        async with own(broker, LANE) as camera:
            await camera.publish("yunparking/lane/cam-1/up", "a car", qos=1, timeout=WITHIN_S)
        async with client(broker.url) as gateway:
            await gateway.publish(ORDERS, "open", qos=1, timeout=WITHIN_S)
        assert (await anext(lock.messages)).payload == b"open", "it was connected all the time"
        await lock.publish("yunparking/lock/lock-1/up", "opened", qos=1, timeout=WITHIN_S)


async def test_frames_that_were_under_way_come_later_in_their_order(
    broker: Broker, sluice: Sluice, share: Share
) -> None:
    """A sensor that says many at a time is sent away in the middle of it, again and again."""
    acknowledged, enough = 0, asyncio.Event()

    async def sensor() -> None:
        nonlocal acknowledged
        while not enough.is_set():
            try:
                async with client(broker.sensor_url, "s-1") as sensor:
                    while not enough.is_set():
                        part = range(acknowledged, acknowledged + AT_ONCE)
                        await asyncio.gather(*[sensor.publish(TOPIC, str(n), qos=1, timeout=2) for n in part])
                        acknowledged += AT_ONCE
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)

    async def shut() -> bool:
        await look(sluice)
        return broker.keeps_out

    speaking = asyncio.create_task(sensor())
    async with share.at(broker):
        for _ in range(3):
            await eventually(shut, "so much waits that sensors are kept out")
            while not await opened(broker, sluice):
                await share.take(100)
        enough.set()
        await speaking
        await share.take(acknowledged - len(share.came))
    assert share.came == sorted(share.came)
    assert set(range(acknowledged)) <= set(share.came), "what was acknowledged to the sensor came"
