"""One connection to the broker, acknowledged by hand: the only code that touches what aiomqtt and paho keep private.

Three things are not offered in public: to acknowledge after our own work (aiomqtt acknowledges on receipt), to read
many frames with one system call and without paho, and to write many PUBACKs with one. A test guards that they exist.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

import aiomqtt
import paho.mqtt.client as paho

from actors.devices import PAYLOAD_MOST
from gateway.ingress.stream import Arrived, Stream, text

PUBACK = 0x40
CONNECT_WITHIN_S = 10.0

T = TypeVar("T")


class Broker:
    """Where the broker is: from a URL such as `mqtt://user:password@host:1883` (`mqtts` for TLS)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError("a broker's URL looks like mqtt://user:password@host:1883")
        self.host = parts.hostname
        self.tls = parts.scheme == "mqtts"
        self.port = parts.port or (8883 if self.tls else 1883)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


class Wire:
    """A session with the broker that outlives its connections; frames arrive through `arrived`, in order, with no more
    than `payload_most` bytes of their payload.

    `resumed`: whether the broker had kept the session from before; None until it has answered.
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        subscriptions: tuple[str, ...],
        arrived: Arrived,
        payload_most: int = PAYLOAD_MOST,
    ) -> None:
        self._subscriptions = subscriptions
        self._arrived, self._payload_most = arrived, payload_most
        self._client = client_of(broker, client_id, clean=False)
        self._paho: paho.Client = self._client._client
        self._paho.manual_ack_set(True)
        # Set before connecting: the broker may send what it kept for this session right after its CONNACK.
        self._paho.on_message = self._on_message
        self._paho.on_connect = self._on_connect
        self.resumed: bool | None = None
        self._socket: Stream | None = None

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        self._socket = self._paho._sock = Stream(self._paho._sock, self._payload_most)
        self._listen(self._socket)
        try:
            await self._subscribe()
        except BaseException:
            self._client.drop()
            raise
        return self

    async def _subscribe(self) -> None:
        granted = await self._client.subscribe([(topic, 1) for topic in self._subscriptions])
        for topic, code in zip(self._subscriptions, granted, strict=True):
            if getattr(code, "is_failure", False):
                raise aiomqtt.MqttError(f"the broker refuses the subscription to {topic} ({code})")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def broken(self) -> None:
        """Waits until the connection is lost, then raises aiomqtt.MqttError."""
        async for _ in self._client.messages:
            raise AssertionError("frames do not pass through this queue")

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """Send the PUBACKs of these packets, in this order, as one write."""
        packets = b"".join(struct.pack("!BBH", PUBACK, 2, number) for number in numbers)
        if packets and self._paho._sock is not None:
            self._paho._packet_queue(PUBACK, packets, 0, 0)

    def pause(self) -> None:
        """Stop reading: what the broker sends stays in the network until `resume`."""
        if self._socket is not None and not self._socket.paused:
            self._socket.paused = True
            asyncio.get_running_loop().remove_reader(self._socket.fileno())

    def resume(self) -> None:
        """Read on, if paused and still connected."""
        if self._socket is not None and self._socket.paused and self._paho._sock is not None:
            self._socket.paused = False
            self._listen(self._socket)
            asyncio.get_running_loop().call_soon(self._pass_on, self._socket)

    def _listen(self, stream: Stream) -> None:
        asyncio.get_running_loop().add_reader(stream.fileno(), self._read, stream)

    def _read(self, stream: Stream) -> None:
        stream.fill()
        self._paho._last_bytes_received = monotonic()  # the broker lives, whoever reads its bytes
        self._pass_on(stream)

    def _pass_on(self, stream: Stream) -> None:
        """Hands on what has come, in order: frames to `arrived`, everything else to paho."""
        try:
            while self._paho._sock is stream:
                if self._between_packets():
                    stream.take(self._arrived)
                theirs = stream.pending() and not (self._between_packets() and stream.frame_first())
                if not theirs and not (stream.ended and not stream.paused):
                    return
                self._paho.loop_read()
        except (OSError, ValueError) as error:
            if not self._client._disconnected.done():
                self._client._disconnected.set_exception(error)

    def _between_packets(self) -> bool:
        return not self._paho._in_packet["command"]

    def _on_connect(self, client: paho.Client, userdata: Any, flags: paho.ConnectFlags, *rest: Any) -> None:
        self.resumed = flags.session_present
        self._client._on_connect(client, userdata, flags, *rest)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        # What the broker had kept and sent with its CONNACK, before the socket was ours.
        number, topic = message.mid if message.qos else 0, text(message._topic)
        payload = bytes(message.payload[: self._payload_most])
        self._arrived(number, topic, payload, message.dup, message.retain, len(message.payload) - len(payload))


async def has_session(broker: Broker, client_id: str) -> bool:
    """Whether the broker keeps a session of this name; what it sends meanwhile is dropped, and comes again."""
    wire = Wire(broker, client_id, (), lambda *frame: None)
    async with wire._client:
        return bool(wire.resumed)


async def end_session(broker: Broker, client_id: str) -> None:
    """Makes the broker forget the session of this name and all that it keeps for it."""
    async with client_of(broker, client_id):
        return


class Client(aiomqtt.Client):
    """Three things are otherwise than in aiomqtt.

    It has its loop watch a socket a moment after it was asked to. If the connection is lost in that moment, the
    socket's number may be another's by then, who would not hear of its own events: here it is looked at once more.
    It waits by `asyncio.wait_for`, which on Python 3.11 swallows a cancellation that comes together with the result: a
    gateway that was to end would listen on for ever. And who gives up connecting would stay connected.
    """

    _dropped = False

    async def __aenter__(self) -> Self:
        self._dropped = False
        try:
            return await super().__aenter__()
        except BaseException:
            self.drop()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            self.drop()

    def drop(self) -> None:
        """Ends the connection without goodbye; also one that a thread is just opening."""
        self._dropped = True
        if self._client._sock is not None:
            self._client._sock_close()
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()  # whoever had to know has heard of it

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:
        try:
            async with asyncio.timeout(self.timeout if timeout is None else timeout):
                return await fut
        except TimeoutError:
            raise aiomqtt.MqttError("Operation timed out") from None

    def _on_socket_open(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._watch, sock)

    def _watch(self, sock: Any) -> None:
        if self._dropped:
            self.drop()
        elif self._is_open(sock):
            self._loop.add_reader(sock.fileno(), self._guarded, self._read)
            self._misc_task = self._loop.create_task(self._misc_loop())

    def _read(self) -> None:
        self._client.loop_read()
        while getattr(self._client._sock, "pending", int)() > 0:  # of TLS: what is decrypted already wakes nobody
            self._client.loop_read()

    def _on_socket_register_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._watch_writing, sock)

    def _watch_writing(self, sock: Any) -> None:
        if self._is_open(sock):
            self._loop.add_writer(sock.fileno(), self._guarded, self._client.loop_write)

    def _is_open(self, sock: Any) -> bool:
        now = self._client._sock  # perhaps a stream around it
        return now is not None and 0 <= sock.fileno() == now.fileno()

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)


def client_of(broker: Broker, client_id: str | None = None, clean: bool = True, **options: Any) -> Client:
    """A client of this broker, not connected yet; `options` are aiomqtt's. Without a name it is new to the broker."""
    return Client(
        broker.host,
        broker.port,
        username=broker.user,
        password=broker.password,
        identifier=client_id,
        clean_session=clean,
        protocol=aiomqtt.ProtocolVersion.V311,
        tls_params=aiomqtt.TLSParameters() if broker.tls else None,
        **({"keepalive": 30, "timeout": CONNECT_WITHIN_S} | options),
    )
