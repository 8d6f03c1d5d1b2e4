"""Tariffs: any city's price rules as data, exact to the second, explained line by line."""

from actors.tariffs.calendar import Calendar, Days, read_calendar
from actors.tariffs.document import Tariff, read_tariff, write_tariff
from actors.tariffs.offsets import Coupon, Offsets
from actors.tariffs.plan import Plan
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.quote import Line, Quote, quote
from actors.tariffs.reckon import amount
from actors.tariffs.running import covers_until, first_entry, follow_up, running
from actors.tariffs.stay import Stay, Versions

__all__ = [
    "Calendar",
    "Coupon",
    "Days",
    "Line",
    "Offsets",
    "Plan",
    "Problem",
    "Quote",
    "Stay",
    "Tariff",
    "TariffError",
    "Versions",
    "amount",
    "covers_until",
    "first_entry",
    "follow_up",
    "quote",
    "read_calendar",
    "read_tariff",
    "running",
    "write_tariff",
]
