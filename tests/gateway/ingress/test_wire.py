"""The wire by itself: what it needs of its library, and how it reads."""

import asyncio
import os
import socket
import tracemalloc

import paho.mqtt.client as paho
import pytest

from gateway.ingress.stream import Stream
from gateway.ingress.wire import PUBACK, Broker, Wire, client_of


async def test_the_private_parts_that_the_wire_uses_exist() -> None:
    wire = Wire(Broker("mqtt://localhost"), "c", ("a/#",), lambda *frame: None)
    assert wire._paho._manual_ack is True
    assert wire._paho.on_message == wire._on_message
    for name in ("_sock", "_packet_queue", "loop_read", "_in_packet", "_last_bytes_received"):
        assert hasattr(paho.Client(paho.CallbackAPIVersion.VERSION2), name)
    assert wire._paho.on_connect == wire._on_connect
    assert callable(wire._client._on_connect)
    assert isinstance(wire._client._disconnected, asyncio.Future)


async def test_a_lost_socket_is_not_watched_when_its_number_is_anothers() -> None:
    ours, theirs = socket.socketpair()
    client, loop = client_of(Broker("mqtt://localhost"), "c")._client, asyncio.get_running_loop()
    client._sock, number = ours, ours.fileno()
    client._call_socket_open(ours)  # both ask the loop to watch it, a moment later
    client._packet_queue(PUBACK, b"", 0, 0)
    client._sock_close()
    os.dup2(theirs.fileno(), number)
    try:
        await asyncio.sleep(0)
        assert not loop.remove_writer(number)
        assert not loop.remove_reader(number)
    finally:
        os.close(number)
        theirs.close()


async def test_a_cancellation_that_comes_together_with_an_answer_is_not_lost() -> None:
    client, answer = client_of(Broker("mqtt://localhost"), "c"), asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(client._wait_for(answer, None))
    await asyncio.sleep(0)
    answer.set_result("granted")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


CONNECT, SUBSCRIBE = 0x10, 0x82
CONNACK = b"\x20\x02\x00\x00"


GIVES_UP = [pytest.param(b"", CONNECT, id="connecting"), pytest.param(CONNACK, SUBSCRIBE, id="subscribing")]


