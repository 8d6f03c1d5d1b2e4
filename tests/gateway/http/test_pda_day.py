"""A collector's day: three of ten messages are lost, an hour is without a line, and every fen is accounted for."""

import heapq
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.vehicle import VehicleAnswer, VehicleQuery
from actors.values import MINUTE_US, Ref
from storage.ledger.proof import invariants
from storage.schema.books import ledger_lines
from storage.schema.stays import session_payments, sessions
from tests.city.waiting import eventually
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import Collector, Street

BAYS = ("L0-0", "L0-1", "L0-2", "L1-0", "L1-1", "L1-2")
OFFLINE = (240, 300)
"""The hour without a line, in minutes of the day."""
Pays = Callable[[str, str], Awaitable[None]]
"""Pays an order of a channel, as a driver would at the provider."""
LOSS_EACH_WAY = 0.164
"""Of messages and of their answers: three of ten come to nothing."""


class Stay(NamedTuple):
    """One vehicle's visit, in minutes of the day, and how its collector is paid (empty: it drives off)."""

    bay: str
    plate: str
    comes: int
    leaves: int
    channel: str


def price(minutes: int) -> int:
    """What the tariff of the street says."""
    return 0 if minutes <= 15 else -(-minutes // 30) * 250


TWICE = Stay("L0-0", "", 205, 268, "cash")
"""Pays online while the collector has no line, and cash when it leaves in that hour."""


def script(chance: random.Random, series: str) -> list[Stay]:
    """Eight hours of visits; none ends at the very edge of a price."""
    stays, n = [TWICE._replace(plate=f"川{series}99999")], count(1)
    for bay in BAYS:
        minute = chance.randrange(5, 20)
        while minute < 420:
            length = chance.choice([each for each in range(5, 75) if each % 15])
            channel = chance.choice(["cash", "cash", "card", ""])
            new = Stay(bay, f"川{series}{next(n):05d}", minute, minute + length, channel)
            if bay != TWICE.bay or new.leaves < TWICE.comes or new.comes > TWICE.leaves:
                stays.append(new)
            minute = new.leaves + chance.randrange(3, 20)
    return stays


class Lossy(Collector):
    """A device whose every message, or the answer to it, is lost three times out of ten; it says it again."""

    chance: random.Random
    lost = sent = 0

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        key = headers.pop("Idempotency_Key", f"k-{self.chance.getrandbits(60)}")
        while True:
            self.sent += 1
            if self.chance.random() < LOSS_EACH_WAY:
                self.lost += 1
                continue
            said = await super().__call__(method, path, body, Idempotency_Key=key, **headers)
            if self.chance.random() < LOSS_EACH_WAY:
                self.lost += 1
                continue
            return said


class Day:
    """The day as it goes: what the sensors see, what the collector does, and the collector's own book."""

    def __init__(self, street: Street, li: Lossy, stays: list[Stay], driver_pays: Pays) -> None:
        self.street, self.li, self.driver_pays = street, li, driver_pays
        self.start_us = street.clock()
        self.now = 0
        self.book: Counter[str] = Counter()
        self.queue: list[dict[str, Any]] = []
        self.schedules: dict[str, Any] = {}
        self.sessions: dict[str, str] = {}
        self.online: dict[str, int] = {}
        self._order = count()
        self._events: list[tuple[int, int, Any, Stay]] = []
        for stay in stays:
            self.at(stay.comes, self.comes, stay)
            self.at(stay.leaves, self.leaves, stay)

    def at(self, minute: int, what: Any, stay: Stay) -> None:
        heapq.heappush(self._events, (minute, next(self._order), what, stay))

    def us(self, minute: int) -> int:
        return self.start_us + minute * MINUTE_US

    @property
    def offline(self) -> bool:
        return OFFLINE[0] <= self.now < OFFLINE[1]

    async def run(self) -> None:
        nobody = Stay("", "", 0, 0, "")
        self.at(OFFLINE[0] - 1, self.fetch, nobody)
        self.at(OFFLINE[0] + 5, self.pays_online, nobody)
        self.at(OFFLINE[1], self.send, nobody)
        while self._events:
            self.now, _, what, stay = heapq.heappop(self._events)
            clock = self.street.clock
            clock.ahead_us += max(0, self.us(self.now) - clock())
            await what(stay)

    # -- the street

    async def comes(self, stay: Stay) -> None:
        await self.street.see(stay.bay, False)
        await self.street.see(stay.bay, True)
        self.at(min(stay.comes + 2, stay.leaves), self.names, stay)

    async def leaves(self, stay: Stay) -> None:
        if stay.channel:
            await self.takes(stay)
        await self.street.see(stay.bay, False)

    async def pays_online(self, _: Stay) -> None:
        """While the collector has no line, an owner pays what the collector will take in cash a little later."""
        known = self.schedules[TWICE.bay]
        assert known["plate"].endswith("99999")
        due = next(step["due_fen"] for step in known["steps"] if self.street.clock() <= step["until_us"])
        self.online[known["session"]] = due
        owner = self.street.staff(self.li.caller, "operator")
        body = {"sessions": [known["session"]], "channel": "wechat"}
        begun = await owner("POST", "/api/v1/payments", body)
        assert (begun.status, begun.json["fen"]) == (201, due), begun.json
        await self.driver_pays("wechat", begun.json["id"])

        async def paid() -> bool:
            return (await owner.get(f"/api/v1/payments/{begun.json['id']}")).json["paid_fen"] == due

        await eventually(paid, "the provider has said that it is paid")

    # -- the collector

    async def names(self, stay: Stay) -> None:
        if self.offline:
            said = {"kind": "plate", "bay": stay.bay, "plate": stay.plate, "colour": "blue"}
            self.later(f"plate-{stay.plate}", **said)
            return
        entry = await self.li.plate(stay.bay, stay.plate, at_us=self.street.clock())
        assert entry.status == 200, entry.json
        self.sessions[stay.plate] = entry.json["session"]

    async def takes(self, stay: Stay) -> None:
        if self.offline:
            self.takes_offline(stay)
            return
        known = await self.li.get(f"bays/{stay.bay}/stay")
        assert known["session"] == self.sessions[stay.plate]
        if known["due_fen"]:
            said = await self.li.pay(known["session"], known["due_fen"], stay.channel)
            assert said.status == 200, said.json
            self.book[stay.channel] += known["due_fen"]

    def takes_offline(self, stay: Stay) -> None:
        known = self.schedules.get(stay.bay)
        if known and known["plate"] == stay.plate:
            fen = next(step["due_fen"] for step in known["steps"] if self.street.clock() <= step["until_us"])
            about = {"session": known["session"]}
        else:
            fen, about = price(stay.leaves - stay.comes), {"of": f"plate-{stay.plate}"}
        if fen:
            said = {"channel": stay.channel, "fen": fen, "shift": self.li.shift, **about}
            self.later(f"pay-{stay.plate}", kind="pay", **said)
            self.book[stay.channel] += fen

    def later(self, id: str, **said: Any) -> None:
        self.queue.append({"id": id, "at_us": self.street.clock(), **said})

    async def fetch(self, _: Stay) -> None:
        """The last thing before the line goes: what open stays will cost."""
        for lot in ("L0", "L1"):
            found = (await self.li.get(f"sections/{lot}/schedules"))["items"]
            self.schedules |= {each["bay"]: each for each in found}

    async def send(self, _: Stay) -> None:
        """The line is back: all of it in one batch, which breaks in the middle as often as any message."""
        assert len(self.queue) > 6, "an hour in which little happened shows nothing"
        await self.street.told()
        said = await self.li.batch(*self.queue)
        kinds = Counter((each["outcome"], each["code"]) for each in said["items"])
        assert said["waiting"] == 0
        assert kinds["conflict", "paid_meanwhile"] == 1, kinds
        assert {key for key in kinds if key[0] == "refused"} == set(), said
        for each in said["items"]:
            if each["id"].startswith("plate-"):
                self.sessions[each["id"].removeprefix("plate-")] = each["details"]["session"]


async def balances(engine: AsyncEngine) -> dict[str, int]:
    """The ledger's accounts."""
    query = select(ledger_lines.c.account, func.sum(ledger_lines.c.fen)).group_by(ledger_lines.c.account)
    async with engine.connect() as connection:
        return {account: int(fen) for account, fen in await connection.execute(query) if fen}


@pytest.mark.parametrize("seed", [7, 12])
async def test_every_taking_of_a_day_with_losses_and_an_hour_offline_is_accounted_for(
    street: Street, engine: AsyncEngine, caller: Caller, driver_pays: Pays, seed: int
) -> None:
    chance = random.Random(seed)
    me = await street.hired(f"li-{seed}")
    li = Lossy(street, caller, f"li-{seed}", f"device-{seed}")
    li.chance = chance
    await li.sign_in()
    assert (await li.begin("L0", "L1")).status == 201
    before = await balances(engine)
    stays = script(chance, "QR"[seed % 2])
    day = Day(street, li, stays, driver_pays)
    await day.run()
    await street.passes(120)
    credit = await vehicles(street, stays, sum(day.online.values()))
    ended = await li.end()
    await street.told()

    assert li.lost > 0.2 * li.sent > 20, "three of ten, more or less"
    sums = {each["channel"]: each["fen"] for each in ended.json["takings"]}
    assert sums == day.book, "the shift has exactly what the collector's own book has"
    assert {each["channel"]: each["fen"] for each in (await li.get("money"))["channels"]} == day.book
    after = await balances(engine)
    more = {account: after.get(account, 0) - before.get(account, 0) for account in {*after, *before}}
    assert more[f"cash:{me}"] == day.book["cash"]
    assert more["transit:card"] == day.book["card"]
    assert sum(after.values()) == 0
    assert -more["credit"] == credit == sum(day.online.values())
    assert more["transit:wechat"] == sum(day.online.values()), "the provider keeps it for us"
    await stays_are_right(engine, day, stays, me)

    await handed_over(street, li, caller, me, day.book["cash"])
    assert not (await balances(engine)).get(f"cash:{me}"), "the cash is the cashier's now"
    async with engine.connect() as connection:
        assert await invariants(connection) == []


async def handed_over(street: Street, li: Lossy, caller: Caller, me: str, cash: int) -> None:
    """The collector signs for the cash in hand, through all losses; a cashier counts the same and takes it."""
    offered = await li("POST", "cash", {"counted_fen": cash})
    assert (offered.status, offered.json["offered_fen"]) == (200, cash), offered.json
    cashier = street.staff(caller, "cashier")
    path = f"/api/v1/collectors/{me}/cash"
    assert (await cashier("POST", path, {"counted_fen": cash - 1})).code == "count_differs"
    taken = await cashier("POST", path, {"counted_fen": cash})
    assert (taken.status, taken.json["cash_fen"]) == (200, 0), taken.json
    await street.told()


async def vehicles(street: Street, stays: list[Stay], wanted: int) -> int:
    """All credit that vehicles have, when they have heard of it."""
    for _ in range(100):
        answers = [await street.ask(Ref("vehicle", stay.plate), VehicleQuery()) for stay in stays]
        credit = sum(each.face.credit_fen for each in answers if isinstance(each, VehicleAnswer))
        if credit == wanted:
            return credit
    return credit


async def stays_are_right(engine: AsyncEngine, day: Day, stays: list[Stay], me: str) -> None:
    """Each visit is one stay with its plate, charged once as the tariff says, paid or in arrears."""
    async with engine.connect() as connection:
        wanted = [day.sessions[stay.plate] for stay in stays]
        rows = {row.session: row for row in await connection.execute(select(sessions))}
        hands = select(session_payments).where(session_payments.c.person == me)
        paid = list(await connection.execute(hands))
    assert len(set(wanted)) == len(stays)
    for stay in stays:
        row = rows[day.sessions[stay.plate]]
        assert (row.plate, row.bay_id) == (stay.plate, stay.bay)
        assert row.charge_fen == price(stay.leaves - stay.comes), (stay, row)
        if stay.channel or not row.charge_fen:
            assert (row.due_fen, row.state) == (0, "paid" if row.charge_fen else "free")
        else:
            assert (row.due_fen, row.state) == (row.charge_fen, "arrears")
    assert sum(row.fen for row in paid) == sum(day.book.values())
    assert max(Counter(row.session for row in paid).values()) == 1
