"""The law of device kinds, tried on every kind that is listed, and golden frames of each."""

import contextlib
import json
from base64 import b64encode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.devices import (
    DEVICE_KINDS,
    SUBSCRIPTIONS,
    DeviceKind,
    Keyed,
    Numbered,
    Reading,
    SensorFrame,
    Undecodable,
    encode,
    kind_of,
)
from actors.devices.chirpstack_tps110 import Reception, UplinkEvent
from actors.devices.kind import CLOCK_FLOOR_US, DEVICE_ID
from actors.devices.yun_v1 import Envelope
from actors.values import DAY_US, SECOND_US

NOW = 1_780_000_000_000_000
EUI = "00aa11bb22cc33dd"


def read(topic: str, payload: bytes | dict[str, object], at: int = NOW) -> Reading:
    found = kind_of(topic)
    assert found is not None, topic
    kind, parts = found
    return kind.decode(parts, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), at)


def refusal(topic: str, payload: bytes | dict[str, object]) -> str:
    with pytest.raises(Undecodable) as caught:
        read(topic, payload)
    assert caught.value.sentence
    assert caught.value.code.isidentifier()
    return caught.value.code


# ---- what holds for every kind

TOPICS = {
    "yun-json": "yunparking/v1/mel-66222/up",
    "yun-loop": "yunparking/loop/loop-7/up",
    "yun-v1": "iot-topic/gw/bj-01/GW_00000666/17",
    "chirpstack-tps110": f"application/5bb92de6/device/{EUI}/event/up",
}

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
    assert kind.name in TOPICS, "add a topic of the new kind to this test"
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
field_names = st.sampled_from(
    [name for struct in (SensorFrame, Envelope, UplinkEvent, Reception) for name in struct.__struct_encode_fields__]
)
plausible = st.sampled_from(
    [1, 0, "U", "212", "00", "0100", "AQ==", "dev", NOW, True, None, {"devEui": EUI}, [{"rssi": -90}], "2026-01-01"]
)
near_frames = st.dictionaries(field_names, plausible | json_values, max_size=12).map(
    lambda value: json.dumps(value).encode("utf-8", "surrogatepass")
)


@every_kind
@settings(max_examples=300, deadline=None)
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


# ---- our own JSON

frames = st.builds(
    SensorFrame,
    v=st.just(1),
    boot=st.integers(0, 2**32 - 1),
    n=st.integers(0, 2**53 - 1),
    at=st.integers(CLOCK_FLOOR_US, NOW),
    occupied=st.none() | st.booleans(),
    battery=st.none() | st.integers(0, 100),
    battery_mv=st.none() | st.integers(0, 100_000),
    rssi=st.none() | st.integers(-200, 50),
    snr=st.none() | st.floats(-50, 50),
    temp_c=st.none() | st.floats(-100, 200),
    fault=st.booleans(),
    started=st.booleans(),
    sim=st.booleans(),
)


@settings(deadline=None)
@given(frames)
def test_what_our_sensor_sends_is_what_is_read(frame: SensorFrame) -> None:
    reading = read("yunparking/v1/s-1/up", encode(frame))
    said = reading.uplink
    assert (reading.device, reading.source) == ("s-1", Numbered(frame.boot, frame.n))
    assert (said.seen_us, said.received_us, said.clock_us) == (frame.at, NOW, None)
    assert (said.serial, said.serial_top, said.boot) == (frame.n, 0, frame.boot)
    assert (said.occupied, said.fault, said.started, said.simulated) == (
        frame.occupied,
        frame.fault,
        frame.started,
        frame.sim,
    )
    assert (said.battery_pct, said.battery_mv, said.rssi_dbm, said.snr_db, said.temperature_c) == (
        frame.battery,
        frame.battery_mv,
        frame.rssi,
        frame.snr,
        frame.temp_c,
    )


@pytest.mark.parametrize("bearer", ["up", "up/nb", "up/lora"])
def test_one_frame_is_the_same_over_every_bearer(bearer: str) -> None:
    payload = encode(SensorFrame(v=1, boot=3, n=17, at=NOW - 5, occupied=True))
    assert read(f"yunparking/v1/s-1/{bearer}", payload) == read("yunparking/v1/s-1/up", payload)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"v": 2}, "wrong_field"),
        ({"n": -1}, "wrong_field"),
        ({"n": 2**53}, "wrong_field"),
        ({"boot": "3"}, "wrong_field"),
        ({"occupied": 1}, "wrong_field"),
        ({"battery": 101}, "wrong_field"),
        ({"at": 1.5}, "wrong_field"),
    ],
)
def test_a_frame_beyond_its_limits_is_refused(change: dict[str, object], code: str) -> None:
    assert refusal("yunparking/v1/s-1/up", {"v": 1, "boot": 3, "n": 17, "at": NOW} | change) == code


def test_fields_of_a_later_version_are_passed_over() -> None:
    assert read("yunparking/v1/s-1/up", {"v": 1, "boot": 0, "n": 0, "at": NOW, "later": [1]}).uplink.serial == 0


