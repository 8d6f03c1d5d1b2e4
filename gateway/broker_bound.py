"""How much our own broker keeps for gateways: past that it takes no more, and who has something to say keeps it.

MQTT 3.1.1 knows no refusal of a message: the broker ends the connection without having acknowledged it, and its sender
says it again later. So whatever waits is at most so old as the city needs for so many frames, however long an overload
lasts, and the disk does not fill.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import nats
from nats.errors import Error
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

STREAM: Final = "$MQTT_msgs"
"""The one stream of all messages that wait for somebody, as the broker makes it at its first MQTT connection."""
_SUBJECTS: Final = ["$MQTT.msgs.>"]
_WITHIN_S: Final = 10


class BoundError(Exception):
    """The broker would not have it; the text is what it said."""


def bind(url: str, most: int) -> None:
    """The broker that speaks NATS at this URL keeps at most so many messages from now on, also after a restart."""
    with ThreadPoolExecutor(1) as other:  # who starts a broker may have a loop of his own
        other.submit(asyncio.run, _bind(url, most)).result()


async def _bind(url: str, most: int) -> None:
    wanted = StreamConfig(
        name=STREAM,
        subjects=_SUBJECTS,
        retention=RetentionPolicy.INTEREST,
        storage=StorageType.FILE,
        num_replicas=1,
        max_msgs=most,
        discard=DiscardPolicy.NEW,
    )
    try:
        line = await nats.connect(url, allow_reconnect=False, connect_timeout=_WITHIN_S)
        try:
            streams = line.jetstream(timeout=_WITHIN_S)
            try:
                await streams.update_stream(wanted)
            except NotFoundError:
                await streams.add_stream(wanted)
        finally:
            await line.close()
    except (Error, OSError, TimeoutError) as error:
        raise BoundError(str(error) or type(error).__name__) from error
