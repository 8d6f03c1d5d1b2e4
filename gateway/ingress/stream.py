"""What comes from the broker, asked of the system 64 KiB at a time: frames are cut out, the rest is paho's.

A PUBLISH costs paho some 20 µs, most of it for the byte by byte reading of its head and for callbacks that nobody
has set; here it costs one. All other packets are rare, and read by paho as from any socket.
"""

import ssl
from collections.abc import Callable
from typing import Any

CHUNK = 1 << 16
PUBLISH = 0x30
QOS_BITS, QOS_1 = 0x06, 0x02
DUP, RETAIN = 0x08, 0x01
HEAD_MOST = 2 + 0xFFFF + 2
"""The most that stands before a payload: a topic with its length, and the packet's number."""

Arrived = Callable[[int, str, bytes, bool, bool, int], None]
"""(packet number or 0, topic, payload, is it a redelivery, is it a retained one, how many bytes were left out at
the payload's end); must not raise.
"""

NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class _Coming:
    """A PUBLISH of which a part is still to come: the beginning of its body is kept, the rest only counted."""

    def __init__(self, first: int, body: bytes, left: int, most: int) -> None:
        self.first, self.left, self.dropped = first, left, 0
        self.kept, self._most = bytearray(), most
        self._keep(body)

    def add(self, chunk: bytes) -> bytes:
        """Takes what belongs to it; what is behind it is given back."""
        own, rest = chunk[: self.left], chunk[self.left :]
        self.left -= len(own)
        self._keep(own)
        return rest

    def _keep(self, part: bytes) -> None:
        kept = part[: self._most - len(self.kept)]
        self.kept += kept
        self.dropped += len(part) - len(kept)


class Stream:
    """A socket's bytes in order, in place of the socket. While `paused`, nothing leaves it.

    However long a PUBLISH is, no more than `payload_most` bytes of its payload are held and handed on.
    """

    def __init__(self, inner: Any, payload_most: int) -> None:
        self._inner = inner
        self._payload_most = payload_most
        self._bytes = b""
        self._at = 0
        self._coming: _Coming | None = None
        self._failed: OSError | None = None
        self.ended = False
        self.paused = False

    def fill(self) -> None:
        """Takes in what has come, which may be nothing; an end or an error waits for whoever reads up to it."""
        try:
            self._add(self._inner.recv(CHUNK))
            while self._inner_pending():  # of TLS: what is decrypted already wakes nobody
                self._add(self._inner.recv(CHUNK))
        except NOT_NOW:
            return
        except OSError as error:
            self._failed, self.ended = error, True

    def _add(self, chunk: bytes) -> None:
        self.ended = not chunk
        if self._coming is not None:
            chunk = self._coming.add(chunk)
        self._bytes, self._at = self._bytes[self._at :] + chunk, 0

    def take(self, arrived: Arrived) -> None:
        """Hands on the whole PUBLISH packets that are in front; ValueError for one that contradicts itself."""
        self._take_coming(arrived)
        data = self._bytes
        while not self.paused and self.frame_first():
            first = data[self._at]
            body, after = _bounds(data, self._at)
            if after > len(data):
                most = HEAD_MOST + self._payload_most
                self._coming = _Coming(first, data[body:], after - len(data), most)
                self._at = len(data)
            if not 0 < after <= len(data):
                return
            self._at = after
            self._hand_on(first, data, body, after, 0, arrived)

    def _take_coming(self, arrived: Arrived) -> None:
        if (come := self._coming) is not None and not come.left and not self.paused:
            self._coming = None
            self._hand_on(come.first, bytes(come.kept), 0, len(come.kept), come.dropped, arrived)

    def _hand_on(self, first: int, data: bytes, body: int, after: int, dropped: int, arrived: Arrived) -> None:
        topic_ends = body + 2 + int.from_bytes(data[body : body + 2], "big")
        payload = topic_ends + 2 if first & QOS_BITS else topic_ends
        if payload > after:
            raise ValueError("a PUBLISH is shorter than it says")
        number = int.from_bytes(data[topic_ends:payload], "big")
        end = min(after, payload + self._payload_most)
        left_out = after - end + dropped
        topic = text(data[body + 2 : topic_ends])
        arrived(number, topic, data[payload:end], first & DUP > 0, first & RETAIN > 0, left_out)

    def frame_first(self) -> bool:
        """Whether what is in front is a PUBLISH (of those that we subscribed to), whole or not."""
        if self._at >= len(self._bytes):
            return False
        first = self._bytes[self._at]
        return first & 0xF0 == PUBLISH and first & QOS_BITS <= QOS_1

    def recv(self, most: int) -> bytes:
        """The next bytes, up to `most`, as paho reads them; BlockingIOError when there are none."""
        part = b"" if self.paused else self._bytes[self._at : self._at + most]
        self._at += len(part)
        if part:
            return part
        if self._failed is not None:
            raise self._failed
        if self.ended and not self.paused:
            return b""
        raise BlockingIOError

    def pending(self) -> int:
        """How many bytes can be read without asking the system."""
        return 0 if self.paused else len(self._bytes) - self._at

    def _inner_pending(self) -> int:
        return int(self._inner.pending()) if hasattr(self._inner, "pending") else 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def text(topic: bytes) -> str:
    """A topic as text, also one that is none."""
    try:
        return topic.decode()
    except UnicodeDecodeError:
        return topic.decode(errors="backslashreplace")


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """(where the packet's body begins, where it ends); (0, 0) if not even its length is here."""
    size = shift = 0
    for place in range(at + 1, min(at + 5, len(data))):
        size |= (data[place] & 0x7F) << shift
        if data[place] < 0x80:
            return place + 1, place + 1 + size
        shift += 7
    if len(data) >= at + 5:
        raise ValueError("a packet's length has more than four bytes")
    return 0, 0
