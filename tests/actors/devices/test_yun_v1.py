"""The yun-v1 magnetometer."""

import pytest

from actors.devices import Keyed, kind_of
from tests.actors.devices.samples import NOW, V1_TAKEN, V1_TOPIC, read, refusal


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


def test_serial_zero_starts_anew() -> None:
    assert read(V1_TOPIC.replace("/17", "/0"), V1_TAKEN).uplink.serial == 0


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
