"""What keeps a demonstration city alive: recorded readings, then simulated ones, published as its sensors would."""

import asyncio
import logging
from collections.abc import Iterator
from itertools import islice

import aiomqtt
import msgspec

from actors.values import SECOND_US
from gateway.ingress.wire import Broker, client_of
from gateway.live.beats import every
from gateway.settings import Settings
from sim.city import melbourne
from sim.replay import Feed, Frame
from storage.database import Engine, open_engine
from storage.desk import Desk
from storage.history import History
from storage.outbox import Outbox
from storage.records import Register
from storage.session import now_us

AT_ONCE = 100
RECONNECT_S = 1.0
LOOK_EVERY_S = 0.2

log = logging.getLogger("yunparking.replay")


async def serve_replay(settings: Settings) -> None:
    """Publishes without end; a city that has been alive before goes on from where its bays stand."""
    engine = open_engine(settings.database.url, settings.world, "replay", pool=1)
    try:
        await _registered(engine)
        known = await History(engine).last_states()
        log.info("%d bays are known%s", len(known), "" if known else ": beginning with the recording")
        city = demonstrated(await Desk(engine).export())
        feed = Feed(city, now_us(), known=known or None, speed=settings.replay.speed)
    finally:
        await engine.dispose()
    if not city.bays:
        log.info("no bay of the demonstration's city is here: there is nothing to publish")
        await asyncio.Event().wait()
    await publish(settings.broker.url, feed.frames())


def demonstrated(register: Register) -> Register:
    """What is shown of a city: the bays that come with the product. For all others real sensors speak, whose words
    would be older than what is made up here.
    """
    shown = {bay.id for bay in melbourne().bays}
    return msgspec.structs.replace(
        register,
        bays=[bay for bay in register.bays if bay.id in shown],
        devices=[device for device in register.devices if device.bay_id in shown],
    )


async def _registered(engine: Engine) -> None:
    """Waits until the register's orders have been delivered: a device that is not installed refuses its readings."""
    async for _ in every(LOOK_EVERY_S):
        if not await Outbox(engine).undelivered(1):
            return


async def publish(url: str, frames: Iterator[Frame]) -> None:
    """Publishes each frame when it is due, over lost connections; returns when there are no more."""
    broker = Broker(url)
    waiting: list[Frame] = []
    while True:
        try:
            async with client_of(broker, max_inflight_messages=AT_ONCE) as client:
                client.pending_calls_threshold = AT_ONCE
                while waiting or (waiting := list(islice(frames, AT_ONCE))):
                    await _publish_due(client, waiting)
        except aiomqtt.MqttError as error:
            log.warning("the broker is away: %s", error)
            await asyncio.sleep(RECONNECT_S)
        else:
            return


async def _publish_due(client: aiomqtt.Client, waiting: list[Frame]) -> None:
    delay_us = waiting[0].at_us - now_us()
    if delay_us > 0:
        await asyncio.sleep(delay_us / SECOND_US)
    now = now_us()
    due = [frame for frame in waiting if frame.at_us <= now]
    await asyncio.gather(*[client.publish(frame.topic, frame.payload, qos=1) for frame in due])
    del waiting[: len(due)]
