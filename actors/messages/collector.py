"""What is said to a collector (who takes money on the street), what becomes true of them, and their face."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.values import Micros


class Online(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The one device a collector works on, since when, and until when that holds unless it is heard again.

    `session` names the sign-in over HTTP that it came with.
    """

    device: str
    device_name: str
    session: str
    since_us: Micros
    until_us: Micros


class Sum(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """How often and how much was taken by one channel; what was given back counts as less, not as once more."""

    channel: str
    n: int
    fen: int


class Spot(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where somebody said to be, and the picture they took of it (an evidence's id)."""

    lon: float = 0.0
    lat: float = 0.0
    place: str = ""
    picture: str = ""


class Shift(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One stretch of work: on these sections, from when to when (0: still), and what was taken in it.

    `by` and `why` say who ended it if it was not the collector.
    """

    id: str
    lots: tuple[str, ...]
    operator: str
    device: str
    opened_us: Micros
    opened_at: Spot
    takings: tuple[Sum, ...] = ()
    closed_us: Micros = 0
    closed_at: Spot = Spot()
    by: str = ""
    why: str = ""


class Offer(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Cash that a collector has counted and wants to hand over, and what it should be."""

    shift: str
    counted_fen: int
    expected_fen: int
    at_us: Micros


class ComeOnline(Command, frozen=True, gc=False):
    """The collector signed in on this device. Refused with `online_elsewhere` and the other device's name while that
    one's lease holds. Answered by `CollectorAnswer`.
    """

    device: str
    device_name: str
    name: str
    session: str
    lease_us: Micros


class StayOnline(Command, frozen=True, gc=False):
    """The device is still there: its lease and those of the sections go on. `online_elsewhere`, `not_online`."""

    device: str
    lease_us: Micros
    section_lease_us: Micros


class GoOffline(Command, frozen=True, gc=False):
    """The device is given up; `by`: a supervisor says so of whatever device it is. An open shift stays open."""

    device: str
    by: str = ""


class OpenShift(Command, frozen=True, gc=False):
    """Work begins on these sections, which were taken before. The same again gets the same shift; `shift_open`: there
    is another one.
    """

    device: str
    lots: tuple[str, ...]
    operator: str
    spot: Spot
    section_lease_us: Micros


class CloseShift(Command, frozen=True, gc=False):
    """Work ends: the shift's sums are what was taken. `by`: a supervisor says so; then the device is given up too."""

    device: str
    spot: Spot
    by: str = ""
    why: str = ""


class TakingsAdded(Command, frozen=True, gc=False):
    """From a session: this collector took (or, negative, gave back) so much by this channel in this shift."""

    session: str
    payment: str
    channel: str
    fen: int
    at_us: Micros
    shift: str


class SectionGone(Command, frozen=True, gc=False):
    """From a lot: somebody else has the section now (or nobody, if a supervisor said so)."""

    lot: str
    to: str
    by: str


class OfferCash(Command, frozen=True, gc=False):
    """The collector counted the cash in hand and wants to hand it over. The last offer counts."""

    counted_fen: int


class AcceptCash(Command, frozen=True, gc=False):
    """A cashier counted the same cash: taken, if both counted alike (`count_differs`); `no_offer`."""

    counted_fen: int
    by: str


class CollectorQuery(Query, frozen=True, gc=False):
    """Asks a collector for their face."""


class CameOnline(Fact, frozen=True, gc=False):
    """The collector works on this device now."""

    online: Online
    name: str


class StayedOnline(Fact, frozen=True, gc=False):
    """The device's lease goes on until then."""

    until_us: Micros


class LeftDevice(Fact, frozen=True, gc=False):
    """The collector works on no device; `by` is the supervisor who said so."""

    device: str
    at_us: Micros
    by: str = ""


class ShiftOpened(Fact, frozen=True, gc=False):
    """Work began."""

    shift: Shift
    name: str


class TakingsNoted(Fact, frozen=True, gc=False):
    """So much was taken (or given back) by this channel; `late`: its shift was over when we heard of it."""

    shift: str
    session: str
    payment: str
    channel: str
    fen: int
    at_us: Micros
    late: bool


class ShiftClosed(Fact, frozen=True, gc=False):
    """Work ended; `shift` has the sums by then."""

    shift: Shift


class SectionLost(Fact, frozen=True, gc=False):
    """Somebody else has one of the shift's sections."""

    shift: str
    lot: str
    to: str
    by: str
    at_us: Micros


class CashOffered(Fact, frozen=True, gc=False):
    """The collector's word (and signature) on the cash in hand."""

    offer: Offer


class CashHandedOver(Fact, frozen=True, gc=False):
    """A collector's cash was counted: `counted_fen` of `expected_fen` went to the bank; the rest is over/short.

    Signed by both: the collector's offer at `offered_us`, the cashier's count by `by` at `at_us`.
    """

    shift: str
    counted_fen: int
    expected_fen: int
    by: str
    at_us: Micros
    operator: str
    offered_us: Micros = 0


class CollectorFace(Face, frozen=True, gc=False):
    """A collector as others see them: device, open shift, the last shifts (newest last), cash in hand."""

    name: str
    online: Online | None
    shift: Shift | None
    shifts: tuple[Shift, ...]
    cash_fen: int
    offer: Offer | None


class CollectorAnswer(Reply, frozen=True, gc=False):
    """The collector's face, as an answer."""

    face: CollectorFace
