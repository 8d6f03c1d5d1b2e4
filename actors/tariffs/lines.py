"""What a walk leaves behind: raw lines, whose amounts are still scaled."""

from typing import NamedTuple


class Bought(NamedTuple):
    """One raw line: so many units of one stage of one period, or a gap, or a repetition of what came before."""

    kind: str
    start: int
    end: int
    rule: int
    stage: int
    units: int
    unit: int
    price: int
    gross: int
    amount: int
    limit: str
