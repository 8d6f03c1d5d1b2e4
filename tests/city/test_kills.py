"""kill -9 of everything that may die, while frames flow: nothing lost, nothing doubled, nothing out of order."""

import asyncio
import random
from collections.abc import Iterator
from itertools import count

import pytest

from actors.values import HOUR_US, SECOND_US
from gateway.workers import PROJECTOR, VIEWS
from storage.database import now_us
from tests.city.screen import Screen
from tests.city.small import KILLED, Sensors, bays_of
from tests.city.truth import agrees, became, calm, heard, tables_agree, turned
from tests.city.whole import Said, Whole, eventually
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

SEED = 11
STRIKES = ("cell-0", "gateway", "cell-1", "gateway", VIEWS, "cell-0", PROJECTOR, "gateway", "cell-1")
PAUSE_S = 0.2
"""How long a source rests between its rounds: sensors speak now and then, they do not wait for us."""
TOPICS = ("city", "map", "events", "devices", "alarms", "region/north", *(f"lot/{lot}" for lot in KILLED))


def rounds(lot: str, sensors: Sensors, seed: int) -> Iterator[list[Said]]:
    """What a section's sensors say, without end; a second passes from round to round."""
    chance, start = random.Random(seed), now_us() - 24 * HOUR_US
    for n in count():
        at = start + n * SECOND_US
        yield [sensors.frame(bay, chance.random() < 0.5, at) for bay in bays_of(lot) if chance.random() < 0.7]


class Load:
    """One source for each section, each with a connection of its own, until it is told to stop."""

    def __init__(self, here: Whole) -> None:
        self.said: dict[str, list[Said]] = {lot: [] for lot in KILLED}
        self._here = here
        self._enough = False
        self._sources: list[asyncio.Task[None]] = []

    def start(self, sensors: Sensors) -> None:
        each = [(lot, rounds(lot, sensors, SEED + n)) for n, lot in enumerate(KILLED)]
        self._sources = [asyncio.create_task(self._speak(lot, frames)) for lot, frames in each]

    async def _speak(self, lot: str, frames: Iterator[list[Said]]) -> None:
        async with self._here.radio() as client:
            while not self._enough:
                said = next(frames)
                await self._here.publish(client, said)
                self.said[lot] += said
                await asyncio.sleep(PAUSE_S)

    async def stop(self) -> None:
        self._enough = True
        await asyncio.gather(*self._sources)


async def test_killed_cells_and_gateways_lose_and_double_nothing(city: Whole, http: Caller, sensors: Sensors) -> None:
    chance, load = random.Random(SEED), Load(city)
    screen = Screen(f"ws://127.0.0.1:{city.settings.live.port}", http.token, TOPICS)
    async with screen:
        load.start(sensors)
        killed = [await strike(city, victim, chance.randrange(20, 200)) for victim in STRIKES]
        await load.stop()
        assert len(set(killed)) == len(STRIKES), "what was to be killed again had not come back"
        await city.gateway.ready()
        await city.quiet()
        faces = await city.faces()
        await tables_agree(city, faces)
        await screen.until(lambda: agrees(city, screen, faces), "what the journal says")
        assert screen.faults == []
        assert screen.connections > STRIKES.count("gateway")

    said = [frame for lot in KILLED for frame in load.said[lot]]
    turns = await turned(city, KILLED)
    assert set(turns.values()) == {1}, "a frame was taken twice"
    assert len(turns) == len(said), "a frame that the broker took is no turn"
    assert set(said) <= await city.kept()
    bodies = [page.body for page in await city.town.pages()]
    after, undisturbed = became(bodies, KILLED), await calm(city, KILLED, said)
    assert heard(after) == len(said), "a frame came too late to count"
    assert after == undisturbed


async def strike(here: Whole, victim: str, after: int) -> int:
    """Kills once so many more frames have been kept, which shows that everything works again; the process number."""
    start = await here.count("SELECT count(*) FROM frames")

    async def flows() -> bool:
        return await here.count("SELECT count(*) FROM frames") >= start + after

    await eventually(flows, "frames flow again")
    if victim == "gateway":
        assert here.gateway.program.process is not None
        pid = here.gateway.program.process.pid
        here.gateway.kill()
        return pid
    return here.town.cluster.kill(victim)
