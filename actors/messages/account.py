"""What is said to an owner's account (wallet, plates, coupons), and its face. What becomes true of it, but for
`WalletMoved`, stands in `account_facts`.
"""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply
from actors.messages.money import Due
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
    place: str = ""
    colour: str = ""
    from_us: Micros = 0
    to_us: Micros = 0


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


class StayPaid(Command, frozen=True, gc=False):
    """From a session whose vehicle left and whose owner is known: nothing is owed any more; `late`: part of it had been
    arrears.
    """

    session: str
    late: bool
    at_us: Micros


class PayFromWallet(Command, frozen=True, gc=False):
    """The owner pays these parts from the wallet: all of them or none, and the same payment once."""

    payment: str
    dues: tuple[Due, ...]


class OpenTopUp(Command, frozen=True, gc=False):
    """The owner will pay so much into the wallet by this payment, with the gift of this offer (empty: none)."""

    payment: str
    fen: int
    offer: str = ""


class RefundTopUp(Command, frozen=True, gc=False):
    """Give so much of a top-up back to where it came from, and take back as much of its gift; once for each `key`."""

    payment: str
    fen: int
    person: str
    key: str


class FreezeSum(Command, frozen=True, gc=False):
    """So much of the wallet cannot be spent until it is free again; the same `key` again changes nothing."""

    key: str
    fen: int
    why: str
    person: str


class FreeSum(Command, frozen=True, gc=False):
    """What was frozen under this key can be spent again."""

    key: str
    person: str


class BindPlate(Command, frozen=True, gc=False):
    """The owner says that this plate is theirs; `evidence` is a picture of the licence, for when another has it.
    The vehicle decides, and tells by `PlateBound`.
    """

    plate: str
    evidence: str = ""


class ChooseDefault(Command, frozen=True, gc=False):
    """This of the owner's plates is the default one from now on."""

    plate: str


class SetWays(Command, frozen=True, gc=False):
    """How stays of this plate are paid at exit without being asked: the first way that can (`wallet`, `wechat`,
    `alipay`, `unionpay`); none: not at all. `openid` is the owner's at the provider, if it needs one.
    """

    plate: str
    ways: tuple[str, ...]
    openid: str = ""


class HoldCoupons(Command, frozen=True, gc=False):
    """These coupons are for this payment and no other, until it is decided. Answered by `CouponsHeld`."""

    payment: str
    coupons: tuple[str, ...]


class FreeCoupons(Command, frozen=True, gc=False):
    """The payment did not even begin: what was held for it is free."""

    payment: str


class AccountQuery(Query, frozen=True, gc=False):
    """Asks an account for its face."""


class BoundPlate(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A plate of the account: `asked` (the vehicle has not said yet), `audit` (another has it) or `bound`."""

    plate: str
    state: str
    ways: tuple[str, ...] = ()
    openid: str = ""


class OwnCoupon(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A coupon that the account has: `terms` are `tariffs.offsets.Coupon` as MessagePack; held for `payment` until."""

    coupon: str
    campaign: str
    terms: bytes
    until_us: Micros
    payment: str = ""
    held_until_us: Micros = 0


class AccountFace(Face, frozen=True, gc=False):
    """An account as its owner sees it; of `balance_fen` (real money) `frozen_fen` cannot be spent. No `score`: that
    of all beginners.
    """

    balance_fen: int
    gift_fen: int
    frozen_fen: int
    plates: tuple[BoundPlate, ...]
    default: str
    coupons: tuple[OwnCoupon, ...]
    score: int | None


class AccountAnswer(Reply, frozen=True, gc=False):
    """The account's face, as an answer to whatever was asked or said."""

    face: AccountFace


class WalletPaid(Reply, frozen=True, gc=False):
    """The wallet has paid so much by this payment (the same answer when it is said again)."""

    payment: str
    fen: int
    balance_fen: int
    balance_gift_fen: int


class TopUpOpened(Reply, frozen=True, gc=False):
    """So much is to be paid, and so much is given on top when it has come."""

    payment: str
    fen: int
    gift_fen: int


class CouponsHeld(Reply, frozen=True, gc=False):
    """The coupons' terms for `OpenBill`: a list of `tariffs.offsets.Coupon` as MessagePack."""

    payment: str
    coupons: bytes
