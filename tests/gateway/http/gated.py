"""A lot with gates behind the door of HTTP: lanes hear cameras through a real broker, actors live in the test."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.bay import InstallBay, ReportPlate, Sighted
from actors.messages.forms import Message, Reply
from actors.messages.lane import InsideAnswer, InsideQuery, InstallLane, MoveBarrier
from actors.messages.rules import RULES, Gates, LotRules
from actors.messages.session import PayByHand
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import DAY_US, HOUR_US, MINUTE_US, Ref
from gateway.http.house import House
from gateway.lanes.codes import Codes
from gateway.lanes.platform import Actors
from gateway.outside.devices import Downlink
from storage.database import open_engine
from storage.desk import Desk
from storage.migrations import drop_world
from storage.outbox import Outbox
from tests.actors.kinds.mall import HOURLY
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.houses import inhabited
from tests.gateway.http.test_evidence import JPEG, bring
from tests.gateway.http.town import Town
from tests.gateway.lanes.yard import WAIT_S, Yard, yard
from tests.storage.cities import a_device
from tests.storage.cities import city as register
from tests.storage.conftest import Home
from tests.worlds import make_world

LOT, PLATE, OTHER = "L0", "粤B12345", "粤A9K777"
NINE_US = 1 * HOUR_US
"""Nine in the morning in Shanghai, in UTC."""
WAYS = {"in": "in", "out": "out", "out2": "out"}


class GateTown(Town):
    """Actors in this process; what they tell barriers goes to the broker, as an envoy would take it there."""

    downlink: Downlink | None = None
    passed_on = 0

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        try:
            return await super().ask(ref, message, key, timeout_s)
        finally:
            asked, self.passed_on = self.asked[self.passed_on :], len(self.asked)
            for n, (_, request) in enumerate(asked, self.passed_on):
                if isinstance(request, MoveBarrier) and self.downlink is not None:
                    await self.downlink.tell(request, f"order-{n}")


class Line:
    """The lot's line to the city. `cut`, it says so at once; `silent`, it says nothing at all."""

    def __init__(self, town: GateTown) -> None:
        self._town = town
        self.broken = ""

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        if self.broken == "cut":
            raise ConnectionError("the line is cut")
        if self.broken:
            await asyncio.sleep(timeout_s)
            raise TimeoutError
        return await self._town.ask(ref, message, key, timeout_s)


