"""`yunparking tour`: one stay through every door of a running city, from the sensor's frame to the ledger's lines."""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import aiohttp
import msgpack  # type: ignore[import-untyped]
import typer
import websockets
from rich.table import Table

from actors.devices import SensorFrame, encode
from gateway.broker import read_login
from gateway.command import wiring
from gateway.command.options import Refusal
from gateway.command.running import running_city
from gateway.command.say import Say
from gateway.ingress.wire import Broker, client_of
from gateway.outside.sandbox.program import sandbox_url
from gateway.settings import Settings
from storage.records import Bay, Device, Lot, Region, Register, Road
from storage.session import now_us

ID: Final = "tour"
"""The id of everything that the tour adds to the city: a region, a road, a section, a bay, a sensor, a tariff."""
TARIFF: Final = {
    "name": {"zh": "体验", "en": "Tour"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 1, "price_fen": 10}]}],
}
PLATE: Final = "京A12345"
PATIENCE_S: Final = 90.0
API: Final = "/api/v1"
SHOWN: Final = ("account", "fen", "fact", "session", "payment")


class Tour:
    """What the steps share: the city's doors, and what was learnt on the way."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession, password: str) -> None:
        self.settings, self.http, self.password = settings, http, password
        self.staff = self.collector = self.user = ""
        self.session = self.payment = ""
        self.boot, self.frames = int(time.time()), 0

    async def ask(self, method: str, path: str, body: Any = None, by: str = "") -> Any:
        """An answer of the HTTP door; Refusal with the city's own words if it says no."""
        headers = {"Idempotency-Key": secrets.token_hex(16), **({"Authorization": f"Bearer {by}"} if by else {})}
        async with self.http.request(method, API + path, json=body, headers=headers) as answer:
            said = await answer.json() if answer.content_type == "application/json" else None
            if answer.status >= 400:
                raise Refusal(f"{method} {API}{path}: {(said or {}).get('code')}: {(said or {}).get('message')}")
            return said

    async def sees(self, occupied: bool) -> None:
        """The sensor's next frame over MQTT."""
        login = read_login(self.settings.folder / "broker")
        if login is None:
            raise Refusal("The tour speaks as a sensor to the broker that `yunparking up` starts; here is another.")
        self.frames += 1
        frame = encode(SensorFrame(v=1, boot=self.boot, n=self.frames, at=now_us(), occupied=occupied))
        async with client_of(Broker(login.sensor_url)) as client:
            await client.publish(f"yunparking/v1/{ID}/up", frame, qos=1)

    async def until(self, path: str, wanted: Any, by: str, what: str, patience_s: float = PATIENCE_S) -> Any:
        """Asks again until the answer is as wanted."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                if wanted(said := await self.ask("GET", path, by=by)):
                    return said
            except Refusal:
                if time.monotonic() > deadline:
                    raise
            if time.monotonic() > deadline:
                raise Refusal(f"In {patience_s:g} s the city did not show {what}.")
            await asyncio.sleep(0.5)

    @asynccontextmanager
    async def watching(self, topic: str) -> AsyncIterator[Any]:
        """The topic on the websocket, merged as it comes: `async for` gives its body."""
        url = self.settings.live.url or f"ws://127.0.0.1:{self.settings.live.port}/"
        async with websockets.connect(url) as line:
            hello = {"t": "hello", "v": 1, "token": self.collector}
            await line.send(msgpack.packb([hello, {"t": "sub", "topic": topic}]))
            yield _bodies(line, topic)


async def _bodies(line: websockets.ClientConnection, topic: str) -> AsyncIterator[dict[str, Any]]:
    body: dict[str, Any] = {}
    async for frame in line:
        for message in msgpack.unpackb(frame):
            if message["t"] in ("gone", "error"):
                raise Refusal(f"The live line says {message['code']}.")
            if message.get("topic") == topic and message["t"] in ("snap", "delta"):
                body.update(message["body"])
                yield body


def tour_command(
    settings: Settings,
    say: Say,
    password: Annotated[str, typer.Option(help="The administrator's; without it, it is asked for.")] = "",
) -> None:
    """Live one stay in a running city: MQTT, a collector, the running fee, WeChat Pay in the sandbox, the ledger.

    It adds a section named `tour` to the city: for a city to try things in.
    """
    city = running_city(settings)
    if not sandbox_url(city):
        raise Refusal("The tour pays in the sandbox for payments, and none has run here: yunparking sandbox")
    known = wiring.export_city(city)
    if known is None:
        raise Refusal("There is no city yet: yunparking city load FILE")
    word = password or _asked()
    west, south, east, north = known.city.bounds
    at: Any = {"lon": (west + east) / 2, "lat": (south + north) / 2}
    names: Any = {"name_zh": "体验", "name_en": "Tour"}
    with say.step(f"a section with a bay and a sensor: {ID}"):
        wiring.load_city(
            city,
            Register(
                city=known.city,
                regions=[Region(id=ID, **names)],
                roads=[Road(id=ID, region_id=ID, **names)],
                lots=[Lot(id=ID, road_id=ID, region_id=ID, operator=ID, street=True, **names, **at)],
                bays=[Bay(id=ID, number=ID, lot_id=ID, bay_type="common", **at)],
                devices=[Device(id=ID, kind="yun-json", lot_id=ID, bay_id=ID, heartbeat_us=0, debounce_us=0)],
            ),
        )
    asyncio.run(_tour(city, say, word))


def _asked() -> str:
    if not sys.stdin.isatty():
        raise Refusal("The administrator's password is needed, and nobody can be asked for it here: --password")
    return str(typer.prompt("The administrator's password", hide_input=True))


async def _tour(settings: Settings, say: Say, password: str) -> None:
    address = f"http://127.0.0.1:{settings.http.port}"
    try:
        async with aiohttp.ClientSession(address) as http:
            tour = Tour(settings, http, password)
            with say.step("a tariff and rules for it, a collector on it"):
                await _prepare(tour)
            try:
                await _live(tour, say)
            finally:
                await _leave(tour)
    except TimeoutError:
        raise Refusal(f"In {PATIENCE_S * 2:g} s the fee did not come to what it should be.") from None
    except aiohttp.ClientError as error:
        raise Refusal(f"No gateway of the city answers at {address} (--http-port): {error}") from None


async def _live(tour: Tour, say: Say) -> None:
    with say.step("MQTT: the sensor says that a vehicle has come"):
        tour.session = await _arrived(tour)
    with say.step(f"HTTP: the collector says that it is {PLATE}"):
        await tour.ask("POST", f"/pda/bays/{ID}/plate", {"device": ID, "plate": PLATE}, by=tour.collector)
    async with tour.watching(f"fee/{tour.session}") as fees:
        await _pay(tour, say, fees)
    with say.step("the ledger has its lines"):
        lines = await tour.until(
            f"/ledger/lines?payment={tour.payment}", lambda said: len(said["items"]) > 1, tour.staff, "the lines"
        )
    rows = [{name: row[name] for name in SHOWN} for row in lines["items"]]
    say.answer({"kind": "tour", "session": tour.session, "lines": rows}, lambda: _table(rows))


async def _arrived(tour: Tour) -> str:
    """The stay of a vehicle that comes. A cell reads rules once a second, and who comes before it has them has no stay:
    then another one comes, each time after a longer look: one that is only slow must not be sent away.
    """
    deadline, patience_s = time.monotonic() + PATIENCE_S, 2.0
    while True:
        await tour.sees(False)
        await tour.sees(True)
        try:
            path, asks = f"/pda/bays/{ID}/stay", tour.collector
            stay = await tour.until(path, lambda said: said["exit_us"] is None, asks, "an open stay", patience_s)
            return str(stay["session"])
        except Refusal:
            if time.monotonic() > deadline:
                raise
            patience_s *= 2


async def _prepare(tour: Tour) -> None:
    signed = await tour.ask("POST", "/session", {"name": tour.settings.auth.administrator, "password": tour.password})
    tour.staff = signed["access_token"]
    if ID not in {row["id"] for row in (await tour.ask("GET", "/tariffs?limit=500", by=tour.staff))["items"]}:
        await tour.ask("POST", "/tariffs", {"id": ID, "document": TARIFF}, by=tour.staff)
    await tour.ask("POST", "/assignments", {"tariff": ID, "lots": [ID]}, by=tour.staff)
    rules = await tour.ask("GET", f"/lots/{ID}/rules", by=tour.staff)
    wanted = {"version": rules["newest"], "rules": {"mode": "sensor_pda", "operator": ID}}
    await tour.ask("PUT", f"/lots/{ID}/rules", wanted, by=tour.staff)
    await tour.ask("POST", f"/sections/{ID}/release", {"reason": "another tour"}, by=tour.staff)
    name, word = f"tour-{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    user = await tour.ask("POST", "/users", {"name": name, "role": "collector", "password": word}, by=tour.staff)
    tour.user = user["id"]
    here = await tour.ask("POST", "/pda/session", {"name": name, "password": word, "device": ID})
    tour.collector = here["session"]["access_token"]
    await tour.ask("POST", "/pda/shift", {"device": ID, "sections": [ID]}, by=tour.collector)


async def _pay(tour: Tour, say: Say, fees: AsyncIterator[dict[str, Any]]) -> None:
    async with asyncio.timeout(PATIENCE_S * 2):
        with say.step("websocket: the running fee moves (a minute at most)"):
            first = dict(await anext(fees))
            async for body in fees:
                if body["due_fen"] != first["due_fen"]:
                    break
        say.note("info", f"{first['due_fen'] / 100:.2f} yuan, then {body['due_fen'] / 100:.2f}")
        with say.step("WeChat Pay: an order, paid in the sandbox, and its notification"):
            begun = await tour.ask(
                "POST", "/payments", {"sessions": [tour.session], "channel": "wechat"}, by=tour.staff
            )
            tour.payment = begun["id"]
            paid = {"out_trade_no": tour.payment, "channel": "wechat"}
            async with tour.http.post(f"{sandbox_url(tour.settings)}/sandbox/pay", json=paid) as answer:
                answer.raise_for_status()
            async for body in fees:
                if body["due_fen"] <= 0:
                    break


async def _leave(tour: Tour) -> None:
    await tour.sees(False)
    await tour.ask("POST", "/pda/shift/end", {"device": ID}, by=tour.collector)
    await tour.ask("POST", "/pda/sign-out", {"device": ID}, by=tour.collector)
    await tour.ask("PATCH", f"/users/{tour.user}", {"disabled": True}, by=tour.staff)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(*SHOWN)
    for row in rows:
        table.add_row(*(str(row[name]) for name in SHOWN))
    return table
