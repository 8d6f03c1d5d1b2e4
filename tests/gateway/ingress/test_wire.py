"""The wire by itself: what it needs of its library, and how it reads."""

import asyncio

import paho.mqtt.client as paho
import pytest

from gateway.ingress.wire import Broker, ManyAtOnce, Wire


async def test_the_private_parts_that_the_wire_uses_exist() -> None:
    wire = Wire(Broker("mqtt://localhost"), "c", ("a/#",), lambda *frame: None)
    assert wire._paho._manual_ack is True
    assert wire._paho.on_message == wire._on_message
    for name in ("_sock", "_packet_queue", "loop_read"):
        assert hasattr(paho.Client(paho.CallbackAPIVersion.VERSION2), name)
    assert wire._paho.on_connect == wire._on_connect
    assert callable(wire._client._on_connect)
    assert isinstance(wire._client._disconnected, asyncio.Future)


async def test_a_topic_that_is_no_text_is_shown_as_what_it_is() -> None:
    heard = []
    wire = Wire(Broker("mqtt://localhost"), "c", ("a/#",), lambda *frame: heard.append(frame))
    wire._on_message(wire._paho, None, paho.MQTTMessage(mid=5, topic=b"a/\xff"))
    assert heard[0][:2] == (0, "a/\\xff")


def test_a_brokers_url_carries_its_password() -> None:
    broker = Broker("mqtt://door:p%40ss%2Fword@example.org:11883")
    assert (broker.user, broker.password, broker.port) == ("door", "p@ss/word", 11883)
    assert "ss" not in repr(broker)
    assert Broker("mqtts://h").port == 8883
    with pytest.raises(ValueError):
        Broker("localhost:1883")


def test_a_socket_read_byte_by_byte_asks_the_system_rarely() -> None:
    class Inner:
        chunks = [b"abcdef", b"g"]

        def recv(self, most: int) -> bytes:
            if not self.chunks:
                raise BlockingIOError
            return self.chunks.pop(0)

    many = ManyAtOnce(Inner())
    assert [many.recv(1), many.recv(2), many.pending(), many.recv(9)] == [b"a", b"bc", 3, b"def"]
    many.paused = True
    assert many.pending() == 0
    with pytest.raises(BlockingIOError):
        many.recv(1)
    many.paused = False
    assert many.recv(5) == b"g"
    with pytest.raises(BlockingIOError):
        many.recv(1)
