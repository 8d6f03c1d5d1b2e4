"""The broker that comes with YunParking: what it has acknowledged outlives kill -9, and strangers stay out."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import psutil
import pytest

from gateway.broker import MAX_PAYLOAD_BYTES, Broker, BrokerError, running_url

TOPIC = "yunparking/v1/a/up"


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


async def test_acknowledged_messages_outlive_kill_9(broker: Broker) -> None:
    url = broker.start()
    async with client(url, "listener") as listener:
        await listener.subscribe("yunparking/#", qos=1)
    async with client(url) as sensor:
        await asyncio.gather(*(sensor.publish(TOPIC, str(n), qos=1) for n in range(1000)))
    assert broker.process
    broker.process.kill()
    broker.process.wait()
    broker.stop()
    assert broker.start() == url
    kept: set[int] = set()
    async with asyncio.timeout(30), client(url, "listener") as listener:
        async for message in listener.messages:
            kept.add(int(bytes(message.payload)))  # type: ignore[arg-type]
            if len(kept) == 1000:
                break
    assert kept == set(range(1000))


async def test_strangers_stay_out(broker: Broker) -> None:
    url = broker.start()
    with pytest.raises(aiomqtt.MqttError):
        await client(url, password="guess").__aenter__()
    anonymous = aiomqtt.Client("127.0.0.1", urlsplit(url).port or 0)
    with pytest.raises(aiomqtt.MqttError):
        await anonymous.__aenter__()
    for name in ("login.json", "broker.conf"):
        assert (broker.folder / name).stat().st_mode & 0o777 == 0o600


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
