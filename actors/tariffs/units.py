"""Numbers of a document as the plan needs them: microseconds, exact fractions, the price of a class."""

from fractions import Fraction

from actors.tariffs.document import Price
from actors.values import DAY_US, HOUR_US, MINUTE_US, SECOND_US

FAR = 1 << 62
"""Later, longer and more than anything; no end, no cap."""


def micros(minutes: float) -> int:
    """Minutes as microseconds; fractions of a second do not occur in a document that makes sense."""
    return round(minutes * 60) * SECOND_US if minutes % 1 else int(minutes) * MINUTE_US


def time_of_day(clock: str) -> int:
    """`08:30` or `08:30:15` as microseconds since midnight."""
    hours, minutes, *seconds = map(int, clock.split(":"))
    return hours * HOUR_US + minutes * MINUTE_US + sum(seconds) * SECOND_US


def window(hours: str) -> tuple[int, int]:
    """`20:00-08:00` as start and end since the start day's midnight; the end may lie on the next day."""
    start, end = map(time_of_day, hours.split("-"))
    return start, end if end > start else end + DAY_US


def price_of(price: Price | None, vehicle: str) -> int | None:
    """The price for a class, or None if there is none for it."""
    if isinstance(price, dict):
        return price.get(vehicle, price.get("*"))
    return price


def classes_of(*prices: Price | None) -> set[str]:
    """The classes that prices name."""
    return {name for price in prices if isinstance(price, dict) for name in price} - {"*"}


def rounded(value: Fraction | int, to: int, mode: str) -> int:
    """A sum as a multiple of `to`."""
    part = Fraction(value) / to
    low = part.numerator // part.denominator
    rest = part - low
    half = Fraction(1, 2)
    up = {
        "half_up": rest >= half,
        "half_even": rest > half or (rest == half and low % 2 == 1),
        "up": rest > 0,
        "down": False,
    }[mode]
    return (low + up) * to
