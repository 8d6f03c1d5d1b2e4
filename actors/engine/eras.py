"""Eras: the months by which pages are kept and thrown away. Each page names the era of the next one.

So whoever writes page n + 1, rightly or not, files it under the era that page n names: two writers of one page never
look for each other in different months. An era never falls, even if a clock does.
"""

from datetime import UTC, datetime
from functools import lru_cache

from actors.values import DAY_US, Micros

FIRST = 0
"""The era of the first page of every slot: nothing comes before it that could name another."""


def following(era: int, at: Micros) -> int:
    """The era that a page of this era and time names for the next one."""
    return max(era, month_of(at))


def month_of(at: Micros) -> int:
    """The month of an instant (UTC) as a number: 202611."""
    return _month_of_day(at // DAY_US)


@lru_cache(maxsize=64)
def _month_of_day(day: int) -> int:
    there = datetime.fromtimestamp(day * 86_400, UTC)
    return there.year * 100 + there.month
