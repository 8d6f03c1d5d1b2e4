"""The kinds of devices that the city understands: one object each, listed once, here."""

from collections.abc import Mapping
from functools import lru_cache

from actors.devices.chirpstack_tps110 import CHIRPSTACK_TPS110
from actors.devices.kind import (
    DOWN,
    PAYLOAD_MOST,
    DeviceKind,
    Keyed,
    Numbered,
    Reading,
    Undecodable,
    Writer,
)
from actors.devices.yun_barrier import YUN_BARRIER
from actors.devices.yun_camera import YUN_CAMERA
from actors.devices.yun_json import YUN_JSON, SensorFrame, encode
from actors.devices.yun_lane import YUN_LANE
from actors.devices.yun_lock import YUN_LOCK
from actors.devices.yun_loop import YUN_LOOP
from actors.devices.yun_pile import YUN_PILE
from actors.devices.yun_radar import YUN_RADAR
from actors.devices.yun_v1 import YUN_V1

DEVICE_KINDS: tuple[DeviceKind, ...] = (
    YUN_JSON,
    YUN_LOOP,
    YUN_RADAR,
    YUN_CAMERA,
    YUN_PILE,
    YUN_LOCK,
    YUN_BARRIER,
    YUN_LANE,
    YUN_V1,
    CHIRPSTACK_TPS110,
)

SUBSCRIPTIONS: tuple[str, ...] = tuple(dict.fromkeys(kind.subscription for kind in DEVICE_KINDS))
"""The topic filters that bring every kind's frames; no topic matches two of them, so no frame comes twice."""

KIND_NAMED: Mapping[str, DeviceKind] = {kind.name: kind for kind in DEVICE_KINDS}


TOPIC_CACHED_MOST = 200
"""Topics longer than any sound device's are looked at anew each time: who sends them could fill the memory."""

Sorted = tuple[DeviceKind, Mapping[str, str]]


def kind_of(topic: str) -> Sorted | None:
    """The kind whose topic this is, and the named parts of the topic; None for a topic of no kind."""
    return _kept_kind_of(topic) if len(topic) <= TOPIC_CACHED_MOST else _kind_of(topic)


def _kind_of(topic: str) -> Sorted | None:
    for kind in DEVICE_KINDS:
        parts = kind.parts(topic)
        if parts is not None:
            return kind, parts
    return None


_kept_kind_of = lru_cache(maxsize=1 << 15)(_kind_of)


__all__ = [
    "DEVICE_KINDS",
    "DOWN",
    "KIND_NAMED",
    "PAYLOAD_MOST",
    "SUBSCRIPTIONS",
    "DeviceKind",
    "Keyed",
    "Numbered",
    "Reading",
    "SensorFrame",
    "Undecodable",
    "Writer",
    "encode",
    "kind_of",
]
