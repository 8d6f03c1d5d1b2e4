"""What is said to who reserves bays, and what becomes true of them: one reservation at a time."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class Reservation(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A reservation. `state`: asked, unpaid (its deposit is not there yet), held, wrong_car (another car stands there),
    refused, used, expired, cancelled. `until_us`: who has not come by then loses it; `pay_until_us`: by then the
    deposit has to be there; `cancel_us`: until then cancelling gives it back. `payment`: what brought it, by which
    channel and from whose account. `wanted`: the bay (`<lot>/<bay>`) that its holder would rather have.
    """

    reservation: str
    lot: str
    bay: str
    plate: str
    from_us: Micros
    until_us: Micros
    operator: str
    deposit_fen: int = 0
    pay_until_us: Micros = 0
    cancel_us: Micros = 0
    leave_us: Micros = 0
    state: str = "asked"
    why: str = ""
    payment: str = ""
    channel: str = ""
    payer: str = ""
    wanted: str = ""


class Reserve(Command, frozen=True, gc=False):
    """Keep this bay (of this type) for my car from then on; I leave by `leave_us` (0: I do not say). The lot's rules
    say how long it is kept and what deposit it takes. Answered by `Reserved`; whether the bay can be kept is known a
    moment later.
    """

    reservation: str
    lot: str
    bay: str
    bay_type: str
    plate: str
    from_us: Micros
    leave_us: Micros = 0


class CancelReservation(Command, frozen=True, gc=False):
    """I do not need it any more."""

    reservation: str


class MoveReservation(Command, frozen=True, gc=False):
    """Another car stands in my bay: keep this one of the same lot or another for me instead. The first one is kept
    until that is sure.
    """

    reservation: str
    lot: str
    bay: str
    bay_type: str


class HoldSaid(Command, frozen=True, gc=False):
    """From the holding of a bay (`<lot>/<bay>`): it is kept until then, or (`why`) it is not."""

    reservation: str
    bay: str
    until_us: Micros
    why: str = ""


class HoldOver(Command, frozen=True, gc=False):
    """From the holding of a bay (`<lot>/<bay>`): it is kept no longer."""

    reservation: str
    bay: str
    why: str


class HoldWrong(Command, frozen=True, gc=False):
    """From the holding of a bay (`<lot>/<bay>`): another car stands there (its plate, or `?`), or is gone (empty)."""

    reservation: str
    bay: str
    plate: str


class HolderQuery(Query, frozen=True, gc=False):
    """Asks somebody for their reservations."""


class ReservationAsked(Fact, frozen=True, gc=False):
    """Somebody wants a bay kept."""

    said: Reservation
    at_us: Micros


class ReservationTurned(Fact, frozen=True, gc=False):
    """A reservation is so now; messages to people follow from its state."""

    said: Reservation
    at_us: Micros


class DepositReceived(Fact, frozen=True, gc=False):
    """The deposit of a reservation came; it is its holder's until it is kept."""

    reservation: str
    payment: str
    channel: str
    payer: str
    fen: int
    paid_us: Micros
    operator: str
    lot: str


class DepositReturned(Fact, frozen=True, gc=False):
    """A deposit goes back where it came from."""

    reservation: str
    payment: str
    fen: int
    why: str
    at_us: Micros
    operator: str
    lot: str


class DepositKept(Fact, frozen=True, gc=False):
    """A deposit is not given back: the holder did not come (`expired`), or cancelled too late (`late`)."""

    reservation: str
    payment: str
    fen: int
    why: str
    at_us: Micros
    operator: str
    lot: str


class HolderFace(Face, frozen=True, gc=False):
    """Somebody's reservations, the newest last."""

    reservations: tuple[Reservation, ...]


class HolderAnswer(Reply, frozen=True, gc=False):
    """The same, as an answer."""

    face: HolderFace


class Reserved(Reply, frozen=True, gc=False):
    """The reservation as it is now."""

    said: Reservation
