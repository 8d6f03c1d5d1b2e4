"""What becomes true of a payment. The ledger books `PaymentSucceeded` and `PaymentRefunded`, and nothing else of it."""

from actors.messages.forms import Fact
from actors.messages.money import Due
from actors.values import Micros


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


class TroubleSettled(Fact, frozen=True, gc=False):
    """Staff have looked at what was wrong."""

    trouble: str
    person: str
    note: str
    at_us: Micros
