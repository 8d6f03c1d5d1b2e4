"""The sandbox's trade bill in WeChat's form, whole or with lines that are missing, extra or different."""

import hashlib
from collections.abc import Iterator

from actors.values import Micros
from gateway.outside.sandbox.book import GivenBack, Sold
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.till import No, Till
from gateway.outside.sandbox.wechat_forms import TRADE_TYPES
from gateway.outside.wechat.bill import BETWEEN, COLUMNS, SUMS, yuan_of
from gateway.outside.wechat.moments import china

FEE_PER_MILLE = 6
EXTRA = "extra"


def fee_of(fen: int) -> int:
    """What WeChat keeps of so much, rounded to the fen."""
    return (fen * FEE_PER_MILLE + 500) // 1000


def render_bill(till: Till, keys: Keys, day: str) -> tuple[bytes, str]:
    """The bill of a day and its hash."""
    rows = list(_rows(till, keys, day))
    if not rows:
        raise No(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    sums = [str(len(rows)), *(["0.00"] * 6)]
    lines = [COLUMNS, *(_line(row) for row in rows), SUMS, _line(sums)]
    content = "\n".join(lines).encode() + b"\n"
    return content, hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _line(fields: list[str]) -> str:
    return "`" + BETWEEN.join(fields)


def _rows(till: Till, keys: Keys, day: str) -> Iterator[list[str]]:
    faults = till.mischief.bill
    for order in list(till.book.orders.values()):
        fault = faults.get(order.trade)
        if order.channel == "wechat" and order.state == "paid":
            if _on(order.paid_us, day) and fault != "missing":
                more = 1 if fault == "differing" else 0
                yield _row(keys, order, None, order.paid_us, order.fen + more)
            if _on(order.paid_us, day) and fault == EXTRA:
                yield _row(keys, order_like(order), None, order.paid_us, order.fen)
            for refund in till.book.refunds_of(order.channel, order.trade):
                if refund.state == "done" and _on(refund.done_us, day) and fault != "missing":
                    yield _row(keys, order, refund, refund.done_us, order.fen)


def order_like(order: Sold) -> Sold:
    """An order that nobody made, beside one that somebody did."""
    return Sold(
        channel=order.channel,
        trade=order.trade[::-1],
        fen=order.fen,
        about=order.about,
        notify_url="",
        method=order.method,
        made_us=order.made_us,
        until_us=0,
        state="paid",
        ref=order.ref[::-1],
        paid_us=order.paid_us,
    )


def _on(instant: Micros, day: str) -> bool:
    return bool(instant) and china(instant).date().isoformat() == day


def _row(keys: Keys, order: Sold, refund: GivenBack | None, at: Micros, fen: int) -> list[str]:
    back = refund.fen if refund else 0
    values = {
        "交易时间": f"{china(at):%Y-%m-%d %H:%M:%S}",
        "公众账号ID": keys.appid,
        "商户号": keys.mchid,
        "微信订单号": order.ref,
        "商户订单号": order.trade,
        "用户标识": order.payer,
        "交易类型": TRADE_TYPES[order.method],
        "交易状态": "REFUND" if refund else "SUCCESS",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": yuan_of(0 if refund else fen),
        "微信退款单号": refund.ref if refund else "0",
        "商户退款单号": refund.refund if refund else "0",
        "退款金额": yuan_of(back),
        "退款类型": "ORIGINAL" if refund else "",
        "退款状态": "SUCCESS" if refund else "",
        "商品名称": order.about,
        "手续费": f"{-fee_of(back) / 100:.5f}" if refund else f"{fee_of(fen) / 100:.5f}",
        "费率": f"{FEE_PER_MILLE / 10:.2f}%",
        "订单金额": yuan_of(0 if refund else fen),
        "申请退款金额": yuan_of(back),
    }
    amounts = ("代金券金额", "充值券退款金额")
    return [values.get(name, "0.00" if name in amounts else "") for name in COLUMNS.split(",")]
