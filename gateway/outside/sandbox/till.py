"""The till of the sandbox: what happens to orders and refunds, whichever provider's words they were made in."""

import secrets
from collections.abc import Callable
from typing import Protocol

from actors.values import Micros
from gateway.outside.sandbox.book import Book, GivenBack, Sold
from gateway.outside.sandbox.mischief import Bend, Mischief
from gateway.outside.sandbox.notifier import Notifier, Outgoing


class No(Exception):
    """The sandbox refuses, as the real provider would: its status, its code, its sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(f"{code}: {message}")


class Voice(Protocol):
    """How one provider tells merchants of what happened."""

    def order_told(self, order: Sold, bend: Bend) -> Outgoing:
        """A notification of an order that was paid, or whose deduction failed."""

    def refund_told(self, order: Sold, refund: GivenBack, bend: Bend) -> Outgoing:
        """A notification of a refund that has ended."""

    def taken(self, status: int, body: bytes) -> bool:
        """Whether the merchant's answer means that it has taken it."""


class Till:
    """Orders are made, paid, closed and given back here; each side's voice tells of it."""

    def __init__(self, book: Book, mischief: Mischief, notifier: Notifier, clock: Callable[[], Micros]) -> None:
        self.book, self.mischief, self.clock = book, mischief, clock
        self.voices: dict[str, Voice] = {}
        self._notifier = notifier

    def make(self, order: Sold) -> Sold:
        """A new order, or the same again; another with the same number is refused."""
        before = self.book.orders.get((order.channel, order.trade))
        if before is None:
            return self.book.put_order(order, token=secrets.token_hex(8))
        if before.state == "paid":
            raise No(400, "ORDERPAID", "该订单已支付")
        if before.state == "closed":
            raise No(400, "ORDER_CLOSED", "该订单已关闭")
        said = (order.fen, order.about, order.method, order.plate, order.notify_url)
        if said != (before.fen, before.about, before.method, before.plate, before.notify_url):
            raise No(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        return before

    def order(self, channel: str, trade: str) -> Sold:
        """An order as it is now: an unpaid one whose time is over is closed."""
        order = self.book.orders.get((channel, trade))
        if order is None:
            raise No(404, "ORDER_NOT_EXIST", "订单不存在")
        if order.state == "unpaid" and order.until_us and self.clock() > order.until_us:
            return self.book.put_order(order, state="closed")
        return order

    def pay(self, channel: str, trade: str, payer: str) -> Sold:
        """The payer pays; the merchant is told."""
        order = self.order(channel, trade)
        if order.state == "paid":
            raise No(400, "ORDERPAID", "该订单已支付")
        if order.state != "unpaid":
            raise No(400, "ORDER_CLOSED", "该订单已关闭")
        ref = f"42{self.clock() // 1000:015d}{secrets.randbelow(10**11):011d}"
        order = self.book.put_order(order, state="paid", ref=ref, paid_us=self.clock(), payer=payer)
        self.tell(order)
        return order

    def fail(self, channel: str, trade: str) -> Sold:
        """A deduction that the payer's account would not give."""
        order = self.book.put_order(self.order(channel, trade), state="failed")
        self.tell(order)
        return order

    def close(self, channel: str, trade: str) -> Sold:
        """The merchant ends an unpaid order."""
        order = self.order(channel, trade)
        if order.state == "paid":
            raise No(400, "ORDERPAID", "该订单已支付")
        return self.book.put_order(order, state="closed")

    def give_back(self, asked: GivenBack, total_fen: int) -> GivenBack:
        """A refund, or the same again; never more than was paid."""
        order = self.order(asked.channel, asked.trade)
        before = self.book.refunds.get((asked.channel, asked.refund))
        if before is not None:
            if (before.trade, before.fen) != (asked.trade, asked.fen):
                raise No(400, "INVALID_REQUEST", "退款单号重复且参数不一致")
            return before
        if order.state != "paid" or order.fen != total_fen:
            raise No(400, "INVALID_REQUEST", "订单未支付或订单金额不一致")
        if not 0 < asked.fen <= self.book.left(order):
            raise No(400, "INVALID_REQUEST", "申请退款金额大于订单可退金额")
        wrong, _ = self.mischief.next("refunds")
        state = {"slow": "processing", "fail": "failed"}.get(wrong, "done")
        ref = f"50{self.clock() // 1000:015d}{secrets.randbelow(10**11):011d}"
        refund = self.book.put_refund(asked, ref=ref, state=state, done_us=self.clock() if state == "done" else 0)
        if state != "processing":
            self.tell_refund(order, refund)
        return refund

    def finish_refund(self, channel: str, refund: str) -> GivenBack:
        """A refund that was under way has arrived."""
        known = self.book.refunds.get((channel, refund))
        if known is None:
            raise No(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        if known.state == "processing":
            known = self.book.put_refund(known, state="done", done_us=self.clock())
            self.tell_refund(self.order(channel, known.trade), known)
        return known

    def tell(self, order: Sold) -> None:
        """The merchant is told (again) how the order stands."""
        voice = self.voices[order.channel]
        self._notifier.tell(lambda bend: voice.order_told(order, bend), voice.taken)

    def tell_refund(self, order: Sold, refund: GivenBack) -> None:
        """The merchant is told how the refund ended."""
        voice = self.voices[order.channel]
        if refund.notify_url:
            self._notifier.tell(lambda bend: voice.refund_told(order, refund, bend), voice.taken)
