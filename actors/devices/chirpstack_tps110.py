"""A Bosch TPS110 parking sensor on LoRaWAN, as ChirpStack v4 publishes it: a JSON event with base64 data.

ChirpStack's JSON leaves out every field that is zero, false or empty. `deduplicationId` is the same in every
copy of one uplink, whichever gateways heard it.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

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
from actors.values import HOUR_US, Micros

STATUS, HEARTBEAT, START_UP = 1, 2, 3
INFORMATION = frozenset({4, 5, 6, 7})
"""Ports of device information, usage, debug and temperature alerts: heard, without an opinion of the bay."""

START_UP_BYTES = 17


class DeviceInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Which device sent the uplink, as ChirpStack knows it."""

    dev_eui: str = ""


class Reception(msgspec.Struct, frozen=True, rename="camel"):
    """How one LoRaWAN gateway heard the uplink."""

    rssi: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    snr: Annotated[float, Meta(ge=-1000, le=1000)] = 0.0


class UplinkEvent(msgspec.Struct, frozen=True, rename="camel"):
    """ChirpStack's uplink event, as far as it matters here."""

    device_info: DeviceInfo
    deduplication_id: Annotated[str, Meta(max_length=64)] = ""
    time: str = ""
    f_cnt: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    f_port: Annotated[int, Meta(ge=0, le=255)] = 0
    data: str = ""
    rx_info: list[Reception] = []


_decoder = msgspec.json.Decoder(UplinkEvent)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one uplink event of a TPS110."""
    event = typed(_decoder, payload)
    device = device_id(event.device_info.dev_eui.lower())
    if parts["device"].lower() != device:
        raise Undecodable("wrong_device", "the topic names another device than the event")
    if not event.deduplication_id:
        raise Undecodable("no_key", "an uplink event without deduplicationId cannot be told from its repeats")
    seen_us, clock_us = believed(_time(event.time), received_us)
    occupied, temperature_c = _said(event.f_port, _bytes(event.data))
    best = max(event.rx_info, key=lambda heard: (heard.rssi or -1000, heard.snr), default=None)
    uplink = Uplinked(
        seen_us=seen_us,
        received_us=received_us,
        occupied=occupied,
        serial=event.f_cnt,
        rssi_dbm=best.rssi if best and best.rssi else None,
        snr_db=best.snr if best else None,
        temperature_c=temperature_c,
        started=event.f_port == START_UP,
        clock_us=clock_us,
    )
    return Reading(device, Keyed(f"chirpstack/{device}/{event.deduplication_id}"), uplink)


def _said(port: int, data: bytes) -> tuple[bool | None, float | None]:
    """(is the bay taken, temperature in °C), as far as this port's frames say it."""
    if port in (STATUS, HEARTBEAT):
        if not data:
            raise Undecodable("too_short", f"a frame on port {port} has at least one byte")
        return bool(data[0] & 1), _signed(data[1]) if port == HEARTBEAT and len(data) > 1 else None
    if port == START_UP:
        return (bool(data[16] & 1) if len(data) >= START_UP_BYTES else None), None
    if port in INFORMATION:
        return None, None
    raise Undecodable("unknown_port", f"a TPS110 sends nothing on port {port}")


def _signed(byte: int) -> float:
    return float(byte - 256 if byte > 127 else byte)


def _bytes(data: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Undecodable("bad_base64", "data is not base64") from None


def _time(text: str) -> Micros | None:
    """RFC 3339, down to nanoseconds of which the microseconds are kept; absent when no gateway knew it."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise Undecodable("bad_time", "time is not RFC 3339") from None


CHIRPSTACK_TPS110 = DeviceKind(
    name="chirpstack-tps110",
    topics=("application/{application}/device/{device}/event/up",),
    subscription="application/+/device/+/event/up",
    writer=Writer("network_server", "application/#"),
    heartbeat_us=24 * HOUR_US,
    debounce_us=0,
    decode=decode,
    doc="Bosch TPS110 on LoRaWAN through ChirpStack v4 (JSON events): status, heartbeat and start-up frames.",
)
