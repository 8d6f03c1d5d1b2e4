"""What becomes true of an owner's account, beside `WalletMoved`: nothing of this is booked."""

from actors.messages.forms import Fact
from actors.values import Micros


class WalletSpent(Fact, frozen=True, gc=False):
    """A part of a payment from the wallet went to this payee: so much real money and so much gift money of it."""

    payment: str
    payee_kind: str
    payee: str
    fen: int
    gift_fen: int
    at_us: Micros


class SpentReturned(Fact, frozen=True, gc=False):
    """The payee gave so much of it back; `n` numbers its returns."""

    payment: str
    payee_kind: str
    payee: str
    n: int
    fen: int


class TopUpAsked(Fact, frozen=True, gc=False):
    """A top-up is on its way, with this gift."""

    payment: str
    fen: int
    gift_fen: int
    offer: str
    at_us: Micros


class TopUpDropped(Fact, frozen=True, gc=False):
    """A top-up will not come."""

    payment: str
    why: str


class TopUpCame(Fact, frozen=True, gc=False):
    """A top-up is in the wallet, and what was given on top."""

    payment: str
    channel: str
    fen: int
    gift_fen: int
    paid_us: Micros


class TopUpReturned(Fact, frozen=True, gc=False):
    """So much of a top-up goes back by the payment that brought it, and so much of its gift is gone."""

    payment: str
    n: int
    fen: int
    gift_fen: int
    person: str
    key: str


class SumFrozen(Fact, frozen=True, gc=False):
    """So much cannot be spent."""

    key: str
    fen: int
    why: str
    person: str
    at_us: Micros


class SumFreed(Fact, frozen=True, gc=False):
    """It can be spent again."""

    key: str
    person: str
    at_us: Micros


class AutoTried(Fact, frozen=True, gc=False):
    """The account began to pay a stay by itself this way; the ways that are left if that fails. `stay`: in which lot,
    the plate's colour, from when, to when.
    """

    payment: str
    session: str
    fen: int
    plate: str
    operator: str
    way: str
    left: tuple[str, ...]
    at_us: Micros
    stay: tuple[str, str, Micros, Micros] = ("", "", 0, 0)


class AutoEnded(Fact, frozen=True, gc=False):
    """Paying a stay by itself is over: paid from the wallet (`paid`), or why no way could (`insufficient`, `off`,
    `declined`).
    """

    payment: str
    session: str
    why: str
    at_us: Micros


class PlateWanted(Fact, frozen=True, gc=False):
    """The owner says that this plate is theirs; `default`: it is the default one until another is chosen."""

    plate: str
    evidence: str
    default: bool
    at_us: Micros


class PlateTold(Fact, frozen=True, gc=False):
    """What the vehicle said: the plate is `bound`, waits for an `audit`, was `refused` or is `released`, and why."""

    plate: str
    state: str
    reason: str
    at_us: Micros


class DefaultChosen(Fact, frozen=True, gc=False):
    """This is the default plate now (empty: there is none); `why`: `chosen`, or `promoted` when the one before went."""

    plate: str
    why: str


class WaysSet(Fact, frozen=True, gc=False):
    """How stays of this plate are paid at exit without being asked, in this order."""

    plate: str
    ways: tuple[str, ...]
    openid: str
    at_us: Micros


class CouponTaken(Fact, frozen=True, gc=False):
    """The account has a coupon."""

    coupon: str
    campaign: str
    terms: bytes
    until_us: Micros
    at_us: Micros


class CouponHeld(Fact, frozen=True, gc=False):
    """A coupon is kept for one payment until then."""

    coupon: str
    payment: str
    until_us: Micros


class CouponFreed(Fact, frozen=True, gc=False):
    """A coupon that was held is free again."""

    coupon: str
    payment: str


class CouponUsed(Fact, frozen=True, gc=False):
    """A coupon took so much off a stay, and is gone."""

    coupon: str
    campaign: str
    payment: str
    session: str
    fen: int
    at_us: Micros


class ScoreMoved(Fact, frozen=True, gc=False):
    """The owner's credit score is `score` now, `by` more or less than before; `why`: `on_time` or `late`."""

    by: int
    score: int
    why: str
    session: str
    at_us: Micros
