"""What the tariff commands read: documents, calendars, times of stays, lists of stays."""

import codecs
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from actors.tariffs.calendar import Days, read_calendar
from actors.tariffs.document import Tariff, read_tariff
from actors.tariffs.plan import Plan
from actors.tariffs.presets import PRESETS
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.sense import check_sense
from actors.tariffs.stay import Stay
from actors.tariffs.zone import Zone
from actors.values import Micros
from gateway.command.options import Refusal
from gateway.tariff_forms import stays_in

CalendarFile = Annotated[Path | None, typer.Option("--calendar", help="A calendar file; without one, weekdays only.")]
Area = Annotated[str, typer.Option(help="The area, for events that hold in some only.")]


def content(path: Path) -> bytes:
    """The bytes of a file that somebody named; without the mark that some editors begin a file with."""
    try:
        return path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise TariffError(Problem("unreadable", "", f"it cannot be read: `{error.strerror}`")) from None


def text_of(path: Path) -> str:
    """The text of a file that somebody named."""
    try:
        return content(path).decode()
    except UnicodeDecodeError:
        raise TariffError(Problem("not_utf8", "", "this is no text in UTF-8")) from None


def document(name: str) -> Tariff:
    """A tariff document from a file, or the preset of that name."""
    if name in PRESETS:
        return PRESETS[name]
    path = Path(name)
    if not path.exists():
        raise Refusal(f"There is no file {name}, and no preset of that name; presets are {', '.join(PRESETS)}.")
    try:
        tariff = read_tariff(content(path))
        check_sense(tariff)
    except TariffError as error:
        raise error.of(str(path)) from None
    return tariff


def days_of(path: Path | None, area: str) -> Days:
    """A calendar file for an area of the city, or days of the week only."""
    try:
        return Days(read_calendar(content(path)) if path else None, area)
    except TariffError as error:
        raise error.of(str(path)) from None


def instant(text: str, zone: Zone) -> Micros:
    """A time as somebody types it: with an offset, or what the wall clock of the tariff's zone shows."""
    try:
        return zone.at(datetime.fromisoformat(text))
    except ValueError:
        raise Refusal(f"`{text}` is no time; write it as 2026-03-06T09:30:00, with or without an offset.") from None


def stays_of(path: Path, plan: Plan) -> Iterator[Stay]:
    """Stays of a CSV file with the columns entry, exit and, if there are several classes, vehicle."""
    try:
        yield from stays_in(text_of(path), plan.zone)
    except TariffError as error:
        raise error.of(str(path)) from None
