"""The provider of a generated day: the sandbox's WeChat in virtual time, and our own door, at which it notifies us.

Its notifications are signed and hidden as the sandbox does it; what our side makes of them is what its door makes.
"""

from collections.abc import Coroutine, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from actors.engine.post import NotDone
from actors.messages.forms import Command, Message, Refused, Reply, Request
from actors.messages.payment import CloseOrder, ProviderSaid, QueryOrder, RefundOrder
from actors.values import SECOND_US, Micros, Ref
from gateway.http.cashier import Cashier
from gateway.http.forms import Call, NoQuery, Posted
from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.http.notified import notified
from gateway.outside.payments import order_word, refund_word
from gateway.outside.sandbox.book import Book, GivenBack, Sold
from gateway.outside.sandbox.keys import Keys, new_keys
from gateway.outside.sandbox.merchants import sandbox_accounts
from gateway.outside.sandbox.mischief import BENDS, Bend, Mischief
from gateway.outside.sandbox.notifier import Notifier, Outgoing
from gateway.outside.sandbox.till import Till
from gateway.outside.sandbox.wechat import CHANNEL, Asked, WeChatSide
from gateway.outside.sandbox.wechat_forms import order_form, refund_form
from gateway.outside.wechat.account import AccountForm, account_of
from gateway.outside.wechat.channel import WeChat
from gateway.outside.wechat.forms import Refund, Transaction
from gateway.outside.wechat.platform import Platform
from gateway.outside.wechat.signing import sealed_by
from tests.days.cells import Cells

T = TypeVar("T")
HTTP_OK, HTTP_REFUSED = 200, 401


@cache
def keys() -> Keys:
    """The sandbox's and its merchant's, of this run."""
    return new_keys()


class Doubted(NamedTuple):
    """A notification that moved nothing: of which payment it was sent, and why it was not believed."""

    payment: str
    reason: str


class Provider:
    """What was ordered, what was paid then, and what went back. Its numbers are made of ours: a day has them again."""

    def __init__(self) -> None:
        self.now: Micros = 0
        self.book = Book()
        mischief = Mischief()
        self.side = WeChatSide(Till(self.book, mischief, Notifier(mischief), self.clock), keys())
        self.merchant = keys().mchid

    def clock(self) -> Micros:
        """The time of the day."""
        return self.now

    def order(self, payment: str, fen: int, until_us: Micros) -> None:
        """An order that can be paid from now on."""
        told: dict[str, Any] = {"about": "parking", "notify_url": "", "method": "native", "made_us": self.now}
        self.book.put_order(Sold(channel=CHANNEL, trade=payment, fen=fen, until_us=until_us, **told))

    def pay(self, payment: str) -> Sold:
        """The owner pays now."""
        return self._paid(payment, f"w{payment}", put=True)

    def claimed(self, payment: str) -> Sold:
        """The order as if it had been paid."""
        return self._paid(payment, f"lie-{payment}", put=False)

    def _paid(self, payment: str, ref: str, put: bool) -> Sold:
        order = self.book.orders[CHANNEL, payment]
        order = msgspec.structs.replace(order, state="paid", ref=ref, paid_us=self.now, payer="oPayer")
        return self.book.put_order(order) if put else order

    def given_back(self, payment: str) -> int:
        """What of this payment went back."""
        return sum(each.fen for each in self.book.refunds_of(CHANNEL, payment))

    def answer(self, ref: Ref, request: Request, now: Micros) -> Command:
        """How an order or a refund stands."""
        self.now = now
        if isinstance(request, QueryOrder | CloseOrder):
            return self._word(request.payment, closing=isinstance(request, CloseOrder))
        assert isinstance(request, RefundOrder), request
        given = GivenBack(
            channel=CHANNEL,
            trade=request.payment,
            refund=request.refund,
            fen=request.fen,
            notify_url="",
            made_us=now,
            ref=f"r{request.refund}",
            done_us=now,
        )
        form = refund_form(self.book.orders[CHANNEL, request.payment], self.book.put_refund(given))
        return refund_word(msgspec.convert(form, Refund).said(self.merchant))

    def _word(self, payment: str, closing: bool) -> ProviderSaid:
        order = self.book.orders[CHANNEL, payment]
        if closing and order.state == "unpaid":
            order = self.book.put_order(order, state="closed")
        return order_word(msgspec.convert(order_form(order, keys(), self.book), Transaction).said())


class Door:
    """Our door for notifications, over cells in virtual time: the real verifier, the real answer, and its list of what
    moved nothing.
    """

    def __init__(self, cells: Cells, provider: Provider) -> None:
        self.doubted: list[Doubted] = []
        self._cells, self._provider = cells, provider
        self._payment = ""
        account = account_of(msgspec.convert(sandbox_accounts(keys(), "http://sandbox")[CHANNEL], AccountForm))
        self._channel = WeChat(account, "", provider.clock)
        self._channel.client.platform = Platform(account, self._certificates, provider.clock)

    def told(self, payment: str, order: Sold, bend: str, key: str) -> Outgoing:
        """The provider says this of an order, badly if that is asked for; what it sent."""
        sent = self._provider.side.order_told(order, BENDS.get(bend, Bend()))
        self.hears(payment, sent, key)
        return sent

    def hears(self, payment: str, sent: Outgoing, key: str) -> None:
        """A notification comes; it is taken, or it is listed once and no fact comes of it."""
        self._provider.now, self._payment = self._cells.now, payment
        doubted, before = len(self.doubted), self._cells.so_far()
        answer = at_once(notified(self._house(key), _call(sent)))
        if answer.status == HTTP_REFUSED:
            assert len(self.doubted) == doubted + 1
            assert self._cells.turned(before) == [], "what nobody vouches for moved something"
        else:
            assert answer.status == HTTP_OK, answer

    def _house(self, key: str) -> House:
        merchants: Any = SimpleNamespace(channel=lambda name: self._channel)
        nobody: Any = None
        patient = Buckets(per_s=1, burst=1_000_000)
        cashier = Cashier(merchants, nobody, nobody, cast("Any", self), self._provider.clock, doubts=patient)
        return cast("House", SimpleNamespace(cashier=cashier, post=Inside(self._cells, key)))

    async def keep(
        self, at: Micros, channel: str, reason: str, detail: str, client: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """The list that staff read."""
        self.doubted.append(Doubted(self._payment, reason))

    async def _certificates(self) -> tuple[dict[str, str], bytes]:
        _, listed = self._provider.side.certificates(Asked({}, {}, {}))
        body, newest = msgspec.json.encode(listed), keys().newest
        return _lower(sealed_by(newest.key(), newest.serial, body, self._provider.now // SECOND_US).headers()), body


class Inside:
    """What carries messages from our door to the actors of a day; this notification's have this key."""

    def __init__(self, cells: Cells, key: str) -> None:
        self._cells, self._key = cells, key

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        assert isinstance(message, Command)
        reply = self._cells.say(self._key, ref, message)
        if isinstance(reply, Refused):
            raise NotDone(reply)
        return reply


def at_once(doing: Coroutine[Any, Any, T]) -> T:
    """What it comes to; it must not wait for anything."""
    try:
        doing.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("it waits for something")


def _call(sent: Outgoing) -> Call[NoQuery, Posted]:
    posted = Posted(sent.body, _lower(sent.headers))
    return Call({"channel": CHANNEL}, NoQuery(), posted, None, "127.0.0.1", "", "", "")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
