"""What is said to who reserves bays, and what becomes true of them: one reservation at a time."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class Reservation(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A reservation. `state`: asked, unpaid (its deposit is not there yet), held, wrong_car, refused, used, expired,
    cancelled. `until_us`: when the bay is free again; `cancel_us`: until then cancelling gives the deposit back.
    """

    reservation: str
    lot: str
    bay: str
    plate: str
    from_us: Micros
    until_us: Micros
    state: str = "asked"
    why: str = ""
    deposit_fen: int = 0
    cancel_us: Micros = 0
    payment: str = ""


class Reserve(Command, frozen=True, gc=False):
    """Keep this bay for me from then; who is not there by `until_us` loses it. With a deposit it is kept only until
    `pay_until_us` before that has come. Answered by `Reserved`; whether the bay can be kept is known a moment later.
    """

    reservation: str
    lot: str
    bay: str
    plate: str
    from_us: Micros
    until_us: Micros
    deposit_fen: int = 0
    cancel_us: Micros = 0
    pay_until_us: Micros = 0


class CancelReservation(Command, frozen=True, gc=False):
    """I do not need it any more."""

    reservation: str
    at_us: Micros


class HoldSaid(Command, frozen=True, gc=False):
    """From a bay's holding: it is kept until then, or (`why`) it is not."""

    reservation: str
    until_us: Micros
    why: str = ""


class HoldOver(Command, frozen=True, gc=False):
    """From a bay's holding: it is kept no longer."""

    reservation: str
    why: str
    at_us: Micros


class HoldWrong(Command, frozen=True, gc=False):
    """From a bay's holding: another car stands there."""

    reservation: str
    plate: str
    at_us: Micros


class HolderQuery(Query, frozen=True, gc=False):
    """Asks somebody for their reservations."""


class ReservationAsked(Fact, frozen=True, gc=False):
    """Somebody wants a bay kept."""

    said: Reservation
    pay_until_us: Micros


class ReservationTurned(Fact, frozen=True, gc=False):
    """A reservation has another state, for a reason; messages to people follow from this."""

    reservation: str
    state: str
    why: str
    until_us: Micros
    at_us: Micros


class DepositReceived(Fact, frozen=True, gc=False):
    """The deposit of a reservation came."""

    reservation: str
    payment: str
    channel: str
    fen: int
    at_us: Micros


class DepositReturned(Fact, frozen=True, gc=False):
    """A deposit, or money that was none, goes back by the payment that brought it."""

    reservation: str
    payment: str
    fen: int
    why: str
    at_us: Micros


class DepositKept(Fact, frozen=True, gc=False):
    """A deposit is not given back: the holder did not come, or cancelled too late."""

    reservation: str
    fen: int
    why: str
    at_us: Micros


class HolderFace(Face, frozen=True, gc=False):
    """Somebody's reservations, the newest last."""

    reservations: tuple[Reservation, ...]


class HolderAnswer(Reply, frozen=True, gc=False):
    """The same, as an answer."""

    face: HolderFace


class Reserved(Reply, frozen=True, gc=False):
    """The reservation as it is now."""

    said: Reservation
