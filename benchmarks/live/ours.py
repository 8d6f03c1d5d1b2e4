"""Our live line as a gateway runs it, asking views of another process; says how many of its screens do not read."""

import asyncio
import sys
from typing import Any

import uvloop

from actors.engine.cluster import Cluster
from benchmarks.child import Answers
from gateway.live.beats import every
from gateway.live.server import LiveServer, LiveSettings
from gateway.workers import VIEWS, collect_seldom
from storage.session import now_us


class Anybody:
    """Claims that allow everything; signing in is not measured."""

    expires_us = 1 << 62

    def may(self, permission: str) -> bool:
        """Yes."""
        return True


async def _serve(address: str, namespace: str) -> None:
    answers, cluster = Answers(), Cluster(namespace)
    cluster.join(address)
    live = LiveServer(
        lambda method, payload: cluster.call(VIEWS, method, payload),
        lambda token: Anybody(),
        now_us,
        every,
        LiveSettings(port=0),
    )
    port, running = await live.start(), asyncio.ensure_future(live.run())

    async def full(_: Any) -> int:
        return live.gauges().stuck_clients

    answers.say(port)
    await answers.serve(full)
    running.cancel()
    await live.stop()
    cluster.leave()


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(_serve(*sys.argv[1:]))