class Gated:
    """A lot with one lane in and two out, and everybody who has to do with it."""

    def __init__(self, house: House, engine: AsyncEngine, clock: Clock, town: GateTown, door: Caller) -> None:
        self.house, self.engine, self.clock, self.town, self.door = house, engine, clock, town, door
        self.line = Line(town)
        self.lanes: dict[str, str] = {}
        self.yard: Yard
        self._n = 0

    def ruled(self, capacity: int = 0, **gates: object) -> None:
        """From now on the lot has these rules."""
        rules = LotRules(mode="gate", operator="op", street=False, capacity=capacity)
        rules = msgspec.structs.replace(rules, gates=msgspec.convert(gates, Gates))
        self.town.refer(RULES + LOT, msgspec.to_builtins(rules))

    async def learned(self) -> None:
        """The lanes know the lot's rules as they are now."""
        self.yard.site.rules[LOT] = await Actors(self.town).gates(LOT)

    def as_(self, role: str, name: str = "") -> Caller:
        """Somebody of a role, with a token of this moment."""
        return Caller(self.door.session, self.house.identity.issue(name or role, name or role, role, "s")[0])

    async def post(self, path: str, body: Any, role: str = "service", name: str = "", key: str = "") -> Said:
        """A command over HTTP."""
        self._n += 1
        await self.told()
        who = self.as_(role, name) if role else self.door
        return await who("POST", f"/api/v1{path}", body, Idempotency_Key=key or f"k{self._n}")

    async def get(self, path: str, role: str = "service") -> Any:
        """What is read over HTTP."""
        await self.told()
        said = await (self.as_(role) if role else self.door).get(f"/api/v1{path}")
        assert said.status == 200, said.json
        return said.json

    async def told(self) -> None:
        """The tables know what has happened."""
        await self.town.project(self.engine)

    async def delivered(self) -> None:
        """Actors hear what the register says of them."""
        outbox = Outbox(self.engine)
        for row in await outbox.undelivered(500):
            message = self.house.catalogue.decode_message(row.message)
            if isinstance(message, InstallLane | InstallBay):
                self.town.say(row.ref, message, at=self.clock())
            await outbox.delivered([row.id])

    async def opened_lanes(self) -> None:
        """Registers the lanes, as staff do."""
        for lane, way in WAYS.items():
            devices = {"camera": f"cam-{lane}", "barrier": f"bar-{lane}", "screen": f"scr-{lane}"}
            said = await self.post("/lanes", {"lot": LOT, "name": lane, "direction": way, **devices}, "operator")
            assert said.status == 201, said.json
            self.lanes[lane] = said.json["id"]
        await self.delivered()

    async def later(self, minutes: float) -> None:
        """Time goes by, and what was due rings."""
        self.clock.ahead_us += int(minutes * MINUTE_US)
        self.town.wait(self.clock())

    async def owes_on_the_street(self, plate: str, minutes: float) -> str:
        """A car stood so long in a bay of another lot and drove away without paying; the stay that is in arrears."""
        self.town.refer(RULES + "L1", {"mode": "sensor_pda", "operator": "op"})
        self.town.refer(ASSIGNED + "L1", {"tariff": "hourly"})
        bay = Ref("bay", "L1/9")
        for occupied in (False, True):
            self.clock.ahead_us += 1_000_000
            now = self.clock()
            self.town.say(bay, Sighted("d9", occupied, now, now), at=now)
        read = self.town.say(bay, ReportPlate(plate, "blue", "pda", "p", 100, self.clock(), "c"), at=self.clock())
        await self.later(minutes)
        now = self.clock()
        self.town.say(bay, Sighted("d9", False, now, now), at=now)
        await self.later(2 * 60)
        return str(read.session)  # type: ignore[union-attr]

    async def enters(self, plate: str = PLATE, lane: str = "in", picture: str = "") -> None:
        """A car comes in, and the barrier opens for it."""
        opened = len(self.yard.opened(f"bar-{lane}"))
        await self.yard.sees(plate, lane, picture)
        await self.yard.until(lambda: len(self.yard.opened(f"bar-{lane}")) > opened)

    async def reads(self, plate: str, lane: str, *words: str, picture: str = "") -> Any:
        """A car is seen, and the screen says one of these words, as the last of what it says."""
        shown = len(self.yard.shown(f"scr-{lane}"))
        await self.yard.sees(plate, lane, picture)
        return await self.shows(lane, *words, after=shown)

    async def shows(self, lane: str, *words: str, after: int = 0) -> Any:
        """The lane's screen says this."""
        found = lambda: [each for each in self.yard.shown(f"scr-{lane}")[after:] if each.say in words]  # noqa: E731
        await self.yard.until(found)
        return found()[-1]

    def inside(self) -> dict[str, str]:
        """Who is inside: plate to stay."""
        answer = self.town.say(Ref("lot", LOT), InsideQuery())
        assert isinstance(answer, InsideAnswer)
        return {here.plate: session for session, here in answer.inside.items()}

    async def pays(self, session: str, fen: int) -> None:
        """A person at the gate takes cash."""
        self._n += 1
        paid = PayByHand(f"cash-{self._n}", "cash", fen, "c-1", "s-1", self.clock())
        await self.town.ask(Ref("session", session), paid)

    async def picture(self) -> str:
        """A picture that was taken now and is kept as evidence; its id."""
        self._n += 1
        about = {"media": "jpeg", "taken_us": self.clock(), "kind": "lot", "key": LOT, "role": "panorama"}
        made = await bring(self.as_("operator"), about, JPEG + os.urandom(100))
        assert made.status == 200, made.json
        return str(made.json["id"])


def until_nine_us(now_us: int) -> int:
    """How long it is to nine in the morning: a price is one thing by day and another across midnight."""
    return (NINE_US - now_us) % DAY_US


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    """A world for each test: its actors begin anew, and so do their tables."""
    home = Home(database_url, f"t_{uuid4().hex[:12]}")
    await make_world(*home)
    yield home
    await drop_world(*home)


@pytest.fixture
async def engine(home: Home) -> AsyncIterator[AsyncEngine]:
    """A small city with what stands at the lanes, and one user of each role."""
    engine = open_engine(*home)
    desk = Desk(engine)
    await desk.load("test", register())
    for lane in WAYS:
        for kind in ("cam", "bar", "scr"):
            await desk.create("test", a_device(f"{kind}-{lane}", LOT))
    await desk.create("test", a_device("cam-else", "L1"))
    await inhabited(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def mall(
    house: House, engine: AsyncEngine, clock: Clock, caller: Caller, broker_url: str, tmp_path: Path
) -> AsyncIterator[Gated]:
    """The lot, its lanes at work."""
    clock.ahead_us += until_nine_us(clock())
    town = GateTown(clock)
    town.refer(TARIFF + "hourly", HOURLY)
    town.refer(ASSIGNED + LOT, {"tariff": "hourly"})
    house.post, house.lookout.clock = town, clock
    here = Gated(house, engine, clock, town, caller)
    here.ruled()
    await here.opened_lanes()
    downlink = Downlink(broker_url, f"down-{uuid4().hex[:8]}", clock)
    codes = Codes(house.identity)
    running = asyncio.create_task(downlink.run())
    try:
        async with asyncio.timeout(WAIT_S):
            while downlink.away.is_set():  # noqa: ASYNC110 - it has an event for being away, none for being there
                await asyncio.sleep(0.01)
        town.downlink = downlink
        async with yard(broker_url, Actors(here.line), tmp_path, LOT, clock, pay_code=codes.of_price) as here.yard:
            yield here
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