def test_a_device_may_not_be_called_anything() -> None:
    assert refusal("yunparking/v1/-s 1/up", {"v": 1, "boot": 0, "n": 0, "at": NOW}) == "bad_device_id"


@pytest.mark.parametrize("clock", [0, CLOCK_FLOOR_US - 1, NOW + DAY_US + 1])
def test_a_clock_that_cannot_be_right_does_not_say_when(clock: int) -> None:
    said = read("yunparking/v1/s-1/up", {"v": 1, "boot": 0, "n": 0, "at": clock}).uplink
    assert (said.seen_us, said.clock_us) == (NOW, clock)


@pytest.mark.parametrize("clock", [CLOCK_FLOOR_US, NOW - 400 * DAY_US, NOW + DAY_US])
def test_a_clock_that_merely_drifts_does(clock: int) -> None:
    said = read("yunparking/v1/s-1/up", {"v": 1, "boot": 0, "n": 0, "at": clock}).uplink
    assert (said.seen_us, said.clock_us) == (clock, None)


def test_a_loop_speaks_the_same_and_is_believed_later() -> None:
    payload = encode(SensorFrame(v=1, boot=1, n=2, at=NOW, occupied=True))
    loop = kind_of("yunparking/loop/l-1/up")
    assert loop is not None
    assert loop[0].debounce_us == 5 * SECOND_US
    assert read("yunparking/loop/l-1/up", payload).uplink == read("yunparking/v1/l-1/up", payload).uplink


# ---- yun-v1

V1_TOPIC = "iot-topic/gw/bj-01/GW_00000666/17"
V1_TAKEN = {
    "msgType": 1,
    "2_devTypeCode": "212",
    "type": "U",
    "deviceId": "GM000123",
    "data": "01a0FF00",
    "countTopicId": "17",
    "2_spaceStatus": "1",
    "2_brighValue": "355",
    "2_rfRecStreng": "-71",
    "2_clockState": "1",
    "2_deviceTime": "2026-05-28 04:26:40",
    "2_packageSerialNumberHead": "17",
}


def test_a_magnetometer_frame_is_read_whole() -> None:
    reading = read(V1_TOPIC, V1_TAKEN)
    said = reading.uplink
    assert reading.device == "GM000123"
    # 04:26:40 in China is 20:26:40 UTC of the day before.
    assert said.seen_us == 1_779_913_600_000_000
    assert (said.occupied, said.serial, said.serial_top, said.rssi_dbm) == (True, 17, 255, -71)


def test_the_same_magnetometer_frame_has_the_same_key_and_another_has_not() -> None:
    key = read(V1_TOPIC, V1_TAKEN).source
    assert isinstance(key, Keyed)
    assert read(V1_TOPIC, V1_TAKEN, NOW + 1).source == key
    assert read(V1_TOPIC, V1_TAKEN | {"2_spaceStatus": "0"}).source != key
    assert read(V1_TOPIC, V1_TAKEN | {"2_deviceTime": "2026-05-28 04:26:41"}).source != key
    untimed = {name: value for name, value in V1_TAKEN.items() if name != "2_deviceTime"}
    assert read(V1_TOPIC, untimed).source != read(V1_TOPIC.replace("/17", "/18"), untimed).source


@pytest.mark.parametrize("data", ["00", "00ff", "00FF"])
def test_a_heartbeat_repeats_the_state_or_has_no_opinion(data: str) -> None:
    heartbeat = V1_TAKEN | {"data": data}
    assert read(V1_TOPIC, heartbeat).uplink.occupied is True
    assert read(V1_TOPIC, heartbeat | {"2_spaceStatus": None}).uplink.occupied is None


def test_hex_digits_of_either_case_are_the_same() -> None:
    upper, lower = (read(V1_TOPIC, V1_TAKEN | {"data": data}).uplink for data in ("0AFF", "0aff"))
    assert upper == lower


@pytest.mark.parametrize(
    ("time", "seen_us"),
    [
        (1_779_999_000, 1_779_999_000_000_000),
        ("1779999000", 1_779_999_000_000_000),
        (1_779_999_000_123, 1_779_999_000_123_000),
        ("2026-05-28T20:10:00+00:00", 1_779_999_000_000_000),
        ("", NOW),
        (None, NOW),
    ],
)
def test_device_time_is_read_in_its_known_forms(time: object, seen_us: int) -> None:
    assert read(V1_TOPIC, V1_TAKEN | {"2_deviceTime": time}).uplink.seen_us == seen_us


def test_serial_zero_is_not_counted() -> None:
    assert read(V1_TOPIC.replace("/17", "/0"), V1_TAKEN).uplink.serial is None


