"""A camera on a high pole that watches several bays: who came and went in which, with plate, colour and pictures."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from actors.devices.kind import DeviceKind, Reading, Undecodable, Writer, typed
from actors.devices.yun_json import SensorFrame, reading
from actors.values import MINUTE_US, Micros

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""SHA-256 in hex: what names a picture, whether it was uploaded already or comes later."""
PICTURES_MOST = 8


class PlateFrame(SensorFrame, frozen=True, omit_defaults=True, kw_only=True):
    """A frame of what reads plates: `plate` (empty: none read), `colour`, how sure it is, its own number of the
    `event`, and pictures by their hash.
    """

    plate: Annotated[str, Meta(max_length=16)] = ""
    colour: Annotated[str, Meta(max_length=16)] = ""
    confidence: Annotated[int, Meta(ge=0, le=100)] = 100
    event: Annotated[str, Meta(max_length=64)] = ""
    pictures: Annotated[tuple[Digest, ...], Meta(max_length=PICTURES_MOST)] = ()


class CameraFrame(PlateFrame, frozen=True, omit_defaults=True, kw_only=True):
    """A frame of a camera; `bay` is the number of the bay on this pole, from 1."""

    bay: Annotated[int, Meta(ge=1, le=64)] | None = None


_decoder = msgspec.json.Decoder(CameraFrame)


def decode(parts: Mapping[str, str], payload: bytes, received_us: Micros) -> Reading:
    """Read one frame; one with an opinion has to say of which bay."""
    frame = typed(_decoder, payload)
    if frame.occupied is not None and frame.bay is None:
        raise Undecodable("no_bay", "an arrival or departure has to say in which bay (`bay`, from 1)")
    return plate_reading(parts, frame, received_us, "camera", bay_index=frame.bay or 0)


def plate_reading(
    parts: Mapping[str, str],
    frame: PlateFrame,
    received_us: Micros,
    source: str,
    bay_index: int = 0,
) -> Reading:
    """What a frame with a plate in it says."""
    return reading(
        parts,
        frame,
        received_us,
        source=source,
        plate=frame.plate,
        colour=frame.colour,
        confidence_pct=frame.confidence,
        event=frame.event,
        pictures=frame.pictures,
        bay_index=bay_index,
    )


YUN_CAMERA = DeviceKind(
    name="yun-camera",
    topics=("yunparking/camera/{device}/up",),
    subscription="yunparking/#",
    writer=Writer("device", "yunparking/camera/%u/#"),
    heartbeat_us=5 * MINUTE_US,
    debounce_us=0,
    decode=decode,
    doc="A camera on a high pole: arrivals and departures of up to eight bays by number, with plate and pictures.",
    many_bays=True,
)
