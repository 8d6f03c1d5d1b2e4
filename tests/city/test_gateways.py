"""Two gateways of one city: they divide the frames, one takes over from the other, and screens go to and fro."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from actors.values import HOUR_US, SECOND_US
from storage.gateways import running
from storage.session import now_us
from tests.city.calm import CalmRun
from tests.city.screen import Screen
from tests.city.small import Sensors, bays_of
from tests.city.truth import agrees
from tests.city.waiting import eventually
from tests.city.whole import GatewayProcess, Said, Whole
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

LOT = "twins"
ROUND_S = 0.1
QUIET = "s2"
"""A section in which a bay changes now and then: what a screen misses of it is always less than the whole."""
TOPICS = ["alarms", "city", "events", "map", f"lot/{LOT}", f"lot/{QUIET}"]
RESUMED = ["alarms", f"lot/{QUIET}"]


@asynccontextmanager
async def second_gateway(city: Whole) -> AsyncIterator[GatewayProcess]:
    """Another gateway beside the city's own, ended afterwards."""
    second = city.another_gateway("second")
    second.start()
    try:
        await second.ready()
        yield second
    finally:
        second.program.stop()


async def holders(city: Whole, *wanted: str) -> None:
    """Waits until the shares are taken by exactly these gateways."""

    async def taken() -> bool:
        return {row.holder for row in (await running(city.engine)).shares} == set(wanted)

    await eventually(taken, f"the shares are taken by {', '.join(wanted)}")


class Load:
    """The sensors of a section speak, a round every tenth of a second, and now and then one of the quiet section."""

    def __init__(self, city: Whole, sensors: Sensors) -> None:
        self.said: list[Said] = []
        self._city, self._sensors = city, sensors
        self._enough = False
        self._at = now_us() - HOUR_US

    async def __aenter__(self) -> "Load":
        self._speaking = asyncio.create_task(self._speak())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._enough = True
        await self._speaking

    async def _speak(self) -> None:
        chance = random.Random(5)
        async with self._city.radio() as client:
            while not self._enough:
                self._at += SECOND_US
                said = [self._sensors.frame(bay, chance.random() < 0.5, self._at) for bay in bays_of(LOT)]
                self.said += said
                await self._city.publish(client, said)
                if len(self.said) % 40 == 0:
                    bay = bays_of(QUIET)[0]
                    await self._city.publish(client, [self._sensors.frame(bay, len(self.said) % 80 == 0, now_us())])
                await asyncio.sleep(ROUND_S)

    async def flows(self) -> None:
        """Waits until what every sensor says from now on arrives, so that each share is taken again."""
        last = len(self.said)
        await eventually(lambda: self._arrived(last), "frames of every share arrive")

    async def _arrived(self, before: int) -> bool:
        later = self.said[before : before + len(bays_of(LOT))]
        return len(later) == len(bays_of(LOT)) and set(later) <= await self._city.kept()


def live(gateway: GatewayProcess) -> str:
    return f"ws://127.0.0.1:{gateway.settings.live.port}"


async def test_a_share_goes_to_the_other_gateway_when_one_is_killed_and_screens_go_on(
    city: Whole, http: Caller, sensors: Sensors
) -> None:
    load = Load(city, sensors)
    async with second_gateway(city) as second, Screen(live(second), http.token, TOPICS) as screen:
        await holders(city, "gateway", "second")
        async with load:
            await load.flows()
            await moved(screen, live(city.gateway))
            assert second.program.process is not None
            second.program.process.kill()
            await holders(city, "gateway")
            await load.flows()
            second.program.stop()
            second.start()
            await second.ready()
            await holders(city, "gateway", "second")
            await moved(screen, live(second))
            await load.flows()
        await city.quiet()
        faces = await city.faces()
        await screen.until(lambda: agrees(city, screen, faces), "what the journal says")
        assert screen.faults == []
        rows = [tuple(row) for row in screen.body("events")["list"]]
        assert len(set(rows)) == len(rows)
    await holders(city, "gateway")

    await CalmRun(city, [LOT]).agrees(load.said, await city.town.pages())


async def moved(screen: Screen, url: str) -> None:
    """The screen goes to another gateway, and is told what it missed rather than everything anew."""
    wholes, connections, deltas = dict(screen.wholes), screen.connections, screen.deltas
    screen.move(url)
    await screen.until(lambda: screen.connections > connections, "it is at the other gateway")
    await screen.until(lambda: screen.deltas > deltas + 2 * len(TOPICS), "it goes on there")
    assert [screen.wholes[topic] for topic in RESUMED] == [wholes[topic] for topic in RESUMED], "it resumed"
    assert screen.faults == []


async def test_a_session_goes_on_at_another_gateway(city: Whole, sensors: Sensors) -> None:
    async with second_gateway(city) as second, aiohttp.ClientSession(auto_decompress=False) as web:
        at, name = [gateway.url for gateway in (city.gateway, second)], {"name": "admin", "password": city.password}
        here = (await Caller(web)("POST", f"{at[0]}/api/v1/session", name)).json
        assert here["live_url"] == f"{live(city.gateway)}/"
        assert (await Caller(web, here["access_token"]).get(f"{at[1]}/api/v1/city")).status == 200
        there = (
            await Caller(web)("POST", f"{at[1]}/api/v1/session/refresh", {"refresh_token": here["refresh_token"]})
        ).json
        assert there["live_url"] == f"{live(second)}/"
        for token, url in ((there["access_token"], at[0]), (here["access_token"], at[1])):
            async with Screen(live(second if url == at[1] else city.gateway), token, ["city"]) as screen:
                assert screen.faults == []
        again = await Caller(web)("POST", f"{at[0]}/api/v1/session/refresh", {"refresh_token": here["refresh_token"]})
        assert again.code == "session_over", "a token that was used at one gateway is used at all"
