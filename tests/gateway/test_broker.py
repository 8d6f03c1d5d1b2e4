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
from storage.local import write_private

TOPIC = "yunparking/v1/a/up"
TOPICS = [
    "yunparking/v1/s.1/up",
    "yunparking/loop/s-1/up",
    "yunparking/lane/cam-1/up",
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
