"""The port `payments`: what payments ask, in the providers' plain values, and their words back as messages."""

from typing import assert_never

from actors.messages.forms import Command, Request
from actors.messages.payment import (
    CloseOrder,
    CreateOrder,
    OrderCreated,
    OrderRefused,
    ProviderSaid,
    QueryOrder,
    QueryRefund,
    RefundOrder,
    RefundSaid,
    StartPayment,
)
from actors.values import Ref
from gateway.outside import provider
from gateway.outside.merchants import Merchants
from gateway.outside.provider import Created, Order, OrderSaid, ProviderRefused, Stay


class UnknownRequest(TypeError):
    """This port is not asked such things."""


class Payments:
    """Asks the channel that a payment is of. A channel without an account is away: it may get one."""

    def __init__(self, merchants: Merchants) -> None:
        self._merchants = merchants

    async def __call__(self, request: Request, key: str) -> Command:
        """The provider's answer; our own numbers in the request make it the same thing when it is asked again."""
        match request:
            case CreateOrder():
                return await self.create(request)
            case QueryOrder():
                return order_word(await self._channel(request.channel).query(request.payment, request.method))
            case CloseOrder():
                return order_word(await self._channel(request.channel).close(request.payment, request.method))
            case RefundOrder():
                back = (request.payment, request.refund, request.fen, request.total_fen, request.why)
                return refund_word(await self._channel(request.channel).refund(*back))
            case QueryRefund():
                return refund_word(await self._channel(request.channel).query_refund(request.payment, request.refund))
        raise UnknownRequest(type(request).__name__)

    async def create(self, asked: CreateOrder) -> OrderCreated | OrderRefused:
        """Has the order made."""
        try:
            created = await self.begin(asked)
        except ProviderRefused as no:
            return OrderRefused(no.code)
        return OrderCreated(created.merchant, created.code_url)

    async def begin(self, asked: CreateOrder) -> Created:
        """Has the order made, for somebody who waits: what they go on with."""
        stay = (asked.plate, asked.colour, asked.place, asked.from_us, asked.to_us)
        order = Order(
            trade=asked.payment,
            fen=asked.fen,
            about=asked.about,
            until_us=asked.until_us,
            method=asked.method,
            openid=asked.openid,
            stay=Stay(*stay) if asked.plate else None,
        )
        return await self._channel(asked.channel).create(order)

    def _channel(self, name: str) -> provider.Provider:
        return self._merchants.channel(name)


def order_of(payment: str, start: StartPayment) -> CreateOrder:
    """The order that a payment is about."""
    what = (start.channel, start.method, sum(due.fen for due in start.payees), start.about, start.until_us)
    stay = (start.colour, start.place, start.from_us, start.to_us)
    return CreateOrder(payment, *what, start.openid, start.plate, *stay)


def word_of(said: OrderSaid | provider.RefundSaid) -> tuple[Ref, ProviderSaid | RefundSaid]:
    """Who is to be told what a provider said."""
    match said:
        case OrderSaid():
            return Ref("payment", said.trade), order_word(said)
        case provider.RefundSaid():
            return Ref("payment", said.trade), refund_word(said)
    assert_never(said)


def order_word(said: OrderSaid) -> ProviderSaid:
    """A provider's word on an order, as a message."""
    return ProviderSaid(*said[1:])


def refund_word(said: provider.RefundSaid) -> RefundSaid:
    """A provider's word on a refund, as a message."""
    return RefundSaid(*said[1:])
