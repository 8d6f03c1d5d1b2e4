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
