"""A magnetometer with a radar in one housing: one frame carries both readings."""

from collections.abc import Mapping

import msgspec

from actors.devices.kind import DeviceKind, Reading, Writer, typed
from actors.devices.yun_json import SensorFrame, reading
from actors.values import MINUTE_US, Micros


class RadarFrame(SensorFrame, frozen=True, omit_defaults=True, kw_only=True):
    """A frame of our own sensor: `occupied` is the magnetometer's reading, `radar` the radar's (left out: it slept)."""

    radar: bool | None = None


_decoder = msgspec.json.Decoder(RadarFrame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame: both readings, as they are; what follows when they differ is the bay's to say."""
    frame = typed(_decoder, payload)
    return reading(parts, frame, received_us, radar=frame.radar)


YUN_RADAR = DeviceKind(
    name="yun-radar",
    topics=("yunparking/radar/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/radar/%u/#"),
    heartbeat_us=30 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="A magnetometer with radar: when the two contradict each other, the bay is to be verified and no stay ends.",
)
