"""What owners do over HTTP, with actors behind the door and the tables that their facts make."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.account import CouponGiven, OpenTopUp
from actors.messages.bay import InstallBay, ReportPlate, Sighted
from actors.messages.money import Settle
from actors.tariffs.offsets import Coupon
from actors.values import DAY_US, HOUR_US, MINUTE_US, Ref
from gateway.http.house import House
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.houses import PASSWORD
from tests.gateway.http.town import Town

PLATE, OTHER = "京A12345", "京B99999"
TARIFF = {
    "name": {"zh": "甲", "en": "A"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
    "free": [{"minutes": 15}],
    "exit_grace_minutes": 15,
}


class Owned:
    """A city with actors, its tables, and an owner at the door."""

    def __init__(self, house: House, engine: AsyncEngine, clock: Clock, town: Town, owner: Caller, user: str) -> None:
        self.house, self.engine, self.clock, self.town = house, engine, clock, town
        self.owner, self.user = owner, user
        self.me = Ref("account", user)
        self.n = 0

    def see(self, bay: str, occupied: bool) -> None:
        """The bay's sensor speaks now."""
        now = self.clock()
        self.town.say(Ref("bay", f"L0/{bay}"), Sighted("d" + bay, occupied, now, now), at=now)

    async def parked(self, bay: str, plate: str = PLATE) -> str:
        """A car stands here from now on; its stay."""
        self.see(bay, False)
        self.clock.ahead_us += 1_000_000
        self.see(bay, True)
        now = self.clock()
        answer = self.town.say(Ref("bay", f"L0/{bay}"), ReportPlate(plate, "blue", "pda", "p", 100, now, "c"), at=now)
        await self.town.project(self.engine)
        return answer.session  # type: ignore[union-attr]

    async def later(self, minutes: float) -> None:
        """Time passes, wakes ring."""
        self.clock.ahead_us += int(minutes * MINUTE_US)
        self.town.wait(self.clock())
        await self.town.project(self.engine)

    async def left(self, bay: str) -> None:
        """The car drives away now."""
        self.see(bay, False)
        await self.town.project(self.engine)

    async def funded(self, fen: int) -> None:
        """So much is in the wallet."""
        self.n += 1
        self.town.say(self.me, OpenTopUp(f"t{self.n}", fen))
        self.town.say(self.me, Settle(f"t{self.n}", "wechat", fen, self.clock(), self.user))
        await self.town.project(self.engine)

    async def post(self, path: str, body: Any, key: str = "") -> Said:
        """One command of the owner, under a key of its own if none is said."""
        self.n += 1
        await self.town.project(self.engine)
        return await self.owner("POST", f"/api/v1{path}", body, Idempotency_Key=key or f"k{self.n}")

    async def get(self, path: str) -> Any:
        """What the owner reads."""
        await self.town.project(self.engine)
        said = await self.owner.get(f"/api/v1{path}")
        assert said.status == 200, said.json
        return said.json


Arrive = Callable[[str], Awaitable[Owned]]


@pytest.fixture
def town(house: House, clock: Clock) -> Town:
    made = Town(clock)
    made.refer("rules/L0", {"mode": "sensor_pda", "operator": "op"})
    made.refer("tariff/a", TARIFF)
    made.refer("tariff-of/L0", {"tariff": "a"})
    for n in range(4):
        made.say(Ref("bay", f"L0/B{n:05}"), InstallBay(f"{n:05}", "standard"))
    house.post = made
    return made


@pytest.fixture
async def city(
    house: House, engine: AsyncEngine, clock: Clock, town: Town, caller: Caller
) -> AsyncIterator[Owned]:
    owner = await caller.signed_in("owner", PASSWORD)
    user = (await house.users.named("owner")).id  # type: ignore[union-attr]
    yield Owned(house, engine, clock, town, owner, user)


async def bound(city: Owned, plate: str = PLATE) -> None:
    assert (await city.post("/own/plates", {"plate": plate})).status == 200


async def test_print(city: Owned) -> None:
    page = await city.house.lists.bays(None, 5)
    print(page)
    await bound(city)
    stay = await city.parked(page[0].id)
    print(await city.get("/own/stays"), stay)
    assert 0
