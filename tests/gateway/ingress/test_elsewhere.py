"""One plate in two places, as cameras tell by MQTT: an exit was lost, or one of the two plates is a copy."""

import asyncio

import aiomqtt
import pytest

from actors.messages.vehicle import VehicleAnswer, VehicleQuery
from actors.values import Ref
from tests.gateway.ingress.scene import WAIT_S
from tests.gateway.ingress.test_full_path import radio
from tests.gateway.ingress.test_helped_bays import PLATE, Helped, house

__all__ = ["house", "radio"]

OTHER = "京A99999"


async def stands(house: Helped, plate: str) -> set[str]:
    """The open stays that a vehicle knows of."""
    answer = await house.post.ask(Ref("vehicle", plate), VehicleQuery())
    assert isinstance(answer, VehicleAnswer)
    return {each.session for each in answer.face.present}


async def stand(house: Helped, *sessions: str, plate: str = PLATE) -> None:
    """Waits until the vehicle has heard of exactly these open stays, and has told them what follows."""
    async with asyncio.timeout(WAIT_S):
        while await stands(house, plate) != set(sessions):  # noqa: ASYNC110 - the actor has no event
            await asyncio.sleep(0.01)


async def flags(house: Helped, bay: str, *wanted: str) -> tuple[str, ...]:
    """The flags of a bay's first stay, as soon as it has these."""
    async with asyncio.timeout(WAIT_S):
        while not set(wanted) <= set((await house.stay(bay)).face.flags):  # noqa: ASYNC110 - the actor has no event
            await asyncio.sleep(0.01)
    return (await house.stay(bay)).face.flags


async def arrives(house: Helped, radio: aiomqtt.Client, lot: str, ago_min: float, plate: str = PLATE) -> None:
    """The second bay of the pole, or the pile's own, is free and then taken by this plate."""
    bay = {"bay": 2} if lot == "camera" else {}
    await house.say(radio, lot, ago_min + 1, occupied=False, **bay)
    await house.say(radio, lot, ago_min, occupied=True, plate=plate, colour="blue", **bay)


@pytest.mark.feature("EXT-24")
async def test_a_stay_whose_plate_is_seen_elsewhere_is_flagged_for_its_exit_was_lost(
    house: Helped, radio: aiomqtt.Client
) -> None:
    await arrives(house, radio, "camera", 90)
    await stand(house, "camera/camera-2-1")
    await arrives(house, radio, "pile", 5)
    await stand(house, "camera/camera-2-1", "pile/pile-1-1")
    assert await flags(house, "camera-2", "seen_elsewhere") == ("seen_elsewhere",)
    assert await flags(house, "pile-1") == (), "where it stands now there is nothing to look at"


@pytest.mark.feature("EXT-24")
async def test_a_plate_that_comes_to_two_lots_within_minutes_may_be_a_copy(
    house: Helped, radio: aiomqtt.Client
) -> None:
    await arrives(house, radio, "camera", 8)
    await arrives(house, radio, "pile", 4)
    await stand(house, "camera/camera-2-1", "pile/pile-1-1")
    assert await flags(house, "camera-2", "cloned_plate") == ("cloned_plate",)
    assert await flags(house, "pile-1", "cloned_plate") == ("cloned_plate",)


async def test_who_left_before_he_came_elsewhere_contradicts_nobody(house: Helped, radio: aiomqtt.Client) -> None:
    await arrives(house, radio, "camera", 90)
    await stand(house, "camera/camera-2-1")
    await house.say(radio, "camera", 30, bay=2, occupied=False)
    await stand(house)
    await arrives(house, radio, "pile", 5)
    await stand(house, "pile/pile-1-1")
    await arrives(house, radio, "camera", 3, plate=OTHER)
    await stand(house, "camera/camera-2-2", plate=OTHER)
    assert await flags(house, "camera-2") == ()
    assert await flags(house, "pile-1") == ()
