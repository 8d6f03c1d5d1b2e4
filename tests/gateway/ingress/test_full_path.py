"""From a radio frame at a real broker to the face of a bay: real PostgreSQL, a real cell, everything but Ray."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import aiomqtt
import msgspec
import pytest
from sqlalchemy import text

from actors.devices import KIND_NAMED, SUBSCRIPTIONS, SensorFrame, encode
from actors.engine.directory import Directory
from actors.engine.journal import Journal
from actors.engine.post import Post
from actors.messages.bay import BayAnswer, BayFace, BayQuery
from actors.messages.device import DeviceAnswer, DeviceFace, DeviceQuery
from actors.values import SECOND_US, Ref
from gateway.ingress.counters import Counters
from gateway.ingress.courier import Courier
from gateway.ingress.intake import Limits
from gateway.ingress.registry import KnownDevices
from gateway.ingress.shares import Share
from gateway.ingress.subscriber import Subscriber
from gateway.ingress.wire import Broker
from gateway.workers import city
from storage.database import open_engine
from storage.desk import Desk
from storage.frames import Frames
from storage.journal import PostgresJournal
from storage.lists import Lists
from storage.outbox import Outbox
from storage.records import Bay, City, Device, Lot, Region, Register, Road
from storage.session import now_us
from tests.actors.devices.samples import EUI, LORA_TAKEN, LORA_TOPIC, V1_TAKEN, V1_TOPIC
from tests.gateway.ingress.scene import until
from tests.lone_cell import LoneCell

KINDS = {
    "lora-1": "yun-json",
    "nb-1": "yun-json",
    "dual-2": "yun-json",
    "loop-3": "yun-loop",
    "GM000123": "yun-v1",
    EUI: "chirpstack-tps110",
}
BAYS = {"lora-1": "b1", "nb-1": "b1", "dual-2": "b2", "loop-3": "b3", "GM000123": "b4", EUI: "b5"}


def register() -> Register:
    places = {"name_zh": "地", "name_en": "place"}
    return Register(
        city=City(zone="Asia/Shanghai", attribution="", bounds=(0, 0, 1, 1), **places),
        regions=[Region(id="r", **places)],
        roads=[Road(id="s", region_id="r", **places)],
        lots=[Lot(id="l", road_id="s", region_id="r", operator="o", street=True, lon=0, lat=0, **places)],
        bays=[Bay(id=b, number=b, lot_id="l", bay_type="general", lon=0, lat=0) for b in set(BAYS.values())],
        devices=[
            Device(
                id=id,
                kind=kind,
                lot_id="l",
                bay_id=BAYS[id],
                heartbeat_us=KIND_NAMED[kind].heartbeat_us,
                debounce_us=KIND_NAMED[kind].debounce_us,
            )
            for id, kind in KINDS.items()
        ],
    )


class House:
    """One cell and one gateway's ingress in this process, over a world of their own."""

    def __init__(
        self,
        database_url: str,
        world: str,
        broker_url: str,
        journal: Journal | None = None,
        limits: Limits | None = None,
        known: Register | None = None,
    ) -> None:
        self.register = known or register()
        self.catalogue = city()
        self.journal = journal or PostgresJournal(database_url, world, "cell-0")
        self.post_journal = PostgresJournal(database_url, world, "post")
        self.engine = open_engine(database_url, world)
        self.deaths: list[BaseException] = []
        self.cell = LoneCell(1, self.catalogue, self.journal, now_us, self.deaths.append)
        self.post = Post(self.catalogue, self._call, self.cell.learns(Directory()), self.post_journal, now_us)
        self.counters = Counters()
        self.known = KnownDevices(Lists(self.engine).device_lots)
        self.courier = Courier(
            Outbox(self.engine), self.post, self.catalogue.decode_message, self._settled, self.known.told
        )
        self.subscriber = Subscriber(
            broker_url,
            f"house-{world}",
            Share("all", SUBSCRIPTIONS),
            self.post,
            self.known,
            Frames(self.engine),
            self.counters,
            limits or Limits(),
            now_us,
        )

    async def _settled(self, ref: Ref) -> None:
        """Nobody is dedicated here."""

    async def _call(self, cell: str, method: str, payload: bytes) -> bytes:
        return await self.cell.reached(cell, method, payload)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator["House"]:
        await self.cell.start()
        await self.post.start()
        await Desk(self.engine).load("test", self.register)
        await self.known.refresh()
        assert len(self.known) == 0, "no device is known before its actor is"
        delivering = asyncio.create_task(self.courier.run())
        self.listening = asyncio.create_task(self.subscriber.run())
        try:
            await self.orders_delivered()
            await self.known.refresh()
            async with asyncio.timeout(10):
                await self.subscriber.connected.wait()
            yield self
        finally:
            for task in (delivering, self.listening):
                task.cancel()
            await asyncio.gather(delivering, self.listening, return_exceptions=True)
            await self.post.close()
            self.cell.stop()
            await self.journal.close()
            await self.post_journal.close()
            await self.engine.dispose()

    async def orders_delivered(self) -> None:
        while await Outbox(self.engine).undelivered(1):  # noqa: ASYNC110 - the table has no event
            await asyncio.sleep(0.01)

    async def bay(self, id: str) -> BayFace:
        answer = await self.post.ask(Ref("bay", f"l/{id}"), BayQuery())
        assert isinstance(answer, BayAnswer)
        return answer.face

    async def device(self, id: str) -> DeviceFace:
        answer = await self.post.ask(Ref("device", f"l/{id}"), DeviceQuery())
        assert isinstance(answer, DeviceAnswer)
        return answer.face

    async def stays(self, bay: str) -> list[str]:
        """The names of the bay's takings and freeings, from the journal."""
        ref = Ref("bay", f"l/{bay}")
        async with self.engine.connect() as connection:
            bodies = (await connection.execute(text("SELECT body FROM journal ORDER BY slot, seq"))).scalars()
            facts = [
                type(fact).__name__
                for body in bodies
                for entry in self.catalogue.decode_page(body)
                if getattr(entry, "ref", None) == ref
                for fact in getattr(entry, "facts", [])
            ]
        return [name for name in facts if name in ("Taken", "Freed")]

    async def heard(self, *devices: str) -> int:
        """How many frames these devices' actors have taken."""
        faces = [await self.device(device) for device in devices]
        return sum(face.frames + face.late for face in faces)

    async def rows(self) -> list[tuple[str, str, int]]:
        async with self.engine.connect() as connection:
            found = await connection.execute(text("SELECT topic, outcome, received_us FROM frames ORDER BY id"))
            return [tuple(row) for row in found]


