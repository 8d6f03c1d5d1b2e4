"""Many screens in one process: read whole frames, answer pings, and some of them note how late each frame came.

Bare, because they share the cores with what is measured: a client library would cost several times the server.
"""

import asyncio
import base64
import socket
from time import time_ns
from typing import Any

import msgspec
import uvloop

from benchmarks.child import Answers
from benchmarks.report import percentile
from gateway.workers import collect_seldom

PROBE_EVERY = 20
"""Every so many-th screen notes delays: enough for a p99, and cheap enough not to be what is measured."""
AT_ONCE = 50
ASK_AGAIN_S = 0.06
BINARY, PING = 2, 9
AT = msgspec.msgpack.encode("at") + b"\xcf"
BEAT = msgspec.msgpack.encode({"t": "beat"})[1:]
SNAP = msgspec.msgpack.encode({"t": "snap"})[1:]


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame; its mask is 0, so that the payload stands as it is."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


def said(*messages: dict[str, Any]) -> bytes:
    """A frame of the live line's protocol."""
    return masked(BINARY, msgspec.msgpack.encode(messages))


HELLO = {"t": "hello", "v": 1, "token": "any"}


def handshake(host: str) -> bytes:
    """The request that opens a websocket."""
    key = base64.b64encode(bytes(16)).decode()
    lines = (
        "GET / HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    )
    return "\r\n".join((*lines, "", "")).encode()


class Screen(asyncio.Protocol):
    """One connection; counts frames and bytes, and as a probe notes delays."""

    def __init__(self, host: str, probe: bool) -> None:
        self._host, self._probe = host, probe
        self._rest = b""
        self._left = 0
        self.transport: Any = None
        self.opened = asyncio.get_running_loop().create_future()
        self.begin()

    def begin(self) -> None:
        """Counts anew."""
        self.frames = self.bytes = self.snaps = 0
        self.delays_ms: list[float] = []
        self.payloads: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(handshake(self._host))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            head, end, data = (self._rest + data).partition(b"\r\n\r\n")
            self._rest = b"" if end else head
            if not end:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self.opened.set_result(None)
        self.bytes += len(data)
        if self._left:
            if len(data) < self._left:
                self._left -= len(data)
                return
            data, self._left = data[self._left :], 0
            self.frames += 1
        self._read(self._rest + data if self._rest else data)

    def _read(self, data: bytes) -> None:
        place, end = 0, len(data)
        while end - place >= 2:
            size = data[place + 1]
            begin = place + (2 if size < 126 else 4 if size == 126 else 10)
            if begin > end:
                break
            if size >= 126:
                size = int.from_bytes(data[place + 2 : begin])
            if begin + size > end:
                if not self._probe and data[place] & 15 == BINARY:
                    self._left, place = begin + size - end, end  # only its end matters
                break
            self._whole(data[place] & 15, data[begin : begin + size])
            place = begin + size
        self._rest = data[place:]

    def _whole(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.transport.write(masked(10, payload))
        if opcode != BINARY or BEAT in payload[:16]:
            return
        self.frames += 1
        if self._probe:
            self._note(payload)

    def _note(self, payload: bytes) -> None:
        if SNAP in payload:
            self.snaps += 1
        elif (place := payload.find(AT)) > 0:
            made_us = int.from_bytes(payload[place + len(AT) : place + len(AT) + 8])
            self.delays_ms.append(time_ns() / 1e6 - made_us / 1e3)
            self.payloads.append(payload)


class Screens:
    """All screens of one line, and clients of it that stop reading."""

    def __init__(self) -> None:
        self._host, self._port = "127.0.0.1", 0
        self._screens: list[Screen] = []
        self._topics: list[str] = []
        self._stuck: list[socket.socket] = []

    async def answer(self, asked: dict[str, Any]) -> Any:
        """`{do: method, …}`."""
        return await getattr(self, asked.pop("do"))(**asked)

    async def open(self, port: int, count: int) -> int:
        """Opens so many screens."""
        self._port, loop = port, asyncio.get_running_loop()
        for first in range(0, count, AT_ONCE):
            some = [Screen(self._host, n % PROBE_EVERY == 0) for n in range(first, min(count, first + AT_ONCE))]
            await asyncio.gather(*(loop.create_connection(lambda s=s: s, self._host, port) for s in some))  # type: ignore[misc]
            await asyncio.gather(*(screen.opened for screen in some))
            self._screens += some
        return len(self._screens)

    async def follow(self, topics: list[str]) -> list[str]:
        """Lets every screen follow these topics and no others; waits until each probe has its first pictures."""
        gone = [{"t": "unsub", "topic": topic} for topic in self._topics]
        new = [{"t": "sub", "topic": topic} for topic in topics]
        asked, self._topics = said(HELLO, *gone, *new), topics
        for screen in self._screens:
            screen.begin()
            screen.transport.write(asked)
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while not all(screen.snaps for screen in self._screens[::PROBE_EVERY]):  # noqa: ASYNC110 - they count
                await asyncio.sleep(0.05)
        return topics

    async def measure(self, seconds: float) -> dict[str, Any]:
        """What came in so many seconds, and how late."""
        for screen in self._screens:
            screen.begin()
        await asyncio.sleep(seconds)
        delays = [delay for screen in self._screens for delay in screen.delays_ms]
        payloads = self._screens[0].payloads if self._screens else []
        return {
            "frames": sum(screen.frames for screen in self._screens),
            "bytes": sum(screen.bytes for screen in self._screens),
            "snaps": sum(screen.snaps for screen in self._screens),
            "p50_ms": percentile(delays, 50),
            "p99_ms": percentile(delays, 99),
            "payloads": [base64.b64encode(payload).decode() for payload in payloads],
        }

    async def stick(self, count: int, topic: str) -> int:
        """Opens clients that never read: each asks for a topic again and again, so that its buffers fill at once."""
        loop = asyncio.get_running_loop()
        for _ in range(count):
            line = socket.socket()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            # As over a real network: with the segments of the loopback the system alone would hold megabytes for it.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            line.setblocking(False)
            await loop.sock_connect(line, (self._host, self._port))
            await loop.sock_sendall(line, handshake(self._host))
            await asyncio.sleep(ASK_AGAIN_S)
            await loop.sock_sendall(line, said(HELLO, {"t": "sub", "topic": topic}))
            self._stuck.append(line)
        return len(self._stuck)

    async def push(self, topic: str) -> int:
        """Every stuck client asks once more."""
        await asyncio.sleep(ASK_AGAIN_S)
        for line in self._stuck:
            await asyncio.get_running_loop().sock_sendall(line, said({"t": "sub", "topic": topic}))
        return len(self._stuck)

    async def unstick(self) -> int:
        """They leave."""
        for line in self._stuck:
            line.close()
        self._stuck.clear()
        return 0


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(Answers().serve(Screens().answer))
