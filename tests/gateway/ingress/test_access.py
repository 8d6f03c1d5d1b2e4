"""The access list that is made from the device kinds, at a real broker."""

import asyncio
from pathlib import Path

import aiomqtt
import pytest

from actors.devices import DEVICE_KINDS
from gateway.ingress import access
from gateway.ingress.access import mosquitto_acl
from storage.local import free_port
from tests.gateway.ingress import scene

WORD = "p@ss/word"


def test_every_kind_is_in_the_access_list_and_in_the_readme() -> None:
    text = mosquitto_acl()
    for kind in DEVICE_KINDS:
        assert f"write {kind.writer.filter}\n" in text
    readme = Path(access.__file__).with_name("README.md").read_text()
    assert text in readme, "the README shows the list as it is made"


async def hears_its_own_orders(gateway: aiomqtt.Client, port: int) -> None:
    """mosquitto grants every subscription, and passes on what may be read."""
    async with aiomqtt.Client("127.0.0.1", port, username="s-1", password=WORD) as device:
        await device.subscribe("yunparking-down/+", qos=1)
        for name in ("GW_1", "s-1"):
            await gateway.publish(f"yunparking-down/{name}", name, qos=1)
        async with asyncio.timeout(scene.WAIT_S):
            assert (await anext(device.messages)).payload == b"s-1"


@pytest.mark.skipif(scene.mosquitto() is None, reason="mosquitto is not installed")
async def test_a_device_publishes_below_its_own_topics_only(tmp_path: Path) -> None:
    acl, port = tmp_path / "acl", free_port()
    acl.write_text(mosquitto_acl())
    acl.chmod(0o644)
    command = scene.mosquitto_command(
        tmp_path, port, f"acl_file {acl}\n", users=("yunparking", "s-1", "GW_1", "network_server")
    )
    mine = [("s-1", "yunparking/v1/s-1/up"), ("GW_1", "iot-topic/gw/a/GW_1/3")]
    mine.append(("network_server", "application/1/device/00aa/event/up"))
    others = [("s-1", "yunparking/v1/s-2/up"), ("GW_1", "iot-topic/gw/a/GW_2/3"), ("s-1", mine[2][1])]
    others.append(("network_server", "yunparking/v1/s-1/up"))
    with scene.running(command, port, tmp_path):
        async with aiomqtt.Client("127.0.0.1", port, username="yunparking", password=WORD) as reader:
            await hears_its_own_orders(reader, port)
            await reader.subscribe([(kind.subscription, 1) for kind in DEVICE_KINDS])
            for user, where in (*others, *mine):
                async with aiomqtt.Client("127.0.0.1", port, username=user, password=WORD) as writer:
                    await writer.publish(where, user, qos=1)
            heard = []
            async with asyncio.timeout(scene.WAIT_S):
                async for message in reader.messages:
                    heard.append((bytes(message.payload).decode(), str(message.topic)))
                    if len(heard) == len(mine):
                        break
    assert heard == mine
