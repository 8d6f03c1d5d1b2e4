"""A mall empties while what answers its lanes is killed, one after the other: every barrier decides, no fen is lost."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from actors.engine.entries import Turned
from actors.engine.post import Post
from actors.messages.forms import Message, Reply
from actors.messages.lane import CarAtEntry, InsideAnswer, InsideQuery, InstallLane, Lane
from actors.messages.lane_facts import CarEntered, CarLeft
from actors.messages.rules import RULES, Gates, LotRules
from actors.messages.session import PayByHand, SessionQuery
from actors.messages.session_facts import SessionLeft
from actors.messages.session_shown import SessionAnswer
from actors.messages.vehicle import EntryAnswer
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import MINUTE_US, Ref
from gateway.lanes.platform import Actors
from storage.database import open_engine
from storage.desk import Desk
from storage.ledger import accounts
from storage.ledger.again import again
from storage.ledger.proof import prove
from storage.projections import PROJECTIONS, Projector
from storage.schema.books import ledger_lines
from storage.session import now_us
from tests.chaos.wire import Wire
from tests.city.town import Town
from tests.gateway.lanes.yard import Yard, yard
from tests.storage.cities import city

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]

LOT = Ref("lot", "mall")
EXITS = [f"out-{n}" for n in range(10)]
CARS, A_PHASE, UNPAID_EVERY = 300, 75, 4
FEE_FEN = 500
FLAT = {"name": {"zh": "每次 5 元", "en": "5 yuan a visit"}, "visit": {"price_fen": FEE_FEN}}
"""The price of a stay does not depend on when the test runs."""
WITHIN_S = 1.0


def in_batches(cars: list[str], n: int) -> Iterator[list[str]]:
    """So many at a time."""
    rest = iter(cars)
    while few := list(islice(rest, n)):
        yield few


class Link:
    """The mall's line to the city: what is asked over it while it is cut finds nobody."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self.cut = False

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        if self.cut:
            raise ConnectionError("the line is cut")
        return await self._post.ask(ref, message, key, timeout_s)


class Emptying:
    """Cars that leave, lane by lane, and how long each had to wait for what its lane decided."""

    def __init__(self, here: Yard, town: Town, sessions: dict[str, str]) -> None:
        self.here, self.town, self.sessions = here, town, sessions
        self.waited: dict[str, float] = {}

    async def leave(self, cars: list[str]) -> None:
        """As many as there are lanes, at once."""
        for few in in_batches(cars, len(EXITS)):
            await asyncio.gather(*(self._one(car, lane) for car, lane in zip(few, EXITS, strict=False)))

    def alone(self) -> int:
        """How many cars lanes have let out by themselves."""
        return sum(agent.alone for agent in self.here.site.agents.values())

    async def _one(self, car: str, lane: str) -> None:
        opened = len(self.here.opened(f"bar-{lane}"))
        began = monotonic()
        await self.here.sees(car, lane)
        asked = lambda: any(each.plate == car and each.say == "pay" for each in self.here.shown(f"scr-{lane}"))  # noqa: E731
        passed: Callable[[], bool] = lambda: len(self.here.opened(f"bar-{lane}")) > opened  # noqa: E731
        await self.here.until(lambda: passed() or asked())
        self.waited[car] = monotonic() - began
        if not passed():
            paid = PayByHand(f"pay-{car}", "cash", FEE_FEN, "c-1", "s-1", now_us())
            await self.town.post.ask(Ref("session", self.sessions[car]), paid, timeout_s=30)
            await self.here.until(passed)


async def opened_mall(town: Town, url: str, world: str) -> dict[str, str]:
    """Rules, tariff, lanes, and cars that came half an hour ago; of four, three have paid; plate → session."""
    gates = Gates(wait_ms=400, exit_fallback="open")
    rules = LotRules(mode="gate", operator="op", street=False, gates=gates)
    engine = open_engine(url, world, "test", pool=1)
    published = {
        RULES + "mall": msgspec.to_builtins(rules),
        TARIFF + "flat": FLAT,
        ASSIGNED + "mall": {"tariff": "flat"},
    }
    for name, value in published.items():
        await Desk(engine).refer("test", name, 0, msgspec.msgpack.encode(value))
    await engine.dispose()
    for n, lane in enumerate(["in", *EXITS], 1):
        said = Lane("in" if lane == "in" else "out", f"cam-{lane}", f"bar-{lane}", f"scr-{lane}")
        await town.post.ask(LOT, InstallLane(lane, said, order=n), timeout_s=60)
    cars = [f"粤{'ABCD'[n % 4]}{n:03d}{n * 7 % 100:02d}" for n in range(CARS)]
    return dict(await asyncio.gather(*(came(town, car, n) for n, car in enumerate(cars))))


