"""A street behind the HTTP door: its actors in a real cell on a real journal, and the tables that are made of it."""

from datetime import datetime, timedelta
from itertools import count
from time import time_ns
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.directory import Directory
from actors.engine.entries import FromDevice
from actors.engine.post import Post
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.forms import Message, Reply
from actors.values import DAY_US, MINUTE_US, SECOND_US, Ref
from gateway.http.house import House
from gateway.workers import city
from storage.journal import PostgresJournal
from storage.outbox import Outbox
from storage.projections import PROJECTIONS, Projector
from storage.published import Publication
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.houses import PASSWORD
from tests.lone_cell import LoneCell

PDA = "/api/v1/pda"
LATEST: dict[str, int] = {}
"""The latest time that a world has seen: time does not go back for its actors."""
PLATE = "京A12345"
TARIFF = {
    "name": {"zh": "甲", "en": "A"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
    "free": [{"minutes": 15}],
    "exit_grace_minutes": 15,
}
"""2.50 for each begun half hour; a quarter of an hour is free."""


class Street:
    """Everything that lives behind one door; `clock` is its time, moved on at will."""

    def __init__(self, house: House, engine: AsyncEngine, url: str, world: str, clock: Clock) -> None:
        self.house, self.clock, self.engine = house, clock, engine
        self.cells_journal, self.posts_journal = (
            PostgresJournal(url, world, "cell"),
            PostgresJournal(url, world, "post"),
        )
        self._world = world
        self.deaths: list[BaseException] = []
        life = clock()
        self.cell = LoneCell(life, city(), self.cells_journal, clock, self.deaths.append)
        self.post = Post(city(), self.call, self.cell.learns(Directory()), self.posts_journal, clock)
        self.projector = Projector(engine, city().decode_told, PROJECTIONS)
        self._frames = count(1)
        self._boot = life // 1000

    async def call(self, cell: str, method: str, payload: bytes) -> bytes:
        return await self.cell.reached(cell, method, payload)

    async def start(self) -> None:
        await self.cell.start()
        await self.post.start()
        self.house.post = self.post
        self.morning()
        await self.installed()

    async def close(self) -> None:
        LATEST[self._world] = self.clock()
        await self.post.close()
        self.cell.stop()
        await self.cells_journal.close()
        await self.posts_journal.close()
        assert not self.deaths, self.deaths

    async def installed(self) -> None:
        """All bays and devices of the register hear of themselves."""
        outbox = Outbox(self.engine)
        while rows := await outbox.undelivered(500):
            for row in rows:
                message = city().decode_message(row.message)
                if isinstance(message, InstallDevice):
                    message = msgspec.structs.replace(message, heartbeat_us=1_000 * DAY_US)
                await self.ask(row.ref, message)
            await outbox.delivered([row.id for row in rows])

    async def ask(self, ref: Ref, message: Message) -> Reply | None:
        return await self.post.ask(ref, message)

    async def refer(self, name: str, value: object) -> None:
        """Publishes reference data that holds from now on, and lets the cell read it."""
        body = msgspec.msgpack.encode(value)
        await self.house.desk.publish("test", [Publication(name, self.clock(), body)])
        await self.cell.call("look", b"")

    async def ruled(self, *lots: str, **rules: object) -> None:
        """Sections with sensors and collectors, a tariff, and rules."""
        await self.refer("tariff/a", TARIFF)
        for lot in lots:
            await self.refer(f"rules/{lot}", {"mode": "sensor_pda", "operator": "north", **rules})
            await self.refer(f"tariff-of/{lot}", {"tariff": "a"})

    async def see(self, bay: str, occupied: bool) -> None:
        """The bay's sensor says so now."""
        lot = bay.partition("-")[0]
        device = Ref("device", f"{lot}/d-{bay}")
        n, at_us = next(self._frames), self.clock()
        frame = Uplinked(at_us, at_us, occupied, serial=n, boot=self._boot)
        await self.post.send(device, FromDevice(device, self._boot, n), frame)

    async def came(self, bay: str, minutes: float = 0) -> None:
        """A vehicle comes, and so many minutes go by."""
        await self.see(bay, False)
        await self.see(bay, True)
        self.clock.ahead_us += int(minutes * MINUTE_US)

    def morning(self) -> None:
        """Eight o'clock of a day that has not been yet: tests of one file do not meet in one day's lists."""
        real_us = time_ns() // 1000
        latest = datetime.fromtimestamp(max(real_us, LATEST.get(self._world, 0)) / 1e6, ZoneInfo("Australia/Melbourne"))
        eight = latest.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.clock.ahead_us = int(eight.timestamp() * SECOND_US) - real_us

    async def passes(self, minutes: float) -> None:
        """Time goes by, and the cell looks at its clock: what was due rings."""
        self.clock.ahead_us += int(minutes * MINUTE_US)
        await self.see("L1-2", False)

    def staff(self, caller: Caller, role: str) -> Caller:
        """One of the house, whose token is new: the clock may have moved on."""
        return Caller(caller.session, self.house.identity.issue(role, role, role, "s")[0])

    async def told(self) -> None:
        """The tables know all that was committed."""
        await self.projector.catch_up()

    async def hired(self, name: str, role: str = "collector") -> str:
        """Somebody more may sign in; their id."""
        users = self.house.users
        await users.add(name, await self.house.doorkeeper.hashed(PASSWORD), role)
        user = await users.named(name)
        assert user
        return user.id


class Collector:
    """A collector with a device."""

    def __init__(self, street: Street, caller: Caller, name: str, device: str) -> None:
        self.street, self.caller, self.name, self.device = street, caller, name, device
        self.shift = ""
        self.session: dict[str, Any] = {}

    async def sign_in(self, password: str = PASSWORD, device: str = "") -> Said:
        who = {"name": self.name, "password": password, "device": device or self.device}
        said = await self.caller("POST", f"{PDA}/session", {**who, "device_name": f"PDA of {device or self.device}"})
        if said.status == 200 and not device:
            self.session = said.json["session"]
            self.caller = Caller(self.caller.session, self.session["access_token"])
        return said

    async def stay_signed_in(self) -> None:
        """The token is good for some minutes: a device asks for the next one in time."""
        said = await self.caller("POST", "/api/v1/session/refresh", {"refresh_token": self.session["refresh_token"]})
        assert said.status == 200, said.json
        self.session = said.json
        self.caller = Caller(self.caller.session, said.json["access_token"])

    async def begin(self, *sections: str, **more: Any) -> Said:
        await_ = {"device": self.device, "sections": list(sections), "place": "口岸路", **more}
        said = await self("POST", "shift", await_)
        if said.status == 201:
            self.shift = said.json["id"]
        return said

    async def end(self) -> Said:
        return await self("POST", "shift/end", {"device": self.device, "place": "口岸路"})

    async def get(self, path: str) -> Any:
        await self.street.told()
        said = await self("GET", path)
        assert said.status == 200, said.json
        return said.json

    async def bay(self, id: str) -> dict[str, Any]:
        """A bay of a section as the device sees it."""
        rows = (await self.get(f"sections/{id.partition('-')[0]}/bays"))["items"]
        return next(dict(row) for row in rows if row["bay"] == id)

    async def plate(self, bay: str, plate: str | None = PLATE, **more: Any) -> Said:
        body = {"device": self.device, **({"plate": plate, "colour": "blue"} if plate else {"no_plate": True}), **more}
        return await self("POST", f"bays/{bay}/plate", body)

    async def leave(self, bay: str, **more: Any) -> Said:
        return await self("POST", f"bays/{bay}/exit", {"device": self.device, **more})

    async def pay(self, session: str, fen: int, channel: str = "cash", **headers: str) -> Said:
        lot, _, own = session.partition("/")
        body = {"channel": channel, "fen": fen}
        return await self("POST", f"sections/{lot}/stays/{own}/payment", body, **headers)

    async def batch(self, *operations: dict[str, Any]) -> Any:
        said = await self("POST", "batches", {"device": self.device, "operations": list(operations)})
        assert said.status == 200, said.json
        return said.json

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        if self.session and self.session["expires_us"] <= self.street.clock() + MINUTE_US:
            await self.stay_signed_in()
        return await self.caller(method, f"{PDA}/{path}", body, **headers)
