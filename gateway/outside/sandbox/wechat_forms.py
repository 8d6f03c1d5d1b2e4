"""How the sandbox's WeChat writes an order and a refund."""

from typing import Any, Final

from gateway.outside.sandbox.book import Book, GivenBack, Sold
from gateway.outside.sandbox.keys import Keys
from gateway.outside.wechat.moments import text_of

PLATE: Final = "plate"
TRADE_STATES: Final = {"unpaid": "NOTPAY", "paid": "SUCCESS", "closed": "CLOSED", "failed": "PAYERROR"}
PLATE_STATES: Final = {"unpaid": "ACCEPTED", "paid": "SUCCESS", "closed": "PAY_FAIL", "failed": "PAY_FAIL"}
REFUND_STATES: Final = {"processing": "PROCESSING", "done": "SUCCESS", "failed": "ABNORMAL"}
TRADE_TYPES: Final = {"native": "NATIVE", "jsapi": "JSAPI", PLATE: "AUTH"}


def trade_state(order: Sold, book: Book) -> str:
    """WeChat's word for how an order stands; one of which anything was given back is in REFUND."""
    if order.state == "paid" and book.refunds_of(order.channel, order.trade):
        return "REFUND"
    return (PLATE_STATES if order.method == PLATE else TRADE_STATES)[order.state]


def order_form(order: Sold, keys: Keys, book: Book) -> dict[str, Any]:
    """An order; what only a paid one has is left out of others."""
    state = trade_state(order, book)
    form: dict[str, Any] = {
        "appid": keys.appid,
        "mchid": keys.mchid,
        "out_trade_no": order.trade,
        "trade_state": state,
        "trade_state_desc": state,
        "trade_type": TRADE_TYPES[order.method],
        "amount": {"total": order.fen, "currency": "CNY"},
    }
    if order.state != "paid":
        return form
    form["amount"] |= {"payer_total": order.fen, "payer_currency": "CNY"}
    paid = {"transaction_id": order.ref, "bank_type": "OTHERS", "success_time": text_of(order.paid_us)}
    return {**form, **paid, "payer": {"openid": order.payer}}


def refund_form(order: Sold, refund: GivenBack) -> dict[str, Any]:
    """A refund."""
    form: dict[str, Any] = {
        "refund_id": refund.ref,
        "out_refund_no": refund.refund,
        "transaction_id": order.ref,
        "out_trade_no": order.trade,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": text_of(refund.made_us),
        "status": REFUND_STATES[refund.state],
        "amount": {
            "total": order.fen,
            "refund": refund.fen,
            "payer_total": order.fen,
            "payer_refund": refund.fen,
            "settlement_refund": refund.fen,
            "settlement_total": order.fen,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    return {**form, **({"success_time": text_of(refund.done_us)} if refund.done_us else {})}
