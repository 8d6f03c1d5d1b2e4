"""Types of what HTTP says of lanes and gates: the register's lanes, the desk's queue, lifts and emergencies."""

from typing import Annotated, Literal

import msgspec

from actors.values import Micros
from gateway.http.forms import Shown, Typed
from gateway.http.paging import Paged
from gateway.http.query import Id
from gateway.http.shown import Next
from storage.gates import EmergencyRow, EmergencyStay, LanePassage, LaneRow, LiftsOf

Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 53, description="Microseconds since 1970 UTC")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Direction = Literal["in", "out", "both"]
EvidenceId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Key = Annotated[str, msgspec.Meta(max_length=200)]


class NewLane(Typed, frozen=True):
    """A lane for the register: where a car passes a barrier of this lot, and which of its devices stand there."""

    lot: Name
    name: Name
    direction: Direction
    camera: Name | None = None
    barrier: Name | None = None
    screen: Name | None = None


class LaneChange(Typed, frozen=True):
    """New values for some of a lane's fields, and the version on which they were decided."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
    name: Name | msgspec.UnsetType = msgspec.UNSET
    direction: Direction | msgspec.UnsetType = msgspec.UNSET
    camera: Name | msgspec.UnsetType | None = msgspec.UNSET
    barrier: Name | msgspec.UnsetType | None = msgspec.UNSET
    screen: Name | msgspec.UnsetType | None = msgspec.UNSET


class WhichLanes(Paged, frozen=True):
    """Which lanes."""

    lot: Id = ""


class Lanes(Shown, frozen=True):
    """One page of lanes."""

    items: list[LaneRow]
    next: Next


class CodeShown(Shown, frozen=True):
    """What phones scan at a lane; it stays the same."""

    code: str


class WhichQueue(Typed, frozen=True):
    """Whose gates: of one lot, of a region's lots, or of all."""

    lot: Id = ""
    region: Id = ""


class CandidateShown(Shown, frozen=True):
    """A stay that the car may be."""

    session: str
    plate: str
    entry_us: Micros
    lane: str


class QueuedShown(Shown, frozen=True):
    """A car that needs a person: `why` is a stable word (`several`, `no_entry`, `no_plate`, `black`, `locked`,
    `arrears`, `full`, `no_answer`, …); `rung`: its lane asked for somebody.
    """

    lot: str
    lane: str
    n: int
    plate: str
    entering: bool
    why: str
    since_us: Micros
    fen: int
    rung: bool
    among: list[CandidateShown]


class Queue(Shown, frozen=True):
    """Cars that need a person, those first that have waited longest; lots that did not answer."""

    items: list[QueuedShown]
    silent: list[str]


class Decision(Typed, frozen=True):
    """What a person decides on the car `n` at a lane. At an exit: it is this `session` (`stay`), or its entry was lost
    (`unknown`; it pays `fen`, or what the lot's rule says). At an entry: `let_in`. At both: `keep_out`.
    """

    n: Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
    verdict: Literal["stay", "unknown", "let_in", "keep_out"]
    reason: Reason
    session: Key = ""
    fen: Annotated[int, msgspec.Meta(ge=1, le=100_000_00)] | None = None


class LaneStands(Shown, frozen=True):
    """How a lane's car stands now: `open`, `lifted`, `pay` (so much, until then), `away` or `gone`."""

    lane: str
    n: int
    how: str
    session: str
    due_fen: int
    until_us: Micros
    why: str


class Lift(Typed, frozen=True):
    """A barrier is to be lifted by hand: why, the picture (evidence) of who passes, and the stay that ends."""

    reason: Reason
    picture: EvidenceId
    session: Key = ""


class WhichLanePassages(Paged, frozen=True):
    """Which vehicles that lanes saw: coming in or going out, in a time (`until_us` not included; 0: until now)."""

    lot: Id = ""
    lane: Id = ""
    plate: Id = ""
    direction: Literal["", "in", "out"] = ""
    from_us: Moment = 0
    until_us: Moment = 0


class LanePassages(Shown, frozen=True):
    """One page of them, newest first."""

    items: list[LanePassage]
    next: Next


class WhichLifts(Paged, frozen=True):
    """Which barriers lifted by hand: of a lot, by a person, in a time (`until_us` not included; 0: until now)."""

    lot: Id = ""
    person: Id = ""
    from_us: Moment = 0
    until_us: Moment = 0


class WhichLifters(Typed, frozen=True):
    """Of which lot, and which time."""

    lot: Id = ""
    from_us: Moment = 0
    until_us: Moment = 0


class LiftShown(Shown, frozen=True):
    """A barrier that was lifted by hand."""

    at_us: Micros
    lot: str
    lane: str
    person: str
    reason: str
    picture: str
    session: str


class Lifts(Shown, frozen=True):
    """One page of them, newest first."""

    items: list[LiftShown]
    next: Next


class Lifters(Shown, frozen=True):
    """Who lifted how many, those first who lifted most."""

    items: list[LiftsOf]


class Force(Typed, frozen=True):
    """All gates up (`open`), or as usual again, for this reason; `confirm` is the token of `needs_confirmation`."""

    open: bool
    reason: Reason
    confirm: Key = ""


class LotForced(Shown, frozen=True):
    """One lot's gates: `done`, with so many barriers and cars inside; or the code that says why not (say it again)."""

    lot: str
    done: bool
    since_us: Micros = 0
    barriers: int = 0
    inside: int = 0
    why: str = ""


class AllForced(Shown, frozen=True):
    """What became of each lot."""

    items: list[LotForced]


class WhichEmergencies(Paged, frozen=True):
    """Of which lot."""

    lot: Id = ""


class Emergencies(Shown, frozen=True):
    """One page of times in which all gates of a lot were forced open, newest first."""

    items: list[EmergencyRow]
    next: Next


class WhichEmergency(Paged, frozen=True):
    """One emergency, by its lot and when it began."""

    lot: Id = ""
    from_us: Moment = 0


class EmergencyStays(Shown, frozen=True):
    """One page of the stays of an emergency: `left_emergency` passed an open gate, `emergency` was inside still."""

    items: list[EmergencyStay]
    next: Next


class WhichInside(Typed, frozen=True):
    """Cars whose plate contains this."""

    plate: Annotated[str, msgspec.Meta(max_length=32)] = ""


class Insiders(Shown, frozen=True):
    """Cars inside, those first that came last; at most 500, `all` is how many there are."""

    items: list[CandidateShown]
    all: int
    capacity: int
    forced: bool
