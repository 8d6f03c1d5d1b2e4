"""Many sensors in one process of their own: publishes over one bare MQTT connection, paced or as fast as it is taken.

Bare, because it shares the cores with what is measured: a client library would cost more than the gateway itself.
Reads a `Task` as JSON from stdin, writes a `Sent` as JSON to stdout.
"""

import asyncio
import struct
import sys
from time import process_time, time_ns

import msgspec

from actors.devices import SensorFrame, encode
from gateway.ingress.wire import Broker

STEP_S = 0.01
UNACKNOWLEDGED_MOST = 2_000


class Task(msgspec.Struct):
    """What to publish: `occupied` is what each device said last; `rate` 0 is as fast as the broker takes it."""

    url: str
    occupied: dict[str, bool]
    boot: int
    rate: int
    seconds: float


class Sent(msgspec.Struct):
    """What was published: how much, when it began and ended (µs), the CPU it took, and the last word of each device."""

    frames: int
    began_us: int
    ended_us: int
    cpu_s: float
    last_us: dict[str, int]
    occupied: dict[str, bool]


class Line:
    """A connection to the broker that publishes with QoS 1 and counts acknowledgements."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._number = 0
        self.unacknowledged = 0
        self._came = asyncio.Event()

    @classmethod
    async def open(cls, url: str) -> "Line":
        """Connects; ConnectionError if the broker refuses."""
        broker = Broker(url)
        reader, writer = await asyncio.open_connection(broker.host, broker.port)
        said = [b"bench-sensors", *(each.encode() for each in (broker.user, broker.password) if each is not None)]
        flags = 2 | (0x80 if broker.user else 0) | (0x40 if broker.password else 0)
        body = _text(b"MQTT") + bytes((4, flags)) + struct.pack("!H", 0) + b"".join(map(_text, said))
        writer.write(b"\x10" + _length(len(body)) + body)
        if (await reader.readexactly(4))[3] != 0:
            raise ConnectionError("the broker refuses the sensors")
        return cls(reader, writer)

    async def listen(self) -> None:
        """Counts PUBACKs, the only packets that come; each has four bytes."""
        rest = 0
        while chunk := await self._reader.read(1 << 16):
            packets, rest = divmod(rest + len(chunk), 4)
            self.unacknowledged -= packets
            self._came.set()

    def publish(self, topic: bytes, payload: bytes) -> None:
        """One PUBLISH with QoS 1."""
        self._number = self._number % 65_535 + 1
        self.unacknowledged += 1
        body = _text(topic) + struct.pack("!H", self._number) + payload
        self._writer.write(b"\x32" + _length(len(body)) + body)

    async def acknowledged(self, most: int) -> None:
        """Waits until no more than `most` are unacknowledged."""
        while self.unacknowledged > most:
            self._came.clear()
            await self._came.wait()


def _text(text: bytes) -> bytes:
    return struct.pack("!H", len(text)) + text


def _length(n: int) -> bytes:
    out = bytearray()
    while True:
        n, seven = divmod(n, 128)
        out.append(seven | (0x80 if n else 0))
        if not n:
            return bytes(out)


async def publish(task: Task) -> Sent:
    """Each device in turn says the opposite of what it said last, with the present as its time."""
    line = await Line.open(task.url)
    listening = asyncio.ensure_future(line.listen())
    devices, last_us, sent, began_us, before_s = list(task.occupied), dict[str, int](), 0, _now_us(), process_time()
    while (passed_s := (_now_us() - began_us) / 1e6) < task.seconds:
        due = round(task.rate * (passed_s + STEP_S)) - sent if task.rate else UNACKNOWLEDGED_MOST - line.unacknowledged
        for _ in range(due):
            device, now = devices[sent % len(devices)], _now_us()
            occupied = task.occupied[device] = not task.occupied[device]
            frame = SensorFrame(v=1, boot=task.boot, n=sent // len(devices) + 1, at=now, occupied=occupied, battery=80)
            line.publish(f"yunparking/v1/{device}/up".encode(), encode(frame))
            last_us[device] = now
            sent += 1
        await (asyncio.sleep(STEP_S) if task.rate else line.acknowledged(UNACKNOWLEDGED_MOST // 2))
    await line.acknowledged(0)
    listening.cancel()
    return Sent(sent, began_us, _now_us(), process_time() - before_s, last_us, task.occupied)


def _now_us() -> int:
    return time_ns() // 1000


if __name__ == "__main__":
    done = asyncio.run(publish(msgspec.json.decode(sys.stdin.buffer.read(), type=Task)))
    sys.stdout.buffer.write(msgspec.json.encode(done))
