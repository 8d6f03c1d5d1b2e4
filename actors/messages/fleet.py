"""What is said between bays, staff and a fleet: all devices of one model and firmware, which may go wrong together."""

import re
from typing import Final

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros

_BEYOND: Final = re.compile(r"[^A-Za-z0-9._-]")
"""What of a firmware's version cannot stand in a key."""


def fleet_key(kind: str, firmware: str) -> str:
    """The key of the fleet of this kind and firmware: `yun-json:2.1`; of those that do not say, `yun-json`."""
    return f"{kind}:{_BEYOND.sub('-', firmware)}" if firmware else kind


class AskDeparture(Command, frozen=True, gc=False):
    """From a bay: a device of the fleet says that this stay is over; is it to be believed? Answered to the bay by
    `DepartureBelieved` or `DepartureHeld`.
    """

    bay: str
    session: str
    exit_us: Micros


class DepartureBelieved(Command, frozen=True, gc=False):
    """To a bay: the stay is over, as its device said."""

    session: str


class DepartureHeld(Command, frozen=True, gc=False):
    """To a bay: too many of the fleet's devices say such a thing; the stay stays open, or is opened again, until a
    person has decided.
    """

    session: str
    exit_us: Micros
    fleet: str


class DepartureReversed(Command, frozen=True, gc=False):
    """To a bay: a person says that the vehicle never left."""

    session: str
    person: str


class DecideHeld(Command, frozen=True, gc=False):
    """Staff decide on departures that are held: `reverse` (they never happened) or `confirm` (they did); those of these
    sessions, or all. At most `most` at once, the oldest first: ask again while `FleetDecided.left` is more than zero.
    """

    verdict: str
    person: str
    reason: str
    sessions: tuple[str, ...] = ()
    most: int = 500


class LiftQuarantine(Command, frozen=True, gc=False):
    """Staff say that the fleet may be believed again; what is held still waits for a decision."""

    person: str
    reason: str


class FleetQuery(Query, frozen=True, gc=False):
    """Asks a fleet for its face and what it holds: so many departures, after this session."""

    after: str = ""
    most: int = 100


class DepartureCounted(Fact, frozen=True, gc=False):
    """A departure was believed."""

    bay: str
    session: str
    exit_us: Micros
    at_us: Micros


class FleetQuarantined(Fact, frozen=True, gc=False):
    """So many departures came within the last minutes, where so many a window are usual: none is believed any more.
    `recalled` are those sessions that had just been ended by the same storm.
    """

    at_us: Micros
    counted: int
    usual: int
    recalled: tuple[str, ...]


class DepartureKept(Fact, frozen=True, gc=False):
    """A departure is held for a person."""

    bay: str
    session: str
    exit_us: Micros
    at_us: Micros


class HeldDecided(Fact, frozen=True, gc=False):
    """A person has decided on departures that were held."""

    verdict: str
    sessions: tuple[str, ...]
    person: str
    reason: str
    at_us: Micros


class QuarantineLifted(Fact, frozen=True, gc=False):
    """The fleet is believed again."""

    person: str
    reason: str
    at_us: Micros


class HeldDeparture(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One departure that waits for a person: of which stay in which bay, when it is said to have been; `ended`: the
    stay had been ended by it, and was opened again.
    """

    session: str
    bay: str
    exit_us: Micros
    ended: bool = False


class FleetFace(Face, frozen=True, gc=False):
    """A fleet as others see it: quarantined since when (0: it is not), departures in the present window, how many are
    usual, how many are held.
    """

    quarantined_us: Micros
    counted: int
    usual: int
    held: int


class FleetAnswer(Reply, frozen=True, gc=False):
    """The fleet's face, and some of what it holds in order of session."""

    face: FleetFace
    held: tuple[HeldDeparture, ...] = ()


class FleetDecided(Reply, frozen=True, gc=False):
    """So many were decided now; so many of those that were meant are left."""

    decided: int
    left: int
