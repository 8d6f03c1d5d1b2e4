"""Alipay as a channel of ours: orders by code and in its app, queries, closing, refunds, notifications.

It has no deduction by plate here, and its bill (an archive of tables) is not read yet.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from actors.values import Micros
from gateway.outside.alipay.signing import form_text, is_signed, moment_of, moment_text, sign, signed_node
from gateway.outside.provider import (
    CNY,
    BillLine,
    Created,
    Order,
    OrderKnown,
    OrderSaid,
    OrderState,
    ProviderAway,
    ProviderRefused,
    RefundSaid,
    Reply,
    Sent,
    Untrusted,
)
from gateway.outside.wechat.account import WrongAccount
from gateway.outside.wechat.bill import fen_of, yuan_of
from gateway.outside.wechat.platform import AGE_MOST_US

GATEWAY: Final = "https://openapi.alipay.com/gateway.do"
WITHIN_S: Final = 10.0
DONE: Final = "10000"
ABSENT: Final = "ACQ.TRADE_NOT_EXIST"
STATES: Final[Mapping[str, OrderState]] = {
    "WAIT_BUYER_PAY": "unpaid",
    "TRADE_SUCCESS": "paid",
    "TRADE_FINISHED": "paid",
    "TRADE_CLOSED": "closed",
}
ALREADY: Final = ("ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE", "ACQ.CONTEXT_INCONSISTENT")
"""Alipay has this order: asking about it tells how it stands."""
METHODS: Final = {"native": "alipay.trade.precreate", "jsapi": "alipay.trade.create"}


class AlipayForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account at Alipay as it is kept in the merchants' file."""

    appid: str
    private_key: str
    alipay_key: str
    url: str = GATEWAY


class _Said(msgspec.Struct, frozen=True):
    code: str
    msg: str = ""
    sub_code: str = ""
    sub_msg: str = ""
    out_trade_no: str = ""
    trade_no: str = ""
    trade_status: str = ""
    total_amount: str = "0"
    buyer_user_id: str = ""
    send_pay_date: str = ""
    qr_code: str = ""
    fund_change: str = ""
    refund_fee: str = "0"
    out_request_no: str = ""
    refund_amount: str = "0"
    refund_status: str = ""
    gmt_refund_pay: str = ""


