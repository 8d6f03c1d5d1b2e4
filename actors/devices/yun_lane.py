"""A lane's plate camera: which car stands before the barrier. Its frames are numbered as a sensor's are."""

from collections.abc import Mapping
from typing import Annotated, Literal

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

Text = Annotated[str, Meta(max_length=64)]
Way = Literal["in", "out", ""]


class SeenCar(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A car before the barrier: its plate as it was read (empty: none), how surely, and the picture's name. `way` is
    said by cameras of lanes that are used both ways.
    """

    plate: Text = ""
    colour: Text = ""
    confidence: Annotated[int, Meta(ge=0, le=100)] = 100
    way: Way = ""
    picture: Text = ""


class LaneFrame(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One frame of a lane's camera; without a car it says only that the camera lives."""

    v: Literal[1]
    boot: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    n: Annotated[int, Meta(ge=0, le=NUMBER_MOST)]
    at: Annotated[int, Meta(ge=0, le=NUMBER_MOST)]
    car: SeenCar | None = None
    fault: bool = False
    sim: bool = False


_decoder = msgspec.json.Decoder(LaneFrame)


def lane_frame(payload: bytes) -> LaneFrame:
    """One frame of a camera; `Undecodable` if it is none."""
    return typed(_decoder, payload)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read a camera's frame as its device's sign of life; what it saw, the lane itself takes."""
    device = device_id(parts["device"])
    frame = lane_frame(payload)
    seen_us, clock_us = believed(frame.at, received_us)
    uplink = Uplinked(
        seen_us=seen_us,
        received_us=received_us,
        serial=frame.n,
        boot=frame.boot,
        fault=frame.fault,
        simulated=frame.sim,
        clock_us=clock_us,
    )
    return Reading(device, Numbered(frame.boot, frame.n), uplink)


YUN_LANE = DeviceKind(
    name="yun-lane",
    topics=("yunparking/lane/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/lane/%u/#"),
    heartbeat_us=5 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    at_once=True,
    doc="A plate camera at a lane: plain JSON, numbered frames, a car or a sign of life.",
)
