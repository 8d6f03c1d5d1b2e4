"""The sandbox's control door, for its own machine: orders are paid here as payers would, and misbehaviour is wished."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from gateway.outside.sandbox.book import Plate
from gateway.outside.sandbox.mischief import Misbehave
from gateway.outside.sandbox.till import No, Till

T = TypeVar("T", bound=msgspec.Struct)


class Pay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payer pays this order."""

    out_trade_no: str
    channel: str = "wechat"
    payer: str = "oSandboxPayer0000000000000001"


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The merchant is told of this order once more."""

    out_trade_no: str
    channel: str = "wechat"


class Finish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slow refund arrives."""

    out_refund_no: str
    channel: str = "wechat"


class Control:
    """The door: `/sandbox/…`, answered only to this machine."""

    def __init__(self, till: Till, rotate: Callable[[], object]) -> None:
        self._till = till
        self._rotate = rotate

    def routes(self) -> list[web.RouteDef]:
        """What may be asked."""
        return [
            web.post("/sandbox/pay", self._taking(Pay, self._pay)),
            web.post("/sandbox/notify", self._taking(Again, self._again)),
            web.post("/sandbox/refunds/finish", self._taking(Finish, self._finish)),
            web.post("/sandbox/misbehave", self._taking(Misbehave, self._wish)),
            web.post("/sandbox/behave", self._taking(Nothing, self._behave)),
            web.post("/sandbox/plates", self._taking(Plate, self._plate)),
            web.post("/sandbox/rotate", self._taking(Nothing, self._new_key)),
            web.get("/sandbox/orders", self._orders),
        ]

    def _pay(self, pay: Pay) -> object:
        return self._till.pay(pay.channel, pay.out_trade_no, pay.payer)

    def _again(self, again: Again) -> object:
        order = self._till.order(again.channel, again.out_trade_no)
        self._till.tell(order)
        return order

    def _finish(self, finish: Finish) -> object:
        return self._till.finish_refund(finish.channel, finish.out_refund_no)

    def _wish(self, wish: Misbehave) -> object:
        self._till.mischief.wish(wish)
        return wish

    def _behave(self, nothing: "Nothing") -> object:
        self._till.mischief.forget()
        return nothing

    def _plate(self, plate: Plate) -> object:
        self._till.book.put_plate(plate)
        return plate

    def _new_key(self, nothing: "Nothing") -> object:
        self._rotate()
        return nothing

    async def _orders(self, request: web.Request) -> web.Response:
        _refuse_strangers(request)
        return _shown(list(self._till.book.orders.values()))

    def _taking(
        self, form: type[T], work: Callable[[T], object]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.Response:
            _refuse_strangers(request)
            try:
                return _shown(work(msgspec.json.decode(await request.read() or b"{}", type=form)))
            except msgspec.DecodeError as error:
                return web.json_response({"code": "PARAM_ERROR", "message": str(error)}, status=400)
            except No as no:
                return web.json_response({"code": no.code, "message": no.message}, status=no.status)

        return serve


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish that needs no words."""


def _shown(answer: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


def _refuse_strangers(request: web.Request) -> None:
    if not request.remote or not ip_address(request.remote).is_loopback:
        raise web.HTTPForbidden
