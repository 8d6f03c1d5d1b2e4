"""Sensors wait outside while too much waits inside: what `up` does when more comes than the city takes, for long.

MQTT 3.1.1 has no answer to a message that means "not now". A broker that refuses one message and takes the next turns
their order round, and one that takes all makes what is shown older and older. So sensors are kept out as a whole: what
was not acknowledged to them they say again when they are let in, in its order, and nothing that was acknowledged is
lost. Between shutting and opening, half of what may wait is taken: nobody is let in and out by turns.
"""

import asyncio

import aiohttp
import msgspec

from gateway.backlog import BrokerGauges, backlog_of
from gateway.broker import Broker
from gateway.command.say import Say

FULL, HALF = 1.0, 0.5
"""At which share of what may wait sensors are kept out, and let in again."""
UNREAD_MOST = 3
"""After so many looks in vain it is said that nobody knows how much waits."""


class Sluice:
    """Keeps the sensors of our own broker out while more than `most` frames wait there, and until it is a half."""

    def __init__(self, broker: Broker, most: int, say: Say) -> None:
        self._broker, self._say = broker, say
        self._backlog = backlog_of(broker.folder, broker.url, most)
        self._unread = 0

    def look(self, within_s: float) -> None:
        """See how much waits, if the broker tells within so many seconds, and shut or open. While more and more waits
        although it is shut, shut again: a broker may not have heard of it.
        """
        try:
            asyncio.run(self._look(within_s))
        except (aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
            self._unread += 1
            if self._unread == UNREAD_MOST:
                self._say.note("warning", f"the broker does not tell how much waits there: {error!r}")
            return
        self._unread = 0
        seen = self._backlog.gauges()
        if seen is not None and (seen.full_ratio >= FULL or (self._broker.keeps_out and seen.full_ratio <= HALF)):
            self._turn(seen)

    async def _look(self, within_s: float) -> None:
        async with asyncio.timeout(within_s):
            await self._backlog.look()

    def _turn(self, seen: BrokerGauges) -> None:
        shut, was = seen.full_ratio >= FULL, self._broker.keeps_out
        try:
            self._broker.keep_out(shut)
        except OSError as error:  # a full disk: it is tried again at the next look
            self._say.note("warning", f"the broker cannot be told whom to let in: {error}")
            return
        frames = seen.waiting_frames + seen.unacknowledged_frames
        if shut and not was:
            old = f"the oldest for {seen.waiting_seconds:.0f} s"
            said = f"{frames} frames wait at the broker, {old}: sensors are kept out until half of them are taken"
            self._say.note("warning", said, frames=frames)
        elif was and not shut:
            self._say.note("done", "the broker lets sensors in again", frames=frames)
