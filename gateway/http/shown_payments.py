"""What HTTP takes and shows of payments with providers, and of our accounts there."""

from typing import Annotated, Literal

import msgspec

from actors.values import Micros
from gateway.http.forms import Shown, Typed
from gateway.http.paging import Paged
from gateway.http.query import Id
from gateway.http.shown import Next

Channel = Literal["wechat", "alipay", "unionpay", "aggregate"]
SESSIONS_MOST = 50


class NewPayment(Typed, frozen=True):
    """These stays are to be paid together: by a code to scan, or inside the provider's app by `openid`."""

    sessions: Annotated[list[str], msgspec.Meta(min_length=1, max_length=SESSIONS_MOST)]
    channel: Channel
    method: Literal["native", "jsapi"] = "native"
    openid: Annotated[str, msgspec.Meta(max_length=128)] = ""


class WhichPayments(Paged, frozen=True):
    """Which payments: of a channel, in a state, of a payer as the provider knows them; or only those to look at."""

    channel: Channel | Literal[""] = ""
    state: Literal["", "started", "created", "paid", "expired", "cancelled", "failed"] = ""
    openid: Id = ""
    trouble: bool = False


class DueShown(Shown, frozen=True):
    """A part of a payment: who is owed it."""

    kind: str
    key: str
    fen: int


class BackShown(Shown, frozen=True):
    """One giving back: `asked`, `waiting`, `done`, `failed`, or `retried` under another number."""

    n: int
    fen: int
    state: str
    why: str


class PaymentShown(Shown, frozen=True):
    """One attempt with a provider. `id` is our number of the order there (`out_trade_no`), `provider_ref` the
    provider's. `prepay` is what a page inside its app calls the cashier with, `code_url` what is shown as a code: both
    only when the order was made just now.
    """

    id: str
    channel: str
    method: str
    state: str
    fen: int
    paid_fen: int
    refunding_fen: int
    refunded_fen: int
    about: str
    payer: str
    openid: str
    started_us: Micros
    until_us: Micros
    paid_us: Micros
    provider_ref: str
    bank: str
    merchant: str
    why: str
    trouble: str
    payees: list[DueShown] = []
    backs: list[BackShown] = []
    code_url: str = ""
    prepay: dict[str, str] = {}


class PaymentLine(Shown, frozen=True):
    """One line of the list: merchant order, sum, paid, whether the payer follows our account (null: not known),
    kind, bank, and what for; failed ones, too.
    """

    id: str
    channel: str
    fen: int
    paid_fen: int
    follows: bool | None
    kind: str
    bank: str
    use: str
    state: str
    openid: str
    provider_ref: str
    merchant: str
    started_us: Micros
    paid_us: Micros
    refunding_fen: int
    refunded_fen: int
    why: str
    trouble: str


class PaymentLines(Shown, frozen=True):
    """One page of payments, newest first."""

    items: list[PaymentLine]
    next: Next


class WhichRefused(Paged, frozen=True):
    """Which notifications that moved nothing."""

    channel: Channel | Literal[""] = ""
    reason: Id = ""


class RefusedNotification(Shown, frozen=True):
    """Something that claimed to be a provider's word and moved nothing: why, from where, and as it came (base 64)."""

    id: int
    at: Micros
    channel: str
    reason: str
    detail: str
    client: str
    headers: dict[str, str]
    body: bytes


class RefusedNotifications(Shown, frozen=True):
    """One page of them, newest first."""

    items: list[RefusedNotification]
    next: Next


class MerchantChange(Typed, frozen=True):
    """Fields of our account, as this channel has them; a secret that is not given stays as it was."""

    fields: Annotated[
        dict[str, Annotated[str, msgspec.Meta(max_length=8192)]], msgspec.Meta(min_length=1, max_length=20)
    ]


class MerchantShown(Shown, frozen=True):
    """What of our account at a provider is no secret."""

    channel: str
    fields: dict[str, str]


class MerchantsShown(Shown, frozen=True):
    """Our accounts."""

    items: list[MerchantShown]
