"""The frames of the live line: one MessagePack array of maps each, both ways; and everything that bounds them."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgpack  # type: ignore[import-untyped]
import msgspec

from actors.values import Micros
from gateway.live.topics import Piece

VERSION = 1
TICK_MS = 100

BAD_FRAME = 4400
NOT_SIGNED_IN = 4401
TOO_SLOW = 4408
TOO_MUCH = 4429

TEXT_CHARS = 4_096
MAP_KEYS = 8


class Limits(msgspec.Struct, frozen=True):
    """What a client may do, as `welcome` tells it: a frame's bytes and messages, topics, frames a second, and so on."""

    frame_bytes: int = 16_384
    messages: int = 64
    topics: int = 64
    frames_per_s: int = 20
    frames_burst: int = 40
    hello_ms: int = 5_000
    stuck_ms: int = 30_000


class Asked(msgspec.Struct, tag_field="t", frozen=True):
    """Something a client says; fields we do not know are passed over."""


class Hello(Asked, frozen=True, tag="hello"):
    """Who is there: the first message, and again to renew a token."""

    v: int
    token: str


class Sub(Asked, frozen=True, tag="sub"):
    """Follow a topic, from (epoch, seq) if the client has been there."""

    topic: str
    epoch: str | None = None
    seq: int | None = None


class Unsub(Asked, frozen=True, tag="unsub"):
    """Follow a topic no more."""

    topic: str


class Ping(Asked, frozen=True, tag="ping"):
    """Are you there? The id comes back."""

    id: int | str


class Bad(Exception):
    """A frame that breaks the protocol: the close code and a stable machine word."""

    def __init__(self, close: int, code: str) -> None:
        super().__init__(code)
        self.close = close
        self.code = code


_encode = msgspec.msgpack.Encoder().encode


def said(frame: bytes | str, limits: Limits) -> list[Asked]:
    """What a client's frame says; raises `Bad`. `msgpack` bounds it before msgspec types it."""
    if isinstance(frame, str):
        raise Bad(BAD_FRAME, "not_binary")
    try:
        raw = msgpack.unpackb(
            frame,
            max_str_len=TEXT_CHARS,
            max_array_len=limits.messages,
            max_map_len=MAP_KEYS,
            max_bin_len=0,
            max_ext_len=0,
        )
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise Bad(BAD_FRAME, "not_messagepack") from error
    try:
        return list(msgspec.convert(raw, list[Hello | Sub | Unsub | Ping]))
    except (msgspec.ValidationError, RecursionError) as error:
        raise Bad(BAD_FRAME, "not_a_message") from error


def chunk(message: dict[str, Any]) -> bytes:
    """One message, encoded: any number of them, after an array header, make a frame."""
    return _encode(message)


def chunk_of(piece: Piece) -> bytes:
    """A step of a topic as a `snap` or `delta`; its body goes in as it is."""
    message: dict[str, Any] = {"t": "snap" if piece.prev is None else "delta", "topic": piece.topic}
    message["epoch"] = piece.epoch
    if piece.prev is not None:
        message["prev"] = piece.prev
    return _encode(message | {"seq": piece.seq, "at": piece.at, "body": msgspec.Raw(piece.body)})


def frame(chunks: Iterable[bytes]) -> bytes:
    """A whole websocket frame (binary, final, unmasked) around one array of these messages."""
    parts = list(chunks)
    count = len(parts)
    header = bytes([0x90 | count]) if count < 16 else b"\xdd" + count.to_bytes(4)
    return _websocket(header + b"".join(parts))


def _websocket(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([0x82, size]) + payload
    if size < 1 << 16:
        return b"\x82\x7e" + size.to_bytes(2) + payload
    return b"\x82\x7f" + size.to_bytes(8) + payload


def welcome(now: Micros, limits: Limits) -> bytes:
    """The answer to `hello`."""
    told = msgspec.structs.asdict(limits)
    return chunk({"t": "welcome", "v": VERSION, "at": now, "tick_ms": TICK_MS, "limits": told})


def beat(now: Micros, seqs: dict[str, tuple[str, int]], away: Sequence[str] = ()) -> bytes:
    """Everything up to `now` is shown, each topic stands at this (epoch, seq), and these parts do not answer."""
    return chunk({"t": "beat", "at": now, "seqs": seqs} | ({"away": away} if away else {}))


def pong(ping: Ping, now: Micros) -> bytes:
    """The answer to `ping`."""
    return chunk({"t": "pong", "id": ping.id, "at": now})


def gone(topic: str, code: str) -> bytes:
    """A topic that is not, or no longer, followed, and why."""
    return chunk({"t": "gone", "topic": topic, "code": code})


def error(code: str, message: str) -> bytes:
    """The last message before the line is closed."""
    return chunk({"t": "error", "code": code, "message": message})
