"""The sandbox as a server: the sides of all providers, the control door, and what they share."""

from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from actors.values import Micros
from gateway.outside.sandbox.book import Book
from gateway.outside.sandbox.control import Control
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.mischief import Mischief
from gateway.outside.sandbox.notifier import Notifier
from gateway.outside.sandbox.till import Till
from gateway.outside.sandbox.wechat import CHANNEL, WeChatSide

HOST = "127.0.0.1"


class Sandbox:
    """One sandbox: with a file it remembers its orders over restarts."""

    def __init__(self, keys: Keys, clock: Callable[[], Micros], file: Path | None = None) -> None:
        self.mischief = Mischief()
        self.notifier = Notifier(self.mischief)
        self.book = Book(file)
        self.till = Till(self.book, self.mischief, self.notifier, clock)
        self.wechat = WeChatSide(self.till, keys)
        self.till.voices[CHANNEL] = self.wechat
        self.control = Control(self.till, self.wechat.rotate)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> int:
        """Listens on this machine only; which port."""
        app = web.Application()
        app.add_routes([*self.wechat.routes(), *self.control.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Closes the door and forgets what was on its way."""
        await self.wechat.close_down()
        await self.notifier.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.book.close()
