"""One gateway in a process of its own, from joining the cluster to leaving it."""

import asyncio
import contextlib

from actors.engine.cluster import Cluster
from gateway.door import Door
from gateway.settings import Settings
from gateway.workers import collect_seldom, namespace_of


async def serve_gateway(settings: Settings, namespace: str = "") -> None:
    """Runs one gateway in this process; the settings name the real servers (URLs and Ray's address)."""
    collect_seldom()
    cluster = Cluster(namespace or namespace_of(settings.world))
    cluster.join(settings.ray.address or None)
    door = Door(settings, cluster)
    try:
        await door.open()
        with contextlib.suppress(asyncio.CancelledError):
            await door.run()
    finally:
        await door.close()
        cluster.leave()
