"""What owners' routes take and show. Sums are fen, times microseconds."""

from typing import Annotated, Literal

import msgspec

from actors.messages.owners import TopUpOffer
from actors.tariffs.quote import Quote
from actors.values import Micros
from gateway.http.forms import Shown, Typed
from gateway.http.paging import Paged
from gateway.http.shown import Next
from gateway.http.shown_payments import PaymentShown
from storage.owners import OwnPayment, WalletRecord

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Plate = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Provider = Literal["wechat", "alipay", "unionpay", "aggregate"]
Method = Literal["native", "jsapi"]
Fen = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_00)]
OpenId = Annotated[str, msgspec.Meta(max_length=128)]
STAYS_MOST = 50


class PlateShown(Shown, frozen=True):
    """A plate of the account: `asked`, `audit` or `bound`; `ways`: how its stays are paid at exit by themselves."""

    plate: str
    state: str
    default: bool
    ways: tuple[str, ...]


class CouponShown(Shown, frozen=True):
    """A coupon: what it takes off (`kind` and one of the three), until when it is good, whether it is held."""

    coupon: str
    campaign: str
    kind: str
    minutes: float
    rate: str
    amount_fen: int
    most_fen: int | None
    stackable: bool
    until_us: Micros
    held: bool


class AccountShown(Shown, frozen=True):
    """The account: `spendable_fen` is what can be paid now, gift money included and frozen sums not."""

    account: str
    balance_fen: int
    gift_fen: int
    frozen_fen: int
    spendable_fen: int
    score: int
    plates: list[PlateShown]
    coupons: list[CouponShown]


class NewPlate(Typed, frozen=True):
    """A plate to be bound; `evidence` is an uploaded picture of the licence, for when another account has it."""

    plate: Plate
    evidence: Annotated[str, msgspec.Meta(max_length=64)] = ""


class WhichPlate(Typed, frozen=True):
    """One of the account's plates."""

    plate: Plate


class Ways(Typed, frozen=True):
    """How stays are paid at exit without being asked, the first way that can; none: not at all."""

    ways: Annotated[list[Literal["wallet", "wechat", "alipay", "unionpay"]], msgspec.Meta(max_length=4)]
    openid: OpenId = ""


class NewTopUp(Typed, frozen=True):
    """So much is to be paid into the wallet; with an `offer`, exactly what it asks for."""

    fen: Fen
    channel: Provider
    method: Method = "native"
    offer: Annotated[str, msgspec.Meta(max_length=64)] = ""
    openid: OpenId = ""


class TopUpShown(Shown, frozen=True):
    """A top-up that waits to be paid, and what is given on top."""

    fen: int
    gift_fen: int
    payment: PaymentShown


class WhichRecords(Paged, frozen=True):
    """Which of the wallet's three lists; empty: all of it."""

    which: Literal["", "top_up", "spend", "refund"] = ""


class Records(Shown, frozen=True):
    """One page of what the wallet did."""

    items: list[WalletRecord]
    next: Next


class Refund(Typed, frozen=True):
    """So much of a top-up goes back to where it came from."""

    payment: Key
    fen: Fen
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Freezing(Typed, frozen=True):
    """So much of a wallet cannot be spent while this stands (fen), or it can again (0)."""

    fen: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_00)]
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class WhichStays(Paged, frozen=True):
    """`open` (the car is there), `owing`, `paid` or `past` (all that are over); of one plate, or of all."""

    which: Literal["open", "owing", "paid", "past"] = "open"
    plate: Annotated[str, msgspec.Meta(max_length=32)] = ""


class StayShown(Shown, frozen=True):
    """A stay: plate, lot, address, bay, entry, duration, total, record (its id) and tariff; what of it is due, and,
    while it runs, until when that holds and what it is then.
    """

    session: str
    state: str
    plate: str
    lot: str
    lot_zh: str
    lot_en: str
    address_zh: str
    address_en: str
    bay: str
    bay_number: str
    street: bool
    entry_us: Micros
    exit_us: Micros | None
    duration_us: Micros
    charge_fen: int
    off_fen: int
    received_fen: int
    due_fen: int
    tariff: str
    tariff_version: int
    leave_by_us: Micros | None = None
    holds_until_us: Micros | None = None
    then_fen: int | None = None
    paid_by: list[OwnPayment] = []


class Stays(Shown, frozen=True):
    """One page of stays, and what the plates owe altogether (running stays not counted)."""

    items: list[StayShown]
    next: Next
    owing_fen: int
    owing: int


class StayDetail(Shown, frozen=True):
    """A stay with the price's lines, as `POST /pricing/quote` shows them (null: nothing is charged)."""

    stay: StayShown
    quote: Quote | None


class NewOwnPayment(Typed, frozen=True):
    """Pay these stays (none named: all that are owed) from the wallet or by a provider. Coupons go with one stay."""

    way: Literal["wallet", "wechat", "alipay", "unionpay", "aggregate"]
    stays: Annotated[list[Key], msgspec.Meta(max_length=STAYS_MOST)] = []
    coupons: Annotated[list[Key], msgspec.Meta(max_length=20)] = []
    method: Method = "native"
    openid: OpenId = ""


class PaidStay(Shown, frozen=True):
    """A part of a payment: so much for this stay; whoever leaves until `leave_by_us` owes nothing more."""

    session: str
    fen: int
    off_fen: int
    leave_by_us: Micros


class OwnPaymentShown(Shown, frozen=True):
    """A payment: `paid`, or `started` and to be paid with the provider until `until_us`."""

    payment: str
    way: str
    state: str
    fen: int
    stays: list[PaidStay]
    until_us: Micros = 0
    provider: PaymentShown | None = None


class WhichBills(Typed, frozen=True):
    """Only stays in this lot: the one whose code was scanned."""

    lot: Annotated[str, msgspec.Meta(max_length=64)] = ""


class MaskedBill(Shown, frozen=True):
    """A stay as a stranger may see it: enough to know that it is the right one, not where the car stands. `bill` names
    it for a payment.
    """

    bill: str
    plate: str
    lot_zh: str
    lot_en: str
    street: bool
    running: bool
    entry_us: Micros
    due_fen: int


class MaskedBills(Shown, frozen=True):
    """What can be paid for a plate."""

    items: list[MaskedBill]


class BillsPayment(Typed, frozen=True):
    """Pay these bills of a plate with a provider (or, signed in, from the wallet)."""

    bills: Annotated[list[Key], msgspec.Meta(min_length=1, max_length=STAYS_MOST)]
    way: Literal["wallet", "wechat", "alipay", "unionpay", "aggregate"] = "wechat"
    method: Method = "native"
    openid: OpenId = ""


class MaskedPayment(Shown, frozen=True):
    """A payment for a plate's bills."""

    payment: str
    way: str
    state: str
    fen: int
    until_us: Micros
    leave_by_us: Micros | None
    code_url: str
    prepay: dict[str, str]


class BayShown(Shown, frozen=True):
    """A bay by the number that is painted on it: is it taken, and the stay if it is one's own."""

    lot: str
    bay: str
    number: str
    state: str
    plate: str
    stay: StayShown | None


class StandsHere(Typed, frozen=True):
    """This car of mine stands in the bay."""

    plate: Plate


class Offers(Shown, frozen=True):
    """Offers for top-ups."""

    items: list[TopUpOffer]
