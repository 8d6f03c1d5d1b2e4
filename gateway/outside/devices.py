"""The port `devices`: orders published to devices, each on the topic that only it may read.

An order is one JSON object: `{"v": 1, "id": "17", "order": "lower", "text": "", "until": 1780000000000000}`. Published
means that the broker has it; that the device has done it, only the device says (`ack` in a frame of its own).
"""

import asyncio
import logging
from collections.abc import Callable

import aiomqtt
import msgspec

from actors.devices import DOWN
from actors.messages.device import DeviceTold, TellDevice
from actors.messages.forms import Command, Request
from actors.messages.lane import Commanded, MoveBarrier
from actors.values import Micros
from gateway.ingress.wire import Broker, client_of

LATE = "late"
BACK_S = 1.0
PUBLISH_S = 10.0

log = logging.getLogger(__name__)


class DownFrame(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device is told. `id` names the order in its `ack`; after `until` (microseconds UTC; 0: never) it is too
    late to carry it out.
    """

    v: int
    id: str
    order: str
    text: str = ""
    until: Micros = 0


class NotConnected(ConnectionError):
    """The broker is away: ask again later."""


class Downlink:
    """One connection to the broker, made again when it is lost; publishes what is asked, once it is there."""

    def __init__(self, url: str, client_id: str, now_us: Callable[[], Micros]) -> None:
        self._broker = Broker(url)
        self._client_id = client_id
        self._now_us = now_us
        self._client: aiomqtt.Client | None = None
        self.away = asyncio.Event()
        self.away.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with client_of(self._broker, self._client_id) as client:
                    self._client = client
                    self.away.clear()
                    async for _ in client.messages:
                        pass  # it follows nothing; this ends when the connection does
            except (aiomqtt.MqttError, OSError) as error:
                log.warning("no orders reach devices: broker %r: %s", self._broker, error)
            finally:
                self._client = None
                self.away.set()
            await asyncio.sleep(BACK_S)

    async def tell(self, request: Request, key: str) -> Command:
        """The adapter of the port: told to the broker, or too late to be."""
        match request:
            case TellDevice(device, id, order, text, until_us):
                return DeviceTold(id, await self._publish(device, DownFrame(1, id, order, text, until_us)))
            case MoveBarrier(device, order, _, until_us):
                why = await self._publish(device, DownFrame(1, key, order, until=until_us))
                return Commanded(device, order, why)
        raise TypeError(f"devices are not asked {type(request).__name__}")

    async def _publish(self, device: str, frame: DownFrame) -> str:
        """Why it was not published; empty if it was."""
        if frame.until and self._now_us() >= frame.until:
            return LATE
        if self._client is None:
            raise NotConnected(f"the broker {self._broker!r} is away")
        await self._client.publish(f"{DOWN}/{device}", msgspec.json.encode(frame), qos=1, timeout=PUBLISH_S)
        return ""
