"""Sensors wait outside while too much waits inside: what `up` does when more comes than the city takes, for long.

MQTT 3.1.1 has no answer for "not now". A broker that refuses one message and takes the next turns their order round,
and one that takes all makes what is shown older and older. So sensors are kept out as a whole: what was not
acknowledged to them they say again when they are let in, in its order, and nothing that was acknowledged is lost.
Between shutting and opening, half of what may wait is taken: nobody is let in and out by turns.
"""

import asyncio
import logging

import aiohttp
import msgspec

from gateway.backlog import BrokerGauges, backlog_of
from gateway.broker import Broker
from gateway.command.say import Say

FULL, HALF = 1.0, 0.5
"""At which share of what may wait sensors are kept out, and let in again."""

log = logging.getLogger("yunparking.sluice")


class Sluice:
    """Keeps the sensors of our own broker out while more than `most` frames wait there, and until it is a half."""

    def __init__(self, broker: Broker, most: int, say: Say) -> None:
        self._broker, self._say = broker, say
        self._backlog = backlog_of(broker.folder, broker.url, most)
        self._shut = False

    def look(self, within_s: float) -> None:
        """See how much waits, if the broker tells within so many seconds, and shut or open."""
        try:
            asyncio.run(self._look(within_s))
        except (aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
            log.info("the broker does not tell how much waits: %r", error)
            return
        seen = self._backlog.gauges()
        if seen is not None and (seen.full_ratio <= HALF if self._shut else seen.full_ratio >= FULL):
            self._turn(seen)

    async def _look(self, within_s: float) -> None:
        async with asyncio.timeout(within_s):
            await self._backlog.look()

    def _turn(self, seen: BrokerGauges) -> None:
        self._shut = not self._shut
        self._broker.keep_out(self._shut)
        frames = seen.waiting_frames + seen.unacknowledged_frames
        if self._shut:
            old = f"the oldest for {seen.waiting_seconds:.0f} s"
            said = f"{frames} frames wait at the broker, {old}: sensors are kept out until half of them are taken"
            self._say.note("warning", said, frames=frames)
        else:
            self._say.note("done", "the broker lets sensors in again", frames=frames)
