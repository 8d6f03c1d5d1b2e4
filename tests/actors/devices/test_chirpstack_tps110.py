"""The Bosch TPS110 through ChirpStack v4."""

from base64 import b64encode

import pytest

from actors.devices import Keyed, Reading
from tests.actors.devices.samples import EUI, LORA_TAKEN, LORA_TOPIC, NOW, read, refusal


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
