"""Our own sensor: one plain JSON object a frame, over any bearer (NB-IoT, LoRa through a bridge, a wire)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from actors.devices.kind import (
    NUMBER_MOST,
    DeviceKind,
    Numbered,
    Reading,
    Writer,
    believed,
    device_id,
    typed,
)
from actors.messages.device import Uplinked
from actors.values import MINUTE_US, Micros

DEVICE = Writer("device", "yunparking/v1/%u/#")


class SensorFrame(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One frame of our own sensor. `at` is the sensor's clock in microseconds UTC; `occupied` is left out of
    a frame that has no opinion; `sim` marks what no real sensor saw.
    """

    v: Literal[1]
    boot: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    n: Annotated[int, Meta(ge=0, le=NUMBER_MOST)]
    at: Annotated[int, Meta(ge=0, le=NUMBER_MOST)]
    occupied: bool | None = None
    battery: Annotated[int, Meta(ge=0, le=100)] | None = None
    battery_mv: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    rssi: Annotated[int, Meta(ge=-200, le=50)] | None = None
    snr: Annotated[float, Meta(ge=-50, le=50)] | None = None
    temp_c: Annotated[float, Meta(ge=-100, le=200)] | None = None
    fault: bool = False
    started: bool = False
    sim: bool = False
    fw: Annotated[str, Meta(max_length=32)] = ""


_decoder = msgspec.json.Decoder(SensorFrame)


def encode(frame: SensorFrame) -> bytes:
    """The payload of a frame, as a sensor sends it; what is at its default is left out."""
    return msgspec.json.encode(frame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame of a sensor that speaks our own JSON."""
    return reading(parts, typed(_decoder, payload), received_us)


def reading(parts: Mapping[str, str], frame: SensorFrame, received_us: Micros, **more: Any) -> Reading:
    """What a frame says, with what `more` of it only its own kind knows how to read."""
    seen_us, clock_us = believed(frame.at, received_us)
    uplink = Uplinked(
        seen_us=seen_us,
        received_us=received_us,
        occupied=frame.occupied,
        serial=frame.n,
        boot=frame.boot,
        battery_pct=frame.battery,
        battery_mv=frame.battery_mv,
        rssi_dbm=frame.rssi,
        temperature_c=frame.temp_c,
        fault=frame.fault,
        started=frame.started,
        simulated=frame.sim,
        snr_db=frame.snr,
        clock_us=clock_us,
        firmware=frame.fw,
        **more,
    )
    return Reading(device_id(parts["device"]), Numbered(frame.boot, frame.n), uplink)


YUN_JSON = DeviceKind(
    name="yun-json",
    topics=(
        "yunparking/v1/{device}/up",
        "yunparking/v1/{device}/up/nb",
        "yunparking/v1/{device}/up/lora",
    ),
    subscription="yunparking/#",
    writer=DEVICE,
    heartbeat_us=30 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="Our own bay sensor: plain JSON, numbered frames; the last word of the topic may name the bearer.",
)
