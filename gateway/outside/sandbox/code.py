"""The sandbox in the words of our plain protocol: one side for each channel that speaks it."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from actors.values import SECOND_US, Micros
from gateway.outside.code.channel import SEAL, TIME, Told, check_seal, seal
from gateway.outside.provider import CNY, BillLine, Order, OrderSaid, OrderState, RefundSaid, RefundState, Untrusted
from gateway.outside.sandbox.book import GivenBack, Sold
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.mischief import Bend
from gateway.outside.sandbox.notifier import Outgoing, is_taken
from gateway.outside.sandbox.till import No, Till
from gateway.outside.wechat.moments import china

Json = dict[str, Any]


class CodeSide:
    """One account at one such provider."""

    def __init__(self, channel: str, till: Till, keys: Keys) -> None:
        self._channel, self._till = channel, till
        self._secret, self._merchant = keys.plain_secret, f"{channel}-{keys.mchid}"
        self._verbs: dict[str, Callable[[Json], object]] = {
            "orders": self._make,
            "query": lambda asked: self._said(asked["trade"]),
            "close": self._close,
            "refunds": self._refund,
            "query_refund": self._refunded,
            "bill": self._bill,
        }

    def routes(self) -> list[web.RouteDef]:
        """Its verbs."""
        return [web.post(f"/code/{self._channel}/{{verb}}", self._serve)]

    def order_told(self, order: Sold, bend: Bend) -> Outgoing:
        """A notification of an order."""
        said = self._order(order)
        merchant = "another" if bend.other_merchant else said.merchant
        bent = said._replace(fen=said.fen + bend.more_fen, currency=bend.currency, merchant=merchant)
        return self._told(order.notify_url, Told(order=bent), bend)

    def refund_told(self, order: Sold, refund: GivenBack, bend: Bend) -> Outgoing:
        """A notification of a refund."""
        return self._told(refund.notify_url, Told(refund=self._back(refund)), bend)

    def taken(self, status: int, body: bytes) -> bool:
        """Any 200 or 204."""
        return is_taken(status, body)

    def _told(self, url: str, told: Told, bend: Bend) -> Outgoing:
        body = b"{" if bend.unreadable else msgspec.json.encode(told)
        secret = "another" if bend.forged or bend.unknown_key else self._secret
        return Outgoing(url, self._sealed(body, secret, self._till.clock() + bend.shift_us), body)

    def _sealed(self, body: bytes, secret: str, now: Micros) -> dict[str, str]:
        stamp = str(now // SECOND_US)
        return {"Content-Type": "application/json", TIME: stamp, SEAL: seal(secret, stamp, body)}

    async def _serve(self, request: web.Request) -> web.Response:
        wrong, seconds = self._till.mischief.next("answer")
        if wrong in ("slow", "silent"):
            await asyncio.sleep(seconds)
        if wrong in ("silent", "broken"):
            return web.Response(status=502)
        raw = await request.read()
        status, answer = 200, b""
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            check_seal(self._secret, headers, raw, self._till.clock())
            verb = self._verbs.get(request.match_info["verb"])
            if verb is None:
                raise web.HTTPNotFound
            answer = msgspec.json.encode(verb(msgspec.json.decode(raw)))
        except Untrusted as error:
            status, answer = 401, msgspec.json.encode({"code": error.reason})
        except No as no:
            status, answer = no.status, msgspec.json.encode({"code": no.code, "message": no.message})
        secret = "another" if wrong == "forged" else self._secret
        return web.Response(status=status, body=answer, headers=self._sealed(answer, secret, self._till.clock()))

    def _make(self, asked: Json) -> object:
        order = msgspec.convert([asked[name] for name in Order._fields], Order)
        made = self._till.make(
            Sold(
                channel=self._channel,
                trade=order.trade,
                fen=order.fen,
                about=order.about,
                notify_url=str(asked["notify_url"]),
                method=order.method,
                made_us=self._till.clock(),
                until_us=order.until_us,
            )
        )
        return [self._merchant, f"https://{self._channel}.example/{made.token}", {}]

    def _close(self, asked: Json) -> object:
        try:
            self._till.close(self._channel, asked["trade"])
        except No as no:
            if no.code not in ("ORDERPAID", "ORDER_NOT_EXIST"):
                raise
        return self._said(asked["trade"])

    def _said(self, trade: str) -> OrderSaid:
        try:
            return self._order(self._till.order(self._channel, trade))
        except No:
            return OrderSaid(trade, "absent", merchant=self._merchant)

    def _order(self, order: Sold) -> OrderSaid:
        states: dict[str, OrderState] = {"unpaid": "unpaid", "paid": "paid", "closed": "closed", "failed": "failed"}
        state = states[order.state]
        return OrderSaid(order.trade, state, order.fen, CNY, self._merchant, order.ref, order.paid_us, order.payer)

    def _refund(self, asked: Json) -> RefundSaid:
        given = GivenBack(
            channel=self._channel,
            trade=asked["trade"],
            refund=asked["refund"],
            fen=asked["fen"],
            notify_url=asked["notify_url"],
            made_us=self._till.clock(),
        )
        return self._back(self._till.give_back(given, asked["total_fen"]))

    def _refunded(self, asked: Json) -> RefundSaid:
        known = self._till.book.refunds.get((self._channel, asked["refund"]))
        return self._back(known) if known else RefundSaid(asked["trade"], asked["refund"], "absent")

    def _back(self, refund: GivenBack) -> RefundSaid:
        states: dict[str, RefundState] = {"processing": "processing", "done": "done", "failed": "failed"}
        said = (refund.fen, CNY, self._merchant, refund.ref, refund.done_us)
        return RefundSaid(refund.trade, refund.refund, states[refund.state], *said)

    def _bill(self, asked: Json) -> list[BillLine]:
        orders, backs = list(self._till.book.orders.values()), list(self._till.book.refunds.values())
        mine = {order.trade for order in orders if order.channel == self._channel}
        paid = [
            BillLine(order.trade, order.ref, "", order.fen, 0, order.paid_us, "paid")
            for order in orders
            if order.trade in mine and order.state == "paid" and _day(order.paid_us) == asked["day"]
        ]
        back = [
            BillLine(each.trade, each.ref, each.refund, each.fen, 0, each.done_us, "done")
            for each in backs
            if each.trade in mine and each.state == "done" and _day(each.done_us) == asked["day"]
        ]
        return [*paid, *back]


def _day(instant: Micros) -> str:
    return china(instant).date().isoformat()
