"""The HTTP door of a running city as people use it: staff, and collectors on devices, each at an own address."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from benchmarks.stays.books import PRICE_FEN
from gateway.outside.sandbox.program import sandbox_url
from gateway.settings import load_settings
from storage.database import open_engine
from storage.desk import Desk
from storage.postgres import Postgres

BAYS = 40
"""Of each collector, at most; all in one lot."""
COLLECTORS = 8
TARIFF = "bench-five"
TRUSTED = ("--set", "http.trusted_proxies=127.0.0.1")
"""Everybody here stands behind a proxy that says for whom it asks, as the limit of requests is by address."""
LOOK_S = 0.2
PATIENCE_S = 120.0


class Refused(Exception):
    """The city said no: method, path and its own words."""

    def __init__(self, asked: str, said: Any) -> None:
        super().__init__(f"{asked}: {said}")
        self.code = said.get("code", "") if isinstance(said, dict) else ""


class Person:
    """Somebody who is signed in; each request has a key of its own."""

    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        self._http, self._address = http, address
        self.token = ""

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """The answer; `Refused` if it is a refusal."""
        headers = {"Idempotency-Key": secrets.token_hex(16), "X-Forwarded-For": self._address}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        async with self._http.request(method, f"/api/v1{path}", json=body, headers=headers) as answer:
            said = await answer.json()
            if answer.status >= 400:
                raise Refused(f"{method} {path}", said)
            return said

    def elsewhere(self, address: str) -> "Person":
        """The same, at another address."""
        found = Person(self._http, address)
        found.token = self.token
        return found


class Place(NamedTuple):
    """A lot and its bays."""

    lot: str
    bays: list[str]


class Collector(NamedTuple):
    """A collector at work on one section, with a device."""

    ask: Person
    device: str
    place: Place

    async def plate(self, bay: str, plate: str) -> str:
        """Says which vehicle has come; its stay."""
        said = await self.ask("POST", f"/pda/bays/{bay}/plate", {"device": self.device, "plate": plate})
        return str(said["session"])

    async def exit(self, bay: str) -> None:
        """Says that it has left."""
        await self.ask("POST", f"/pda/bays/{bay}/exit", {"device": self.device})

    async def cash(self, session: str) -> None:
        """Takes what it cost."""
        lot, _, own = session.partition("/")
        paid = {"channel": "cash", "fen": PRICE_FEN}
        await self.ask("POST", f"/pda/sections/{lot}/stays/{own}/payment", paid)


class Doors:
    """A city whose stays all cost the same, its staff and its collectors."""

    def __init__(self, staff: Person, crew: list[Collector], sandbox: aiohttp.ClientSession) -> None:
        self.staff, self.crew, self._sandbox = staff, crew, sandbox
        self._numbers = count(1)
        self.paid = 0
        """How many stays were paid so far."""

    def plate(self) -> str:
        """A plate that was not here before."""
        return f"川C{next(self._numbers):05d}"

    async def order(self, by: Person, session: str) -> str:
        """An order at WeChat for a stay, as our side makes it; its number."""
        said = await by("POST", "/payments", {"sessions": [session], "channel": "wechat"})
        return str(said["id"])

    async def payer(self, order: str) -> None:
        """Whoever owes it pays; the sandbox tells our side of it."""
        async with self._sandbox.post("/sandbox/pay", json={"out_trade_no": order}) as answer:
            answer.raise_for_status()


@asynccontextmanager
async def open_doors(folder: Path, ready: dict[str, Any]) -> AsyncIterator[Doors]:
    """Publishes one price for some lots of the city, hires collectors for them, and waits until stays are charged."""
    pool = aiohttp.TCPConnector(limit=0)
    sandbox = sandbox_url(load_settings(flags={"data_dir": str(folder)}))
    async with aiohttp.ClientSession(ready["address"], connector=pool) as http, aiohttp.ClientSession(sandbox) as box:
        addresses = (f"10.9.0.{n}" for n in count(1))
        staff = Person(http, next(addresses))
        staff.token = (await staff("POST", "/session", ready["administrator"]))["access_token"]
        places = await _places(Postgres(folder / "postgres").url)
        await _price(staff, [place.lot for place in places])
        crew = [await _hired(staff, Person(http, next(addresses)), place) for place in places]
        doors = Doors(staff, crew, box)
        await asyncio.gather(*(_charged(doors, each) for each in crew))
        yield doors


async def _places(url: str) -> list[Place]:
    engine = open_engine(url, "live", "benchmark", pool=1)
    try:
        register = await Desk(engine).export()
    finally:
        await engine.dispose()
    bays: dict[str, list[str]] = {lot.id: [] for lot in register.lots if lot.street}
    for bay in register.bays:
        if len(bays.get(bay.lot_id, range(BAYS))) < BAYS:
            bays[bay.lot_id].append(bay.id)
    largest = sorted(bays.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Place(*item) for item in largest[:COLLECTORS]]


async def _price(staff: Person, lots: list[str]) -> None:
    five = {"name": {"zh": "五元", "en": "five"}, "visit": {"price_fen": PRICE_FEN}}
    await staff("POST", "/tariffs", {"id": TARIFF, "document": five})
    await staff("POST", "/assignments", {"tariff": TARIFF, "lots": lots})
    for lot in lots:
        newest = (await staff("GET", f"/lots/{lot}/rules"))["newest"]
        wanted = {"version": newest, "rules": {"mode": "sensor_pda", "operator": "north"}}
        await staff("PUT", f"/lots/{lot}/rules", wanted)


async def _hired(staff: Person, self: Person, place: Place) -> Collector:
    name, word = f"bench-{place.lot}", secrets.token_urlsafe(12)
    await staff("POST", "/users", {"name": name, "role": "collector", "password": word})
    found = Collector(self, f"pda-{place.lot}", place)
    signed = await self("POST", "/pda/session", {"name": name, "password": word, "device": found.device})
    self.token = signed["session"]["access_token"]
    await self("POST", "/pda/shift", {"device": found.device, "sections": [place.lot]})
    return found


async def _charged(doors: Doors, who: Collector) -> None:
    """Stays that nobody is charged for yet, until one is."""
    bay = who.place.bays[0]
    async with asyncio.timeout(PATIENCE_S):
        while True:
            session = await who.plate(bay, doors.plate())
            await who.exit(bay)
            if await _due(who, session):
                await who.cash(session)
                doors.paid += 1
                return
            await asyncio.sleep(LOOK_S)


async def _due(who: Collector, session: str) -> int:
    lot, _, own = session.partition("/")
    return int((await who.ask("GET", f"/pda/sections/{lot}/stays/{own}"))["due_fen"])
