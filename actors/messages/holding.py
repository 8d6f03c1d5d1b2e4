"""What is said about who may use a bay and when: reservations, an owner's windows, and bays that are out of order."""

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
    cancelled; `asked` is what the owner wants now (freeze or cancel), from when to when; frozen from until.
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


class Hold(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A bay that is kept for somebody: from when, and until when he has to be there. `wrong`: the plate of another car
    that stands there.
    """

    reservation: str
    holder: str
    plate: str
    from_us: Micros
    until_us: Micros
    wrong: str = ""


class HoldBay(Command, frozen=True, gc=False):
    """From a holder: keep the bay for me. Answered by `HoldSaid`."""

    reservation: str
    plate: str
    from_us: Micros
    until_us: Micros


class ExtendHold(Command, frozen=True, gc=False):
    """From a holder whose deposit came: keep it until then."""

    reservation: str
    until_us: Micros


class ReleaseBay(Command, frozen=True, gc=False):
    """From a holder: I do not need it any more."""

    reservation: str
    why: str


class HoldLapsed(Command, frozen=True, gc=False):
    """The holder has not come in time (a wake)."""

    reservation: str


class LowerFor(Command, frozen=True, gc=False):
    """Somebody stands before the bay's lock and wants it lowered. Answered by `LockLowered`."""

    account: str
    at_us: Micros


class BayTurned(Command, frozen=True, gc=False):
    """From the bay: it is taken or free since then."""

    occupied: bool
    at_us: Micros


class PlateAtBay(Command, frozen=True, gc=False):
    """From the bay: this plate was read there."""

    plate: str
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
    """Staff decide what the owner asked for last."""

    agreed: bool
    person: str
    reason: str


class CloseBay(Command, frozen=True, gc=False):
    """Staff take the bay out of service from until (equal: it is in service again): repair, event, clean-up."""

    from_us: Micros
    until_us: Micros
    reason: str
    person: str


class ClosingDue(Command, frozen=True, gc=False):
    """A closing begins or ends (a wake)."""


class GuardBay(Command, frozen=True, gc=False):
    """To a bay: show `held` (reserved, closed) when nobody stands there; `guarded`: tell what happens there."""

    held: str
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
    """It is kept no longer: `used`, `expired`, `cancelled`, `closed`, ...."""

    reservation: str
    why: str
    at_us: Micros


class HoldExtended(Fact, frozen=True, gc=False):
    """It is kept for longer."""

    reservation: str
    until_us: Micros


class WrongCar(Fact, frozen=True, gc=False):
    """Another car stands in a bay that is kept for somebody (without its plate: it is not known)."""

    reservation: str
    plate: str
    at_us: Micros


class ShareApplied(Fact, frozen=True, gc=False):
    """An owner asked to share the bay."""

    share: Share


class ShareAsked(Fact, frozen=True, gc=False):
    """The owner asked for something else."""

    what: str
    from_us: Micros
    until_us: Micros


class ShareDecided(Fact, frozen=True, gc=False):
    """Staff decided; the share is so now."""

    share: Share
    agreed: bool
    person: str
    reason: str
    at_us: Micros


class BayClosed(Fact, frozen=True, gc=False):
    """The bay is out of service from until."""

    from_us: Micros
    until_us: Micros
    reason: str
    person: str


class LockAsked(Fact, frozen=True, gc=False):
    """The lock was lowered for somebody, as `owner`, `holder` or `guest`."""

    account: str
    as_what: str
    at_us: Micros


class BayGuarded(Fact, frozen=True, gc=False):
    """What the bay shows when nobody stands there, and whether somebody wants to know what happens there."""

    held: str
    guarded: bool


class Occupied(Fact, frozen=True, gc=False):
    """A bay that is kept or shared was taken, or is free again."""

    occupied: bool
    at_us: Micros


class HoldingFace(Face, frozen=True, gc=False):
    """Who may use a bay."""

    hold: Hold | None
    share: Share | None
    closed_from_us: Micros
    closed_until_us: Micros
    closed_why: str


class HoldingAnswer(Reply, frozen=True, gc=False):
    """The same, as an answer."""

    face: HoldingFace


class LockLowered(Reply, frozen=True, gc=False):
    """The lock goes down: for the `owner`, the `holder` or a `guest`."""

    as_what: str
