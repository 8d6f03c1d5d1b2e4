"""Stays connected to the broker: one intake per connection, with a patient way back."""

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import aiomqtt

from actors.values import Micros
from gateway.broker import ACK_WAIT_S
from gateway.ingress.counters import Counters
from gateway.ingress.intake import Intake, Limits
from gateway.ingress.ports import FrameStore, Post, Registry
from gateway.ingress.shares import Share
from gateway.ingress.sorter import Sorter
from gateway.ingress.stream import Arrived
from gateway.ingress.wire import Broker, Wire, has_session

log = logging.getLogger(__name__)

BACKOFF_FIRST_S = 0.2
BACKOFF_MOST_S = 10.0
STEADY_S = 10.0
"""A connection that lived so long was a good one: the way back begins with the shortest pause. One that is cut at
once, as when another gateway has our name, is not fought over.
"""
REST_S = ACK_WAIT_S + 1.0


class Subscriber:
    """The gateway's side of one share's session at the broker. After a lost connection it starts afresh, as a new
    gateway would: what was under way is dropped here, for the broker sends again whatever was not acknowledged.

    Brokers such as ours send it again only some seconds after they had sent it, and let new frames pass before: a
    device's older words would come too late to count. So a session rests for `rest_s` before it goes on; then all
    that is owed is due, and comes first and in order.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        share: Share,
        post: Post,
        registry: Registry,
        store: FrameStore,
        counters: Counters,
        limits: Limits,
        now_us: Callable[[], Micros],
        rest_s: float = REST_S,
    ) -> None:
        if "." in client_id:
            raise ValueError("some brokers take no '.' in a client id")
        self._broker = Broker(url)
        self._client_id = client_id
        self._share = share
        self._intake = partial(Intake, post, Sorter(registry), store, counters, limits, now_us)
        self._counters, self._payload_most = counters, limits.payload
        self.connected = asyncio.Event()
        self.wire: Wire | None = None
        self._rest_s = rest_s
        self._left: float | None = None

    async def run(self) -> None:
        """Until cancelled: connect, take frames, and after a loss connect again."""
        wait_s, clock = BACKOFF_FIRST_S, asyncio.get_running_loop().time
        self._counters.connects()
        while True:
            try:
                await self._rest()
                began = clock()
                await self._session()
            except (aiomqtt.MqttError, OSError) as error:
                log.warning("broker %r: %s", self._broker, error)
            self._counters.losses += 1
            if self.connected.is_set() and clock() - began >= STEADY_S:
                wait_s = BACKOFF_FIRST_S
            self.connected.clear()
            self._counters.connects()
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads gateways, guards nothing
            wait_s = min(wait_s * 2, BACKOFF_MOST_S)

    async def _rest(self) -> None:
        """Waits until the broker has nothing under way to the connection before, ours or a dead gateway's."""
        clock = asyncio.get_running_loop().time
        if self._left is None and await has_session(self._broker, self._client_id):
            self._left = clock()
        if self._left is not None:
            await asyncio.sleep(self._left + self._rest_s - clock())

    async def _session(self) -> None:
        """One connection, from CONNECT to its loss."""
        intake = self._intake()
        arrived = _without(self._share.prefix, intake.arrived)
        wire = Wire(self._broker, self._client_id, self._share.filters, arrived, self._payload_most)
        try:
            await self._listen(intake, wire)
        finally:
            if wire.resumed is not None:
                self._left = asyncio.get_running_loop().time()

    async def _listen(self, intake: Intake, wire: Wire) -> None:
        async with wire:
            self.wire = intake.wire = wire
            self._counters.connections += 1
            self.connected.set()
            self._counters.has_connected()
            log.info("listening at broker %r", self._broker)
            both = {asyncio.create_task(intake.run()), asyncio.create_task(wire.broken())}
            try:
                done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)


def _without(prefix: str, arrived: Arrived) -> Arrived:
    """Takes what the broker has put before a topic away again."""
    if not prefix:
        return arrived

    def as_published(number: int, topic: str, *rest: Any) -> None:
        arrived(number, topic.removeprefix(prefix), *rest)

    return as_published
