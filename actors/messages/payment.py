"""What is said to a payment (one attempt with an outside provider), what becomes true of it, and its face."""

import msgspec

from actors.messages.forms import Command, Face, Fact, Query, Reply, Request
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
    merchant: str = ""
    colour: str = ""
    place: str = ""
    from_us: Micros = 0
    to_us: Micros = 0


class OrderNoted(Fact, frozen=True, gc=False):
    """The provider has the order."""

    merchant: str
    code_url: str
    at_us: Micros


class ProviderAsked(Fact, frozen=True, gc=False):
    """The provider was asked how the order stands; `closing`: to end it."""

    closing: bool
    at_us: Micros


class ProviderAnswered(Fact, frozen=True, gc=False):
    """The provider said that the order is not paid yet."""

    state: str
    at_us: Micros


class PaymentSucceeded(Fact, frozen=True, gc=False):
    """The provider has the money: so much, by its own number."""

    channel: str
    fen: int
    provider_ref: str
    paid_us: Micros
    at_us: Micros
    bank: str = ""
    payer: str = ""


class PaymentEnded(Fact, frozen=True, gc=False):
    """Nothing came of it: `expired`, `cancelled` or `failed` (and why). Money that comes all the same is taken."""

    state: str
    why: str
    at_us: Micros


class CancelAsked(Fact, frozen=True, gc=False):
    """The payer will not pay."""

    person: str
    at_us: Micros


class PaymentContradicted(Fact, frozen=True, gc=False):
    """The provider said what cannot be: another `amount`, `currency` or `merchant` than was asked for, a second payment
    (`twice`), or a refund of another sum (`refund`). Nothing moves by it, and staff have to look.
    """

    what: str
    expected: str
    said: str
    at_us: Micros


class RefundAsked(Fact, frozen=True, gc=False):
    """So much is to go back, as the `sender` (`kind:key`) said with its n-th return; `n` numbers this payment's own."""

    n: int
    fen: int
    sender: str
    sender_n: int
    why: str
    at_us: Micros


class RefundDeclined(Fact, frozen=True, gc=False):
    """More was to go back than is left of what was paid (or nothing was paid): nothing moves, staff have to look."""

    fen: int
    left_fen: int
    sender: str
    sender_n: int
    why: str
    at_us: Micros


class RefundWaits(Fact, frozen=True, gc=False):
    """The provider has a refund in work."""

    n: int
    at_us: Micros


class PaymentRefunded(Fact, frozen=True, gc=False):
    """The provider has given so much back; `n` is which refund of this payment."""

    channel: str
    fen: int
    n: int
    at_us: Micros
    provider_ref: str = ""


class RefundFailed(Fact, frozen=True, gc=False):
    """The provider could not give it back: it is still to be, by staff."""

    n: int
    why: str
    at_us: Micros


class RefundRetried(Fact, frozen=True, gc=False):
    """Staff had a refund of `fen` asked for again, as number `as_n`; `trouble` is what is left to look at."""

    n: int
    as_n: int
    fen: int
    trouble: str
    person: str
    at_us: Micros


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
    """A payment, as an answer."""

    payment: str
    face: PaymentFace
