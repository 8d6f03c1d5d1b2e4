"""Plates as machines read them: how many each camera reads; those that are unsure, and how they are read again."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from actors.messages.session import NotePlate
from actors.messages.session_shown import PlateTaken
from actors.values import SECOND_US, Micros, Ref
from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.lot_rules import rules_since
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import Instant, PlateText, Text, key_of, said_at, tell, zone
from gateway.http.query import Id
from gateway.http.shown import Next
from storage.readings import SECOND, CameraRow, UnsureRow, Wanted

PLACE: Final = re.compile(r"\d{1,18} [^\0]+", re.ASCII)
"""A row's place in the queue: since when it waits, and its session."""


TARGET_PCT: Final = 95
"""So many of a hundred vehicles a camera ought to read."""


class WhichUnsure(Paged, frozen=True):
    """Whose turn it is: those that no second recogniser has read (`recogniser`), those of which it was not sure either
    (`person`), or all.
    """

    turn: Literal["", "recogniser", "person"] = ""


class UnsurePlate(Shown, frozen=True):
    """A stay whose plate is unsure, with its pictures by their ids."""

    session: str
    lot: str
    bay: str
    plate: str
    colour: str
    entry_us: Micros
    exit_us: Micros | None
    flagged_us: Micros
    second: int
    pictures: list[str]


class UnsurePlates(Shown, frozen=True):
    """One page of the queue, those that wait longest first."""

    items: list[UnsurePlate]
    next: Next


class SecondReading(Typed, frozen=True, kw_only=True):
    """The plate as it was read again: by a `recogniser`, as sure as it says, or by a `person`, who is believed. With
    `at_us` (when it was read again) the same key again is the same answer.
    """

    plate: PlateText
    colour: Text = ""
    by: Literal["recogniser", "person"]
    confidence_pct: Annotated[int, msgspec.Meta(ge=0, le=100)] = 100
    at_us: Instant | None = None


class ReadAgain(Shown, frozen=True):
    """The stay's plate now; `taken`: it is the answer's."""

    session: str
    plate: str
    plate_class: str
    taken: bool


class WhichCameras(Paged, frozen=True):
    """Cameras of one lot, or one camera, on a day of the city; without a day, today. `order`: by name, or those first
    that read the smallest share.
    """

    day: date | None = None
    lot: Id = ""
    camera: Id = ""
    order: Literal["camera", "rate"] = "camera"


class CameraRate(Shown, frozen=True):
    """Of `total` vehicles that a camera saw come, it read the plates of so many, as sure as its lot wanted when each
    came.
    """

    camera: str
    lot: str
    recognised: int
    total: int
    rate_pct: float


class CameraRates(Shown, frozen=True):
    """One page of cameras; `recognised`, `total` and `rate_pct` (null: no vehicle came) are of all pages."""

    day: date
    target_pct: int
    recognised: int
    total: int
    rate_pct: float | None
    items: list[CameraRate]
    next: Next


async def rates(house: House, call: Call[WhichCameras, None]) -> CameraRates:
    """One page of cameras, with the sums of all."""
    asked, where = call.query, await zone(house)
    day = asked.day or datetime.fromtimestamp(house.lookout.clock() / SECOND_US, where).date()
    begins, ends = (_midnight(each, where) for each in (day, day + timedelta(days=1)))
    wanted = await _wanted(house, asked.lot, ends)
    found = [_rate(row) for row in await house.readings.by_camera((begins, ends), asked.lot, asked.camera, wanted)]
    recognised, total = sum(each.recognised for each in found), sum(each.total for each in found)
    key, after = {"camera": _name, "rate": _least}[asked.order], key_after(asked) or ""
    later = sorted((each for each in found if key(each) > after), key=key)
    page, following = page_of(later[: asked.limit + 1], asked.limit, key)
    sums = (recognised, total, percent(recognised, total) if total else None)
    return CameraRates(day, TARGET_PCT, *sums, page, following)


async def listed(house: House, call: Call[WhichUnsure, None]) -> UnsurePlates:
    """One page of plates that wait for a second look."""
    asked = call.query
    since, _, session = (key_after(asked, PLACE) or "").partition(" ")
    read = {"": None, "recogniser": False, "person": True}[asked.turn]
    rows = await house.readings.unsure(read, (int(since), session) if session else None, asked.limit + 1)
    page, following = page_of(rows, asked.limit, lambda row: f"{row.flagged_us} {row.session}")
    return UnsurePlates([_shown(row) for row in page], following)


async def answer(house: House, call: Call[NoQuery, SecondReading]) -> ReadAgain:
    """A second reading of a stay's plate; the first one stays in its history."""
    body, session = call.body, f"{call.path['lot']}/{call.path['id']}"
    found(await house.orders.one(session))
    source, person = (SECOND, "") if body.by == SECOND else ("staff", call.user.name)
    read = (body.plate, body.colour, source, call.user.name, body.confidence_pct, said_at(house, body.at_us), person)
    taken = await tell(
        house, Ref("session", session), NotePlate(*read), key_of(call, "reading") if body.at_us else None
    )
    assert isinstance(taken, PlateTaken)
    return ReadAgain(session, taken.plate, taken.plate_class, taken.taken)


def percent(part: int, whole: int) -> float:
    """So many of a hundred, to one decimal."""
    return round(100 * part / whole, 1)


async def _wanted(house: House, lot: str, until: Micros) -> list[Wanted]:
    """How sure lots wanted readings to be, by the rules that were in force when stays began."""
    return [
        Wanted(name, since, later, rules.confidence_pct)
        for name, held in (await rules_since(house, lot, until)).items()
        for (since, rules), later in zip(held, [*(each[0] for each in held[1:]), until], strict=True)
    ]


def _rate(row: CameraRow) -> CameraRate:
    return CameraRate(row.camera, row.lot, row.recognised, row.total, percent(row.recognised, row.total))


def _name(each: CameraRate) -> str:
    return f"{each.camera} {each.lot}"


def _least(each: CameraRate) -> str:
    return f"{each.rate_pct:05.1f} {_name(each)}"


def _midnight(day: date, where: ZoneInfo) -> Micros:
    return int(datetime(day.year, day.month, day.day, tzinfo=where).timestamp()) * SECOND_US


def _shown(row: UnsureRow) -> UnsurePlate:
    stay = (row.session, row.lot_id, row.bay_id, row.plate, row.colour, row.entry_us, row.exit_us)
    return UnsurePlate(*stay, row.flagged_us, row.second, row.pictures.split())
