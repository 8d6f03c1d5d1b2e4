"""What is said to an owner's account (wallet, plates, coupons), what becomes true of it, and its face."""

from actors.messages.forms import Command, Fact
from actors.values import Micros


class AutoPay(Command, frozen=True, gc=False):
    """From a session whose vehicle left: pay this by yourself, by the owner's order of ways. Answered by `Settle` or
    `AutoPayDeclined` to the session.
    """

    session: str
    payment: str
    fen: int
    plate: str
    operator: str


class CouponSpent(Command, frozen=True, gc=False):
    """From a session: this coupon, held for the payment, took so much off and is used up (0: it is free again)."""

    coupon: str
    payment: str
    session: str
    fen: int


class PlateBound(Command, frozen=True, gc=False):
    """From a vehicle, to an account: the plate is yours (`bound`), it is another's and somebody will look at the papers
    (`audit`), the papers did not do (`refused`), or it went to somebody else or was given up (`released`).
    """

    plate: str
    state: str
    at_us: Micros
    reason: str = ""


class CouponGiven(Command, frozen=True, gc=False):
    """From a campaign, or from a vehicle whose coupon has waited for its owner: a coupon, good until then. `terms` are
    `tariffs.offsets.Coupon` as MessagePack. To a vehicle, it waits there until an account has the plate.
    """

    coupon: str
    campaign: str
    terms: bytes
    until_us: Micros


class WalletMoved(Fact, frozen=True, gc=False):
    """The wallet has so much more (less: negative) real money and gift money. `why`: `top_up`, `gift`, `pay`, `refund`,
    `excess`, `credit`, `withdraw`; `other` is the session, payment or campaign concerned. Never below zero.
    """

    fen: int
    gift_fen: int
    why: str
    other: str
    payment: str
    at_us: Micros
    balance_fen: int
    balance_gift_fen: int
