"""What a walk leaves behind: raw lines, whose amounts are still scaled."""

from typing import NamedTuple

from actors.tariffs.plan import Rule


class Bought(NamedTuple):
    """One raw line: so many units of one stage of one period, or a gap, or a repetition of what came before."""

    kind: str
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
