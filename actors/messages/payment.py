"""What is said to a payment (one attempt with an outside provider), what becomes true of it, and its face."""

from actors.messages.forms import Command, Fact
from actors.messages.money import Due
from actors.values import Micros


class StartPayment(Command, frozen=True, gc=False):
    """Begin: these payees are owed these parts, by channel (`wechat`, `alipay`, `unionpay`, `aggregate`) and method
    (`native`, `jsapi`, `plate`, …); unpaid by `until_us` it is closed.
    """

    channel: str
    method: str
    payees: tuple[Due, ...]
    payer: str
    about: str
    until_us: Micros
    openid: str = ""
    plate: str = ""


class PaymentStarted(Fact, frozen=True, gc=False):
    """An attempt began."""

    channel: str
    method: str
    payees: tuple[Due, ...]
    fen: int
    payer: str
    about: str
    until_us: Micros
    at_us: Micros
    openid: str = ""
    plate: str = ""


class PaymentSucceeded(Fact, frozen=True, gc=False):
    """The provider has the money: so much, by its own number."""

    channel: str
    fen: int
    provider_ref: str
    paid_us: Micros
    at_us: Micros
    bank: str = ""


class PaymentRefunded(Fact, frozen=True, gc=False):
    """The provider has given so much back; `n` is which refund of this payment."""

    channel: str
    fen: int
    n: int
    at_us: Micros
