"""A frame on its way through the door, from its arrival to its acknowledgement."""

import asyncio

import msgspec

from actors.engine.entries import Answer
from actors.messages.device import HeardLate
from actors.messages.forms import Refused
from actors.values import Micros
from storage.frames import FrameRow

TOPIC_MOST = 512
DETAIL_MOST = 500


_refused = msgspec.msgpack.Decoder(Refused)
_HEARD_LATE = msgspec.msgpack.encode(HeardLate())


class Frame:
    """One PUBLISH and what is known of it so far; `outcome` is empty while its turn is not durable."""

    __slots__ = (
        "detail",
        "device",
        "due",
        "kind",
        "left_out",
        "mid",
        "outcome",
        "payload",
        "received_us",
        "taken",
        "topic",
    )

    def __init__(
        self,
        mid: int,
        topic: str,
        payload: bytes,
        received_us: Micros,
        due: float,
        left_out: int = 0,
    ) -> None:
        self.mid = mid
        self.topic = topic
        self.payload = payload
        self.left_out = left_out
        self.received_us = received_us
        self.due = due
        self.device: str | None = None
        self.kind: str | None = None
        self.outcome = ""
        self.detail = ""
        self.taken: asyncio.Future[Answer] | None = None

    def close(self, outcome: str, detail: str = "") -> None:
        """The frame's outcome is known."""
        self.outcome = outcome
        self.detail = detail

    def settle(self, answer: Answer) -> None:
        """The frame's turn is durable: its outcome is what the engine and the device's actor said."""
        if answer.note:
            return self.close(answer.note)
        if answer.reply is None:
            return self.close("accepted")
        if answer.reply == _HEARD_LATE:
            return self.close("late")
        try:
            refused = _refused.decode(answer.reply)
        except msgspec.MsgspecError:
            return self.close("accepted")
        # The engine keeps a message that broke its actor; otherwise an actor refuses only what it was never told of.
        outcome = "parked" if refused.code == "internal_error" else "unknown_device"
        return self.close(outcome, f"{refused.code}: {refused.message}")

    @property
    def oversized(self) -> bool:
        """Whether the payload was longer than what is kept of it."""
        return self.left_out > 0

    @property
    def fingerprint(self) -> int:
        """Tells it from other frames that bear its packet number."""
        return hash((self.topic, self.payload, self.left_out))

    def is_copy(self, topic: str, payload: bytes, left_out: int) -> bool:
        """Whether a packet with this content would be the same frame again."""
        return (topic, payload, left_out) == (self.topic, self.payload, self.left_out)

    def row(self) -> FrameRow:
        """The frame as it is kept: texts that PostgreSQL can hold, the payload up to its limit."""
        detail = self.detail
        if self.oversized:
            detail = f"{detail} ({len(self.payload) + self.left_out} bytes, {len(self.payload)} kept)".strip()
        return FrameRow(
            self.received_us,
            _storable(self.topic, TOPIC_MOST),
            self.device,
            self.kind,
            self.payload,
            self.outcome,
            _storable(detail, DETAIL_MOST),
        )


def _storable(text: str, most: int) -> str:
    return text[:most].replace("\x00", "\ufffd")
