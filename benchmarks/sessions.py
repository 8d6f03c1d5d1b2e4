"""Whole stays a second, durable: a vehicle comes, its plate is told, it leaves, it pays, and the ledger has it.

Compared in one run: paid in cash, and from a wallet. Every word is a message to an actor in a Ray cell, and the next is
said when the one before is durable; so many stays are under way at once. The projector makes tables and ledger lines
meanwhile, and the clock stops when it has booked the last. Then all of it is looked at: each stay is paid once, the
ledger sums to zero. Left out: HTTP and MQTT before the actors, and providers of payments.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from time import perf_counter
from typing import Any

import msgspec
import uvloop

from actors.engine.cluster import Cluster
from actors.engine.post import NotDone, Post
from actors.messages.account import OpenTopUp, PayFromWallet
from actors.messages.bay import ReportPlate, SessionAt, Sighted
from actors.messages.money import Due, Settle
from actors.messages.session import OpenBill, PayByHand
from actors.values import Ref
from benchmarks.child import family_cpu_s
from benchmarks.city import Town, own_postgres
from benchmarks.report import SLACK, Claim, Report, middle
from gateway.workers import WorkerSettings, collect_seldom, namespace_of
from storage.database import connect, now_us, open_engine
from storage.published import Publication, publish

CELLS = 2
UNDER_WAY = 400
"""Stays at once, each in a bay of its own."""
PRICE_FEN = 500
COLLECTORS = 50
OWNERS = 200
FUNDS_FEN = 500_000
TARGET = 1_000
GUARDS = {"cash": TARGET * SLACK, "wallet": TARGET * SLACK / 2}
"""A wallet's payment is two more durable words and the payment of a price that was held."""
PROJECTOR = "projector-bench"
LOOK_S = 0.05
PATIENCE_S = 120

Pays = Callable[[Post, str, int], Awaitable[object]]


def run(quick: bool, say: Callable[[str], None]) -> Report:
    """Measures both ways of paying, turn by turn."""
    collect_seldom()
    with own_postgres() as url:
        return uvloop.run(_measure(url, *((5.0, 2) if quick else (15.0, 3)), say))


async def _measure(url: str, seconds: float, rounds: int, say: Callable[[str], None]) -> Report:
    async with _town(url) as town, town.post() as post:
        street = Street(url, town, post)
        await street.open()
        found: dict[str, list[dict[str, float]]] = {"cash": [], "wallet": []}
        for nth in range(rounds):
            for way, pays in (("cash", by_hand), ("wallet", from_wallet)):
                say(f"round {nth + 1} of {rounds}: {way}")
                found[way].append(await street.window(pays, seconds))
        return _report(found, await street.wrong())


@asynccontextmanager
async def _town(url: str) -> AsyncIterator[Town]:
    """A small city with its cells, its views and, which other benchmarks do not have, its projector."""
    cluster = Cluster(namespace_of("bench"))
    cluster.join(None, processes=CELLS + 2)
    town = Town(url, cluster, CELLS)
    try:
        await town.start()
        known = WorkerSettings(PROJECTOR, url, town.world, cluster.namespace)
        cluster.start(PROJECTOR, "gateway.workers:projector", msgspec.msgpack.encode(known))
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

    async def window(self, pays: Pays, seconds: float) -> dict[str, float]:
        """As many stays as go, for so long; then until the ledger has the last of them."""
        before, before_s, start = self._paid, family_cpu_s(), perf_counter()
        until = start + seconds
        await asyncio.gather(*(self._turns(bay, pays, until) for bay in self._bays))
        acted_s = perf_counter() - start
        await self.booked()
        took_s, n = perf_counter() - start, self._paid - before
        return {
            "stays": n,
            "stays/s": n / took_s,
            "of actors alone": n / acted_s,
            "CPU µs a stay": (family_cpu_s() - before_s) / n * 1e6,
            "ledger behind, s": took_s - acted_s,
        }

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

    async def booked(self) -> None:
        """Waits until the ledger has what was received for every stay that was paid."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._asked(_BOOKED) < self._paid * PRICE_FEN:  # noqa: ASYNC110 - another process books it
                await asyncio.sleep(LOOK_S)

    async def wrong(self) -> list[str]:
        """What is not as it has to be, each a sentence."""
        looked = {
            "stays were paid more or less than they cost": f"{_STAYS} AND got_fen <> {PRICE_FEN}",
            "stays have more payments than one": "SELECT count(*) - count(DISTINCT session) FROM session_payments",
            "fen is the sum of all lines of the ledger": "SELECT coalesce(sum(fen), 0) FROM ledger_lines",
            "fen is left in clearing, beside what filled the wallets": _CLEARING,
        }
        found = {what: await self._asked(query) for what, query in looked.items()}
        missing = self._paid - await self._asked(_STAYS)
        return [f"{n:,} {what}" for what, n in {**found, "paid stays are no rows": missing}.items() if n]

    async def _asked(self, query: str) -> int:
        line = await connect(self._url, self._town.world, "benchmark")
        try:
            return int(await line.fetchval(query))
        finally:
            await line.close()


_BOOKED = "SELECT coalesce(-sum(fen), 0) FROM ledger_lines WHERE account LIKE 'income:%'"
_CLEARING = f"SELECT coalesce(sum(fen) FILTER (WHERE account = 'clearing'), 0) - {OWNERS * FUNDS_FEN} FROM ledger_lines"
"""Nobody stands here for the provider who paid in what filled the wallets: so much of it stays there."""
_STAYS = "SELECT count(*) FROM sessions WHERE state = 'paid'"


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


def _report(found: dict[str, list[dict[str, float]]], wrong: list[str]) -> Report:
    rows: list[dict[str, Any]] = [
        {"paid": way, **{name: middle([window[name] for window in windows]) for name in windows[0]}}
        for way, windows in found.items()
    ]
    rates = {row["paid"]: row["stays/s"] for row in rows}
    return Report(
        "sessions",
        f"whole stays through {CELLS} cells, {UNDER_WAY} under way at once, until the ledger has them",
        rows,
        ["A stay is four words (wallet: five), each said when the one before is durable, and its lines in the ledger."],
        [*(_slow(way, rates[way], floor) for way, floor in GUARDS.items() if rates[way] < floor), *wrong],
        claims=[
            Claim(
                "whole stays a second, durable and booked (cash; wallet)",
                f"{rates['cash']:,.0f}; {rates['wallet']:,.0f}",
                f"≥ {TARGET:,}",
            )
        ],
    )


def _slow(way: str, rate: float, floor: float) -> str:
    return f"{rate:,.0f} stays a second paid by {way}: the floor is {floor:,.0f}"
