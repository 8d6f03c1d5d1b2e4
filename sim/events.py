"""Recorded changes of bays, read from files, and what they imply."""

import csv
import gzip
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from actors.values import SECOND_US, Micros
from sim.city import MELBOURNE


class Change(NamedTuple):
    """A bay was taken or became free then."""

    at_us: Micros
    bay: str
    occupied: bool


def read(path: Path) -> list[Change]:
    """Changes of a file with `time_s,bay,occupied` (and more), in order of time, then bay."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    rows = csv.DictReader(io.StringIO(text))
    return sorted(Change(int(r["time_s"]) * SECOND_US, r["bay"], r["occupied"] == "1") for r in rows)


def read_stays(path: Path, zone: str) -> list[Change]:
    """Changes of a file with `ts,event,bay`: arrive and depart, in local time of that zone; other events are left out.

    Arrivals and departures of one bay in one second stand in the file's order.
    """
    local = ZoneInfo(zone)

    def change(row: dict[str, str]) -> Change:
        at = datetime.fromisoformat(row["ts"]).replace(tzinfo=local)
        return Change(int(at.timestamp()) * SECOND_US, row["bay"], row["event"] == "arrive")

    with path.open(encoding="utf-8-sig", newline="") as file:
        changes = [change(row) for row in csv.DictReader(file) if row["event"] in ("arrive", "depart")]
    return sorted(changes, key=lambda c: c.at_us)


def melbourne_events() -> list[Change]:
    """The changes that come with the product: 14,426, of which 2,964 are of bays outside its map."""
    return read(MELBOURNE / "events.csv.gz")


def expected_final_state(events: Iterable[Change]) -> dict[str, Change]:
    """The last change of every bay: what a city must know after it has heard them all, each bay's in its order."""
    return {change.bay: change for change in events}


class Stretch(NamedTuple):
    """Some hours of recorded changes: from when to when, each bay's state before them (and since when, at the latest
    since the start), and the changes in order.
    """

    start_us: Micros
    end_us: Micros
    before: Mapping[str, Change]
    changes: list[Change]


def last_stretch(events: list[Change], length_us: Micros) -> Stretch:
    """The end of the recording: its last `length_us`, and what is known of every bay before it."""
    end_us = events[-1].at_us
    start_us = end_us - length_us
    before = {change.bay: change for change in events if change.at_us <= start_us}
    changes = [change for change in events if change.at_us > start_us]
    for change in reversed(changes):
        known = before.get(change.bay)
        if known is None or known.occupied == change.occupied:
            # It changed to this state, so it was in the other one before, nobody knows since when.
            before[change.bay] = Change(start_us, change.bay, not change.occupied)
    return Stretch(start_us, end_us, before, changes)
