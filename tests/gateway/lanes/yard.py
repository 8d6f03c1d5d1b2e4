"""A lot's yard for tests: a real broker, a city that answers as the test says, and ears where the barriers are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec

from actors.devices import DOWN
from actors.devices.yun_lane import LaneFrame, SeenCar
from actors.messages.lane import GatesAnswer, Lane, LaneAnswer, PassedAlone, RingSeat
from gateway.ingress.wire import Broker
from gateway.lanes.lane import Screen
from gateway.lanes.platform import Away, Car, Platform
from gateway.lanes.site import Site
from gateway.outside.devices import DownFrame
from storage.session import now_us

WAIT_S = 20.0
LANES = {"in": Lane("in", "cam-in", "bar-in", "scr-in"), "out": Lane("out", "cam-out", "bar-out", "scr-out")}

_frames = msgspec.json.Decoder(DownFrame)
_screens = msgspec.json.Decoder(Screen)


class City:
    """What answers lanes, or does not: `decided` says what becomes of a car; while `away`, nobody says anything."""

    def __init__(self) -> None:
        self.away = False
        self.silent = False
        self.rules = GatesAnswer(dict(LANES), 300, "open", "seat")
        self.decided: Callable[[Car], LaneAnswer] = lambda car: LaneAnswer(car.n, "open", "s-1")
        self.now: dict[str, LaneAnswer] = {}
        self.cars: list[Car] = []
        self.told: list[PassedAlone] = []
        self.rings: list[RingSeat] = []
        self.hastened: list[str] = []

    async def _reach(self) -> None:
        if self.silent:
            await asyncio.sleep(3600)
        if self.away:
            raise Away("cut off")

    async def decide(self, car: Car, groups: tuple[str, ...], within_s: float, now: int) -> LaneAnswer:
        try:
            async with asyncio.timeout(within_s):
                await self._reach()
        except TimeoutError:
            raise Away("no answer in time") from None
        self.cars.append(car)
        return self.decided(car)

    async def stands(self, car: Car) -> LaneAnswer:
        await self._reach()
        return self.now.get(car.plate) or self.decided(car)

    async def hasten(self, session: str) -> None:
        self.hastened.append(session)

    async def tell(self, lot: str, said: PassedAlone) -> None:
        await self._reach()
        self.told.append(said)

    async def ring(self, lot: str, said: RingSeat) -> None:
        await self._reach()
        self.rings.append(said)

    async def gates(self, lot: str) -> GatesAnswer:
        await self._reach()
        return self.rules


class Yard:
    """Cameras that the test lets see cars, and what barriers and screens heard."""

    def __init__(self, site: Site, client: aiomqtt.Client, now: Callable[[], int] = now_us) -> None:
        self.site = site
        self.client = client
        self.now = now
        self.heard: list[tuple[str, DownFrame]] = []
        self.news = asyncio.Condition()
        self._n = 0

    async def listen(self) -> None:
        """Hears what is told to devices."""
        async for message in self.client.messages:
            device = str(message.topic).removeprefix(f"{DOWN}/")
            async with self.news:
                self.heard.append((device, _frames.decode(bytes(message.payload))))  # type: ignore[arg-type]
                self.news.notify_all()

    async def sees(self, plate: str, lane: str = "in", picture: str = "", at: int = 0) -> None:
        """A car stands before this lane's camera."""
        self._n += 1
        car = SeenCar(plate=plate, colour="blue", picture=picture)
        frame = LaneFrame(v=1, boot=1, n=self._n, at=at or self.now(), car=car)
        await self.client.publish(f"yunparking/lane/cam-{lane}/up", msgspec.json.encode(frame), qos=1)

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until the devices have heard what the test waits for."""
        async with asyncio.timeout(WAIT_S), self.news:
            await self.news.wait_for(condition)

    def opened(self, barrier: str) -> list[str]:
        """The ids of what opened this barrier."""
        return [said.id for device, said in self.heard if device == barrier]

    def shown(self, screen: str) -> list[Screen]:
        """What this screen was told to show."""
        return [_screens.decode(said.text) for device, said in self.heard if device == screen]

    def says(self, screen: str) -> list[str]:
        """The words of it."""
        return [said.say for said in self.shown(screen)]


@contextlib.asynccontextmanager
async def yard(
    url: str, city: Platform, folder: Path, lot: str = "mall", now: Callable[[], int] = now_us, **site: Any
) -> AsyncIterator[Yard]:
    """A site with its broker, until the end of the block; it has learned what its lanes are if the city told it."""
    broker, made_site = Broker(url), Site(url, (lot,), city, folder, now, **site)
    made = aiomqtt.Client(broker.host, broker.port, username=broker.user, password=broker.password)
    async with made as client:
        await client.subscribe(f"{DOWN}/+", qos=1)
        here = Yard(made_site, client, now)
        tasks = [asyncio.create_task(made_site.run()), asyncio.create_task(here.listen())]
        try:
            async with asyncio.timeout(WAIT_S):
                await made_site.connected.wait()
                await made_site.learned.wait()
            yield here
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
