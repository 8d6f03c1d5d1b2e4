"""One gateway in a process of its own, from joining the cluster to leaving it."""

import asyncio
import contextlib
import logging
import os
from typing import Final

from actors.engine.cluster import ENDED_EXIT, Cluster
from gateway.door import Door
from gateway.settings import Settings
from gateway.workers import collect_seldom, namespace_of

ASK_EVERY_S: Final = 5.0

log = logging.getLogger("yunparking.gateway")


async def serve_gateway(settings: Settings, namespace: str = "") -> None:
    """Runs one gateway in this process; the settings name the real servers (URLs and Ray's address). When Ray has
    ended, so does the process: only another one can join what stands in its place.
    """
    collect_seldom()
    cluster = Cluster(namespace or namespace_of(settings.world))
    cluster.join(settings.ray.address or None)
    stop_looking = cluster.when_ended(end_at_once, ASK_EVERY_S)
    door = Door(settings, cluster)
    try:
        await door.open()
        with contextlib.suppress(asyncio.CancelledError):
            await door.run()
    finally:
        stop_looking()
        await door.close()
        cluster.leave()


def end_at_once(ended: str) -> None:
    """Ends this process, to be started again: leaving in order would wait for who is gone."""
    log.error("the %s of Ray has ended, and with it all that it carried: this gateway ends", ended)
    os._exit(ENDED_EXIT)
