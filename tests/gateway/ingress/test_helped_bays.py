"""Radar, cameras, piles and locks at a real broker: from their frames to stays that can be paid, with nobody's help."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiomqtt
import msgspec
import pytest

from actors.devices import DOWN, KIND_NAMED
from actors.messages.bay import BayAnswer, BayQuery, ReportPlate
from actors.messages.device import DeviceAnswer, DeviceFace, DeviceQuery
from actors.messages.session import PayByHand, SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.values import MINUTE_US, Ref
from gateway.outside.devices import DownFrame, Downlink
from gateway.outside.envoy import Envoy
from gateway.outside.ports import DEVICES
from storage.database import open_engine
from storage.desk import Desk
from storage.outside import Outside
from storage.records import Bay, City, Device, Lot, Region, Register, Road
from storage.session import now_us
from tests.gateway.ingress.scene import WAIT_S
from tests.gateway.ingress.test_full_path import House, radio

__all__ = ["radio"]

LOTS = {"radar": "sensor_pda", "camera": "camera", "pile": "pile", "lock": "lock"}
TARIFF = {
    "name": {"en": "A"},
    "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": 250}]}],
    "at_period_end": "run_on",
}
"""The stays end now, whatever the hour: one over midnight costs what any other does."""
PLATE = "京A12345"


def helped() -> Register:
    """A section of each mode, with three bays; a pole watches all three of its own."""
    places = {"name_zh": "地", "name_en": "place"}
    at = {"lon": 0.0, "lat": 0.0}
    lots = [Lot(id=id, road_id="s", region_id="r", operator="o", street=True, **at, **places) for id in LOTS]
    ids = [(lot, f"{lot}-{n}") for lot in LOTS for n in (1, 2, 3)]
    devices = [
        Device(
            id=f"{lot}-d",
            kind=f"yun-{lot}",
            lot_id=lot,
            bay_id=None if KIND_NAMED[f"yun-{lot}"].many_bays else f"{lot}-1",
            bays=[f"{lot}-{n}" for n in (1, 2, 3)] if KIND_NAMED[f"yun-{lot}"].many_bays else [],
            heartbeat_us=KIND_NAMED[f"yun-{lot}"].heartbeat_us,
        )
        for lot in LOTS
    ]
    return Register(
        city=City(zone="Asia/Shanghai", attribution="", bounds=(0, 0, 1, 1), **places),
        regions=[Region(id="r", **places)],
        roads=[Road(id="s", region_id="r", **places)],
        lots=lots,
        bays=[Bay(id=id, number=id, lot_id=lot, bay_type="general", **at) for lot, id in ids],
        devices=devices,
    )


class Helped(House):
    """The house, and an envoy that takes orders to devices."""

    frames = 0
    url = ""

    async def ruled(self) -> "Helped":
        """Each lot has its mode, and all have one tariff."""
        desk = Desk(self.engine)
        await desk.refer("test", "tariff/a", 0, msgspec.msgpack.encode(TARIFF))
        for lot, mode in LOTS.items():
            await desk.refer("test", f"tariff-of/{lot}", 0, msgspec.msgpack.encode({"tariff": "a"}))
            await desk.refer("test", f"rules/{lot}", 0, msgspec.msgpack.encode({"mode": mode, "operator": "o"}))
        return self

    async def stay(self, bay: str, n: int = 1) -> SessionAnswer:
        """The n-th stay of a bay."""
        answer = await self.post.ask(Ref("session", f"{bay.partition('-')[0]}/{bay}-{n}"), SessionQuery())
        assert isinstance(answer, SessionAnswer)
        return answer

    async def pay(self, bay: str, fen: int) -> None:
        """Cash for a bay's first stay."""
        paid = PayByHand(f"p-{bay}", "cash", fen, "c1", "s1", now_us())
        assert await self.post.ask(Ref("session", f"{bay.partition('-')[0]}/{bay}-1"), paid)

    async def say(self, radio: aiomqtt.Client, lot: str, ago_min: float, **said: Any) -> None:
        """One frame of a lot's device, seen so many minutes ago; waits until its actor has taken it."""
        self.frames += 1
        frame = {"v": 1, "boot": 1, "n": self.frames, "at": now_us() - int(ago_min * MINUTE_US), **said}
        heard = await self.frames_of(lot)
        await radio.publish(f"yunparking/{lot}/{lot}-d/up", msgspec.json.encode(frame), qos=1)

        async with asyncio.timeout(WAIT_S):
            while await self.frames_of(lot) == heard:  # noqa: ASYNC110 - the actor has no event
                await asyncio.sleep(0.01)

    async def frames_of(self, lot: str) -> int:
        """How many frames a lot's device has had taken."""
        return (await self.device_of(lot, f"{lot}-d")).frames

    async def device_of(self, lot: str, id: str) -> DeviceFace:
        """A device's face."""
        answer = await self.post.ask(Ref("device", f"{lot}/{id}"), DeviceQuery())
        assert isinstance(answer, DeviceAnswer)
        return answer.face

    async def shown(self, bay: str) -> str:
        """What a bay shows."""
        answer = await self.post.ask(Ref("bay", f"{bay.partition('-')[0]}/{bay}"), BayQuery())
        assert isinstance(answer, BayAnswer)
        return answer.face.state

    @contextlib.asynccontextmanager
    async def obeyed(self, url: str, world: str) -> AsyncIterator[None]:
        """While orders are taken to devices."""
        engine = open_engine(self.url, world)
        downlink = Downlink(url, f"down-{world}", now_us)
        outside = Outside(engine, "me")
        envoy = Envoy(
            world,
            {DEVICES: downlink.tell},
            outside,
            self.post,
            self.catalogue.decode_request,
            self.post.directory.cells,
        )
        tasks = [asyncio.create_task(each) for each in (downlink.run(), envoy.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await engine.dispose()


@pytest.fixture
async def house(database_url: str, world: str, broker_url: str) -> AsyncIterator[Helped]:
    made = Helped(database_url, world, broker_url, known=helped())
    made.url = database_url
    await made.ruled()
    async with made.opened() as opened:
        assert isinstance(opened, Helped)
        yield opened
        assert opened.deaths == []


@pytest.mark.feature("DEV-02")
async def test_a_radar_that_contradicts_the_magnetometer_closes_no_stay(house: Helped, radio: aiomqtt.Client) -> None:
    await house.say(radio, "radar", 50, occupied=False, radar=False)
    await house.say(radio, "radar", 40, occupied=True, radar=True)
    assert await house.shown("radar-1") == "occupied"
    await house.say(radio, "radar", 10, occupied=False, radar=True)
    assert await house.shown("radar-1") == "verify"
    assert (await house.stay("radar-1")).face.exit_us is None
    await house.say(radio, "radar", 5, occupied=False, radar=False)
    assert await house.shown("radar-1") == "free"
    assert (await house.stay("radar-1")).charge_fen == 500


@pytest.mark.feature("DEV-12")
async def test_a_cameras_entry_and_exit_with_plate_make_a_complete_order(house: Helped, radio: aiomqtt.Client) -> None:
    seen = {"plate": PLATE, "colour": "blue", "confidence": 96}
    await house.say(radio, "camera", 50, bay=2, occupied=False)
    await house.say(radio, "camera", 40, bay=2, occupied=True, **seen)
    await house.say(radio, "camera", 35, bay=3, occupied=True, plate="京A99999")
    await house.say(radio, "camera", 5, bay=2, occupied=False, **seen)
    order = await house.stay("camera-2")
    assert (order.face.plate, order.face.source, order.face.state) == (PLATE, "camera", "unpaid")
    assert (order.charge_fen, order.due_fen) == (500, 500)
    assert (order.face.exit_us or 0) - order.face.entry_us == pytest.approx(35 * MINUTE_US, abs=MINUTE_US)
    assert (await house.stay("camera-3")).face.exit_us is None, "its neighbour still stands there"


@pytest.mark.feature("DEV-16")
async def test_a_piles_messages_alone_make_a_timed_priced_and_payable_order(
    house: Helped, radio: aiomqtt.Client
) -> None:
    await house.say(radio, "pile", 70, occupied=False)
    await house.say(radio, "pile", 65, occupied=True, plate=PLATE, colour="blue")
    await house.say(radio, "pile", 1, occupied=False, plate=PLATE, colour="blue")
    order = await house.stay("pile-1")
    assert (order.face.plate, order.charge_fen, order.face.state) == (PLATE, 750, "unpaid")
    await house.pay("pile-1", 750)
    assert (await house.stay("pile-1")).face.state == "paid"


@pytest.mark.feature("DEV-08")
async def test_a_lock_stays_up_until_its_stay_is_paid(
    house: Helped, radio: aiomqtt.Client, broker_url: str, world: str
) -> None:
    await radio.subscribe(f"{DOWN}/lock-d", qos=1)
    async with house.obeyed(broker_url, world), asyncio.timeout(60):
        await house.say(radio, "lock", 45, occupied=False, arm="down")
        await house.say(radio, "lock", 40, occupied=True, arm="down")
        raised = await told(radio)
        assert raised.order == "raise"
        await house.say(radio, "lock", 39, occupied=True, arm="up", ack=raised.id)
        plate = ReportPlate(PLATE, "blue", "owner", "phone", 100, now_us(), "o1")
        assert await house.post.ask(Ref("bay", "lock/lock-1"), plate)
        face = await house.device_of("lock", "lock-d")
        assert (face.arm, face.waiting) == ("up", ()), "unpaid: it stays up"
        due_fen = (await house.stay("lock-1")).due_fen
        await house.pay("lock-1", due_fen)
        lowered = await told(radio)
        assert (lowered.order, int(lowered.id)) == ("lower", int(raised.id) + 1)
        await house.say(radio, "lock", 0.2, occupied=True, arm="down", ack=lowered.id)
        await house.say(radio, "lock", 0.1, occupied=False, arm="down")
        assert await house.shown("lock-1") == "free"
        order = await house.stay("lock-1")
        assert (order.face.state, order.due_fen) == ("paid", 0)


async def told(radio: aiomqtt.Client) -> DownFrame:
    """The next order that the lock hears."""
    return msgspec.json.decode((await anext(radio.messages)).payload, type=DownFrame)
