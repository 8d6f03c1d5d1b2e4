"""What a walk leaves behind: raw lines, whose amounts are still scaled."""

from typing import Literal

import msgspec

from actors.tariffs.plan import Rule

LineKind = Literal[
    "units", "flat", "time", "pool", "visit", "turn", "free", "gap", "repeat", "least", "factor", "rounding"
]
"""What a line is about; the README has the list with what each means."""


class Bought(msgspec.Struct, frozen=True, gc=False):
    """One raw line: so many units of one stage of one period, or a gap, or a repetition of what came before."""

    kind: LineKind
    start: int
    end: int
    rule: Rule | None
    stage: int
    units: int
    unit: int
    price: int
    gross: int
    amount: int
    limit: str
