"""A section as a collector's device follows it: what the section's own actors make of sensors, plates and arrears."""

import pytest

from actors.messages.bay import InstallBay, ReportPlate, Sighted
from actors.messages.vehicle import ArrearsOwed
from actors.values import MINUTE_US, Ref
from tests.actors.kinds.world import World
from tests.gateway.live.stage import NOON, Client, Stage, opened

LOT, BAY = "20001", "20001000"
TOPIC = f"section/{LOT}"
PLATE = "京A12345"
REF = Ref("bay", f"{LOT}/{BAY}")


@pytest.fixture
def world() -> World:
    """The section's actors: a bay that sensors open stays in."""
    world = World()
    world.wait(NOON)
    world.refer(f"rules/{LOT}", {"mode": "sensor_pda", "operator": "north"})
    world.say(REF, InstallBay(f"N{BAY}", "street"))
    see(world, False)
    return world


def see(world: World, occupied: bool) -> None:
    world.say(REF, Sighted(f"d-{BAY}", occupied, world.now, world.now))


async def shown(stage: Stage, world: World, screen: Client) -> None:
    """What the bay is now was committed, and the device has it."""
    heard = len(screen.of(TOPIC))
    await stage.commit({REF: world.actors[REF].face()})
    await stage.tick()
    await screen.until(lambda: len(screen.of(TOPIC)) > heard)


async def following(stage: Stage, world: World) -> Client:
    screen = await opened(stage, "crew")
    await stage.commit({REF: world.actors[REF].face()})
    await stage.tick()
    await screen.sub(TOPIC)
    return screen


@pytest.mark.feature("PDA-27", "PDA-30", "PDA-32")
async def test_an_unplated_stay_is_a_task_with_words_to_speak_until_it_has_a_plate(stage: Stage, world: World) -> None:
    screen = await following(stage, world)
    assert screen.body(TOPIC)["bays"][BAY][0] == "free"
    world.wait(NOON + MINUTE_US)
    see(world, True)
    await shown(stage, world, screen)
    session = f"{LOT}/{BAY}-1"
    say = f"N{BAY}号泊位有车辆入场，请录入车牌"
    assert screen.body(TOPIC)["tasks"] == {BAY: [session, NOON + MINUTE_US, f"N{BAY}", say]}
    assert screen.body(TOPIC)["bays"][BAY][0] == "occupied"
    world.say(REF, ReportPlate(PLATE, "blue", "pda", "p1", 100, world.now, "li"))
    await shown(stage, world, screen)
    assert screen.body(TOPIC)["tasks"] == {}
    assert screen.body(TOPIC)["bays"][BAY][2:6] == [session, PLATE, "blue", NOON + MINUTE_US]
    see(world, False)
    await shown(stage, world, screen)
    assert screen.body(TOPIC)["bays"][BAY][2:] == ["", "", "", None, "", 0]


@pytest.mark.feature("PDA-26")
async def test_a_vehicle_that_owes_is_marked_the_moment_it_is_known(stage: Stage, world: World) -> None:
    screen = await following(stage, world)
    world.say(Ref("vehicle", PLATE), ArrearsOwed("9/b-1", 700, NOON, "north"))
    see(world, True)
    world.say(REF, ReportPlate(PLATE, "blue", "pda", "p1", 100, world.now, "li"))
    await shown(stage, world, screen)
    assert screen.body(TOPIC)["bays"][BAY][6:] == ["arrears", 700]


async def test_a_task_of_a_left_vehicle_vanishes_and_a_newcomer_sees_what_is_open(stage: Stage, world: World) -> None:
    screen = await following(stage, world)
    see(world, True)
    await shown(stage, world, screen)
    late = await opened(stage, "crew")
    await late.sub(TOPIC)
    assert list(late.body(TOPIC)["tasks"]) == [BAY]
    world.wait(world.now + MINUTE_US)
    see(world, False)
    await shown(stage, world, screen)
    assert screen.body(TOPIC)["tasks"] == {}
