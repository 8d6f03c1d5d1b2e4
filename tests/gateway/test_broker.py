"""The broker that comes with YunParking: strangers stay out. What it keeps when killed: `tests/chaos`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import msgspec
import psutil
import pytest

from actors.devices import DEVICE_KINDS
from gateway.broker import MAX_PAYLOAD_BYTES, Broker, BrokerError, read_login, running_url
from gateway.ingress.access import DeviceLogin
from storage.local import write_private

TOPIC = "yunparking/v1/a/up"
TOPICS = [
    "yunparking/v1/s.1/up",
    "yunparking/loop/s-1/up",
    "yunparking/lane/cam-1/up",
    "yunparking/radar/s-1/up",
    "yunparking/camera/s-1/up",
    "yunparking/pile/s-1/up",
    "yunparking/lock/s-1/up",
    "yunparking/barrier/s-1/up",
    "iot-topic/gw/area/gateway/7",
    "application/1/device/00aa/event/up",
]
REFUSED = 128
"""What the broker answers to a subscription that it does not grant."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker", in_flight=3000)
    yield broker
    broker.stop()


def client(url: str, name: str | None = None, password: str | None = None) -> aiomqtt.Client:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    made = aiomqtt.Client(
        parts.hostname,
        parts.port,
        username=parts.username,
        password=parts.password if password is None else password,
        identifier=name,
        clean_session=name is None,
    )
    made.pending_calls_threshold = 2000
    return made


async def granted(listener: aiomqtt.Client, filter: str) -> int:
    """The quality of service that the broker grants, or `REFUSED`."""
    (code,) = await listener.subscribe(filter, qos=1)
    return code if isinstance(code, int) else code.value


async def test_strangers_stay_out(broker: Broker) -> None:
    url = broker.start()
    with pytest.raises(aiomqtt.MqttError):
        await client(url, password="guess").__aenter__()
    anonymous = aiomqtt.Client("127.0.0.1", urlsplit(url).port or 0)
    with pytest.raises(aiomqtt.MqttError):
        await anonymous.__aenter__()
    for name in ("login.json", "broker.conf"):
        assert (broker.folder / name).stat().st_mode & 0o777 == 0o600


async def test_a_sensor_may_only_publish_and_only_on_the_kinds_topics(broker: Broker) -> None:
    assert all(any(kind.parts(topic) for topic in TOPICS) for kind in DEVICE_KINDS)
    url = broker.start()
    elsewhere = ["yunparking/v2/a/up", "yunparking/v1", "yunparking", "other", "application", "iot-topic/gw/a"]
    async with asyncio.timeout(20), client(url) as gateway, client(broker.sensor_url, "s-1") as sensor:
        for filter in (TOPIC, "yunparking/#", "#", "$MQTT/sub/#"):
            assert await granted(sensor, filter) == REFUSED
        assert await granted(gateway, "#") == 1
        for topic in (*elsewhere, *TOPICS):
            await sensor.publish(topic, topic, qos=1)
        await gateway.publish("last", "", qos=1)
        heard = []
        async for message in gateway.messages:
            if str(message.topic) == "last":
                break
            heard.append(str(message.topic))
        assert heard == TOPICS


def own(broker: Broker, login: DeviceLogin) -> aiomqtt.Client:
    """A device that signs in with its own name and password."""
    at = urlsplit(broker.sensor_url)
    url = f"mqtt://{login.device}:{login.password}@127.0.0.1:{at.port}"
    return client(url, login.device.replace(".", "-"))


async def test_a_device_with_a_password_hears_its_own_orders_and_no_others(broker: Broker) -> None:
    lock, dotted = DeviceLogin("lock-1", "yun-lock", "p1"), DeviceLogin("lock.2", "yun-lock", "p2")
    assert broker.admit([lock])
    url = broker.start()
    assert not broker.admit([lock])
    async with asyncio.timeout(30), client(url) as gateway, own(broker, lock) as device:
        for filter in ("yunparking-down/lock.2", "yunparking-down/+", "#", "yunparking/#", "$MQTT/sub/#"):
            assert await granted(device, filter) == REFUSED
        assert await granted(device, "yunparking-down/lock-1") == 1
        with pytest.raises(aiomqtt.MqttError):
            await own(broker, dotted).__aenter__()
        assert broker.admit([lock, dotted])
        await until_let_in(broker, dotted)
        await gateway.subscribe("yunparking/#", qos=1)
        for topic in ("yunparking/lock/lock.2/up", "yunparking-down/lock-1", "yunparking/lock/lock-1/up"):
            await device.publish(topic, b"mine", qos=1)
        assert str((await anext(gateway.messages)).topic) == "yunparking/lock/lock-1/up"
        async with own(broker, dotted) as other:
            assert await granted(other, "yunparking-down/lock.2") == 1
            for name in ("lock-1", "lock.2"):
                await gateway.publish(f"yunparking-down/{name}", name, qos=1)
            assert (await anext(other.messages)).payload == b"lock.2"
            assert (await anext(device.messages)).payload == b"lock-1", "it was connected all the time"
        broker.stop()
        broker.start()
    async with asyncio.timeout(20), own(broker, lock) as device:
        assert await granted(device, "yunparking-down/lock-1") == 1


async def until_let_in(broker: Broker, login: DeviceLogin) -> None:
    """The server reads its configuration again in its own time."""
    while True:
        try:
            async with own(broker, login):
                return
        except aiomqtt.MqttError:
            await asyncio.sleep(0.05)


async def test_a_sensor_of_a_folder_with_one_login_gets_its_own(broker: Broker) -> None:
    url = broker.start()
    broker.stop()
    login = read_login(broker.folder)
    assert login
    write_private(broker.folder / "login.json", msgspec.json.encode({"port": login.port, "password": login.password}))
    assert broker.start() == url
    assert broker.sensor_url != login.sensor_url
    async with client(broker.sensor_url, "s-1") as sensor:
        await sensor.publish(TOPIC, "", qos=1)


async def test_payloads_larger_than_any_frame_arrive_to_be_counted(broker: Broker) -> None:
    url = broker.start()
    payload = b"x" * (MAX_PAYLOAD_BYTES // 2)
    async with asyncio.timeout(20), client(url) as listener, client(url) as sensor:
        await listener.subscribe("yunparking/#", qos=1)
        await sensor.publish(TOPIC, payload, qos=1)
        async for message in listener.messages:
            assert message.payload == payload
            break


def test_it_listens_on_this_machine_only(broker: Broker) -> None:
    broker.start()
    assert broker.process
    listening = psutil.Process(broker.process.pid).net_connections("inet")
    assert {one.laddr.ip for one in listening if one.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_a_second_launcher_and_a_taken_port_are_told_what_to_do(broker: Broker, tmp_path: Path) -> None:
    url = broker.start()
    assert running_url(broker.folder) == url
    with pytest.raises(BrokerError, match="Another YunParking is using"):
        Broker(broker.folder).start()
    with pytest.raises(BrokerError, match=r"for MQTT is taken.*broker\.port"):
        Broker(tmp_path / "other", urlsplit(url).port or 0).start()
    broker.stop()
    assert running_url(broker.folder) is None
