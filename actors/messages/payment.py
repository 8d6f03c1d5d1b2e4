"""What is said to a payment (one attempt with an outside provider), what it asks of the provider, and its face."""

import msgspec

from actors.messages.forms import Command, Face, Query, Reply, Request
from actors.messages.money import Due
from actors.values import Micros

CNY = "CNY"


class StartPayment(Command, frozen=True, gc=False):
    """Begin: these payees are owed these parts, by channel (`wechat`, `alipay`, `unionpay`, `aggregate`) and method
    (`native`, `jsapi`, `plate`, …); unpaid by `until_us` it is closed. `merchant` is our account at the provider, if it
    is known. A deduction by `plate` says the plate's `colour`, where the car stood and from when to when; it is asked
    for by the payment itself, since nobody waits for it.
    """

    channel: str
    method: str
    payees: tuple[Due, ...]
    payer: str
    about: str
    until_us: Micros
    openid: str = ""
    plate: str = ""
    merchant: str = ""
    colour: str = ""
    place: str = ""
    from_us: Micros = 0
    to_us: Micros = 0


class OrderCreated(Command, frozen=True, gc=False):
    """The provider has the order, for this account of ours; `code_url` is what a payer scans, if it is paid so."""

    merchant: str
    code_url: str = ""


class OrderRefused(Command, frozen=True, gc=False):
    """The provider will not have the order, for good, and why in its own word."""

    why: str


class ProviderSaid(Command, frozen=True, gc=False):
    """How the order stands, by the provider's own word, whose seal was checked: `absent` (it knows of none), `unpaid`,
    `paying`, `paid`, `closed` or `failed`.
    """

    state: str
    fen: int = 0
    currency: str = ""
    merchant: str = ""
    provider_ref: str = ""
    paid_us: Micros = 0
    payer: str = ""
    bank: str = ""
    why: str = ""


class RefundSaid(Command, frozen=True, gc=False):
    """How the refund of this number (`<payment>-<n>`) stands: `absent`, `processing`, `done` or `failed`."""

    refund: str
    state: str
    fen: int = 0
    currency: str = ""
    merchant: str = ""
    provider_ref: str = ""
    done_us: Micros = 0
    why: str = ""


class CancelPayment(Command, frozen=True, gc=False):
    """The payer will not pay: close the order, unless it is paid already."""

    person: str


class RetryRefund(Command, frozen=True, gc=False):
    """Staff ask for a refund that failed once more, under a new number."""

    n: int
    person: str


class SettleTrouble(Command, frozen=True, gc=False):
    """Staff have looked at what was wrong with it, and say so."""

    person: str
    note: str


class AskProvider(Command, frozen=True, gc=False):
    """It is time to ask how the order stands, or to close it (a wake)."""


class AskRefund(Command, frozen=True, gc=False):
    """It is time to ask how a refund stands (a wake)."""

    n: int


class PaymentQuery(Query, frozen=True, gc=False):
    """Asks a payment for its face."""


class CreateOrder(Request, frozen=True, gc=False):
    """Have the provider make the order."""

    port = "payments"
    answers = (OrderCreated, OrderRefused)

    payment: str
    channel: str
    method: str
    fen: int
    about: str
    until_us: Micros
    openid: str
    plate: str
    colour: str
    place: str
    from_us: Micros
    to_us: Micros


class QueryOrder(Request, frozen=True, gc=False):
    """How does the order stand?"""

    port = "payments"
    answers = (ProviderSaid,)

    payment: str
    channel: str
    method: str


class CloseOrder(Request, frozen=True, gc=False):
    """Let nobody pay it any more; and how does it stand then?"""

    port = "payments"
    answers = (ProviderSaid,)

    payment: str
    channel: str
    method: str


class RefundOrder(Request, frozen=True, gc=False):
    """Give back so much of the `total_fen` that was paid, under this number."""

    port = "payments"
    answers = (RefundSaid,)

    payment: str
    channel: str
    refund: str
    fen: int
    total_fen: int
    why: str


class QueryRefund(Request, frozen=True, gc=False):
    """How does the refund of this number stand?"""

    port = "payments"
    answers = (RefundSaid,)

    payment: str
    channel: str
    refund: str


class Back(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One giving back: `state` is asked, waiting, done, failed, or retried (another took its place)."""

    n: int
    fen: int
    sender: str
    sender_n: int
    why: str
    state: str = "asked"
    asks: int = 0


class PaymentFace(Face, frozen=True, gc=False):
    """A payment as others see it. `state`: `started`, `created`, `paid`, `expired`, `cancelled`, `failed`; `trouble` is
    what staff have to look at (empty: nothing): what was contradicted, `refund_declined` or `refund_failed`.
    """

    channel: str
    method: str
    state: str
    fen: int
    refunding_fen: int
    refunded_fen: int
    payees: tuple[Due, ...]
    payer: str
    about: str
    started_us: Micros
    until_us: Micros
    paid_us: Micros
    provider_ref: str
    bank: str
    merchant: str
    code_url: str
    openid: str
    why: str
    trouble: str
    backs: tuple[Back, ...] = ()


class PaymentAnswer(Reply, frozen=True, gc=False):
    """A payment, as an answer; `against`: what of the provider's word it did not believe, now or when it came first."""

    payment: str
    face: PaymentFace
    against: str = ""
