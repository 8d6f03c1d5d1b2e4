"""What a device notices about itself, and what it tells its bay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.kinds.bay import Bay
from actors.kinds.device import Device
from actors.messages.bay import DeviceHealth, Freed, InstallBay, Sighted, Taken
from actors.messages.device import (
    CameBack,
    CheckSilence,
    DeviceAnswer,
    DeviceFace,
    DeviceInstalled,
    DeviceQuery,
    Heard,
    HeardLate,
    InstallDevice,
    LateHeard,
    Uplinked,
    WentOffline,
)
from actors.messages.forms import Refused
from actors.messages.lot import CountAnswer, CountQuery
from actors.values import MINUTE_US, SECOND_US, Ref
from tests.actors.kinds.world import World

BAY, DEVICE, LOT = Ref("bay", "20042/66222"), Ref("device", "20042/mel-66222"), Ref("lot", "20042")
S = SECOND_US


def a_device(heartbeat_us: int = 0) -> World:
    world = World()
    world.say(BAY, InstallBay("66222", "timed"))
    world.say(DEVICE, InstallDevice("yun-json", "66222", heartbeat_us))
    return world


def hear(world: World, at_s: int, occupied: bool | None = None, seen_s: int | None = None, **said: object) -> None:
    seen_us = (at_s if seen_s is None else seen_s) * S
    world.say(DEVICE, Uplinked(seen_us, at_s * S, occupied, **said), at=at_s * S)  # type: ignore[arg-type]


def face(world: World) -> DeviceFace:
    answer = world.say(DEVICE, DeviceQuery())
    assert isinstance(answer, DeviceAnswer)
    return answer.face


def bay(world: World) -> Bay:
    actor = world.actors[BAY]
    assert isinstance(actor, Bay)
    return actor


def test_a_device_that_is_not_installed_is_refused() -> None:
    world = World()
    answer = world.say(DEVICE, Uplinked(1, 2, True))
    assert isinstance(answer, Refused)
    assert answer.code == "not_installed"
    assert not world.facts


def test_installing_the_same_again_changes_nothing() -> None:
    world = a_device(MINUTE_US)
    facts = len(world.facts[DEVICE])
    world.say(DEVICE, InstallDevice("yun-json", "66222", MINUTE_US))
    assert len(world.facts[DEVICE]) == facts


def test_an_order_told_after_a_later_one_changes_nothing() -> None:
    world = World()
    for bay_id, order in (("66222", 1), ("66223", 2), ("66222", 1)):
        world.say(DEVICE, InstallDevice("yun-json", bay_id, 0, order=order))
    assert [(fact.bay, fact.order) for fact in world.said(DEVICE, DeviceInstalled)] == [("66222", 1), ("66223", 2)]


def test_a_device_moved_to_another_bay_is_gone_from_the_old_one() -> None:
    world = a_device()
    hear(world, 1, True)
    world.say(DEVICE, InstallDevice("yun-json", "66223", 0))
    assert bay(world).opinions == {}
    hear(world, 2, False)
    assert bay(world).occupied is True


def test_readings_that_a_frame_leaves_out_stay_as_last_reported() -> None:
    world = a_device()
    hear(world, 1, battery_pct=88, rssi_dbm=-90)
    hear(world, 2, True, rssi_dbm=-95)
    assert (face(world).battery_pct, face(world).rssi_dbm) == (88, -95)
    assert face(world).last_seen_us == 2 * S


@pytest.mark.feature("EXT-12")
def test_missing_numbers_are_counted_and_drift_is_told() -> None:
    world = a_device()
    hear(world, 1, False, serial=1)
    hear(world, 2, True, serial=2)
    hear(world, 10, True, seen_s=7, serial=6)
    assert (face(world).lost, face(world).drift_us) == (3, -3 * S)
    answer = world.say(DEVICE, Uplinked(3 * S, 11 * S, False, serial=3))
    assert isinstance(answer, HeardLate)
    assert (face(world).lost, face(world).late) == (2, 1)
    assert bay(world).occupied is True
    assert bay(world).lost == 3


def test_a_counter_that_wraps_goes_on_at_one_and_a_zero_starts_it_anew() -> None:
    world = a_device()
    for at, serial in enumerate((253, 254, 255, 1, 2, 0, 3, 5)):
        hear(world, at, serial=serial, serial_top=255)
    assert (face(world).lost, face(world).late) == (3, 0)
    hear(world, 20, seen_s=6, serial=4, serial_top=255)
    assert (face(world).lost, face(world).late) == (2, 1)


def test_a_restart_counts_from_anew() -> None:
    world = a_device()
    hear(world, 1, boot=1, serial=900)
    hear(world, 2, boot=2, serial=3)
    assert face(world).lost == 0
    hear(world, 3, seen_s=1, boot=1, serial=901)
    assert face(world).late == 1


def test_a_counter_that_was_reset_without_telling_is_believed_by_its_clock() -> None:
    world = a_device()
    hear(world, 1, True, serial=120)
    hear(world, 2, False, serial=1)
    assert (face(world).late, bay(world).occupied) == (0, False)


def test_a_clock_ahead_of_ours_is_not_believed() -> None:
    world = a_device()
    hear(world, 10, True, seen_s=10_000)
    hear(world, 20, False, seen_s=20)
    assert bay(world).occupied is False
    assert bay(world).since_us == 20 * S


def test_a_clock_that_fell_back_loses_no_change() -> None:
    world = a_device()
    hear(world, 100, True, serial=1)
    hear(world, 200, False, seen_s=0, serial=2)
    assert world.said(BAY, Freed)[-1].stay_us == 100 * S


def test_three_missed_heartbeats_and_back() -> None:
    world = a_device(MINUTE_US)
    hear(world, 10, True)
    hear(world, 65)
    world.wait(65 * S + 3 * MINUTE_US - 1)
    assert not world.said(DEVICE, WentOffline)
    world.wait(65 * S + 3 * MINUTE_US)
    assert world.said(DEVICE, WentOffline) == [WentOffline(65 * S)]
    assert bay(world).shown == "stale"
    hear(world, 1000, False)
    assert world.said(DEVICE, CameBack) == [CameBack(935 * S)]
    assert bay(world).shown == "free"
    world.wait(1000 * S + 3 * MINUTE_US)
    assert len(world.said(DEVICE, WentOffline)) == 2


def test_a_device_never_heard_goes_offline_too() -> None:
    world = a_device(MINUTE_US)
    world.wait(3 * MINUTE_US)
    assert bay(world).shown == "stale"


def test_the_alarm_rings_once_in_three_heartbeats_however_many_frames_come() -> None:
    world = a_device(MINUTE_US)
    rings = 0
    say = world.say

    def counting(ref: Ref, message: object, at: int | None = None) -> object:
        nonlocal rings
        rings += isinstance(message, CheckSilence)
        return say(ref, message, at)  # type: ignore[arg-type]

    world.say = counting  # type: ignore[assignment]
    for at in range(0, 3600, 10):
        hear(world, at)
    assert 19 <= rings <= 21


def test_a_device_that_reports_a_fault_is_not_believed_until_it_is_well() -> None:
    world = a_device()
    hear(world, 1, True)
    hear(world, 2, False, fault=True)
    assert bay(world).shown == "faulty"
    hear(world, 3, False)
    assert bay(world).shown == "free"
    assert [m.health for _, m in world.sent if isinstance(m, DeviceHealth)] == ["ok", "fault", "ok"]


frames = st.lists(st.tuples(st.booleans(), st.integers(1, 50)), min_size=1, max_size=40)


@given(frames, st.data())
def test_numbered_frames_lost_or_late_leave_the_state_of_the_newest(
    truth: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """Frames 1…n of one device; some are lost, and some come late, after newer ones."""
    sent, seen = [], 0
    for number, (occupied, gap) in enumerate(truth, 1):
        seen += gap
        sent.append((number, occupied, seen))
    kept = [f for f in sent if data.draw(st.booleans())] or sent[-1:]
    delays = data.draw(st.lists(st.integers(0, 3), min_size=len(kept), max_size=len(kept)))
    order = sorted(range(len(kept)), key=lambda i: (i + delays[i], -i))
    world, newest, expected, late = a_device(), 0, [], 0
    for at, index in enumerate(order):
        number, occupied, seen = kept[index]
        hear(world, 10_000 + at, occupied, seen_s=seen, serial=number)
        if number < newest:
            late += 1
            continue
        newest = number
        if not expected or expected[-1][0] != occupied:
            expected.append((occupied, seen * S))
    changes = [(isinstance(f, Taken), f.since_us) for f in world.facts[BAY] if isinstance(f, Taken | Freed)]
    assert changes == expected
    assert len(world.said(DEVICE, LateHeard)) == late == face(world).late
    assert face(world).lost == newest - kept[order[0]][0] + 1 - len([n for n, *_ in kept if n >= kept[order[0]][0]])
    assert len(world.said(DEVICE, Heard)) + late == len(kept) == face(world).frames


bursts = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 1), st.booleans(), st.booleans(), st.integers(0, 200)), max_size=60
)


@given(bursts)
def test_a_lots_counts_always_add_up_to_its_bays(burst: list[tuple[int, int, bool, bool, int]]) -> None:
    world, at = World(), 0
    for n in range(5):
        world.say(Ref("bay", f"20042/{n}"), InstallBay(str(n), "timed" if n % 2 else "loading", 5 * S))
        for device in range(2):
            world.say(Ref("device", f"20042/{n}-{device}"), InstallDevice("yun-json", str(n), MINUTE_US))
    for n, device, occupied, fault, gap in burst:
        at += gap
        up = Uplinked(at * S, at * S, occupied, fault=fault)
        world.say(Ref("device", f"20042/{n}-{device}"), up, at=at * S)
        answer = world.say(LOT, CountQuery())
        assert isinstance(answer, CountAnswer)
        assert {t: sum(states.values()) for t, states in answer.face.counts.items()} == {"timed": 2, "loading": 3}
    shown = sorted(a.shown for a in world.actors.values() if isinstance(a, Bay))
    counted = (
        [s for states in answer.face.counts.values() for s, n in states.items() for _ in range(n)] if burst else []
    )
    assert not burst or shown == sorted(counted)


def test_what_a_device_sends_is_what_its_bay_hears() -> None:
    world = a_device()
    hear(world, 5, True, serial=1)
    hear(world, 9, True, serial=4)
    assert [m for _, m in world.sent if isinstance(m, Sighted)] == [
        Sighted("mel-66222", True, 5 * S, 5 * S, model="yun-json"),
        Sighted("mel-66222", True, 9 * S, 9 * S, lost=2, model="yun-json"),
    ]
    assert isinstance(world.actors[DEVICE], Device)