async def came(town: Town, car: str, n: int) -> tuple[str, str]:
    """One car's way in, and, of most, the payment before it leaves."""
    entry_us = now_us() - 30 * MINUTE_US
    standing = EntryAnswer(car, "small", "", "", (), "", 0, 0, ())
    seen = CarAtEntry("in", n + 1, car, "blue", 99, entry_us, now_us() + 10 * MINUTE_US, standing)
    admitted: Any = await town.post.ask(LOT, seen, timeout_s=60)
    if n % UNPAID_EVERY:
        paid = PayByHand(f"pay-{car}", "cash", FEE_FEN, "c-1", "s-1", now_us())
        await town.post.ask(Ref("session", admitted.session), paid, timeout_s=60)
    return car, admitted.session


async def facts_of(town: Town) -> list[tuple[Ref, int, Any]]:
    """Who recorded what when, of the whole journal."""
    found = []
    for page in await town.pages():
        for entry in town.catalogue.decode_page(page.body):
            if isinstance(entry, Turned):
                found += [(entry.ref, entry.at, fact) for fact in entry.facts]
    return found


@pytest.mark.feature("EXT-19")
async def test_a_mall_empties_while_cell_database_and_line_are_killed(
    database_url: str, world: str, broker_url: str, tmp_path: Path
) -> None:
    async with Wire(database_url) as wire:
        town = Town(database_url, world, cells_url=wire.url)
        await town.start(2)
        try:
            sessions = await opened_mall(town, database_url, world)
            cars, link = list(sessions), Link(town.post)
            async with yard(broker_url, Actors(link), tmp_path) as here:
                day = Emptying(here, town, sessions)
                calm, cell, database, line = in_batches(cars, A_PHASE)
                await day.leave(calm)
                assert here.site.logbook.untold() == []

                there = town.directory.cell_of(town.directory.slot_of(LOT))
                town.cluster.kill(next(name for name in town.cells if name != there))
                await day.leave(cell)

                wire.arm("hang")
                before = day.alone()
                await day.leave(database)
                assert wire.broke.is_set()
                assert day.alone() - before == A_PHASE, "nothing that is not kept opens a barrier for the city"
                wire.mend()

                link.cut = True
                await day.leave(line)
                left_alone = len(here.site.logbook.untold())
                assert left_alone >= A_PHASE
                link.cut = False
                async with asyncio.timeout(60):
                    await here.site.drained()
            await town.settled()
            assert max(day.waited.values()) < WITHIN_S, day.waited
            await every_car_left_once(town, sessions)
            await no_fen_is_unexplained(town, sessions)
        finally:
            await town.stop()


async def every_car_left_once(town: Town, sessions: dict[str, str]) -> None:
    """Each passage is a fact once, whoever decided it, and nobody is left inside."""
    facts = await facts_of(town)
    assert Counter(fact.plate for _, _, fact in facts if isinstance(fact, CarEntered)) == Counter(list(sessions))
    assert Counter(fact.session for _, _, fact in facts if isinstance(fact, CarLeft)) == Counter(sessions.values())
    left = Counter(ref.key for ref, _, fact in facts if isinstance(fact, SessionLeft))
    assert left == Counter(sessions.values())
    inside = await town.post.ask(LOT, InsideQuery())
    assert isinstance(inside, InsideAnswer)
    assert inside.inside == {}


async def no_fen_is_unexplained(town: Town, sessions: dict[str, str]) -> None:
    """The ledger's own proof holds, made again from the journal it is the same, and what was not paid is owed."""
    engine = open_engine(town.url, town.world, "test", pool=2)
    await Desk(engine).load("test", city())
    await Projector(engine, town.catalogue.decode_told, PROJECTIONS).catch_up()
    assert (await prove(engine, quiet=True)).broken == []
    assert await again(engine, town.catalogue.decode_told) == []
    async with engine.connect() as connection:
        query = select(ledger_lines.c.account, func.sum(ledger_lines.c.fen)).group_by(ledger_lines.c.account)
        books = {account: int(fen) for account, fen in await connection.execute(query)}
    await engine.dispose()
    answers = await asyncio.gather(*(town.post.ask(Ref("session", key), SessionQuery()) for key in sessions.values()))
    faces = [answer.face for answer in answers if isinstance(answer, SessionAnswer)]
    assert [face.charge_fen for face in faces] == [FEE_FEN] * CARS
    owed = sum(face.due_fen for face in faces)
    assert books[accounts.income("op", LOT.key)] == -CARS * FEE_FEN
    assert books[accounts.cash("c-1")] == CARS * FEE_FEN - owed
    assert books[accounts.RECEIVABLE] == owed
    assert 0 < owed < CARS * FEE_FEN // UNPAID_EVERY
