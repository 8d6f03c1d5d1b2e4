"""A sensor and a collector make one stay: over the broker, the websocket and HTTP, every process in between."""

import msgspec
import pytest
from argon2 import PasswordHasher

from actors.messages.bay import BayAnswer, BayQuery
from actors.values import SECOND_US, Ref
from storage.desk import Desk
from storage.published import Publication
from storage.session import now_us
from storage.users import Users
from tests.city.screen import looking
from tests.city.small import Sensors
from tests.city.waiting import eventually
from tests.city.whole import Whole
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray]
LOT, BAY, PLATE = "s2", "s2-7", "川A12345"
TOPIC, PASSWORD = f"section/{LOT}", "a long password"


async def ruled(city: Whole) -> None:
    """The section's stays are opened by sensors and named by collectors."""
    body = msgspec.msgpack.encode({"mode": "sensor_pda", "operator": "north"})
    await Desk(city.engine).publish("test", [Publication(f"rules/{LOT}", now_us() - 3600 * SECOND_US, body)])


@pytest.mark.feature("DEV-01")
async def test_a_sensor_opens_a_stay_and_the_collectors_plate_goes_to_it(
    city: Whole, http: Caller, sensors: Sensors
) -> None:
    await ruled(city)
    await Users(city.engine).add("li", PasswordHasher(time_cost=1).hash(PASSWORD), "collector")
    said = await http("POST", "/api/v1/pda/session", {"name": "li", "password": PASSWORD, "device": "p1"})
    assert said.status == 200, said.json
    li = Caller(http.session, said.json["session"]["access_token"])
    began = await li("POST", "/api/v1/pda/shift", {"device": "p1", "sections": [LOT]})
    assert began.status == 201, began.json
    async with looking(city, li, TOPIC) as screen:
        came_us = now_us() - 90 * SECOND_US
        await city.say(sensors.frame(BAY, False, came_us - 60 * SECOND_US))
        await eventually(lambda: knows_rules(city, sensors, came_us), "a stay is open")
        await screen.until(lambda: BAY in screen.body(TOPIC)["tasks"], "the task is pushed")
        session, entry_us, number, say = screen.body(TOPIC)["tasks"][BAY]
        assert number in say
        entry = await li("POST", f"/api/v1/pda/bays/{BAY}/plate", {"device": "p1", "plate": PLATE, "colour": "blue"})
        assert (entry.status, entry.json["session"], entry.json["opened"]) == (200, session, False)
        assert entry.json["entry_us"] == entry_us
        await screen.until(lambda: BAY not in screen.body(TOPIC)["tasks"], "the task is done")
        assert screen.body(TOPIC)["bays"][BAY][3] == PLATE
        assert entry_us in FRAMES, "its start is what the sensor said"


FRAMES: list[int] = []
"""When the sensor said that somebody came."""


async def knows_rules(city: Whole, sensors: Sensors, at_us: int) -> bool:
    """Somebody comes; if the cell had not read the rules yet no stay opened, and they go and come again."""
    ref = Ref("bay", f"{LOT}/{BAY}")
    for occupied in (False, True):
        at = at_us + len(FRAMES) * 2 * SECOND_US + occupied * SECOND_US
        await city.say(sensors.frame(BAY, occupied, at))
    FRAMES.append(at)
    answer = await city.town.post.ask(ref, BayQuery())
    assert isinstance(answer, BayAnswer)
    return bool(answer.face.session)
