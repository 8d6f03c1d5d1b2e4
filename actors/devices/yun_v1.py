"""The yun-v1 magnetometer: a JSON envelope with a hex payload, sent through a field gateway.

Topic `iot-topic/gw/<area>/<gateway>/<serial>`; the serial counts a sensor's frames 1 … 255 and then starts again
at 1; 0 means that it starts anew or does not count. Only telemetry (`msgType` 1) of type `U` from magnetometers is
read.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from zlib import crc32

import msgspec

from actors.devices.kind import (
    DeviceKind,
    Keyed,
    Reading,
    Undecodable,
    Writer,
    believed,
    device_id,
    typed,
)
from actors.messages.device import Uplinked
from actors.values import MINUTE_US, SECOND_US, Micros

MAGNETOMETERS = frozenset({"196", "212", "213"})
SERIAL_TOP = 255
CHINA = timezone(timedelta(hours=8))

Figure = int | float | str
"""A number that some gateways send as text."""


class Envelope(msgspec.Struct, frozen=True):
    """The JSON around one frame; everything a magnetometer may say, most of it optional."""

    message_type: Figure = msgspec.field(name="msgType")
    device: str = msgspec.field(name="deviceId", default="")
    type: str = ""
    data: str = ""
    device_type: Figure = msgspec.field(name="2_devTypeCode", default="")
    space: Figure | None = msgspec.field(name="2_spaceStatus", default=None)
    signal: Figure | None = msgspec.field(name="2_rfRecStreng", default=None)
    time: Figure | None = msgspec.field(name="2_deviceTime", default=None)


class Spoken(NamedTuple):
    """What the hex payload of a magnetometer says."""

    heartbeat: bool


_decoder = msgspec.json.Decoder(Envelope)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame of a magnetometer."""
    serial = _serial(parts["serial"])
    envelope = typed(_decoder, payload)
    _magnetometer(envelope)
    device = device_id(envelope.device)
    spoken = _spoken(envelope.data)
    occupied = _occupied(envelope.space)
    if occupied is None and not spoken.heartbeat:
        raise Undecodable("no_state", "a change of state came without 2_spaceStatus")
    clock = _clock(envelope.time)
    seen_us, clock_us = believed(clock, received_us)
    uplink = Uplinked(
        seen_us=seen_us,
        received_us=received_us,
        occupied=occupied,
        serial=serial,
        serial_top=SERIAL_TOP,
        rssi_dbm=_dbm(envelope.signal),
        clock_us=clock_us,
    )
    # Without a clock the wrapping serial must do: it does not come round within the memory of keys.
    moment = f"s{serial}" if clock is None else str(clock)
    return Reading(device, Keyed(f"yun-v1/{device}/{moment}/{crc32(payload):08x}"), uplink)


def _serial(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,3}", text) is None or int(text) > SERIAL_TOP:
        raise Undecodable("bad_serial", "the last part of the topic must be a number from 0 to 255")
    return int(text)


def _magnetometer(envelope: Envelope) -> None:
    if str(envelope.message_type) != "1":
        raise Undecodable("not_telemetry", "only messages with msgType 1 carry readings")
    if str(envelope.device_type) not in MAGNETOMETERS:
        raise Undecodable("other_device_type", f"2_devTypeCode {envelope.device_type!r} is no magnetometer")
    if envelope.type != "U":
        raise Undecodable("other_report", f"a magnetometer's report of type {envelope.type!r} is not read")


def _spoken(text: str) -> Spoken:
    """Hex digits of either case; byte 0 is 0 in a heartbeat."""
    if len(text) < 2 or re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", text) is None:
        raise Undecodable("bad_hex", "data must be pairs of hexadecimal digits, at least one")
    return Spoken(heartbeat=int(text[:2], 16) == 0)


def _occupied(space: Figure | None) -> bool | None:
    return None if space is None or space == "" else str(space) not in ("0", "0.0")


def _dbm(signal: Figure | None) -> int | None:
    """Signal strength; a figure without a sign is a magnitude; what cannot be one is left out."""
    try:
        level = -abs(int(float(signal))) if signal is not None else None
    except (ValueError, OverflowError):
        return None
    return level if level is not None and -200 <= level < 0 else None


def _clock(time: Figure | None) -> Micros | None:
    """Seconds or milliseconds since 1970, or `2024-05-06 09:00:00` in China's time."""
    if time is None or time == "":
        return None
    try:
        figure = float(time)
    except ValueError:
        return _wall_clock(str(time))
    except OverflowError:
        figure = float("inf")
    if not 0 <= figure < 1e14:
        raise Undecodable("bad_time", "2_deviceTime is no time")
    return int(figure) * (1000 if figure >= 1e11 else SECOND_US)


def _wall_clock(text: str) -> Micros:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise Undecodable("bad_time", "2_deviceTime is no time") from None


YUN_V1 = DeviceKind(
    name="yun-v1",
    topics=("iot-topic/gw/{area}/{gateway}/{serial}",),
    subscription="iot-topic/gw/#",
    writer=Writer("field_gateway", "iot-topic/gw/+/%u/#"),
    heartbeat_us=30 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="The yun-v1 magnetometer behind a field gateway: JSON around a hex payload, serial in the topic.",
    ordered_by="gateway",
)