@pytest.fixture
async def house(database_url: str, world: str, broker_url: str) -> AsyncIterator[House]:
    async with House(database_url, world, broker_url).opened() as opened:
        yield opened
        assert opened.deaths == []


@pytest.fixture
async def radio(broker_url: str) -> AsyncIterator[aiomqtt.Client]:
    broker = Broker(broker_url)
    async with aiomqtt.Client(broker.host, broker.port, username=broker.user, password=broker.password) as client:
        yield client


def frame(n: int, occupied: bool | None, at: int) -> bytes:
    return encode(SensorFrame(v=1, boot=1, n=n, at=at, occupied=occupied))


@pytest.mark.feature("DEV-07")
async def test_a_short_disturbance_of_a_loop_is_no_stay(house: House, radio: aiomqtt.Client) -> None:
    start = now_us() - 60 * SECOND_US
    # Free; a truck passes for two seconds; then a car stays, and leaves.
    said = [(0, False), (10, True), (12, False), (20, True), (30, True), (40, False), (50, False)]
    for n, (second, occupied) in enumerate(said):
        await radio.publish("yunparking/loop/loop-3/up", frame(n, occupied, start + second * SECOND_US), qos=1)
    await until(lambda: house.counters.acknowledged == len(said))
    assert [name for name in await house.stays("b3") if name == "Taken"] == ["Taken"]
    face = await house.bay("b3")
    assert (face.occupied, face.since_us) == (False, start + 40 * SECOND_US)


@pytest.mark.feature("IFC-05")
async def test_frames_of_other_vendors_move_their_bays(house: House, radio: aiomqtt.Client) -> None:
    await radio.publish(LORA_TOPIC, json.dumps(LORA_TAKEN), qos=1)
    await radio.publish(V1_TOPIC, json.dumps(V1_TAKEN), qos=1)
    await until(lambda: house.counters.acknowledged == 2)
    assert (await house.bay("b5")).occupied is True
    assert (await house.bay("b4")).occupied is True
    assert (await house.device(EUI)).rssi_dbm == -81
    # ChirpStack publishes the event again: one key, one turn.
    await radio.publish(LORA_TOPIC, json.dumps(LORA_TAKEN), qos=1)
    await until(lambda: house.counters.outcomes["repeat"] == 1)
    assert (await house.device(EUI)).frames == 1


