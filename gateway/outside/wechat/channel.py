"""WeChat Pay as a channel of ours: orders in WeChat and by code, deductions by plate, refunds, bills, notifications."""

import hashlib
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import msgspec

from actors.values import SECOND_US, Micros
from gateway.outside.provider import (
    CNY,
    BillLine,
    Created,
    Order,
    OrderSaid,
    ProviderRefused,
    RefundSaid,
    Reply,
    Sent,
    Stay,
    Untrusted,
)
from gateway.outside.wechat.account import Account
from gateway.outside.wechat.bill import read_bill
from gateway.outside.wechat.client import Client
from gateway.outside.wechat.forms import BillPlace, Entered, Notification, Prepared, Refund, Transaction
from gateway.outside.wechat.moments import text_of
from gateway.outside.wechat.signing import AEAD, NotSealed, decrypt, new_nonce, sign

UNKNOWN_ORDER: Final = ("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS")
ALREADY: Final = ("OUT_TRADE_NO_USED", "ORDERPAID", "ORDER_PAID")
"""The provider has this order: asking about it tells how it stands."""
UNCLOSABLE: Final = ("ORDERPAID", "ORDER_PAID", "ORDER_CLOSED", "ORDERCLOSED", *UNKNOWN_ORDER)
COLOURS: Final = {
    "blue": "BLUE",
    "green": "GREEN",
    "yellow": "YELLOW",
    "black": "BLACK",
    "white": "WHITE",
    "yellow_green": "LIMEGREEN",
}
TOLD_CHARS: Final = 127