@pytest.mark.parametrize(("answer", "last_word"), GIVES_UP)
async def test_who_gives_up_while_the_broker_does_not_answer_stays_not_connected(answer: bytes, last_word: int) -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while word := await reader.read(1000):
            if word[0] == CONNECT:
                writer.write(answer)  # not before: what is subscribed to would be read together with CONNECT
            if word[0] == last_word:
                asked.set()
        ended.set()
        writer.close()

    server = await asyncio.start_server(broker, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, asyncio.timeout(20):
        wire = Wire(Broker(f"mqtt://127.0.0.1:{port}"), "c", ("a/#",), lambda *frame: None)
        entering = asyncio.create_task(wire.__aenter__())
        await asked.wait()
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        await ended.wait()


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


class Socket:
    """What a broker sends, chunk by chunk; then nothing, until it ends."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)

    def recv(self, most: int) -> bytes:
        if not self.chunks:
            raise BlockingIOError
        return self.chunks.pop(0)


def publish(number: int, topic: bytes, payload: bytes, flags: int = 2) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + (number.to_bytes(2, "big") if flags & 6 else b"") + payload
    size = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 127 | 128, len(body) >> 7])
    return bytes([0x30 | flags]) + size + body


FRAMES = [
    (7, "a/b", b"one", False, False, 0),
    (8, "a/b", b"x" * 300, True, False, 0),
    (0, "a/\\xff", b"", False, True, 0),
]
SENT = publish(7, b"a/b", b"one") + publish(8, b"a/b", b"x" * 300, 2 | 8) + publish(0, b"a/\xff", b"", 1)


@pytest.mark.parametrize("size", [1, 2, 5, 64, 1000])
def test_frames_are_cut_out_whole_however_the_bytes_come(size: int) -> None:
    stream, heard = Stream(Socket(*[SENT[at : at + size] for at in range(0, len(SENT), size)]), 300), []
    for _ in range(0, len(SENT), size):
        stream.fill()
        stream.take(lambda *frame: heard.append(frame))
    assert heard == FRAMES
    assert stream.pending() == 0


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_of_a_long_payload_only_the_limit_is_handed_on_and_its_size_is_told(size: int) -> None:
    sent = publish(7, b"a/b", b"y" * 301) + publish(8, b"a/b", b"z" * 9000) + SENT
    stream, heard = Stream(Socket(*[sent[at : at + size] for at in range(0, len(sent), size)]), 300), []
    for _ in range(0, len(sent), size):
        stream.fill()
        stream.take(lambda *frame: heard.append(frame))
    assert heard == [
        (7, "a/b", b"y" * 300, False, False, 1),
        (8, "a/b", b"z" * 300, False, False, 8700),
        *FRAMES,
    ]


def test_a_payload_of_any_length_is_neither_held_nor_copied_again_and_again() -> None:
    topic, length, chunk = b"t" * 0xFFFF, 64 << 20, bytes(1 << 16)
    left = 2 + len(topic) + 2 + length
    size = bytes([*(left >> shift & 127 | 128 for shift in (0, 7, 14)), left >> 21])
    head = b"\x32" + size + len(topic).to_bytes(2, "big") + topic + b"\x00\x07"
    stream, heard = Stream(Socket(head, *[chunk] * (length >> 16), SENT), 300), []
    tracemalloc.start()
    try:
        for _ in range(2 + (length >> 16)):
            stream.fill()
            stream.take(lambda *frame: heard.append(frame))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert heard == [(7, topic.decode(), bytes(300), False, False, length - 300), *FRAMES]
    assert most < 1 << 20


def test_a_long_frame_that_is_whole_while_paused_comes_first_when_it_goes_on() -> None:
    whole = publish(7, b"a/b", b"z" * 9000)
    stream, heard = Stream(Socket(whole[:100], whole[100:] + SENT), 300), []
    stream.fill()
    stream.take(lambda *frame: heard.append(frame))
    stream.paused = True
    stream.fill()
    stream.take(lambda *frame: heard.append(frame))
    assert (heard, stream.pending()) == ([], 0)
    stream.paused = False
    stream.take(lambda *frame: heard.append(frame))
    assert heard == [(7, "a/b", b"z" * 300, False, False, 8700), *FRAMES]


def test_what_is_no_frame_is_left_to_the_library_and_frames_after_it_wait() -> None:
    stream, heard = Stream(Socket(b"\xd0\x00" + SENT), 300), []
    stream.fill()
    stream.take(lambda *frame: heard.append(frame))
    assert not heard
    assert [stream.recv(1), stream.recv(1)] == [b"\xd0", b"\x00"]
    stream.take(lambda *frame: heard.append(frame))
    assert heard == FRAMES
    with pytest.raises(BlockingIOError):
        stream.recv(1)


def test_while_paused_nothing_leaves_the_stream() -> None:
    stream, heard = Stream(Socket(SENT), 300), []

    def arrived(*frame: object) -> None:
        heard.append(frame)
        stream.paused = True

    stream.fill()
    stream.take(arrived)
    assert (len(heard), stream.pending()) == (1, 0)
    with pytest.raises(BlockingIOError):
        stream.recv(1)
    stream.paused = False
    stream.take(lambda *frame: heard.append(frame))
    assert heard == FRAMES


def test_the_end_of_the_line_comes_after_what_was_sent_before_it() -> None:
    stream, heard = Stream(Socket(SENT, b""), 300), []
    stream.fill()
    stream.fill()
    assert stream.ended
    stream.take(lambda *frame: heard.append(frame))
    assert heard == FRAMES
    assert stream.recv(1) == b""


def test_what_lies_decrypted_in_a_tls_socket_is_taken_too() -> None:
    class Tls(Socket):
        def pending(self) -> int:
            return sum(map(len, self.chunks))

    stream, heard = Stream(Tls(SENT[:7], SENT[7:50], SENT[50:]), 300), []
    stream.fill()
    stream.take(lambda *frame: heard.append(frame))
    assert heard == FRAMES


@pytest.mark.parametrize("packet", [b"\x32\x03\x00\x09a", b"\x32\xff\xff\xff\xff\x01"])
def test_a_frame_that_contradicts_itself_ends_the_line(packet: bytes) -> None:
    stream = Stream(Socket(packet), 300)
    stream.fill()
    with pytest.raises(ValueError):
        stream.take(lambda *frame: None)
