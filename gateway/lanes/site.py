"""The lanes of some lots at one place: their cameras are listened to, their barriers told, the city kept informed."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import aiomqtt
import msgspec

from actors.devices import DOWN
from actors.devices.kind import Undecodable, device_id
from actors.devices.yun_lane import YUN_LANE, LaneFrame, lane_frame
from actors.messages.lane import GatesAnswer, Lane
from actors.values import SECOND_US, Micros
from gateway.ingress.wire import Broker, client_of
from gateway.lanes.lane import LaneAgent, Screen
from gateway.lanes.logbook import Logbook
from gateway.lanes.platform import Away, Car, Platform
from gateway.outside.devices import DownFrame

CAMERAS = "yunparking/lane/+/up"
STALE_US = 5 * SECOND_US
"""Who stood at a barrier longer ago is gone, or was seen again since."""
LEARN_EVERY_S = 5.0
TELL_AGAIN_S, TELL_AGAIN_MOST_S = 0.2, 5.0
RECONNECT_S = 0.5
PUBLISH_WITHIN_S = 2.0

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_known = msgspec.json.Decoder(dict[str, GatesAnswer])


class Site:
    """The lanes of these lots. What it knows and what it did alone lies in `folder`, so that it works on, and forgets
    nothing, when it is started again while the city is away.
    """

    def __init__(
        self,
        url: str,
        lots: tuple[str, ...],
        platform: Platform,
        folder: Path,
        now_us: Callable[[], Micros],
        pay_code: Callable[[str, Micros], str] = lambda session, until_us: session,
    ) -> None:
        self._broker, self._lots, self._platform = Broker(url), lots, platform
        self._now_us, self._pay_code = now_us, pay_code
        self._rules_file = folder / "gates.json"
        self.logbook = Logbook(folder / "passages.jsonl")
        self.rules: dict[str, GatesAnswer] = self._read_rules()
        self.agents: dict[tuple[str, str], LaneAgent] = {}
        self.connected = asyncio.Event()
        self.learned = asyncio.Event()
        self._told = asyncio.Condition()
        self._client: aiomqtt.Client | None = None
        self._last_n = 0
        self._meet()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._learn())
                tasks.create_task(self._reconcile())
        finally:
            await asyncio.gather(*(agent.close() for agent in self.agents.values()))
            self.logbook.close()

    # -- what the cameras say

    async def _listen(self) -> None:
        while True:
            try:
                async with client_of(self._broker, keepalive=10, timeout=5) as client:
                    await client.subscribe(CAMERAS, qos=1)
                    self._client = client
                    self.connected.set()
                    async for message in client.messages:
                        self._hear(str(message.topic), bytes(message.payload))
            except (aiomqtt.MqttError, OSError) as error:
                log.warning("broker %r: %s", self._broker, error)
            self._client = None
            self.connected.clear()
            await asyncio.sleep(RECONNECT_S)

    def _hear(self, topic: str, payload: bytes) -> None:
        parts = YUN_LANE.parts(topic)
        try:
            frame, camera = lane_frame(payload), device_id(parts["device"] if parts else "")
        except Undecodable as why:
            log.warning("a camera's frame on %s: %s", topic, why)
            return
        if frame.car is not None:
            self._saw(camera, frame)

    def _saw(self, camera: str, frame: LaneFrame) -> None:
        found = self._lane_of(camera)
        now_us = self._now_us()
        if found is None or frame.car is None or now_us - frame.at > STALE_US:
            return
        (lot, name), lane, seen = found, self.rules[found[0]].lanes[found[1]], frame.car
        way = seen.way if lane.direction == "both" else lane.direction
        self._last_n = max(self._last_n + 1, now_us)
        self._last_n += self._last_n % 2  # odd numbers are for a question that is asked anew
        said = (way != "out", seen.plate, seen.colour, seen.confidence, min(frame.at, now_us), seen.picture)
        self.agents[lot, name].saw(Car(lot, name, self._last_n, *said))

    def _lane_of(self, camera: str) -> tuple[str, str] | None:
        for lot, known in self.rules.items():
            for name, lane in known.lanes.items():
                if lane.camera == camera:
                    return lot, name
        return None

    # -- what barriers and screens are told

    async def open(self, lane: Lane, id: str) -> None:
        """Opens a barrier once."""
        if lane.barrier:
            await self._publish(lane.barrier, DownFrame(1, id, "open", until=self._now_us() + STALE_US))

    async def show(self, lane: Lane, what: Screen) -> None:
        """Shows something; a screen that cannot be told keeps no barrier from opening."""
        if lane.screen:
            with contextlib.suppress(aiomqtt.MqttError, OSError):
                await self._publish(lane.screen, DownFrame(1, "", "show", _encode(what).decode(), what.until))

    async def _publish(self, device: str, frame: DownFrame) -> None:
        if self._client is None:
            raise aiomqtt.MqttError("the broker is away")
        await self._client.publish(f"{DOWN}/{device}", _encode(frame), qos=1, timeout=PUBLISH_WITHIN_S)

    # -- what the city knows

    async def _learn(self) -> None:
        """What the lots say of their lanes; while they do not answer, what they said last holds."""
        while True:
            for lot in self._lots:
                try:
                    said = await self._platform.gates(lot)
                except Away as why:
                    log.info("%s did not say what its lanes are: %s", lot, why)
                    continue
                if said != self.rules.get(lot):
                    self.rules[lot] = said
                    await asyncio.to_thread(self._write_rules, _encode(self.rules))
                    self._meet()
            self.learned.set()
            await asyncio.sleep(LEARN_EVERY_S)

    def _meet(self) -> None:
        for lot, known in self.rules.items():
            for name in known.lanes:
                if (lot, name) not in self.agents:
                    self.agents[lot, name] = self._agent(lot, name)

    def _agent(self, lot: str, name: str) -> LaneAgent:
        rules = lambda: self.rules[lot]  # noqa: E731
        return LaneAgent(
            lot, name, self._platform, self, self.logbook, rules, self.drained, self._now_us, self._pay_code
        )

    def _read_rules(self) -> dict[str, GatesAnswer]:
        try:
            known = _known.decode(self._rules_file.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return {}
        return {lot: said for lot, said in known.items() if lot in self._lots}

    def _write_rules(self, body: bytes) -> None:
        beside = self._rules_file.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._rules_file)

    async def _reconcile(self) -> None:
        """Tells what lanes did by themselves, oldest first, each until its lot knows of it."""
        wait_s = TELL_AGAIN_S
        while True:
            untold = self.logbook.untold()
            if untold:
                try:
                    await self._platform.tell(untold[0].lot, untold[0].said)
                except Away as why:
                    log.info("%d passages wait to be told: %s", len(untold), why)
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 2, TELL_AGAIN_MOST_S)
                    continue
                await self.logbook.told(untold[0])
                wait_s = TELL_AGAIN_S
            async with self._told:
                self._told.notify_all()
            if not self.logbook.untold():
                await asyncio.sleep(TELL_AGAIN_S)

    async def drained(self) -> None:
        """Waits until the city knows all that the lanes did by themselves."""
        async with self._told:
            await self._told.wait_for(lambda: not self.logbook.untold())
