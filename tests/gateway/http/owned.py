"""An owner at the door of a city whose actors live in the test, with tables made of their facts."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.account import OpenTopUp
from actors.messages.bay import InstallBay, ReportPlate, Sighted
from actors.messages.money import Settle
from actors.messages.payment import ProviderSaid
from actors.values import MINUTE_US, Ref
from gateway.http.house import House
from gateway.outside.provider import Created
from storage.database import open_engine
from storage.desk import Desk
from storage.migrations import drop_world
from storage.schema.books import ledger_lines
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.houses import inhabited
from tests.gateway.http.town import Town
from tests.storage.cities import city as register
from tests.storage.conftest import Home
from tests.worlds import make_world

PLATE, OTHER = "京A12345", "京B99999"
TARIFF = {
    "name": {"zh": "甲", "en": "A"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
    "free": [{"minutes": 15}],
    "exit_grace_minutes": 15,
}


class Owned:
    """A city with actors, its tables, and an owner at the door."""

    def __init__(self, house: House, engine: AsyncEngine, clock: Clock, town: Town, door: Caller, user: str) -> None:
        self.house, self.engine, self.clock, self.town = house, engine, clock, town
        self.user, self._door = user, door
        self.me = Ref("account", user)
        self.n = 0

    @property
    def owner(self) -> Caller:
        """The owner, with a token of this moment: tests let hours pass."""
        return self.signed_in(self.user, "owner")

    @property
    def staff(self) -> Caller:
        """Somebody who may do what staff may."""
        return self.signed_in("s", "administrator")

    def signed_in(self, user: str, role: str) -> Caller:
        """Anybody of a role."""
        return Caller(self._door.session, self.house.identity.issue(user, role, role, "s")[0])

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

    async def booked(self) -> dict[str, int]:
        """What the ledger has on each account, fen."""
        await self.town.project(self.engine)
        query = select(ledger_lines.c.account, func.sum(ledger_lines.c.fen)).group_by(ledger_lines.c.account)
        async with self.engine.connect() as connection:
            return {account: int(fen) for account, fen in await connection.execute(query)}

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


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    """A world for each test: its actors begin anew, and so do their tables."""
    home = Home(database_url, f"t_{uuid4().hex[:12]}")
    await make_world(*home)
    yield home
    await drop_world(*home)


@pytest.fixture
async def engine(home: Home) -> AsyncIterator[AsyncEngine]:
    """A small city in it, and one user of each role."""
    engine = open_engine(*home)
    await Desk(engine).load("test", register())
    await inhabited(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
def town(house: House, clock: Clock) -> Town:
    clock.to_morning()
    made = Town(clock)
    made.refer("rules/L0", {"mode": "sensor_pda", "operator": "op"})
    made.refer("tariff/a", TARIFF)
    made.refer("tariff-of/L0", {"tariff": "a"})
    for n in range(2):
        made.say(Ref("bay", f"L0/L0-{n}"), InstallBay(f"NL0-{n}", "standard"))
    house.post = made
    return made


@pytest.fixture
async def city(house: House, engine: AsyncEngine, clock: Clock, town: Town, caller: Caller) -> Owned:
    user = (await house.users.named("owner")).id  # type: ignore[union-attr]
    return Owned(house, engine, clock, town, caller, user)


async def bound(city: Owned, plate: str = PLATE) -> None:
    assert (await city.post("/own/plates", {"plate": plate})).status == 200


class Provider:
    """A provider that takes every order; `paid` says that the payer has paid."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.orders: list[Any] = []
        monkeypatch.setattr(house.cashier.merchants, "channel", lambda channel: SimpleNamespace(merchant="m1"))
        monkeypatch.setattr(house.cashier.port, "begin", self.begin)

    async def begin(self, order: Any) -> Created:
        self.orders.append(order)
        return Created("m1", f"weixin://{order.payment}", {})

    def paid(self, city: Owned, payment: str, fen: int) -> None:
        now = city.clock()
        said = ProviderSaid("paid", fen, "CNY", "m1", f"w{payment}", now, "o1")
        city.town.say(Ref("payment", payment), said, at=now)


@pytest.fixture
def provider(house: House, monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(house, monkeypatch)
