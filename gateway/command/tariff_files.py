"""What the tariff commands read: documents, calendars, times of stays, lists of stays."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from actors.tariffs.calendar import Calendar, Days, read_calendar
from actors.tariffs.document import Tariff, read_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.problems import TariffError
from actors.tariffs.stay import Stay
from actors.tariffs.zone import Zone
from actors.values import Micros
from gateway.command.options import Refusal
from gateway.tariff_forms import stays_in


def content(path: Path) -> bytes:
    """The bytes of a file that somebody named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from None


def document(name: str) -> Tariff:
    """A tariff document from a file, or the preset of that name."""
    if name in PRESETS:
        return PRESETS[name]
    path = Path(name)
    if not path.exists():
        raise Refusal(f"There is no file {name}, and no preset of that name; presets are {', '.join(PRESETS)}.")
    return read_tariff(content(path))


def days_of(path: Path | None, area: str) -> Days:
    """A calendar file for an area of the city, or days of the week only."""
    return Days(read_calendar(content(path)) if path else Calendar(), area)


def instant(text: str, zone: Zone) -> Micros:
    """A time as somebody types it: with an offset, or what the wall clock of the tariff's zone shows."""
    try:
        return zone.at(datetime.fromisoformat(text))
    except ValueError:
        raise Refusal(f"`{text}` is no time; write it as 2026-03-06T09:30:00, with or without an offset.") from None


def stays_of(path: Path, plan: Plan) -> Iterator[Stay]:
    """Stays of a CSV file with the columns entry, exit and, if there are several classes, vehicle."""
    try:
        yield from stays_in(content(path).decode("utf-8-sig"), plan.zone)
    except UnicodeDecodeError:
        raise Refusal(f"{path} is no text.") from None
    except TariffError as error:
        raise Refusal(f"{path}: {error}.") from None
