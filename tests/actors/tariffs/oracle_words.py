"""The small words of the oracle: prices of a class, clock times, lengths, and the furthest that a clock has shown."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo


def price(value: Any, vehicle: str) -> Any:
    """A price of one class."""
    return value.get(vehicle, value.get("*")) if isinstance(value, dict) else value


def seconds(minutes: float) -> int:
    """Minutes as whole seconds."""
    return round(minutes * 60)


def clock(text: str) -> int:
    """Seconds since midnight."""
    hours, minutes, *seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


@lru_cache(maxsize=200_000)
def hand(zone: str, t: int) -> datetime:
    """The furthest that the wall clock has ever shown: when it is turned back, edges that have been are not again."""
    info = ZoneInfo(zone)
    now, before = (datetime.fromtimestamp(x, UTC).astimezone(info) for x in (t, t - 4 * 3600))
    shown = now.replace(tzinfo=None)
    if now.utcoffset() != before.utcoffset():
        for minute in range(t // 60, t // 60 - 4 * 60, -1):  # clocks are turned at whole minutes: look just before each
            before = datetime.fromtimestamp(minute * 60 - 1, UTC).astimezone(info)
            shown = max(shown, before.replace(tzinfo=None))
    return shown
