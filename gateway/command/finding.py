"""What a check of the doctor found."""

from typing import Literal

import msgspec

Level = Literal["good", "note", "warning", "problem"]
GIB = 1 << 30


class Finding(msgspec.Struct, frozen=True):
    """What a check found; `do` says what to do, and is empty when nothing is to be done."""

    check: str
    level: Level
    found: str
    do: str = ""
