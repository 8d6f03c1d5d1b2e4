"""How tariffs lie in reference data: under which names, and what a version of each holds."""

from typing import Any

import msgspec

from actors.tariffs.calendar import Calendar, read_calendar
from actors.tariffs.document import Factor, Part, Tariff, read_as, read_tariff
from actors.tariffs.occupancy import Steering

TARIFF = "tariff/"
"""Before the id of a tariff: its document."""

ASSIGNED = "tariff-of/"
"""Before the id of a lot: which tariff it has."""

STEERED = "price-by-occupancy/"
"""Before the id of a lot: how its price follows occupancy (`occupancy.Steering`)."""

FACTOR = "price-factor/"
"""Before the id of a lot: the factor of stays that begin; each version is one step, announced before it holds."""

CALENDAR = "calendar"
"""The city's calendar of day kinds."""


class Assigned(Part, frozen=True, kw_only=True):
    """Which tariff a lot has; with an empty word nothing is charged there."""

    tariff: str = ""


class Factored(Part, frozen=True, kw_only=True):
    """By what the price of a stay that begins is multiplied."""

    factor: Factor = "1"


def body_of(value: Part) -> bytes:
    """A document as reference data carries it."""
    return msgspec.msgpack.encode(msgspec.to_builtins(value))


def tariff_in(body: bytes) -> Tariff:
    """The tariff that a version holds."""
    return read_tariff(_decoded(body))


def calendar_in(body: bytes) -> Calendar:
    """The calendar that a version holds."""
    return read_calendar(_decoded(body))


def assigned_in(body: bytes) -> Assigned:
    """The assignment that a version holds."""
    return read_as(Assigned, _decoded(body), [])


def steering_in(body: bytes) -> Steering | None:
    """How a lot's price follows occupancy; None if it does not, any more."""
    found = _decoded(body)
    return read_as(Steering, found, []) if found else None


def factor_in(value: bytes) -> str:
    """The factor that a version holds."""
    return read_as(Factored, _decoded(value), []).factor


def _decoded(body: bytes) -> Any:
    return msgspec.msgpack.decode(body)
