"""The law of device kinds, tried on every kind that is listed."""

import contextlib
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors import devices
from actors.devices import DEVICE_KINDS, SUBSCRIPTIONS, DeviceKind, Undecodable, kind_of
from actors.devices.chirpstack_tps110 import Reception, UplinkEvent
from actors.devices.kind import CLOCK_FLOOR_US, DEVICE_ID
from actors.devices.yun_camera import CameraFrame
from actors.devices.yun_lock import ArmFrame
from actors.devices.yun_radar import RadarFrame
from actors.devices.yun_v1 import Envelope
from actors.values import DAY_US
from tests.actors.devices.samples import EUI, NOW, TOPICS

every_kind = pytest.mark.parametrize("kind", DEVICE_KINDS, ids=lambda kind: kind.name)


def matches(topic: str, pattern: str) -> bool:
    words, levels = topic.split("/"), pattern.split("/")
    for i, level in enumerate(levels):
        if level == "#":
            return True
        if i >= len(words) or level not in ("+", words[i]):
            return False
    return len(words) == len(levels)


@every_kind
def test_a_kind_declares_all_that_the_house_needs(kind: DeviceKind) -> None:
    assert kind.name in TOPICS, "add a topic of the new kind to the samples"
    assert kind.heartbeat_us > 0
    assert kind.debounce_us >= 0
    assert kind.doc.endswith(".")


@every_kind
def test_a_kind_finds_its_own_topics_and_no_other_kind_does(kind: DeviceKind) -> None:
    assert [other.name for other in DEVICE_KINDS if other.parts(TOPICS[kind.name]) is not None] == [kind.name]


@every_kind
def test_topics_lie_within_subscription_and_permission(kind: DeviceKind) -> None:
    for template in kind.topics:
        owner = "{gateway}" if "{gateway}" in template else "{device}"
        topic = template.replace(owner, "me").replace("{", "").replace("}", "")
        assert matches(topic, kind.subscription)
        assert matches(topic, kind.writer.filter.replace("%u", "me"))
        stranger = template.replace(owner, "another").replace("{", "").replace("}", "")
        assert matches(stranger, kind.writer.filter.replace("%u", "me")) is not kind.writer.own


def test_topics_that_senders_make_long_are_not_remembered() -> None:
    cached = devices._kept_kind_of.cache_info()
    for n in range(10):
        kind_of(f"yunparking/v1/{n}" + "x" * 60_000)
    assert devices._kept_kind_of.cache_info() == cached
    for kind in DEVICE_KINDS:
        assert kind_of(TOPICS[kind.name]) == (kind, kind.parts(TOPICS[kind.name]))
        assert len(TOPICS[kind.name]) <= devices.TOPIC_CACHED_MOST


def test_only_named_trusted_systems_write_for_others() -> None:
    assert {kind.writer.name for kind in DEVICE_KINDS if not kind.writer.own} == {"network_server"}


def test_no_topic_comes_twice() -> None:
    for topic in TOPICS.values():
        assert sum(matches(topic, subscription) for subscription in SUBSCRIPTIONS) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FORMS = (RadarFrame, CameraFrame, ArmFrame, Envelope, UplinkEvent, Reception)
field_names = st.sampled_from([name for struct in FORMS for name in struct.__struct_encode_fields__])
plausible = st.sampled_from(
    [1, 0, "U", "212", "00", "0100", "AQ==", "dev", NOW, True, None, {"devEui": EUI}, [{"rssi": -90}], "2026-01-01"]
)
near_frames = st.dictionaries(field_names, plausible | json_values, max_size=12).map(
    lambda value: json.dumps(value).encode("utf-8", "surrogatepass")
)


@every_kind
@settings(max_examples=300)
@given(payload=st.binary(max_size=200) | near_frames)
@example(payload=b"[" * 100_000)
@example(payload=b'{"a":' * 50_000)
@example(payload=b'{"v":1e999}')
@example(payload=b"\xff\xfe\x00")
@example(payload=b"")
def test_garbage_is_refused_with_a_word_and_never_anything_else(kind: DeviceKind, payload: bytes) -> None:
    parts = kind.parts(TOPICS[kind.name])
    assert parts is not None
    with contextlib.suppress(Undecodable):
        reading = kind.decode(parts, payload, NOW)
        assert DEVICE_ID.fullmatch(reading.device)
        assert reading.uplink.received_us == NOW
        assert CLOCK_FLOOR_US <= reading.uplink.seen_us <= NOW + DAY_US
