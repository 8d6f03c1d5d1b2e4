"""Two gateways of one city, side by side and in each other's place: no fact is lost and none is doubled."""

import pytest

from actors.values import HOUR_US, SECOND_US
from storage.database import now_us
from tests.city.screen import Screen
from tests.city.small import Sensors, bays_of
from tests.city.truth import agrees, became, calm, turned
from tests.city.whole import GatewayProcess, Said, Whole, eventually
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray, pytest.mark.timeout(180)]

LOT = "twins"


def day(sensors: Sensors, start: int, rounds: int) -> list[Said]:
    """Every bay of the section changes every second."""
    return [
        sensors.frame(bay, (n + k) % 2 == 0, start + n * SECOND_US)
        for n in range(rounds)
        for k, bay in enumerate(bays_of(LOT))
    ]


async def once_and_in_order(city: Whole, said: list[Said]) -> None:
    turns = await turned(city, [LOT])
    assert (len(turns), set(turns.values())) == (len(said), {1})
    bodies = [page.body for page in await city.town.pages()]
    assert became(bodies, [LOT]) == await calm(city, [LOT], said)


async def test_two_gateways_make_one_fact_of_a_frame(city: Whole, http: Caller, sensors: Sensors) -> None:
    start = now_us() - HOUR_US
    said = day(sensors, start, 20)
    other = city.another_gateway("second")
    other.start()
    try:
        await other.ready()
        await city.say(*said)
        await both_took(city, len(said))
        faces = await city.faces()
        for gateway in (city.gateway, other):
            url = f"ws://127.0.0.1:{gateway.settings.live.port}"
            async with Screen(url, http.token, ["map", "lot/twins"]) as screen:
                await screen.until(lambda s=screen: agrees(city, s, faces), "the same on either")
                assert screen.faults == []
        await once_and_in_order(city, said)
    finally:
        other.program.stop()

    said += day(sensors, start + 60 * SECOND_US, 20)
    rival = city.another_gateway(city.settings.gateway.name)
    rival.start()
    try:
        async with city.radio() as client:
            for place in range(200, 400, 50):
                await city.publish(client, said[place : place + 50])
                await taken(city, place + 50)
        await answers(rival)
        await city.quiet()
        await once_and_in_order(city, said)
    finally:
        rival.program.stop()


async def both_took(city: Whole, frames: int) -> None:
    """Both gateways were given every frame: each is kept twice, and one of the two is a repeat."""
    rows = "SELECT count(*) FROM frames WHERE device LIKE 'd-twins-%'"

    async def twice() -> bool:
        return await city.count(rows) >= 2 * frames

    await eventually(twice, "both gateways kept every frame")
    assert await city.count(f"{rows} AND outcome = 'accepted'") == frames


async def taken(city: Whole, turns: int) -> None:
    """So many frames of the section are kept as taken, by whichever gateway has the name just now."""
    rows = "SELECT count(*) FROM frames WHERE device LIKE 'd-twins-%' AND outcome IN ('accepted', 'late')"

    async def so_many() -> bool:
        return await city.count(rows) >= turns

    await eventually(so_many, f"{turns} frames are taken")


async def answers(gateway: GatewayProcess) -> None:
    """It lives, whoever has the name at the broker."""
    assert gateway.program.process is not None
    assert gateway.program.process.poll() is None
