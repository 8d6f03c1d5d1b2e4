"""From a raw frame to a message for an actor: which kind, which device, which actor, or why not."""

import logging
from typing import NamedTuple
from zlib import crc32

from actors.devices import Keyed, Numbered, Reading, Undecodable, kind_of
from actors.engine.entries import ByKey, FromDevice
from actors.messages.device import Uplinked
from actors.values import Ref
from gateway.ingress.frames import Frame
from gateway.ingress.ports import Registry

log = logging.getLogger(__name__)


class Told(NamedTuple):
    """What an actor is to be told: the arguments of `Post.send`."""

    ref: Ref
    source: FromDevice | ByKey
    message: Uplinked


class Sorter:
    """Reads frames; one that leads to no actor is closed with its outcome instead."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def sort(self, frame: Frame) -> Told | None:
        """What is to be told to whom, or None when the frame's outcome is already known. Never raises."""
        try:
            return self._sort(frame)
        except Undecodable as reason:
            frame.close("undecodable", str(reason))
        except Exception as error:
            # A kind's decode broke its promise: the frame is evidence, and the others must go on.
            log.exception("decoding a frame on %r failed", frame.topic)
            frame.close("undecodable", f"internal_error: {error!r}")
        return None

    def _sort(self, frame: Frame) -> Told | None:
        found = kind_of(frame.topic)
        if found is None:
            frame.close("wrong_topic")
            return None
        kind, parts = found
        frame.kind = kind.name
        if frame.oversized:
            frame.close("oversized")
            return None
        reading = kind.decode(parts, frame.payload, frame.received_us)
        frame.device = reading.device
        ref = self._registry.ref(reading.device)
        if ref is None:
            frame.close("unknown_device")
            return None
        return Told(ref, _source(ref, reading), reading.uplink)


def _source(ref: Ref, reading: Reading) -> FromDevice | ByKey:
    match reading.source:
        case Numbered(boot, n):
            return FromDevice(ref, boot, n)
        case Keyed(key):
            # The key alone is the identity: a copy that was received later differs in its times, and is a repeat.
            return ByKey(key, crc32(key.encode()))
