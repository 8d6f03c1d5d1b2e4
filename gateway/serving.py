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
    """Runs one gateway in this process; the settings name the real servers (URLs and Ray's address)."""
    collect_seldom()
    cluster = Cluster(namespace or namespace_of(settings.world))
    cluster.join(settings.ray.address or None)
    door = Door(settings, cluster)
    looking = asyncio.create_task(_end_with(cluster))
    try:
        await door.open()
        with contextlib.suppress(asyncio.CancelledError):
            await door.run()
    finally:
        looking.cancel()
        await door.close()
        cluster.leave()


async def _end_with(cluster: Cluster) -> None:
    """Ends this process when the cluster has: only another one can join what stands in its place."""
    while not (ended := await asyncio.to_thread(cluster.ended)):  # noqa: ASYNC110 - Ray has no event for it
        await asyncio.sleep(ASK_EVERY_S)
    log.error("the %s of Ray has ended, and with it all that it carried: this gateway ends, to be started again", ended)
    os._exit(ENDED_EXIT)  # leaving in order would wait for who is gone
