"""What HTTP takes and shows of reservations, shared bays and free ones. Sums are fen, times microseconds."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from actors.messages.holding import Window
from actors.values import Micros
from gateway.http.forms import Shown, Typed
from gateway.http.own.shown import Key, Method, OpenId, Plate, Provider
from gateway.http.paging import Paged
from gateway.http.query import Id
from gateway.http.shown import Next
from gateway.http.shown_vehicles import Moment, Word
from storage.holdings import FreeBay, ReservationRow

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=32, description="As it is painted on the bay")]
Weekday = Annotated[int, msgspec.Meta(ge=0, le=6, description="0 is Monday")]
Begin = Annotated[int, msgspec.Meta(ge=0, le=24 * 60 - 1, description="Minute of the day")]
End = Annotated[int, msgspec.Meta(ge=1, le=24 * 60, description="Minute of the day")]
State = Literal["", "asked", "unpaid", "held", "wrong_car", "refused", "used", "expired", "cancelled"]


class Nothing(Typed, frozen=True):
    """There is nothing more to say."""


class NewReservation(Typed, frozen=True):
    """Keep this bay for this car of mine, which comes at `from_us` (0: it is on its way) and leaves by `leave_us` (0: I
    do not say).
    """

    number: Number
    plate: Plate
    from_us: Moment = 0
    leave_us: Moment = 0


class OtherBay(Typed, frozen=True):
    """The bay that is to be kept instead."""

    number: Number


class DepositPayment(Typed, frozen=True):
    """How the deposit is paid."""

    way: Literal["wallet", "wechat", "alipay", "unionpay", "aggregate"]
    method: Method = "native"
    openid: OpenId = ""


class ReservationShown(Shown, frozen=True):
    """A reservation: `asked` (the bay has not said yet), `unpaid` until `pay_until_us`, `held` until `until_us`,
    `wrong_car` (another car stands there: `offers` are free bays nearby), `refused`, `used`, `expired` or `cancelled`,
    and why. Cancelled until `cancel_us`, the deposit comes back.
    """

    id: str
    lot: str
    bay: str
    plate: str
    state: str
    why: str
    from_us: Micros
    until_us: Micros
    leave_us: Micros
    deposit_fen: int
    paid: bool
    pay_until_us: Micros
    cancel_us: Micros
    wanted: str
    offers: list[FreeBay] = []


class OwnReservations(Shown, frozen=True):
    """One's own last reservations, newest first."""

    items: list[ReservationShown]


class WhichReservations(Paged, frozen=True):
    """Which reservations."""

    account: Id = ""
    lot: Id = ""
    state: State = ""


class Reservations(Shown, frozen=True):
    """One page of anybody's reservations."""

    items: list[ReservationRow]
    next: Next


class LowerLock(Typed, frozen=True):
    """This car of mine stands before the bay."""

    plate: Plate


class LockShown(Shown, frozen=True):
    """The lock goes down: for the `holder`, the `owner` or a `guest`."""

    as_what: str


class Hours(Typed, frozen=True):
    """Every week on this day, from minute to minute."""

    weekday: Weekday
    from_minute: Begin
    until_minute: End


class NewShare(Typed, frozen=True):
    """Others may use my bay in these hours, from until."""

    number: Number
    hours: Annotated[list[Hours], msgspec.Meta(min_length=1, max_length=70)]
    from_us: Moment
    until_us: Moment


class ShareWish(Typed, frozen=True):
    """I want my bay for myself from one day to another (`freeze`, both days included), or for good (`cancel`)."""

    what: Literal["freeze", "cancel"]
    from_day: date | None = None
    until_day: date | None = None


class Decision(Typed, frozen=True):
    """Whether the owner gets what he asked for, and why not; with a share that he applied for, how many percent he gets
    of what comes for stays that begin in its windows.
    """

    agreed: bool
    reason: Word = ""
    pct: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


class HoursShown(Shown, frozen=True):
    """Every week on this day (0 is Monday), from minute to minute."""

    weekday: int
    from_minute: int
    until_minute: int


class ShareShown(Shown, frozen=True):
    """A shared bay: `applied`, `active`, `frozen` (now), `refused` or `cancelled`. `asked` (`freeze`, `cancel`) waits
    for staff; `person` decided last, for this reason.
    """

    id: str
    lot: str
    bay: str
    owner: str
    state: str
    zone: str
    hours: list[HoursShown]
    from_us: Micros
    until_us: Micros
    asked: str
    asked_from_us: Micros
    asked_until_us: Micros
    frozen_from_us: Micros
    frozen_until_us: Micros
    pct: int
    person: str
    reason: str


class WhichShares(Paged, frozen=True):
    """Which shared bays; `waits`: those of which staff have something to decide."""

    lot: Id = ""
    owner: Id = ""
    state: Literal["", "applied", "active", "refused", "cancelled"] = ""
    waits: bool = False


class Shares(Shown, frozen=True):
    """One page of shared bays."""

    items: list[ShareShown]
    next: Next


class WhichFree(Typed, frozen=True):
    """Free bays of a type, with a charging pile: in this lot, else in the nearest one that has any. Near a point;
    without one, near the lot, or the middle of the city.
    """

    lot: Id = ""
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    type: Id = ""
    charging: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5


class FreeBays(Shown, frozen=True):
    """Free bays of one lot, the nearest first."""

    items: list[FreeBay]


class BayBillPayment(Typed, frozen=True):
    """Pay the bill that was seen for this bay, with a provider."""

    bill: Key
    way: Provider = "wechat"
    method: Method = "native"
    openid: OpenId = ""


def windows_of(hours: list[Hours]) -> tuple[Window, ...]:
    """The same as actors say it."""
    return tuple(Window(each.weekday, each.from_minute, each.until_minute) for each in hours)
