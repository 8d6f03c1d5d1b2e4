"""Whose a plate is: what accounts and staff say to a vehicle about its owner, and what becomes true of that."""

import msgspec

from actors.messages.forms import Command, Fact
from actors.values import Micros


class BindOwner(Command, frozen=True, gc=False):
    """From an account: it wants to be the owner's of this plate, or says anew whether it pays by itself at exit. The
    account hears `PlateBound`. `evidence` is the picture of the licence: who claims another's plate waits for an audit.
    """

    account: str
    automatic: bool = False
    evidence: str = ""


class ReleaseOwner(Command, frozen=True, gc=False):
    """From an account: it gives the plate up (or its claim)."""

    account: str


class DecideClaim(Command, frozen=True, gc=False):
    """Staff have looked at the papers of the account that claims the plate: it gets it, or not."""

    account: str
    accept: bool
    person: str
    reason: str = ""


class LockCar(Command, frozen=True, gc=False):
    """The owner says that his car is not to leave (or may again)."""

    account: str
    on: bool


class TriedToLeave(Command, frozen=True, gc=False):
    """From a gate that did not open, for the owner has locked the car: he is to be told."""

    lot: str
    lane: str
    at_us: Micros


class Claim(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An account that says that a plate which another has is its own."""

    account: str
    automatic: bool
    evidence: str
    at_us: Micros


class OwnerBound(Fact, frozen=True, gc=False):
    """The plate is this account's; it was `was`'s (empty: nobody's). `person` is who looked at the papers, if somebody
    had to.
    """

    account: str
    automatic: bool
    was: str
    person: str
    at_us: Micros


class OwnerReleased(Fact, frozen=True, gc=False):
    """The plate is nobody's now."""

    account: str
    at_us: Micros


class PlateClaimed(Fact, frozen=True, gc=False):
    """An account claims the plate of another: somebody has to look at the papers."""

    claim: Claim
    holder: str


class ClaimDecided(Fact, frozen=True, gc=False):
    """A claim was decided, or taken back (`person` empty)."""

    account: str
    accepted: bool
    person: str
    reason: str
    at_us: Micros


class CarLocked(Fact, frozen=True, gc=False):
    """The owner has locked his car, or unlocked it."""

    account: str
    on: bool
    at_us: Micros


class LockedCarTried(Fact, frozen=True, gc=False):
    """Somebody tried to drive the locked car out: the owner is to be told."""

    account: str
    lot: str
    lane: str
    at_us: Micros
