"""Our own JSON sensor, and the loop that speaks the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.devices import Numbered, SensorFrame, encode, kind_of
from actors.devices.kind import CLOCK_FLOOR_US
from actors.values import DAY_US, SECOND_US
from tests.actors.devices.samples import NOW, read, refusal

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
