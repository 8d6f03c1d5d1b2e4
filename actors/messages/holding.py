"""What is said about who may use a bay and when: reservations, and the windows in which an owner shares it."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class Window(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """When an owner gives his bay away: on this weekday (0 is Monday), from minute to minute of the day."""

    weekday: int
    from_minute: int
    until_minute: int


class Share(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A bay that its owner shares: in these windows of this time zone, from until. `state`: applied, active, refused or
    cancelled; `asked` is what the owner wants now (freeze or cancel), from when to when; frozen from until. The
    owner gets `pct` of what comes for stays in it.
    """

    share: str
    owner: str
    zone: str
    windows: tuple[Window, ...]
    from_us: Micros
    until_us: Micros
    state: str = "applied"
    asked: str = ""
    asked_from_us: Micros = 0
    asked_until_us: Micros = 0
    frozen_from_us: Micros = 0
    frozen_until_us: Micros = 0
    pct: int = 0


class Hold(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A bay that is kept for somebody: from when, and until when he has to be there. `begun`: that time has come;
    `wrong`: the plate of another car that stands there (`?`: it is not known).
    """

    reservation: str
    holder: str
    plate: str
    from_us: Micros
    until_us: Micros
    begun: bool = False
    wrong: str = ""


class HoldBay(Command, frozen=True, gc=False):
    """From a holder: keep the bay for me from then, and let go of it if I have not come by `until_us`. I leave by
    `leave_us` (0: I do not say). `open`: the lot lets anybody reserve bays of this type; others only if their owners
    share them. Answered by `HoldSaid`.
    """

    reservation: str
    plate: str
    from_us: Micros
    until_us: Micros
    leave_us: Micros
    open: bool


class ExtendHold(Command, frozen=True, gc=False):
    """From a holder whose deposit came: keep it until then."""

    reservation: str
    until_us: Micros


class ReleaseBay(Command, frozen=True, gc=False):
    """From a holder: I do not need it any more."""

    reservation: str
    why: str


class HoldBegins(Command, frozen=True, gc=False):
    """The time has come from which the bay is kept (a wake)."""

    reservation: str


class HoldLapsed(Command, frozen=True, gc=False):
    """The holder has not come in time (a wake)."""

    reservation: str


class LowerFor(Command, frozen=True, gc=False):
    """Somebody with this plate stands before the bay's lock and wants it lowered. Answered by `LockLowered`."""

    account: str
    plate: str
    at_us: Micros


class BayTurned(Command, frozen=True, gc=False):
    """From the bay: it is taken or free since then; the plate, if it is known who stands there."""

    occupied: bool
    at_us: Micros
    plate: str = ""


class PlateAtBay(Command, frozen=True, gc=False):
    """From the bay: this plate was read there."""

    plate: str
    at_us: Micros


class StayAtBay(Command, frozen=True, gc=False):
    """From the bay: this stay began there then."""

    session: str
    at_us: Micros


class ApplyShare(Command, frozen=True, gc=False):
    """An owner wants to share his bay; staff decide."""

    share: Share


class AskShare(Command, frozen=True, gc=False):
    """The owner asks for a `freeze` (from until) or to `cancel`; staff decide."""

    owner: str
    what: str
    from_us: Micros
    until_us: Micros


class DecideShare(Command, frozen=True, gc=False):
    """Staff decide what the owner asked for last, and with a share that he applied for the `pct` that he gets of what
    comes for stays in it.
    """

    agreed: bool
    person: str
    reason: str
    pct: int = 0


class GuardBay(Command, frozen=True, gc=False):
    """To a bay: show whether it is reserved while nobody stands there; `guarded`: tell what happens there, and what
    stands there now.
    """

    reserved: bool
    guarded: bool


class MoveLock(Command, frozen=True, gc=False):
    """To a bay: move your lock (`lower`, `raise`), if you have one."""

    order: str


class HoldingQuery(Query, frozen=True, gc=False):
    """Asks who may use the bay."""


class BayHeld(Fact, frozen=True, gc=False):
    """The bay is kept for somebody."""

    hold: Hold


class HoldEnded(Fact, frozen=True, gc=False):
    """It is kept no longer: `used`, `expired`, `cancelled` or `moved` to another bay."""

    reservation: str
    why: str
    at_us: Micros


class HoldBegun(Fact, frozen=True, gc=False):
    """The time has come from which the bay is kept."""

    reservation: str


class HoldExtended(Fact, frozen=True, gc=False):
    """It is kept for longer."""

    reservation: str
    until_us: Micros


class WrongCar(Fact, frozen=True, gc=False):
    """Another car stands in a bay that is kept for somebody (`?`: its plate is not known), or is gone again (empty)."""

    reservation: str
    plate: str
    at_us: Micros


class ShareApplied(Fact, frozen=True, gc=False):
    """An owner asked to share the bay."""

    share: Share


class ShareAsked(Fact, frozen=True, gc=False):
    """The owner asked for something else; the share is so until staff decide."""

    share: Share


class ShareDecided(Fact, frozen=True, gc=False):
    """Staff decided what the owner had asked for (`apply`, `freeze`, `cancel`); the share is so now."""

    share: Share
    what: str
    agreed: bool
    person: str
    reason: str
    at_us: Micros


class LockAsked(Fact, frozen=True, gc=False):
    """The lock was lowered for somebody with this plate, as `owner`, `holder` or `guest`."""

    account: str
    plate: str
    as_what: str
    at_us: Micros


class BayGuarded(Fact, frozen=True, gc=False):
    """Whether the bay shows that it is reserved, and whether somebody wants to know what happens there."""

    reserved: bool
    guarded: bool


class Occupied(Fact, frozen=True, gc=False):
    """A bay that is kept or shared was taken, or is free again."""

    occupied: bool
    at_us: Micros


class HoldingFace(Face, frozen=True, gc=False):
    """Who may use a bay."""

    hold: Hold | None
    share: Share | None


class HoldingAnswer(Reply, frozen=True, gc=False):
    """The same, as an answer."""

    face: HoldingFace


class LockLowered(Reply, frozen=True, gc=False):
    """The lock goes down: for the `owner`, the `holder` or a `guest`."""

    as_what: str
