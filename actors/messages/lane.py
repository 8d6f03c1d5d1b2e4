"""What is said between a lot, its lanes, and the stays that began at them. A lane is where a car passes a barrier.

A lane numbers its cars (`n`), for ever upwards. `until_us`: after that the lane decides by itself, so a question that
comes later is not answered any more.
"""

from typing import ClassVar

import msgspec

from actors.messages.forms import Command, Order, Query, Reply, Request
from actors.messages.vehicle import EntryAnswer
from actors.values import Micros


class Lane(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One lane as the register says: `direction` is in, out or both; which devices stand there (ids, may be empty)."""

    direction: str
    camera: str = ""
    barrier: str = ""
    screen: str = ""
    name: str = ""


class InstallLane(Order, frozen=True, gc=False):
    """The register says: the lot has this lane."""

    lane: str
    said: Lane


class CarAtEntry(Command, frozen=True, gc=False):
    """A camera sees a car that wants in. `standing` is what the vehicle said of itself; None: it did not answer.

    Answered by `Admitted` or `TurnedAway`, or by `TooLate`.
    """

    lane: str
    n: int
    plate: str
    colour: str
    confidence_pct: int
    seen_us: Micros
    until_us: Micros
    standing: EntryAnswer | None = None
    picture: str = ""


class CarAtExit(Command, frozen=True, gc=False):
    """A camera sees a car that wants out; the same fields. `session`: a seat says which stay it is.

    Answered by `Leaving` (ask `LaneQuery` how it stands), `TurnedAway` or `TooLate`.
    """

    lane: str
    n: int
    plate: str
    colour: str
    confidence_pct: int
    seen_us: Micros
    until_us: Micros
    standing: EntryAnswer | None = None
    picture: str = ""
    session: str = ""


class PassedAlone(Command, frozen=True, gc=False):
    """A lane let this car pass by itself, because the platform did not answer. `m` numbers such passages without gaps,
    so that each is taken once, however often it is told. Answered by `Reconciled`.
    """

    lane: str
    m: int
    n: int
    entering: bool
    plate: str
    colour: str
    confidence_pct: int
    seen_us: Micros
    picture: str = ""


class ScanAtLane(Command, frozen=True, gc=False):
    """Somebody scans the lane's code with a phone: a car without a plate comes, or goes as it came. Answered by
    `Admitted`, `Leaving` or `TurnedAway`.
    """

    lane: str
    phone: str
    at_us: Micros
    entering: bool


class RingSeat(Command, frozen=True, gc=False):
    """A lane asks for a person: what its car wants, and why it does not go by itself."""

    lane: str
    n: int
    why: str
    at_us: Micros


class LiftGate(Command, frozen=True, gc=False):
    """A person opens a barrier; `picture` is the evidence of who passed, `session` the stay that ends or begins."""

    lane: str
    person: str
    reason: str
    at_us: Micros
    picture: str = ""
    session: str = ""


class DecideCar(Command, frozen=True, gc=False):
    """A person at the desk decides on the car that stands at a lane: it is the stay `session` (`stay`), its entry was
    lost (`unknown`: charged `fen`, or by the lot's rule if that is -1), it may come in all the same (`let_in`), or it
    has to drive back (`keep_out`). Answered as the lane's own question is.
    """

    lane: str
    n: int
    verdict: str
    person: str
    reason: str
    at_us: Micros
    session: str = ""
    fen: int = -1


class ForceGates(Command, frozen=True, gc=False):
    """Emergency: all barriers of the lot go up and stay up (or, `on` false, work again). Answered by `Forced`."""

    on: bool
    person: str
    reason: str


class StayTold(Command, frozen=True, gc=False):
    """From a stay that belongs to a gate: how it stands now. `open`: the car is still inside."""

    session: str
    plate: str
    open: bool
    due_fen: int
    charge_fen: int
    at_us: Micros
    void: bool = False


class QuoteLapsed(Command, frozen=True, gc=False):
    """What was shown to a car at an exit holds no longer (a wake)."""

    lane: str
    n: int


class Commanded(Command, frozen=True, gc=False):
    """What a device was told has been published, or could not be (`why`)."""

    device: str
    order: str
    why: str = ""


class MoveBarrier(Request, frozen=True, gc=False):
    """Tell a barrier: `open` once, `stay_open`, or `work` as usual; not after `until_us` (0: whenever that may be)."""

    port: ClassVar[str] = "devices"
    answers: ClassVar[tuple[type[Command], ...]] = (Commanded,)
    device: str
    order: str
    about: str = ""
    until_us: Micros = 0


class LaneQuery(Query, frozen=True, gc=False):
    """Asks a lot how the lane's car stands; `n` 0: the one that waits there to pay, whichever it is."""

    lane: str
    n: int


class InsideQuery(Query, frozen=True, gc=False):
    """Asks a lot who is inside, and what its lanes do."""


class QueueQuery(Query, frozen=True, gc=False):
    """Asks a lot which cars at its lanes need a person."""


class GatesQuery(Query, frozen=True, gc=False):
    """Asks a lot what its lanes have to know to decide by themselves."""


class Admitted(Reply, frozen=True, gc=False):
    """The barrier may open: the stay that began."""

    n: int
    session: str
    why: str = ""


class TurnedAway(Reply, frozen=True, gc=False):
    """The barrier stays shut. `why` is a stable word for the screen, with the sum that is owed; `among` are the plates
    inside that it may be, where a person has to choose.
    """

    n: int
    why: str
    fen: int = 0
    among: tuple[str, ...] = ()


class Leaving(Reply, frozen=True, gc=False):
    """The car's stay is found, and ends here."""

    n: int
    session: str


class TooLate(Reply, frozen=True, gc=False):
    """The lane has decided by itself meanwhile: nothing was done."""

    n: int


class Forced(Reply, frozen=True, gc=False):
    """Since when the gates of the lot are forced open (0: they work as usual), how many there are, and cars inside."""

    since_us: Micros
    barriers: int
    inside: int


class Reconciled(Reply, frozen=True, gc=False):
    """Passages of the lane up to this one are known."""

    m: int


class LaneAnswer(Reply, frozen=True, gc=False):
    """How the lane's car n stands: `open` (let it pass), `lifted` (a person has opened the barrier for it), `pay` so
    much until then, `away` with `why`, or `gone` (nothing is known of it, or its quote has lapsed).
    """

    n: int
    how: str
    session: str = ""
    due_fen: int = 0
    until_us: Micros = 0
    why: str = ""
    among: tuple[str, ...] = ()


class GatesAnswer(Reply, frozen=True, gc=False):
    """What a lane has to know: the lot's lanes, how long to wait for an answer, and what to do without one (`open`,
    `hold`, `seat`). `groups` are the lot's, for whoever asks a vehicle how it stands there.
    """

    lanes: dict[str, Lane]
    wait_ms: int
    entry_fallback: str
    exit_fallback: str
    groups: tuple[str, ...] = ()
    forced: bool = False


class Inside(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A car inside: its plate as far as it is known, when and by which lane it came."""

    plate: str
    entry_us: Micros
    lane: str
    phone: str = ""
    alone: bool = False


class Waiting(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The car at an exit whose stay is not paid yet; `phone`: it has no plate, its owner scanned the lane's code."""

    n: int
    session: str
    since_us: Micros
    until_us: Micros
    due_fen: int = -1
    phone: str = ""


class InsideAnswer(Reply, frozen=True, gc=False):
    """Who is inside by stay, how many may be, what waits at which lane, and whether the gates are forced open."""

    inside: dict[str, Inside]
    capacity: int
    lanes: dict[str, Lane]
    waiting: dict[str, Waiting]
    forced: bool


class Candidate(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A stay that a car at an exit may be."""

    session: str
    plate: str
    entry_us: Micros
    lane: str


class Queued(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A car at a lane that needs a person: `why` it does not pass by itself, and which stays it may be."""

    lane: str
    n: int
    plate: str
    entering: bool
    why: str
    since_us: Micros
    fen: int = 0
    among: tuple[Candidate, ...] = ()
    rung: bool = False


class QueueAnswer(Reply, frozen=True, gc=False):
    """The cars that need a person, at most one a lane, longest waiting first; since when gates are forced (or 0)."""

    cars: tuple[Queued, ...]
    forced_us: Micros = 0
