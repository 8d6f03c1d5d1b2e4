"""The barrier of a lane: how its arm stands, and what became of its orders."""

from collections.abc import Mapping

import msgspec

from actors.devices.kind import DeviceKind, Reading, Writer, typed
from actors.devices.yun_lock import ArmFrame, arm_reading
from actors.values import MINUTE_US, Micros

_decoder = msgspec.json.Decoder(ArmFrame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame of a barrier."""
    return arm_reading(parts, typed(_decoder, payload), received_us, "lane")


YUN_BARRIER = DeviceKind(
    name="yun-barrier",
    topics=("yunparking/barrier/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/barrier/%u/#"),
    heartbeat_us=5 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="The barrier of a lane, or its screen: is the arm up, which order has it carried out.",
    obeys=True,
)
