"""What becomes true of a payment: one attempt with an outside provider."""

from actors.messages.forms import Fact
from actors.values import Micros


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
