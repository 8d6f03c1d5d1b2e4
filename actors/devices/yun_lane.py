"""The plate camera of a lane: which vehicle stands before the barrier, and which way it goes."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from actors.devices.kind import DeviceKind, Reading, Writer, typed
from actors.devices.yun_camera import PlateFrame, plate_reading
from actors.values import MINUTE_US, Micros


class LaneFrame(PlateFrame, frozen=True, omit_defaults=True, kw_only=True):
    """A frame of a lane's camera; a car that came has an `event` and a direction, a sign of life has none."""

    direction: Literal["", "in", "out"] = ""


_decoder = msgspec.json.Decoder(LaneFrame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame of a lane's camera."""
    frame = typed(_decoder, payload)
    return plate_reading(parts, frame, received_us, "lane", direction=frame.direction)


YUN_LANE = DeviceKind(
    name="yun-lane",
    topics=("yunparking/lane/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/lane/%u/#"),
    heartbeat_us=5 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="The plate camera of a lane: plate, colour, confidence, direction and pictures of each car that comes.",
)