@pytest.mark.parametrize(
    ("topic", "change", "code"),
    [
        (V1_TOPIC.replace("/17", "/256"), {}, "bad_serial"),
        (V1_TOPIC.replace("/17", "/x"), {}, "bad_serial"),
        (V1_TOPIC, {"msgType": 2}, "not_telemetry"),
        (V1_TOPIC, {"2_devTypeCode": "200"}, "other_device_type"),
        (V1_TOPIC, {"type": "M"}, "other_report"),
        (V1_TOPIC, {"data": "0"}, "bad_hex"),
        (V1_TOPIC, {"data": "zz"}, "bad_hex"),
        (V1_TOPIC, {"data": ""}, "bad_hex"),
        (V1_TOPIC, {"2_spaceStatus": ""}, "no_state"),
        (V1_TOPIC, {"2_deviceTime": "yesterday"}, "bad_time"),
        (V1_TOPIC, {"deviceId": ""}, "bad_device_id"),
        (V1_TOPIC, {"deviceId": ["GM"]}, "wrong_field"),
    ],
)
def test_a_magnetometer_frame_that_cannot_be_read_says_why(topic: str, change: dict[str, object], code: str) -> None:
    assert refusal(topic, V1_TAKEN | change) == code


def test_four_or_six_segments_are_no_magnetometer_topic() -> None:
    assert kind_of("iot-topic/gw/GW_00000666/17") is None
    assert kind_of("iot-topic/gw/a/b/c/17") is None


# ---- ChirpStack v4 with a TPS110

LORA_TOPIC = TOPICS["chirpstack-tps110"]
LORA_TAKEN: dict[str, object] = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2026-05-28T20:26:39.775023242+00:00",
    "deviceInfo": {
        "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
        "tenantName": "City",
        "applicationId": "5bb92de6-49b3-49af-a366-34667f2230be",
        "applicationName": "parking",
        "deviceProfileName": "TPS110",
        "deviceName": "bay 66222",
        "devEui": EUI,
        "tags": {"street": "Collins"},
    },
    "devAddr": "00189440",
    "adr": True,
    "dr": 1,
    "fCnt": 4711,
    "fPort": 1,
    "data": "AQ==",
    "rxInfo": [
        {"gatewayId": "0016c001f153a14c", "uplinkId": 4217106255, "rssi": -107, "snr": -2.5},
        {"gatewayId": "0016c001f153a14d", "uplinkId": 4217106256, "rssi": -81, "snr": 7.25},
        {"gatewayId": "0016c001f153a14e", "uplinkId": 4217106257},
    ],
    "txInfo": {"frequency": 867100000, "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11}}},
}


def lora(**change: object) -> Reading:
    return read(LORA_TOPIC, LORA_TAKEN | change)


def test_a_second_vendors_frame_becomes_the_same_message() -> None:
    reading = lora()
    said = reading.uplink
    assert (reading.device, reading.source) == (EUI, Keyed(f"chirpstack/{EUI}/3ac7e3c4-4401-4b8d-9386-a5c902f9202d"))
    assert (said.seen_us, said.occupied, said.serial) == (1_779_999_999_775_023, True, 4711)
    assert (said.rssi_dbm, said.snr_db) == (-81, 7.25), "the gateway that heard it best"


def data(*octets: int) -> str:
    return b64encode(bytes(octets)).decode()


@pytest.mark.parametrize(
    ("port", "octets", "occupied", "temperature", "started"),
    [
        (1, (0,), False, None, False),
        (1, (1,), True, None, False),
        (1, (0xFE,), False, None, False),
        (2, (1, 22), True, 22.0, False),
        (2, (0, 0xF6), False, -10.0, False),
        (2, (1,), True, None, False),
        (3, (*range(16), 1), True, None, True),
        (3, (*range(16), 0), False, None, True),
        (3, (1, 2, 3), None, None, True),
        (4, (0, 29, 4), None, None, False),
    ],
)
def test_a_tps110_says(
    port: int, octets: tuple[int, ...], occupied: bool | None, temperature: float | None, started: bool
) -> None:
    said = lora(fPort=port, data=data(*octets)).uplink
    assert (said.occupied, said.temperature_c, said.started) == (occupied, temperature, started)


def test_fields_that_are_zero_are_left_out_by_chirpstack() -> None:
    bare = {name: LORA_TAKEN[name] for name in ("deduplicationId", "deviceInfo", "fPort", "data")}
    said = read(LORA_TOPIC, bare).uplink
    assert (said.serial, said.rssi_dbm, said.snr_db, said.seen_us) == (0, None, None, NOW)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"deduplicationId": ""}, "no_key"),
        ({"fPort": 0, "data": ""}, "unknown_port"),
        ({"fPort": 1, "data": ""}, "too_short"),
        ({"data": "?"}, "bad_base64"),
        ({"time": "soon"}, "bad_time"),
        ({"deviceInfo": {"devEui": "ffffffffffffffff"}}, "wrong_device"),
        ({"deviceInfo": {}}, "bad_device_id"),
        ({"fCnt": -1}, "wrong_field"),
        ({"rxInfo": [{"rssi": "loud"}]}, "wrong_field"),
    ],
)
def test_an_event_that_cannot_be_read_says_why(change: dict[str, object], code: str) -> None:
    assert refusal(LORA_TOPIC, LORA_TAKEN | change) == code
