"""The sandbox in Alipay's words: one address, forms signed with RSA2, answers signed by their node."""

import asyncio
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.outside.alipay.signing import form_text, is_signed, moment_of, moment_text, sign
from gateway.outside.sandbox.book import GivenBack, Sold
from gateway.outside.sandbox.keys import Keys, new_key, read_key
from gateway.outside.sandbox.mischief import Bend
from gateway.outside.sandbox.notifier import Outgoing
from gateway.outside.sandbox.till import No, Till
from gateway.outside.wechat.bill import fen_of, yuan_of
from gateway.outside.wechat.platform import AGE_MOST_US

CHANNEL: Final = "alipay"
STATUS: Final = {
    "unpaid": "WAIT_BUYER_PAY",
    "paid": "TRADE_SUCCESS",
    "closed": "TRADE_CLOSED",
    "failed": "TRADE_CLOSED",
}
CODES: Final = {
    "ORDER_NOT_EXIST": "ACQ.TRADE_NOT_EXIST",
    "ORDERPAID": "ACQ.TRADE_HAS_SUCCESS",
    "ORDER_CLOSED": "ACQ.TRADE_HAS_CLOSE",
    "OUT_TRADE_NO_USED": "ACQ.CONTEXT_INCONSISTENT",
    "INVALID_REQUEST": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
}

Json = dict[str, Any]


