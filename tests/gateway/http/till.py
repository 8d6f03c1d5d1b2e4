"""A till for tests of payments over HTTP: real cells' code, journal, envoy and sandbox; only stays are stood in for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import ClientSession
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue
from actors.engine.directory import Directory
from actors.engine.post import Post
from actors.engine.turn import Turn
from actors.kinds import PORTS
from actors.kinds.payment import Payment
from actors.messages.forms import Face, Fact, Query, Reply
from actors.messages.money import CloseBill, ReturnExcess, Settle
from actors.messages.session import OpenBill
from actors.messages.session_shown import Bill, BillOpened
from actors.values import MINUTE_US, Micros, Ref
from gateway.http.house import House
from gateway.outside.envoy import Envoy
from gateway.outside.merchants import Merchants
from gateway.outside.payments import Payments
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.merchants import sandbox_accounts
from gateway.outside.sandbox.server import Sandbox
from storage.journal import PostgresJournal
from storage.local import write_private
from storage.outside import Outside
from storage.projections import Projector
from storage.projections.payments import Payments as PaymentRows
from storage.session import now_us
from tests.city.waiting import eventually
from tests.lone_cell import LoneCell

DUE_FEN = 1250


class Purse(Query, frozen=True, gc=False):
    """Asks a stay what came to it."""


class Came(Reply, frozen=True, gc=False):
    """How often money came, how much, and how often it was told that none will."""

    times: int
    fen: int
    closed: int


class MoneyCame(Fact, frozen=True, gc=False):
    """Some."""

    fen: int


class NoneComes(Fact, frozen=True, gc=False):
    """The bill was closed."""


class NoFace(Face, frozen=True, gc=False):
    """Nothing."""


class Owing(Actor, kind="session"):
    """A stay that owes 12.50 yuan whenever it is asked; one called `free` owes nothing."""

    times: int = 0
    fen: int = 0
    closed: int = 0

    def on_open_bill(self, ask: OpenBill, turn: Turn) -> None:
        if turn.me.key.endswith("free"):
            turn.refuse("nothing_due", "Nothing is owed for this stay now")
            return
        bill = Bill(ask.payment, ask.channel, DUE_FEN, DUE_FEN, (), turn.now, turn.now + 5 * MINUTE_US)
        turn.reply(BillOpened(bill))

    def on_settle(self, money: Settle, turn: Turn) -> None:
        turn.record(MoneyCame(money.fen))

    def on_close_bill(self, close: CloseBill, turn: Turn) -> None:
        turn.record(NoneComes())

    def on_purse(self, ask: Purse, turn: Turn) -> None:
        turn.reply(Came(self.times, self.fen, self.closed))

    def fold_money_came(self, fact: MoneyCame) -> None:
        self.times, self.fen = self.times + 1, self.fen + fact.fen

    def fold_none_comes(self, fact: NoneComes) -> None:
        self.closed += 1

    def face(self) -> NoFace:
        return NoFace()


KINDS = (Owing, Payment)


def has_accounts(house: House, keys: Keys, sandbox: str, address: str, clock: Callable[[], Micros]) -> None:
    """The house has accounts at the sandbox, whose providers notify it at this address."""
    cashier = house.cashier
    file = cashier.merchants._files[0]
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, msgspec.json.encode(sandbox_accounts(keys, sandbox)))
    cashier.merchants = Merchants((file,), lambda: address, clock)
    cashier.port = Payments(cashier.merchants)


class Till:
    """Everything that a payment needs, in this process."""

    def __init__(self, url: str, world: str, engine: AsyncEngine, house: House, keys: Keys) -> None:
        self.catalogue = Catalogue(KINDS, PORTS)
        self.journal = PostgresJournal(url, world, "cell")
        self.cell = LoneCell(now_us(), self.catalogue, self.journal, now_us, self._doubt)
        directory = self.cell.learns(Directory())
        self.post = Post(self.catalogue, self.call, directory, PostgresJournal(url, world, "post"), now_us)
        self.house, self.world, self.engine = house, world, engine
        self.sandbox = Sandbox(keys, now_us)
        self.keys = keys
        self.url = ""
        self._outside, self._directory = Outside(engine, "till"), directory
        self._projector = Projector(engine, self.catalogue.decode_told, (PaymentRows(),), idle_s=0.02)
        self._tasks: list[asyncio.Task[None]] = []
        self._http: ClientSession

    async def open(self, address: str) -> None:
        await self.cell.start()
        await self.post.start()
        self.url = f"http://127.0.0.1:{await self.sandbox.start()}"
        cashier = self.house.cashier
        has_accounts(self.house, self.keys, self.url, address, now_us)
        ports = {"payments": cashier.port}
        envoy = Envoy(self.world, ports, self._outside, self.post, self.catalogue.decode_request, self._directory.cells)
        cashier.nudge = envoy.nudge
        self.house.post = self.post
        self._http = ClientSession()
        self._tasks = [asyncio.create_task(envoy.run()), asyncio.create_task(self._projector.run())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()
        await self.sandbox.stop()
        await self.house.cashier.merchants.close()
        await self.post.close()
        self.cell.stop()
        await self.journal.close()

    async def call(self, cell: str, method: str, payload: bytes) -> bytes:
        return await self.cell.reached(cell, method, payload)

    async def ask(self, what: str, **body: Any) -> Any:
        """The sandbox's control door."""
        async with self._http.post(f"{self.url}/sandbox/{what}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def came(self, session: str) -> Came:
        reply = await self.post.ask(Ref("session", session), Purse())
        assert isinstance(reply, Came)
        return reply

    async def give_back(self, session: str, payment: str, n: int, fen: int) -> None:
        await self.post.ask(Ref("payment", payment), ReturnExcess("session", session, payment, n, fen, "test"))

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        await eventually(holds, what)

    def outcomes(self) -> dict[str, int]:
        """How many notifications came to what."""
        return dict(self.house.cashier.gauges.notifications_total)

    @staticmethod
    def _doubt(error: object) -> None:
        raise AssertionError(error)
