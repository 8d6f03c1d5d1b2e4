"""Plates that machines were not sure of: a queue for a second recogniser and for people, and their answers."""

import re
from typing import Annotated, Final, Literal

import msgspec

from actors.messages.session import NotePlate
from actors.messages.session_shown import PlateTaken
from actors.values import Micros, Ref
from gateway.http.errors import found
from gateway.http.forms import Call, NoQuery, Shown, Typed
from gateway.http.house import House
from gateway.http.paging import Paged, key_after, page_of
from gateway.http.pda.rules import Instant, PlateText, Text, key_of, said_at, tell
from gateway.http.shown import Next
from storage.readings import SECOND, UnsureRow

PLACE: Final = re.compile(r"\d{1,18} [^\0]+", re.ASCII)
"""A row's place in the queue: since when it waits, and its session."""


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


async def listed(house: House, call: Call[WhichUnsure, None]) -> UnsurePlates:
    """One page of plates that wait for a second look."""
    asked = call.query
    since, _, session = (key_after(asked, PLACE) or "").partition(" ")
    read = {"": None, "recogniser": False, "person": True}[asked.turn]
    rows = await house.history.readings.unsure(read, (int(since), session) if session else None, asked.limit + 1)
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


def _shown(row: UnsureRow) -> UnsurePlate:
    stay = (row.session, row.lot_id, row.bay_id, row.plate, row.colour, row.entry_us, row.exit_us)
    return UnsurePlate(*stay, row.flagged_us, row.second, row.pictures.split())
