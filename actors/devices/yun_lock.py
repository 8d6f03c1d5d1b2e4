"""A lock in a bay: its arm, whether a car stands there, and what became of its orders."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from actors.devices.kind import DeviceKind, Reading, Writer, typed
from actors.devices.yun_json import SensorFrame, reading
from actors.values import MINUTE_US, Micros


class ArmFrame(SensorFrame, frozen=True, omit_defaults=True, kw_only=True):
    """A frame of what has an arm: how it stands, and the id of the order that it has just carried out (`ack`), or could
    not (`ack_why`, a word of its own).
    """

    arm: Literal["", "up", "down", "moving"] = ""
    ack: Annotated[str, Meta(max_length=64)] = ""
    ack_why: Annotated[str, Meta(max_length=64)] = ""


_decoder = msgspec.json.Decoder(ArmFrame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame of a lock."""
    return arm_reading(parts, typed(_decoder, payload), received_us, "lock")


def arm_reading(parts: Mapping[str, str], frame: ArmFrame, received_us: Micros, source: str) -> Reading:
    """What a frame with an arm in it says."""
    said = {"arm": frame.arm, "ack": frame.ack, "ack_why": frame.ack_why}
    return reading(parts, frame, received_us, source=source, **said)


YUN_LOCK = DeviceKind(
    name="yun-lock",
    topics=("yunparking/lock/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/lock/%u/#"),
    heartbeat_us=30 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="A lock in a bay: is a car there, is its arm up, which order has it carried out.",
    obeys=True,
)
