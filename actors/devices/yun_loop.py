"""A ground loop with a LoRa magnetometer: our own JSON, and a debounce longer than a passing truck."""

from actors.devices import yun_json
from actors.devices.kind import DeviceKind, Writer
from actors.values import MINUTE_US, SECOND_US

YUN_LOOP = DeviceKind(
    name="yun-loop",
    topics=("yunparking/loop/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/loop/%u/#"),
    heartbeat_us=30 * MINUTE_US,
    debounce_us=5 * SECOND_US,
    decode=yun_json.decode,
    doc="A loop in the ground: same JSON as yun-json; a change must last five seconds to be believed.",
)
