"""The small values everyone shares: who an actor is, where it lives, what time and a new key look like."""

import os
from typing import NamedTuple
from zlib import crc32

SHARED_SLOTS = 1024
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

Micros = int
"""An instant or a length of time in integer microseconds; instants count from 1970-01-01 UTC."""


class Ref(NamedTuple):
    """Who an actor is: its kind and its key; what lives in a lot is keyed `<lot>/<own id>`."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def own_id(self) -> str:
        """The part of the key that is the actor's alone: `66222` of `20042/66222`."""
        return self.key.rpartition("/")[2]

    @property
    def place(self) -> str:
        """The part of the key that decides the slot: `20042` of `20042/66222`."""
        return self.key.partition("/")[0]


def shared_slot(key: str) -> int:
    """The slot (0 … 1023) of a key: all that lives in one place shares one slot."""
    return crc32(key.partition("/")[0].encode()) % SHARED_SLOTS


def uuid7(now_us: Micros) -> str:
    """A new key that carries its time in milliseconds in its first 48 bits (RFC 9562, version 7)."""
    value = int.from_bytes(os.urandom(16)) & ((1 << 80) - 1) | (now_us // 1000) << 80
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def uuid7_time_us(key: str) -> Micros | None:
    """When a version 7 key was made (to the millisecond), or None for a key of another form."""
    digits = key.replace("-", "")
    if len(digits) != 32 or digits[12] != "7":
        return None
    try:
        return int(digits[:12], 16) * 1000
    except ValueError:
        return None