class Alipay:
    """One app's orders at Alipay; `notify_url` is where Alipay reaches us."""

    def __init__(self, form: AlipayForm, notify_url: str, clock: Callable[[], Micros]) -> None:
        self.merchant = form.appid
        self._key, self._theirs = _keys(form)
        self._url = form.url
        self._notify_url = notify_url
        self._clock = clock
        self._session: ClientSession | None = None

    async def close_connections(self) -> None:
        """Ends what it holds open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def create(self, order: Order) -> Created:
        """Makes the order, or finds that it is made."""
        if order.method not in METHODS:
            raise ProviderRefused("NOT_SUPPORTED", f"no {order.method} here")
        content = {
            "out_trade_no": order.trade,
            "total_amount": yuan_of(order.fen),
            "subject": order.about,
            "time_expire": moment_text(order.until_us),
            **({"buyer_id": order.openid} if order.method == "jsapi" else {}),
        }
        try:
            said = await self._done(METHODS[order.method], content)
        except ProviderRefused as no:
            if no.code in ALREADY:
                raise OrderKnown(no.code) from no
            raise
        if order.method == "native":
            return Created(self.merchant, code_url=said.qr_code)
        return Created(self.merchant, prepay={"tradeNO": said.trade_no})

    async def query(self, trade: str, method: str) -> OrderSaid:
        """How the order stands."""
        try:
            said = await self._done("alipay.trade.query", {"out_trade_no": trade})
        except ProviderRefused as no:
            if no.code == ABSENT:
                return OrderSaid(trade, "absent", merchant=self.merchant)
            raise
        if said.out_trade_no != trade:
            raise Untrusted("unreadable", f"asked for {trade}, told of {said.out_trade_no}")
        paid_us = moment_of(said.send_pay_date) if said.send_pay_date else 0
        return self._order(trade, said.trade_status, said.total_amount, said.trade_no, paid_us, said.buyer_user_id)

    async def close(self, trade: str, method: str) -> OrderSaid:
        """Ends it and says how it ended."""
        try:
            await self._done("alipay.trade.close", {"out_trade_no": trade})
        except ProviderRefused as no:
            if not no.code.startswith("ACQ.TRADE_"):
                raise
        return await self.query(trade, method)

    async def refund(self, trade: str, refund: str, fen: int, total_fen: int, why: str) -> RefundSaid:
        """Gives back; Alipay does it at once, or says no."""
        content = {"out_trade_no": trade, "out_request_no": refund, "refund_amount": yuan_of(fen), "refund_reason": why}
        try:
            await self._done("alipay.trade.refund", content)
        except ProviderRefused as no:
            return RefundSaid(trade, refund, "failed", merchant=self.merchant, why=str(no))
        return await self.query_refund(trade, refund)

    async def query_refund(self, trade: str, refund: str) -> RefundSaid:
        """How a refund stands."""
        try:
            said = await self._done(
                "alipay.trade.fastpay.refund.query", {"out_trade_no": trade, "out_request_no": refund}
            )
        except ProviderRefused as no:
            if no.code != ABSENT:
                raise
            return RefundSaid(trade, refund, "absent", merchant=self.merchant)
        if said.refund_status != "REFUND_SUCCESS":
            return RefundSaid(trade, refund, "absent", merchant=self.merchant)
        done_us = moment_of(said.gmt_refund_pay) if said.gmt_refund_pay else 0
        return RefundSaid(trade, refund, "done", fen_of(said.refund_amount), CNY, self.merchant, said.trade_no, done_us)

    async def bill(self, day: str) -> list[BillLine]:
        """Not read yet."""
        raise ProviderRefused("NOT_SUPPORTED", "Alipay's bill is not read yet")

    async def read_notification(self, sent: Sent) -> OrderSaid | RefundSaid:
        """What Alipay says of an order of this app, now."""
        try:
            fields = dict(parse_qsl(sent.body.decode(), keep_blank_values=True, strict_parsing=True))
        except ValueError as error:
            raise Untrusted("unreadable", str(error)) from error
        if fields.get("sign_type") != "RSA2" or not fields.get("sign"):
            raise Untrusted("unsigned")
        if not is_signed(self._theirs, form_text(fields, ("sign", "sign_type")), fields["sign"]):
            raise Untrusted("forged")
        try:
            if abs(self._clock() - moment_of(fields.get("notify_time", ""))) > AGE_MOST_US:
                raise Untrusted("stale", fields["notify_time"])
            if fields.get("app_id") != self.merchant:
                raise Untrusted("wrong_merchant", fields.get("app_id", "")[:64])
            paid_us = moment_of(fields["gmt_payment"]) if fields.get("gmt_payment") else 0
            told = (fields["trade_status"], fields["total_amount"], fields["trade_no"], paid_us)
            currency = fields.get("trans_currency", CNY)
            return self._order(fields["out_trade_no"], *told, fields.get("buyer_id", ""))._replace(currency=currency)
        except (KeyError, ValueError, ArithmeticError) as error:
            raise Untrusted("unreadable", repr(error)) from error

    def heard(self, error: Untrusted | None) -> Reply:
        """`success`, or anything else to be told again."""
        return Reply(200, "text/plain", b"success" if error is None else b"failure")

    def _order(self, trade: str, status: str, yuan: str, ref: str, paid_us: Micros, payer: str) -> OrderSaid:
        state = STATES.get(status, "paying")
        return OrderSaid(trade, state, fen_of(yuan), CNY, self.merchant, ref, paid_us, payer, why=status)

    async def _done(self, method: str, content: Mapping[str, Any]) -> _Said:
        said = await self._ask(method, content)
        if said.code == DONE:
            return said
        if said.code == "20000" or said.sub_code in ("ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR"):
            raise ProviderAway(f"{said.code} {said.sub_code}: {said.sub_msg}")
        raise ProviderRefused(said.sub_code or said.code, said.sub_msg or said.msg)

    async def _ask(self, method: str, content: Mapping[str, Any]) -> _Said:
        fields = {
            "app_id": self.merchant,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": moment_text(self._clock()),
            "version": "1.0",
            "notify_url": self._notify_url,
            "biz_content": msgspec.json.encode(content).decode(),
        }
        fields["sign"] = sign(self._key, form_text(fields))
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=WITHIN_S))
        try:
            async with self._session.post(self._url, data=urlencode(fields), headers=headers) as answer:
                status, body = answer.status, await answer.read()
        except (TimeoutError, ClientError, OSError) as error:
            raise ProviderAway(f"{type(error).__name__}: {error}") from error
        if status != 200:
            raise ProviderAway(f"status {status}")
        return self._believed(body)

    def _believed(self, body: bytes) -> _Said:
        found = signed_node(body)
        if found is None:
            raise Untrusted("unsigned", "an answer")
        if not is_signed(self._theirs, *found):
            raise Untrusted("forged", "an answer")
        try:
            return msgspec.json.decode(found[0], type=_Said)
        except msgspec.DecodeError as error:
            raise Untrusted("unreadable", str(error)) from error


def _keys(form: AlipayForm) -> tuple[RSAPrivateKey, RSAPublicKey]:
    try:
        private, public = (
            load_pem_private_key(form.private_key.encode(), None),
            load_pem_public_key(form.alipay_key.encode()),
        )
    except (ValueError, TypeError):
        raise WrongAccount("a key is not in PEM form, or needs a password") from None
    if not isinstance(private, RSAPrivateKey) or not isinstance(public, RSAPublicKey) or not form.appid:
        raise WrongAccount("Alipay takes an appid and RSA keys")
    return private, public
