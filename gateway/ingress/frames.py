"""A frame on its way through the door, from its arrival to its acknowledgement."""

import asyncio
from typing import Protocol

from actors.values import Micros, Ref
from gateway.ingress.ports import FrameRow

TOPIC_MOST = 512
DETAIL_MOST = 500


class Answer(Protocol):
    """What became of a message: `how` is "done" when its turn is durable; `repeat` when it had been before."""

    @property
    def how(self) -> str: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def repeat(self) -> bool: ...


class Frame:
    """One PUBLISH and what is known of it so far; `outcome` is empty while its turn is not durable."""

    __slots__ = (
        "detail",
        "device",
        "due",
        "kind",
        "mid",
        "outcome",
        "payload",
        "received_us",
        "ref",
        "taken",
        "topic",
    )

    def __init__(self, mid: int, topic: str, payload: bytes, received_us: Micros, due: float) -> None:
        self.mid = mid
        self.topic = topic
        self.payload = payload
        self.received_us = received_us
        self.due = due
        self.device: str | None = None
        self.kind: str | None = None
        self.ref: Ref | None = None
        self.outcome = ""
        self.detail = ""
        self.taken: asyncio.Future[Answer] | None = None

    def close(self, outcome: str, detail: str = "") -> None:
        """The frame's outcome is known."""
        self.outcome = outcome
        self.detail = detail

    def row(self, payload_most: int) -> FrameRow:
        """The frame as it is kept: texts that PostgreSQL can hold, the payload up to its limit."""
        detail = self.detail
        if len(self.payload) > payload_most:
            detail = f"{detail} ({len(self.payload)} bytes, {payload_most} kept)".strip()
        return FrameRow(
            self.received_us,
            _storable(self.topic, TOPIC_MOST),
            self.device,
            self.kind,
            self.payload[:payload_most],
            self.outcome,
            _storable(detail, DETAIL_MOST),
        )


def _storable(text: str, most: int) -> str:
    return text[:most].replace("\x00", "\ufffd")