class WeChat:
    """One merchant's orders at WeChat Pay; `notify_url` is where WeChat reaches us."""

    def __init__(self, account: Account, notify_url: str, clock: Callable[[], Micros]) -> None:
        self.client = Client(account, clock)
        self.merchant = account.mchid
        self._account = account
        self._notify_url = notify_url
        self._clock = clock

    async def close_connections(self) -> None:
        """Ends what it holds open."""
        await self.client.close()

    async def create(self, order: Order) -> Created:
        """Makes the order, or finds that it is made."""
        if order.method == "plate":
            return await self._deduct(order)
        body = {
            **self._asked(order),
            "mchid": self.merchant,
            "time_expire": text_of(order.until_us),
            **({"payer": {"openid": order.openid}} if order.method == "jsapi" else {}),
        }
        prepared = await self.client.post(f"/v3/pay/transactions/{order.method}", body, Prepared)
        if order.method == "native":
            return Created(self.merchant, code_url=prepared.code_url)
        return Created(self.merchant, prepay=self._call_of(prepared.prepay_id))

    async def query(self, trade: str, method: str) -> OrderSaid:
        """How the order stands."""
        known = quote(trade, safe="")
        path = (
            f"/v3/vehicle/transactions/out-trade-no/{known}"
            if method == "plate"
            else f"/v3/pay/transactions/out-trade-no/{known}?mchid={self.merchant}"
        )
        try:
            said = (await self.client.get(path, Transaction)).said()
        except ProviderRefused as no:
            if no.code in UNKNOWN_ORDER:
                return OrderSaid(trade, "absent", merchant=self.merchant)
            raise
        if said.trade != trade:
            raise Untrusted("unreadable", f"asked for {trade}, told of {said.trade}")
        return said

    async def close(self, trade: str, method: str) -> OrderSaid:
        """Ends it and says how it ended; a deduction cannot be ended, only asked about."""
        if method != "plate":
            try:
                path = f"/v3/pay/transactions/out-trade-no/{quote(trade, safe='')}/close"
                await self.client.tell(path, {"mchid": self.merchant})
            except ProviderRefused as no:
                if no.code not in UNCLOSABLE:
                    raise
        return await self.query(trade, method)

    async def refund(self, trade: str, refund: str, fen: int, total_fen: int, why: str) -> RefundSaid:
        """Gives back; a refusal for good is a refund that failed, with WeChat's word for it."""
        body = {
            "out_trade_no": trade,
            "out_refund_no": refund,
            "reason": why[:80],
            "notify_url": self._notify_url,
            "amount": {"refund": fen, "total": total_fen, "currency": CNY},
        }
        try:
            return (await self.client.post("/v3/refund/domestic/refunds", body, Refund)).said(self.merchant)
        except ProviderRefused as no:
            return RefundSaid(trade, refund, "failed", merchant=self.merchant, why=str(no))

    async def query_refund(self, trade: str, refund: str) -> RefundSaid:
        """How a refund stands."""
        try:
            path = f"/v3/refund/domestic/refunds/{quote(refund, safe='')}"
            return (await self.client.get(path, Refund)).said(self.merchant)
        except ProviderRefused as no:
            if no.code not in UNKNOWN_ORDER:
                raise
            return RefundSaid(trade, refund, "absent", merchant=self.merchant)

    async def bill(self, day: str) -> list[BillLine]:
        """The trade bill of a day, its hash checked; a day without trade has an empty one."""
        try:
            place = await self.client.get(f"/v3/bill/tradebill?bill_date={day}&bill_type=ALL", BillPlace)
        except ProviderRefused as no:
            if no.code == "NO_STATEMENT_EXIST":
                return []
            raise
        content = await self.client.download(place.download_url)
        if place.hash_type != "SHA1" or hashlib.sha1(content, usedforsecurity=False).hexdigest() != place.hash_value:
            raise Untrusted("forged", f"the bill of {day} is not the one that WeChat named")
        return read_bill(content.decode())

    async def read_notification(self, sent: Sent) -> OrderSaid | RefundSaid:
        """What WeChat says of an order or a refund of this merchant, now."""
        await self.client.platform.check(dict(sent.headers), sent.body)
        try:
            return self._opened(msgspec.json.decode(sent.body, type=Notification))
        except (msgspec.DecodeError, NotSealed, ValueError) as error:
            raise Untrusted("unreadable", str(error)) from error

    def heard(self, error: Untrusted | None) -> Reply:
        """`SUCCESS`, or `FAIL` with a status that makes WeChat say it again."""
        code, message, status = ("SUCCESS", "成功", 200) if error is None else ("FAIL", error.reason, 401)
        return Reply(status, "application/json", msgspec.json.encode({"code": code, "message": message}))

    def _opened(self, told: Notification) -> OrderSaid | RefundSaid:
        hidden = told.resource
        if told.resource_type != "encrypt-resource" or hidden.algorithm != AEAD:
            raise Untrusted("unreadable", "hidden in another way")
        plain = decrypt(self._account.api_key, hidden.nonce, hidden.ciphertext, hidden.associated_data)
        if hidden.original_type == "refund":
            refund = msgspec.json.decode(plain, type=Refund)
            self._ours(refund.mchid)
            return refund.said(self.merchant)
        order = msgspec.json.decode(plain, type=Transaction)
        self._ours(order.mchid)
        if order.appid and order.appid != self._account.appid:
            raise Untrusted("wrong_merchant", f"app {order.appid}")
        return order.said()

    def _ours(self, mchid: str) -> None:
        if mchid != self.merchant:
            raise Untrusted("wrong_merchant", f"merchant {mchid[:64]}")

    def _asked(self, order: Order) -> dict[str, Any]:
        return {
            "appid": self._account.appid,
            "description": order.about[:TOLD_CHARS],
            "out_trade_no": order.trade,
            "notify_url": self._notify_url,
            "amount": {"total": order.fen, "currency": CNY},
        }

    def _call_of(self, prepay_id: str) -> dict[str, str]:
        """What a page inside WeChat calls the cashier with."""
        timestamp, nonce, package = str(self._clock() // SECOND_US), new_nonce(), f"prepay_id={prepay_id}"
        text = f"{self._account.appid}\n{timestamp}\n{nonce}\n{package}\n"
        return {
            "appId": self._account.appid,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": sign(self._account.private_key, text),
        }

    async def _deduct(self, order: Order) -> Created:
        """Tells WeChat of the stay, then that it is to be paid: the money comes by itself, if the owner has agreed."""
        stay = order.stay
        if stay is None or stay.colour not in COLOURS:
            raise ProviderRefused("PARAM_ERROR", "a deduction needs the stay and its plate's colour")
        entered = await self.client.post("/v3/vehicle/parking/parkings", self._entry(order, stay), Entered)
        if entered.state != "NORMAL":
            raise ProviderRefused(entered.block_reason or entered.state, "this plate pays nothing by itself")
        body = {**self._asked(order), "trade_scene": "PARKING", "parking_info": self._parking(entered.id, stay)}
        try:
            await self.client.post("/v3/vehicle/transactions/parking", body, Transaction)
        except ProviderRefused as no:
            if no.code not in ALREADY:
                raise
        return Created(self.merchant)

    def _entry(self, order: Order, stay: Stay) -> dict[str, Any]:
        return {
            "out_parking_no": order.trade,
            "plate_number": stay.plate,
            "plate_color": COLOURS[stay.colour],
            "notify_url": self._notify_url,
            "start_time": text_of(stay.from_us),
            "parking_name": stay.place,
            "free_duration": 0,
        }

    def _parking(self, entry: str, stay: Stay) -> dict[str, Any]:
        return {
            "parking_id": entry,
            "plate_number": stay.plate,
            "plate_color": COLOURS[stay.colour],
            "start_time": text_of(stay.from_us),
            "end_time": text_of(stay.until_us),
            "parking_name": stay.place,
            "charging_duration": max(0, stay.until_us - stay.from_us) // SECOND_US,
            "device_id": "lane",
        }
