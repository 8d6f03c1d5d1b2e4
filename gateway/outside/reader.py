"""The port of plate reading: a picture in, what was read and how sure. Any recogniser can stand behind it.

`SimulatedReader` reads what simulated cameras write into their pictures: behind the picture's end stands
`plate=京A12345;colour=blue;pct=97`, once for each vehicle in it. It recognises nothing by itself.
"""

import re
from typing import Final, Protocol

import msgspec

from actors.plates import normal, plate_class

_WRITTEN: Final = re.compile(rb"plate=([^;\x00-\x1f]{1,40});colour=([a-z_]{1,16});pct=(\d{1,3})")


class Reading(msgspec.Struct, frozen=True):
    """One plate in a picture: its text and colour, its class, and how sure the reader is (0 to 100)."""

    plate: str
    colour: str
    plate_class: str
    confidence_pct: int


class PlateReader(Protocol):
    """Reads plates."""

    async def read(self, picture: bytes) -> list[Reading]:
        """The plates in a picture, the surest first; none if there are none."""


class SimulatedReader:
    """Reads what is written into a simulated camera's picture."""

    async def read(self, picture: bytes) -> list[Reading]:
        """As a recogniser would."""
        found = [_reading(*match) for match in _WRITTEN.findall(picture)]
        return sorted(found, key=lambda each: -each.confidence_pct)


def _reading(plate: bytes, colour: bytes, pct: bytes) -> Reading:
    text, shade = normal(plate.decode("utf-8", "replace")), colour.decode()
    return Reading(text, shade, plate_class(text, shade), min(int(pct), 100))
