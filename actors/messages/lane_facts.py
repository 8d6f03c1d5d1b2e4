"""What becomes true at the lanes of a lot."""

from actors.messages.forms import Fact
from actors.messages.lane import Lane
from actors.values import Micros


class LaneInstalled(Fact, frozen=True, gc=False):
    """The lot has this lane, by this order of the register."""

    lane: str
    said: Lane
    order: int


class CarEntered(Fact, frozen=True, gc=False):
    """A car came in and its stay began; `number` counts the lot's stays. `alone`: the lane let it in by itself, as its
    m-th such passage (0: not alone); `why` says what would have kept it out, or who let it in.
    """

    lane: str
    n: int
    session: str
    number: int
    plate: str
    colour: str
    seen_us: Micros
    why: str = ""
    alone: int = 0
    phone: str = ""
    picture: str = ""


class CarTurnedAway(Fact, frozen=True, gc=False):
    """A car was not let in or out: `why`, and what it owes."""

    lane: str
    n: int
    plate: str
    seen_us: Micros
    entering: bool
    why: str
    fen: int = 0
    among: tuple[str, ...] = ()
    picture: str = ""


class ExitAsked(Fact, frozen=True, gc=False):
    """A car at an exit is this stay's. `read` is the plate as the camera read it, `how` it was found: plate, fuzzy,
    phone, seat, or none: it was not known to be inside, and is charged by the lot's rule.
    """

    lane: str
    n: int
    session: str
    plate: str
    read: str
    how: str
    seen_us: Micros
    until_us: Micros
    number: int = 0
    phone: str = ""
    picture: str = ""


class CarLeft(Fact, frozen=True, gc=False):
    """The barrier opened for a car that leaves. `alone` as in `CarEntered`; `due_fen` was not paid."""

    lane: str
    n: int
    session: str
    plate: str
    at_us: Micros
    why: str = ""
    alone: int = 0
    due_fen: int = 0
    picture: str = ""


class PassageKnown(Fact, frozen=True, gc=False):
    """A passage that a lane tells as its own had been decided here in time: nothing but its number is new."""

    lane: str
    m: int
    n: int


class QuoteExpired(Fact, frozen=True, gc=False):
    """The car at an exit did not pay in time: its stay goes on."""

    lane: str
    n: int
    session: str
    at_us: Micros


class InsideChanged(Fact, frozen=True, gc=False):
    """A stay of the lot said how it stands: another plate, another sum, or that its car is gone."""

    session: str
    plate: str
    open: bool
    due_fen: int
    at_us: Micros


class LostExit(Fact, frozen=True, gc=False):
    """A car came in that was still taken to be inside: it must have left unseen."""

    session: str
    plate: str
    at_us: Micros


class SeatRung(Fact, frozen=True, gc=False):
    """A lane asks for a person."""

    lane: str
    n: int
    why: str
    at_us: Micros


class GateLifted(Fact, frozen=True, gc=False):
    """A person opened a barrier, for the lane's car `n` (0: none was known to stand there)."""

    lane: str
    person: str
    reason: str
    at_us: Micros
    picture: str = ""
    session: str = ""
    n: int = 0


class CarDecided(Fact, frozen=True, gc=False):
    """A person decided on a car that stood at a lane."""

    lane: str
    n: int
    verdict: str
    person: str
    reason: str
    session: str
    at_us: Micros


class GatesForced(Fact, frozen=True, gc=False):
    """All barriers of the lot were opened for an emergency, or work again."""

    on: bool
    person: str
    reason: str
    at_us: Micros


class BarrierTold(Fact, frozen=True, gc=False):
    """A barrier was told something, or could not be (`why`)."""

    device: str
    order: str
    at_us: Micros
    why: str = ""
