"""A video pile at the kerb: a camera of one bay, low enough to read every plate."""

from collections.abc import Mapping

import msgspec

from actors.devices.kind import DeviceKind, Reading, Writer, typed
from actors.devices.yun_camera import PlateFrame, plate_reading
from actors.values import MINUTE_US, Micros

_decoder = msgspec.json.Decoder(PlateFrame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame of a pile."""
    return plate_reading(parts, typed(_decoder, payload), received_us, "pile")


YUN_PILE = DeviceKind(
    name="yun-pile",
    topics=("yunparking/pile/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/pile/%u/#"),
    heartbeat_us=5 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="A video pile: arrival and departure of its one bay, with plate, colour and pictures.",
)
