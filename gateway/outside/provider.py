"""What every outside provider of payments can do, and the plain values that are said to it and by it.

All amounts are fen, all instants microseconds. `trade` is our own number of an order (32 hex digits, the key of its
`payment` actor); `refund` is our own number of one giving back. A provider that is told the same number again does the
thing once.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

from actors.values import Micros

OrderState = Literal["absent", "unpaid", "paying", "paid", "closed", "failed"]
RefundState = Literal["absent", "processing", "done", "failed"]
CNY = "CNY"


class ProviderAway(Exception):
    """The provider does not answer, or answers that it is out of order: ask again later."""


class ProviderRefused(Exception):
    """The provider says no, for good; `code` is its own word."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        super().__init__(f"{code}: {message}" if message else code)


class Untrusted(Exception):
    """What claims to come from a provider cannot be shown to: nothing may move by it.

    `reason` is a stable word: unsigned, unknown_key, forged, stale, unreadable, wrong_merchant.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class Stay(NamedTuple):
    """The stay that an automatic deduction by plate is for."""

    plate: str
    colour: str
    place: str
    from_us: Micros
    until_us: Micros


class Order(NamedTuple):
    """What is to be paid until when. `method`: `native` (a code to scan), `jsapi` (inside the provider's app, by the
    payer with this `openid`) or `plate` (deducted by itself, for the `stay`).
    """

    trade: str
    fen: int
    about: str
    until_us: Micros
    method: str
    openid: str = ""
    stay: Stay | None = None


class Created(NamedTuple):
    """How the payer goes on: a code to show, or what the provider's own app is called with; a deduction has neither."""

    merchant: str
    code_url: str = ""
    prepay: Mapping[str, str] = {}


class OrderSaid(NamedTuple):
    """How an order stands, in the provider's words; `ref` is the provider's own number of the payment."""

    trade: str
    state: OrderState
    fen: int = 0
    currency: str = ""
    merchant: str = ""
    ref: str = ""
    paid_us: Micros = 0
    payer: str = ""
    bank: str = ""
    why: str = ""


class RefundSaid(NamedTuple):
    """How a giving back stands; `ref` is the provider's own number of it."""

    trade: str
    refund: str
    state: RefundState
    fen: int = 0
    currency: str = ""
    merchant: str = ""
    ref: str = ""
    done_us: Micros = 0
    why: str = ""


class BillLine(NamedTuple):
    """One line of a day's bill: a payment (`refund` empty) or a giving back; `fee_fen` is what the provider keeps."""

    trade: str
    ref: str
    refund: str
    fen: int
    fee_fen: int
    at_us: Micros
    state: str


class Sent(NamedTuple):
    """A request that somebody sent us, as it came: header names in lower case."""

    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """What a provider wants to hear for its notification."""

    status: int
    content_type: str
    body: bytes


class Provider(Protocol):
    """One channel of payment at one outside provider, by one merchant's account."""

    merchant: str

    async def create(self, order: Order) -> Created:
        """Makes the order; again with the same trade and the same sum, it is the same order."""

    async def query(self, trade: str, method: str) -> OrderSaid:
        """How the order stands; `absent` if the provider never heard of it."""

    async def close(self, trade: str, method: str) -> OrderSaid:
        """Ends an unpaid order; how it stands then (`paid` if somebody was quicker)."""

    async def refund(self, trade: str, refund: str, fen: int, total_fen: int, why: str) -> RefundSaid:
        """Gives back so much of what was paid; again with the same number, it is the same refund."""

    async def query_refund(self, trade: str, refund: str) -> RefundSaid:
        """How a refund stands."""

    async def bill(self, day: str) -> list[BillLine]:
        """All that was paid and given back on a day (`2026-11-26`, the provider's: China's)."""

    async def read_notification(self, sent: Sent) -> OrderSaid | RefundSaid:
        """What a notification says; Untrusted unless it is shown to come from the provider, now, and for us."""

    def heard(self, error: Untrusted | None) -> Reply:
        """The answer to a notification: taken, or not and why."""
