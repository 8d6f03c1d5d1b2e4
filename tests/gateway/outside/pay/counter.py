"""A sandbox, a merchant that hears its notifications, and a clock that both go by."""

import asyncio
from secrets import token_hex
from typing import Any

from aiohttp import ClientSession, web

from actors.values import MINUTE_US, Micros
from gateway.outside.provider import Order, OrderSaid, RefundSaid, Sent, Stay, Untrusted
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.server import Sandbox
from gateway.outside.wechat.account import AccountForm, account_of
from gateway.outside.wechat.channel import WeChat
from storage.session import now_us


def account_form(keys: Keys, url: str) -> AccountForm:
    """The sandbox's one merchant."""
    return AccountForm(
        mchid=keys.mchid,
        appid=keys.appid,
        serial=keys.merchant_serial,
        private_key=keys.merchant_key,
        api_key=keys.api_key,
        url=url,
    )


class Counter:
    """`heard` has what each notification came to: what it said, or why it was not believed."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.ahead_us: Micros = 0
        self.sandbox = Sandbox(keys, self.clock)
        self.heard: asyncio.Queue[OrderSaid | RefundSaid | Untrusted] = asyncio.Queue()
        self.raw: list[Sent] = []
        self.wechat: WeChat
        self.url = self.notify_url = ""
        self._http: ClientSession
        self._runner: web.AppRunner

    @classmethod
    async def open(cls, keys: Keys) -> "Counter":
        counter = cls(keys)
        app = web.Application()
        app.router.add_post("/notify", counter._hear)
        counter._runner = web.AppRunner(app, access_log=None)
        await counter._runner.setup()
        await web.TCPSite(counter._runner, "127.0.0.1", 0).start()
        counter.notify_url = f"http://127.0.0.1:{counter._runner.addresses[0][1]}/notify"
        counter.url = f"http://127.0.0.1:{await counter.sandbox.start()}"
        counter.wechat = counter.merchant()
        counter._http = ClientSession()
        return counter

    async def close(self) -> None:
        await self.wechat.close_connections()
        await self.sandbox.stop()
        await self._http.close()
        await self._runner.cleanup()

    def clock(self) -> Micros:
        return now_us() + self.ahead_us

    def merchant(self, **changed: Any) -> WeChat:
        """The merchant's side, with an account that differs in this from the right one."""
        form = account_form(self.keys, self.url)
        return WeChat(account_of(type(form)(**{**_fields(form), **changed})), self.notify_url, self.clock)

    def order(self, fen: int = 1250, method: str = "native", **given: Any) -> Order:
        stay = Stay("粤B12345", "blue", "测试车场", self.clock() - 60 * MINUTE_US, self.clock())
        about = given.pop("about", "停车费, 1 小时")
        until = given.pop("until_us", self.clock() + 5 * MINUTE_US)
        return Order(token_hex(16), fen, about, until, method, stay=stay if method == "plate" else None, **given)

    async def paid(self, fen: int = 1250) -> Order:
        """An order that was made and paid, and of which the merchant was told."""
        order = self.order(fen)
        await self.wechat.create(order)
        await self.ask("pay", out_trade_no=order.trade)
        said = await self.next()
        assert isinstance(said, OrderSaid)
        assert said.state == "paid"
        return order

    async def ask(self, what: str, **body: Any) -> Any:
        """The control door; a refusal is an error."""
        async with self._http.post(f"{self.url}/sandbox/{what}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def next(self) -> OrderSaid | RefundSaid | Untrusted:
        async with asyncio.timeout(10):
            return await self.heard.get()

    async def _hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = Sent(headers, await request.read())
        self.raw.append(sent)
        error: Untrusted | None = None
        try:
            said = await self.wechat.read_notification(sent)
            self.heard.put_nowait(said)
        except Untrusted as untrusted:
            error = untrusted
            self.heard.put_nowait(untrusted)
        reply = self.wechat.heard(error)
        return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)


def _fields(form: AccountForm) -> dict[str, Any]:
    return {name: getattr(form, name) for name in form.__struct_fields__}