@pytest.mark.feature("EXT-12")
async def test_lost_frames_are_counted_and_make_no_free_ride(house: House, radio: aiomqtt.Client) -> None:
    start = now_us() - 60 * SECOND_US
    await radio.publish("yunparking/v1/dual-2/up", frame(1, False, start), qos=1)
    # Frames 2 to 4 are lost, the arrival among them; the next heartbeat says that the bay is taken.
    await radio.publish("yunparking/v1/dual-2/up", frame(5, True, start + 5 * SECOND_US), qos=1)
    await until(lambda: house.counters.acknowledged == 2)
    face = await house.device("dual-2")
    assert (face.lost, face.frames) == (3, 2)
    assert face.drift_us <= -50 * SECOND_US, "the device's clock minus ours"
    assert (await house.bay("b2")).occupied is True
    assert await house.stays("b2") in (["Taken"], ["Freed", "Taken"])
    # One of the lost ones comes after all: counted as late, and nothing changes.
    await radio.publish("yunparking/v1/dual-2/up", frame(3, False, start + 3 * SECOND_US), qos=1)
    await until(lambda: house.counters.outcomes["late"] == 1)
    assert (await house.bay("b2")).occupied is True


async def test_every_raw_frame_is_kept_with_its_receive_time(house: House, radio: aiomqtt.Client) -> None:
    before = now_us()
    await radio.publish("yunparking/v1/dual-2/up", frame(1, True, before), qos=1)
    await radio.publish("yunparking/v1/nobody/up", frame(1, True, before), qos=1)
    await radio.publish("yunparking/v1/dual-2/up", b"\x00\xff", qos=1)
    await radio.publish("yunparking/v1/dual-2/up", b"x" * 10_000, qos=1)
    await radio.publish("yunparking/elsewhere", b"", qos=1)
    await until(lambda: house.counters.acknowledged == 5)
    rows = await house.rows()
    assert [outcome for _, outcome, _ in rows] == [
        "accepted",
        "unknown_device",
        "undecodable",
        "oversized",
        "wrong_topic",
    ]
    assert all(before <= received_us <= now_us() for _, _, received_us in rows)


async def test_a_device_registered_later_is_heard_from_then_on(house: House, radio: aiomqtt.Client) -> None:
    await radio.publish("yunparking/v1/new-9/up", frame(1, True, now_us()), qos=1)
    await until(lambda: house.counters.outcomes["unknown_device"] == 1)
    new = Device(id="new-9", kind="yun-json", lot_id="l", bay_id="b2", heartbeat_us=60 * SECOND_US)
    await Desk(house.engine).create("test", msgspec.structs.replace(new))
    house.courier.nudge()
    await house.orders_delivered()
    await house.known.refresh()
    await radio.publish("yunparking/v1/new-9/up", frame(2, True, now_us()), qos=1)
    await until(lambda: house.counters.outcomes["accepted"] == 1)
    assert (await house.bay("b2")).occupied is True


async def test_a_connection_cut_in_the_middle_makes_every_frame_one_turn(house: House, radio: aiomqtt.Client) -> None:
    count, start = 600, now_us() - 3600 * SECOND_US

    async def publish() -> None:
        for n in range(count):
            device = "lora-1" if n % 2 else "dual-2"
            await radio.publish(f"yunparking/v1/{device}/up", frame(n, n % 4 < 2, start + n * SECOND_US), qos=1)

    publishing = asyncio.create_task(publish())
    for cut in range(1, 3):
        await until(lambda cut=cut: house.counters.acknowledged >= cut * 100)
        assert house.subscriber.wire is not None
        assert house.subscriber.wire._socket is not None
        house.subscriber.wire._socket.shutdown(2)
        await until(lambda cut=cut: house.counters.connections == cut + 1)
    await publishing

    async with asyncio.timeout(30):
        while await house.heard("lora-1", "dual-2") < count:  # noqa: ASYNC110 - a device has no event to wait for
            await asyncio.sleep(0.01)
    await until(lambda: house.counters.in_flight == 0)
    assert await house.heard("lora-1", "dual-2") == count
