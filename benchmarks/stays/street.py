"""A street in cells of its own: whole stays, each word of which is a message to an actor, until the ledger has them."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from time import perf_counter

import msgspec

from actors.engine.cluster import Cluster
from actors.engine.post import NotDone, Post
from actors.messages.account import OpenTopUp, PayFromWallet
from actors.messages.bay import ReportPlate, SessionAt, Sighted
from actors.messages.money import Due, Settle
from actors.messages.session import OpenBill, PayByHand
from actors.values import Ref
from benchmarks.budget import Budget, Seconds
from benchmarks.city import Town
from benchmarks.stays.books import PRICE_FEN, Books
from gateway.workers import WorkerSettings, namespace_of
from storage.database import open_engine
from storage.published import Publication, publish
from storage.session import now_us

CELLS = 2
UNDER_WAY = 400
"""Stays at once, each in a bay of its own."""
COLLECTORS = 50
OWNERS = 200
FUNDS_FEN = 500_000
PROJECTOR = "projector-bench"
LOOK_S = 0.05
PATIENCE_S = 120

Pays = Callable[[Post, str, int], Awaitable[object]]


@asynccontextmanager
async def open_town(url: str) -> AsyncIterator[Town]:
    """A small city with its cells, its views and, which other benchmarks do not have, its projector."""
    cluster = Cluster(namespace_of("bench"))
    cluster.join(None, processes=CELLS + 2)
    town = Town(url, cluster, CELLS)
    try:
        await town.start()
        known = WorkerSettings(PROJECTOR, url, town.world, cluster.namespace)
        cluster.start(PROJECTOR, "gateway.workers.projector:projector", msgspec.msgpack.encode(known))
        awake = asyncio.create_task(cluster.watch(lambda: [PROJECTOR]))
        yield town
        awake.cancel()
    finally:
        cluster.stop(PROJECTOR)
        await town.stop()
        cluster.leave()


class Street:
    """Bays in which vehicles stand, one after the other; each stay costs the same, however long it is."""

    def __init__(self, url: str, town: Town, post: Post) -> None:
        self._url, self._town, self._post = url, town, post
        self._books = Books(url, town.world)
        self._bays = [Ref("bay", f"{each.place}/{each.own_id.removeprefix('d')}") for each in town.devices[:UNDER_WAY]]
        self._numbers = count(1)
        self._paid = 0

    async def open(self) -> None:
        """Publishes what a stay costs, and waits until all cells know; fills the wallets."""
        named: dict[str, object] = {"tariff/five": {"name": {"en": "five"}, "visit": {"price_fen": PRICE_FEN}}}
        for lot in {bay.place for bay in self._bays}:
            named[f"rules/{lot}"] = {"mode": "sensor_pda", "operator": "north"}
            named[f"tariff-of/{lot}"] = {"tariff": "five"}
        engine = open_engine(self._url, self._town.world)
        many = [Publication(name, 0, msgspec.msgpack.encode(value)) for name, value in named.items()]
        async with engine.begin() as connection:
            await publish(connection, "benchmark", now_us(), many)
        await engine.dispose()
        for n in range(OWNERS):
            account = Ref("account", f"owner-{n}")
            await self._post.ask(account, OpenTopUp(f"up-{n}", FUNDS_FEN))
            await self._post.ask(account, Settle(f"up-{n}", "wechat", FUNDS_FEN, now_us(), account.key))
        await asyncio.gather(*(self._first(bay) for bay in self._bays))

    async def _first(self, bay: Ref) -> None:
        """Stays that nobody is charged for yet, until one is."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await self._stay(bay, by_hand)
                    return
                except NotDone:
                    await asyncio.sleep(LOOK_S)

    async def window(self, pays: Pays, seconds: float) -> tuple[dict[str, float], Seconds]:
        """As many stays as go, for so long; then until the ledger has the last of them. The µs of CPU that each process
        spent on a stay stand beside it.
        """
        async with Budget.of(os.getpid(), self._url) as budget:
            before, before_s, start = self._paid, await budget.read(), perf_counter()
            until = start + seconds
            await asyncio.gather(*(self._turns(bay, pays, until) for bay in self._bays))
            acted_s = perf_counter() - start
            await self._books.booked(self._paid)
            took_s, n = perf_counter() - start, self._paid - before
            spent = {part: (used - before_s.get(part, 0.0)) / n * 1e6 for part, used in (await budget.read()).items()}
        row = {
            "stays": n,
            "stays/s": n / took_s,
            "of actors alone": n / acted_s,
            "CPU µs a stay": sum(spent.values()),
            "ledger behind, s": took_s - acted_s,
        }
        return row, spent

    async def _turns(self, bay: Ref, pays: Pays, until: float) -> None:
        while perf_counter() < until:
            await self._stay(bay, pays)

    async def _stay(self, bay: Ref, pays: Pays) -> None:
        """One vehicle, from the moment it comes until it has paid."""
        n, device = next(self._numbers), f"d-{bay.own_id}"
        came = now_us()
        await self._post.ask(bay, Sighted(device, True, came, came), timeout_s=PATIENCE_S)
        said = ReportPlate(f"川B{n:06d}", "blue", "pda", "pda-1", 100, now_us(), f"c-{n % COLLECTORS}")
        stay = await self._post.ask(bay, said, timeout_s=PATIENCE_S)
        assert isinstance(stay, SessionAt)
        left = now_us()
        await self._post.ask(bay, Sighted(device, False, left, left), timeout_s=PATIENCE_S)
        await pays(self._post, stay.session, n)
        self._paid += 1

    async def wrong(self) -> list[str]:
        """What is not as it has to be, each a sentence."""
        return await self._books.wrong(self._paid, OWNERS * FUNDS_FEN)


async def by_hand(post: Post, session: str, n: int) -> object:
    """A collector takes cash."""
    said = PayByHand(f"cash-{n}", "cash", PRICE_FEN, f"c-{n % COLLECTORS}", "shift-1", now_us())
    return await post.ask(Ref("session", session), said, timeout_s=PATIENCE_S)


async def from_wallet(post: Post, session: str, n: int) -> object:
    """The stay holds its price, and the owner's wallet pays it."""
    payment, owner = f"wallet-{n}", f"owner-{n % OWNERS}"
    await post.ask(Ref("session", session), OpenBill(payment, "wallet", owner), timeout_s=PATIENCE_S)
    due = PayFromWallet(payment, (Due("session", session, PRICE_FEN),))
    return await post.ask(Ref("account", owner), due, timeout_s=PATIENCE_S)