class AlipaySide:
    """One app's Alipay."""

    def __init__(self, till: Till, keys: Keys) -> None:
        self._till = till
        self._app = keys.alipay_app
        self._merchant_key = read_key(keys.merchant_key).public_key()
        self._private = read_key(keys.alipay_key)
        self._methods: dict[str, Callable[[Json, str], Json]] = {
            "alipay.trade.precreate": self._native,
            "alipay.trade.create": self._jsapi,
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refunded,
        }

    @cached_property
    def _stranger(self) -> RSAPrivateKey:
        return new_key()

    def routes(self) -> list[web.RouteDef]:
        """Its one address."""
        return [web.post("/gateway.do", self._serve)]

    def order_told(self, order: Sold, bend: Bend) -> Outgoing:
        """A notification of an order, as a form."""
        now = self._till.clock() + bend.shift_us
        fields = {
            "notify_time": moment_text(now),
            "notify_type": "trade_status_sync",
            "notify_id": secrets.token_hex(16),
            "app_id": "2021000000009999" if bend.other_merchant else self._app,
            "charset": "utf-8",
            "version": "1.0",
            "trade_no": order.ref,
            "out_trade_no": order.trade,
            "buyer_id": order.payer,
            "trade_status": STATUS[order.state],
            "total_amount": "much" if bend.unreadable else yuan_of(order.fen + bend.more_fen),
            "gmt_payment": moment_text(order.paid_us) if order.paid_us else "",
            "trans_currency": bend.currency,
        }
        key = self._stranger if bend.forged or bend.unknown_key else self._private
        signed = {**fields, "sign": sign(key, form_text(fields)), "sign_type": "RSA2"}
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Outgoing(order.notify_url, headers, urlencode(signed).encode())

    def refund_told(self, order: Sold, refund: GivenBack, bend: Bend) -> Outgoing:
        """Alipay says in its answer how a refund ended; of its order it tells again."""
        return self.order_told(order, bend)

    def taken(self, status: int, body: bytes) -> bool:
        """Only the word counts."""
        return body == b"success"

    async def _serve(self, request: web.Request) -> web.Response:
        wrong, seconds = self._till.mischief.next("answer")
        if wrong in ("slow", "silent"):
            await asyncio.sleep(seconds)
        if wrong == "silent" and request.transport is not None:
            request.transport.close()
        if wrong == "broken":
            return web.Response(status=502)
        fields = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        name = fields.get("method", "").replace(".", "_") + "_response"
        try:
            self._check(fields)
            content = msgspec.json.decode(fields.get("biz_content", ""), type=dict[str, Any])
            node: Json = {"code": "10000", "msg": "Success"} | self._methods[fields["method"]](
                content, fields["notify_url"]
            )
        except No as no:
            node = {
                "code": "40004",
                "msg": "Business Failed",
                "sub_code": CODES.get(no.code, no.code),
                "sub_msg": no.message,
            }
        except (KeyError, ValueError) as error:
            node = {
                "code": "40002",
                "msg": "Invalid Arguments",
                "sub_code": "isv.invalid-parameter",
                "sub_msg": repr(error),
            }
        raw = msgspec.json.encode(node)
        key = self._stranger if wrong == "forged" else self._private
        body = b'{"' + name.encode() + b'":' + raw + b',"sign":"' + sign(key, raw).encode() + b'"}'
        return web.Response(body=body, content_type="application/json")

    def _check(self, fields: dict[str, str]) -> None:
        if fields.get("app_id") != self._app:
            raise No(200, "isv.invalid-app-id", "无效的AppID参数")
        if abs(self._till.clock() - moment_of(fields.get("timestamp", ""))) > AGE_MOST_US:
            raise No(200, "isv.invalid-timestamp", "无效的时间戳")
        if not is_signed(self._merchant_key, form_text(fields), fields.get("sign", "")):
            raise No(200, "isv.invalid-signature", "无效签名")

    def _make(self, content: Json, notify_url: str, method: str) -> Sold:
        order = Sold(
            channel=CHANNEL,
            trade=content["out_trade_no"],
            fen=fen_of(content["total_amount"]),
            about=content["subject"],
            notify_url=notify_url,
            method=method,
            made_us=self._till.clock(),
            until_us=moment_of(content["time_expire"]),
        )
        return self._till.make(order)

    def _native(self, content: Json, notify_url: str) -> Json:
        made = self._make(content, notify_url, "native")
        return {"out_trade_no": made.trade, "qr_code": f"https://qr.alipay.com/{made.token}"}

    def _jsapi(self, content: Json, notify_url: str) -> Json:
        if not content.get("buyer_id"):
            raise No(200, "ACQ.INVALID_PARAMETER", "buyer_id 必填")
        made = self._make(content, notify_url, "jsapi")
        return {"out_trade_no": made.trade, "trade_no": made.token}

    def _query(self, content: Json, notify_url: str) -> Json:
        order = self._till.order(CHANNEL, content["out_trade_no"])
        said = {"out_trade_no": order.trade, "trade_status": STATUS[order.state], "total_amount": yuan_of(order.fen)}
        if order.state != "paid":
            return said
        return {
            **said,
            "trade_no": order.ref,
            "buyer_user_id": order.payer,
            "send_pay_date": moment_text(order.paid_us),
        }

    def _close(self, content: Json, notify_url: str) -> Json:
        return {"out_trade_no": self._till.close(CHANNEL, content["out_trade_no"]).trade}

    def _refund(self, content: Json, notify_url: str) -> Json:
        trade = content["out_trade_no"]
        asked = GivenBack(
            channel=CHANNEL,
            trade=trade,
            refund=content["out_request_no"],
            fen=fen_of(content["refund_amount"]),
            notify_url="",
            made_us=self._till.clock(),
        )
        given = self._till.give_back(asked, self._till.order(CHANNEL, trade).fen)
        if given.state == "failed":
            raise No(200, "ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
        return {"out_trade_no": trade, "fund_change": "Y", "refund_fee": yuan_of(given.fen)}

    def _refunded(self, content: Json, notify_url: str) -> Json:
        refund = self._till.book.refunds.get((CHANNEL, content["out_request_no"]))
        if refund is None or refund.state != "done":
            return {}
        done = {"refund_status": "REFUND_SUCCESS", "refund_amount": yuan_of(refund.fen), "trade_no": refund.ref}
        return {**done, "out_request_no": refund.refund, "gmt_refund_pay": moment_text(refund.done_us)}
