"""How tariffs lie in reference data: under which names, and what a version of each holds."""

from typing import Any

import msgspec

from actors.tariffs.calendar import Calendar, read_calendar
from actors.tariffs.document import Part, Tariff, read_as, read_tariff

TARIFF = "tariff/"
"""Before the id of a tariff: its document."""

ASSIGNED = "tariff-of/"
"""Before the id of a lot: which tariff it has."""

CALENDAR = "calendar"
"""The city's calendar of day kinds."""


class Assigned(Part, frozen=True, kw_only=True):
    """Which tariff a lot has; with an empty word nothing is charged there."""

    tariff: str = ""


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


def _decoded(body: bytes) -> Any:
    return msgspec.msgpack.decode(body)
