"""Our own radar, camera, pile, lock and barrier: the sensor's JSON with what each has beside it."""

from typing import Any

import pytest

from actors.devices import KIND_NAMED, Numbered
from tests.actors.devices.samples import NOW, TOPICS, read, refusal

FRAME: dict[str, object] = {"v": 1, "boot": 3, "n": 17, "at": NOW - 5}
PICTURE = "ab" * 32
PLATE: dict[str, object] = {
    "occupied": True,
    "plate": "粤B12345",
    "colour": "blue",
    "confidence": 97,
    "event": "e-1",
    "pictures": [PICTURE],
}


def said(kind: str, **more: object) -> Any:
    reading = read(TOPICS[kind], FRAME | more)
    assert reading.source == Numbered(3, 17)
    assert (reading.uplink.seen_us, reading.uplink.serial, reading.uplink.boot) == (NOW - 5, 17, 3)
    return reading.uplink


@pytest.mark.parametrize("radar", [True, False, None])
def test_a_radar_frame_carries_both_readings(radar: bool | None) -> None:
    up = said("yun-radar", occupied=False, **({} if radar is None else {"radar": radar}))
    assert (up.occupied, up.radar, up.source) == (False, radar, "sensor")


def test_a_camera_says_in_which_bay_and_what_it_read() -> None:
    up = said("yun-camera", bay=6, **PLATE)
    assert (up.occupied, up.bay_index, up.source) == (True, 6, "camera")
    assert (up.plate, up.colour, up.confidence_pct) == ("粤B12345", "blue", 97)
    assert (up.event, up.pictures) == ("e-1", (PICTURE,))
    assert KIND_NAMED["yun-camera"].many_bays


def test_a_camera_that_only_lives_needs_no_bay() -> None:
    up = said("yun-camera", fw="2.1.0")
    assert (up.occupied, up.bay_index, up.firmware) == (None, 0, "2.1.0")


def test_a_pile_has_one_bay() -> None:
    pile = said("yun-pile", **PLATE)
    assert (pile.source, pile.plate, pile.bay_index) == ("pile", "粤B12345", 0)


@pytest.mark.parametrize(("kind", "source"), [("yun-lock", "lock"), ("yun-barrier", "lane")])
def test_an_arm_says_how_it_stands_and_which_order_it_has_carried_out(kind: str, source: str) -> None:
    up = said(kind, arm="down", ack="17", ack_why="")
    assert (up.source, up.arm, up.ack, up.ack_why) == (source, "down", "17", "")
    assert said(kind, ack="18", ack_why="blocked").ack_why == "blocked"
    assert KIND_NAMED[kind].obeys


@pytest.mark.parametrize(
    ("kind", "wrong", "code"),
    [
        ("yun-radar", {"radar": 1}, "wrong_field"),
        ("yun-camera", {"occupied": True}, "no_bay"),
        ("yun-camera", {"occupied": True, "bay": 0}, "wrong_field"),
        ("yun-camera", {"pictures": ["../../etc/passwd"]}, "wrong_field"),
        ("yun-camera", {"pictures": [PICTURE] * 9}, "wrong_field"),
        ("yun-pile", {"confidence": 101}, "wrong_field"),
        ("yun-lock", {"arm": "sideways"}, "wrong_field"),
        ("yun-barrier", {"ack": "x" * 65}, "wrong_field"),
    ],
)
def test_what_is_beyond_its_limits_is_refused(kind: str, wrong: dict[str, object], code: str) -> None:
    assert refusal(TOPICS[kind], FRAME | wrong) == code
