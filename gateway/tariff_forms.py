"""Files of tariffs and stays that people bring along: other people's forms, and lists of stays as CSV."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from actors.tariffs.document import Tariff
from actors.tariffs.interchange.cds import read_cds
from actors.tariffs.interchange.curblr import read_curblr
from actors.tariffs.interchange.found import Found
from actors.tariffs.interchange.lots import read_seoul, read_taipei
from actors.tariffs.interchange.ocpi import read_ocpi
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.stay import Stay
from actors.tariffs.zone import Zone
from actors.values import Micros

Reader = Callable[[str, str, str], Iterator[Found]]
"""The text of a file, the zone and the currency where the form does not say them → what was found."""

FORMS: dict[str, Reader] = {
    "curblr": lambda text, zone, currency: read_curblr(_json(text)),
    "cds": lambda text, zone, currency: read_cds(_json(text), zone, currency),
    "ocpi": lambda text, zone, currency: read_ocpi(_json(text), zone),
    "taipei": lambda text, zone, currency: read_taipei(_json(text)),
    "seoul": lambda text, zone, currency: read_seoul(csv.DictReader(_plain(text).splitlines())),
}


def merged(found: list[Found]) -> list[tuple[Tariff, list[str]]]:
    """Each different tariff once, with all the names that it was found under."""
    kept: dict[bytes, tuple[Tariff, list[str]]] = {}
    for one in found:
        if one.tariff is not None:
            same = msgspec.json.encode(msgspec.structs.replace(one.tariff, name={}))
            kept.setdefault(same, (one.tariff, []))[1].append(one.name)
    return list(kept.values())


def stays_in(text: str, zone: Zone, otherwise: str = "small") -> Iterator[Stay]:
    """Stays of CSV text with the columns entry, exit and, if there are several classes, vehicle: TariffError."""
    rows = csv.DictReader(_plain(text).splitlines())
    if missing := {"entry", "exit"} - set(rows.fieldnames or ()):
        sentence = f"there is no column `{sorted(missing)[0]}`; the first line names entry, exit, vehicle"
        raise TariffError(Problem("no_column", "line 1", sentence))
    for number, row in enumerate(rows, 2):
        entry, end = (_instant(row[column] or "", zone, number) for column in ("entry", "exit"))
        yield Stay(entry_us=entry, exit_us=end, vehicle=row.get("vehicle") or otherwise)


def _instant(text: str, zone: Zone, line: int) -> Micros:
    try:
        return zone.at(datetime.fromisoformat(text))
    except ValueError:
        sentence = f"`{text}` is no time; write it as 2026-03-06T09:30:00, with or without an offset"
        raise TariffError(Problem("no_such_instant", f"line {line}", sentence)) from None


def _plain(text: str) -> str:
    """Without the mark that some editors begin a file with."""
    return text.removeprefix("\ufeff")


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(_plain(text))
    except msgspec.DecodeError as error:
        raise TariffError(Problem("no_json", "", f"this is no JSON: {error}")) from None
