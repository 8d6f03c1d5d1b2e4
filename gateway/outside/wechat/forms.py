"""What WeChat Pay says, in its own words; fields that we do not use are left out."""

import msgspec

from actors.values import SECOND_US, Micros
from gateway.outside.provider import OrderSaid, OrderState, RefundSaid, RefundState
from gateway.outside.wechat.moments import micros_of

_ORDER_STATES: dict[str, OrderState] = {
    "SUCCESS": "paid",
    "REFUND": "paid",
    "NOTPAY": "unpaid",
    "USERPAYING": "paying",
    "ACCEPTED": "paying",
    "ACCEPT": "paying",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "failed",
    "PAY_FAIL": "failed",
}
_REFUND_STATES: dict[str, RefundState] = {
    "SUCCESS": "done",
    "PROCESSING": "processing",
    "CLOSED": "failed",
    "ABNORMAL": "failed",
}


class Amount(msgspec.Struct, frozen=True):
    """What an order is about; `total` is what we asked for, whoever paid a part of it."""

    total: int = 0
    currency: str = ""


class Payer(msgspec.Struct, frozen=True):
    """Who paid, as this merchant's app knows them."""

    openid: str = ""


class Transaction(msgspec.Struct, frozen=True):
    """An order as WeChat tells of it."""

    mchid: str
    out_trade_no: str
    trade_state: str
    appid: str = ""
    transaction_id: str = ""
    bank_type: str = ""
    success_time: str = ""
    trade_state_desc: str = ""
    amount: Amount = Amount()
    payer: Payer | None = None

    def said(self) -> OrderSaid:
        """The same in our words; a state that WeChat has added since is one to ask about again."""
        return OrderSaid(
            trade=self.out_trade_no,
            state=_ORDER_STATES.get(self.trade_state, "paying"),
            fen=self.amount.total,
            currency=self.amount.currency,
            merchant=self.mchid,
            ref=self.transaction_id,
            paid_us=_when(self.success_time),
            payer=self.payer.openid if self.payer else "",
            bank=self.bank_type,
            why=self.trade_state_desc,
        )


class RefundAmount(msgspec.Struct, frozen=True):
    """What a refund gives back, of how much."""

    refund: int
    total: int = 0
    currency: str = "CNY"


class Refund(msgspec.Struct, frozen=True):
    """A refund as WeChat tells of it: `status` when it is asked, `refund_status` when it notifies."""

    out_trade_no: str
    out_refund_no: str
    amount: RefundAmount
    refund_id: str = ""
    status: str = ""
    refund_status: str = ""
    success_time: str = ""
    mchid: str = ""

    def said(self, merchant: str) -> RefundSaid:
        """The same in our words."""
        status = self.status or self.refund_status
        return RefundSaid(
            trade=self.out_trade_no,
            refund=self.out_refund_no,
            state=_REFUND_STATES.get(status, "processing"),
            fen=self.amount.refund,
            currency=self.amount.currency,
            merchant=self.mchid or merchant,
            ref=self.refund_id,
            done_us=_when(self.success_time),
            why="" if status == "SUCCESS" else status,
        )


class Resource(msgspec.Struct, frozen=True):
    """The hidden part of a notification."""

    original_type: str
    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


class Notification(msgspec.Struct, frozen=True):
    """A notification as it comes, before it is opened."""

    event_type: str
    resource_type: str
    resource: Resource


class Prepared(msgspec.Struct, frozen=True):
    """The answer to a new order."""

    prepay_id: str = ""
    code_url: str = ""


class Entered(msgspec.Struct, frozen=True):
    """The answer to a car's entry: whether what it will owe may be deducted by itself."""

    id: str
    state: str
    block_reason: str = ""


class BillPlace(msgspec.Struct, frozen=True):
    """Where the bill of a day can be fetched for some seconds, and what its hash must be."""

    hash_type: str
    hash_value: str
    download_url: str


class Wrong(msgspec.Struct, frozen=True):
    """The body of every refusal."""

    code: str
    message: str = ""


def _when(text: str) -> Micros:
    return micros_of(text) // SECOND_US * SECOND_US if text else 0
