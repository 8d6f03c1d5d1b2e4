"""Stays through the doors of the product as it runs: devices' writes at a pace, a settlement, WeChat's channel."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter, process_time
from typing import NamedTuple

from benchmarks.budget import Budget, Seconds
from benchmarks.city import open_folder
from benchmarks.ingest import SYNC_MS, running
from benchmarks.stays.books import PRICE_FEN, Books
from benchmarks.stays.doors import BAYS, TRUSTED, Collector, Doors, Person, open_doors
from storage.postgres import Postgres

WRITES_A_SECOND = 200
KINDS = 3
"""Of writes, one after the other in a stay: a plate, an exit, cash."""
ORDERS = 600
"""What a collector takes on a full day."""
BUSY = 24
"""Requests of one kind at once, where they are not paced."""


class Found(NamedTuple):
    """What the product did: how many ms each paced write took, how many seconds the settlement, the stays paid by
    WeChat with the µs of CPU of each by part, and what is wrong.
    """

    delays_ms: list[float]
    settled_s: float
    wechat: dict[str, float]
    spent: Seconds
    wrong: list[str]


async def measure(quick: bool, say: Callable[[str], None]) -> Found:
    """All three in one city, in which nothing else happens."""
    with open_folder() as folder:
        async with running(folder, SYNC_MS, say, *TRUSTED) as (ready, budget, *_), open_doors(folder, ready) as doors:
            books = Books(Postgres(folder / "postgres").url, "live")
            day, *others = doors.crew
            say(f"{WRITES_A_SECOND} writes of devices a second")
            delays_ms = await _paced(doors, others, 6 if quick else 30)
            say(f"a day of {ORDERS} orders, and its settlement")
            settled_s, wrong = await _day(doors, day)
            say("stays paid by WeChat in the sandbox")
            wechat, spent = await _by_wechat(doors, others, books, budget, 6 if quick else 20)
            return Found(delays_ms, settled_s, wechat, spent, wrong + await books.wrong(doors.paid))


class Bay:
    """A bay in which stays come one after the other, each of three writes of its collector's device."""

    def __init__(self, doors: Doors, who: Collector, bay: str) -> None:
        self._doors, self._who, self._bay = doors, who, bay
        self._session, self._left = "", False

    async def write(self) -> None:
        """The next write."""
        if not self._session:
            self._session = await self._who.plate(self._bay, self._doors.plate())
        elif not self._left:
            await self._who.exit(self._bay)
            self._left = True
        else:
            await self._who.cash(self._session)
            self._session, self._left = "", False
            self._doors.paid += 1

    async def finish(self) -> None:
        """Writes until nobody stands here who has not paid."""
        while self._session:
            await self.write()

    async def stay(self) -> None:
        """A whole stay."""
        await self.write()
        await self.finish()


async def _paced(doors: Doors, crew: list[Collector], seconds: float) -> list[float]:
    """Plates, exits and cash at an even pace, whether or not those before are answered; how many ms each took, counted
    from when it was due. The bays are at different points of their stays, so that each second has writes of each kind.
    """
    bays = [Bay(doors, who, who.place.bays[nth]) for nth in range(BAYS) for who in crew if nth < len(who.place.bays)]
    ready: asyncio.Queue[Bay] = asyncio.Queue()
    delays_ms: list[float] = []

    async def write(bay: Bay, due: float) -> None:
        await bay.write()
        delays_ms.append((perf_counter() - due) * 1000)
        ready.put_nowait(bay)

    for nth, bay in enumerate(bays):
        for _ in range(nth % KINDS):
            await bay.write()
        ready.put_nowait(bay)
    start = perf_counter()
    async with asyncio.TaskGroup() as writes:
        for nth in range(int(seconds * WRITES_A_SECOND)):
            due = start + nth / WRITES_A_SECOND
            await asyncio.sleep(max(0.0, due - perf_counter()))
            writes.create_task(write(await ready.get(), due))
    await asyncio.gather(*(bay.finish() for bay in bays))
    return delays_ms


async def _day(doors: Doors, who: Collector) -> tuple[float, list[str]]:
    """A shift with so many orders; how many seconds signing out with its settlement took."""
    left = deque(range(1, ORDERS))  # one has been paid when prices were looked for

    async def work(bay: Bay) -> None:
        while left:
            left.pop()
            await bay.stay()

    # In a day of minutes one address would ask more often than anybody may.
    moving = [who._replace(ask=who.ask.elsewhere(f"10.9.2.{n}")) for n in range(BUSY)]
    await asyncio.gather(*(work(Bay(doors, at, bay)) for at, bay in zip(moving, who.place.bays, strict=False)))
    start = perf_counter()
    shift = await who.ask("POST", "/pda/shift/end", {"device": who.device})
    await who.ask("POST", "/pda/sign-out", {"device": who.device})
    took_s, sums = perf_counter() - start, (shift["n"], shift["fen"])
    wrong = sums != (ORDERS, ORDERS * PRICE_FEN)
    return took_s, [f"{sums} is what a shift of {ORDERS} orders of {PRICE_FEN} fen took"] if wrong else []


async def _by_wechat(
    doors: Doors, crew: list[Collector], books: Books, budget: Budget, seconds: float
) -> tuple[dict[str, float], Seconds]:
    """Stays whose collector says that they come and leave, and whose owner pays an order at the sandbox."""
    before, before_s, start = doors.paid, await budget.read(), perf_counter()
    own_s = process_time()

    async def work(who: Collector, bay: str, cashier: Person) -> None:
        while perf_counter() < start + seconds:
            session = await who.plate(bay, doors.plate())
            await who.exit(bay)
            await doors.payer(await doors.order(cashier, session))
            doors.paid += 1

    cashiers = [doors.staff.elsewhere(f"10.9.1.{n}") for n in range(len(crew))]
    places = [(who, bay, at) for who, at in zip(crew, cashiers, strict=True) for bay in who.place.bays[: BUSY // 6]]
    await asyncio.gather(*(work(*place) for place in places))
    acted_s, n = perf_counter() - start, doors.paid - before
    await books.booked(doors.paid)
    took_s = perf_counter() - start
    spent = {part: (used - before_s.get(part, 0.0)) / n * 1e6 for part, used in (await budget.read()).items()}
    spent["payers and collectors"] = (process_time() - own_s) / n * 1e6
    row = {"stays": n, "stays/s": n / took_s, "of HTTP alone": n / acted_s, "ledger behind, s": took_s - acted_s}
    return row, spent
