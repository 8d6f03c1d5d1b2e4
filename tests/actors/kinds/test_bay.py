"""What a bay makes of what its devices say."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.kinds.bay import Bay
from actors.messages.bay import (
    Agreed,
    BayAnswer,
    BayInstalled,
    BayQuery,
    DeviceHealth,
    Dismissed,
    Disputed,
    Freed,
    InstallBay,
    LateSighting,
    Shown,
    Sighted,
    Taken,
)
from actors.messages.lot import BayChanged, CountAnswer, CountQuery
from actors.values import HOUR_US, SECOND_US, Ref
from tests.actors.kinds.world import World

BAY, LOT = Ref("bay", "20042/66222"), Ref("lot", "20042")
S = SECOND_US


def a_bay(debounce_us: int = 0, dispute_us: int = HOUR_US) -> World:
    world = World()
    world.say(BAY, InstallBay("66222", "timed", debounce_us, dispute_us))
    return world


def see(
    world: World, occupied: bool, seen_s: float, device: str = "a", at_s: float | None = None, lost: int = 0
) -> None:
    seen_us = int(seen_s * S)
    at_us = seen_us if at_s is None else int(at_s * S)
    world.say(BAY, Sighted(device, occupied, seen_us, at_us, lost=lost), at=at_us)


def bay(world: World) -> Bay:
    actor = world.actors[BAY]
    assert isinstance(actor, Bay)
    return actor


def shown(world: World) -> list[str]:
    return [fact.state for fact in world.said(BAY, Shown)]


def test_a_bay_is_unknown_until_a_device_speaks() -> None:
    world = a_bay()
    assert shown(world) == ["unknown"]
    see(world, True, 10)
    assert shown(world) == ["unknown", "occupied"]
    assert world.said(BAY, Taken)[0].first


def test_installing_the_same_again_changes_nothing() -> None:
    world = a_bay()
    facts = len(world.facts[BAY])
    world.say(BAY, InstallBay("66222", "timed"))
    assert len(world.facts[BAY]) == facts


def test_an_order_told_after_a_later_one_changes_nothing() -> None:
    world = World()
    for number, order in (("1", 1), ("1", 2), ("2", 3), ("1", 2), ("1", 1)):
        world.say(BAY, InstallBay(number, "timed", order=order))
    assert bay(world).number == "2"
    assert [fact.order for fact in world.said(BAY, BayInstalled)] == [1, 3]


def test_a_new_type_moves_the_bay_in_its_lot() -> None:
    world = a_bay()
    world.say(BAY, InstallBay("66222", "disabled"))
    answer = world.say(LOT, CountQuery())
    assert isinstance(answer, CountAnswer)
    assert answer.face.counts == {"disabled": {"unknown": 1}}


def test_the_register_may_come_after_the_first_sighting() -> None:
    world = World()
    see(world, True, 5)
    assert not world.sent
    world.say(BAY, InstallBay("66222", "timed"))
    assert world.sent == [(LOT, BayChanged("66222", "timed", "", "occupied", ""))]


def test_a_stay_is_as_long_as_the_devices_clock_says() -> None:
    world = a_bay()
    see(world, False, 0)
    see(world, True, 100, at_s=103)
    see(world, False, 700, at_s=701)
    assert [f.stay_us for f in world.said(BAY, Freed)] == [0, 600 * S]
    answer = world.say(BAY, BayQuery())
    assert isinstance(answer, BayAnswer)
    assert answer.face.state == "free"
    assert answer.face.since_us == 700 * S


@pytest.mark.feature("DEV-03")
def test_the_same_change_over_two_ways_is_one_stay() -> None:
    world = a_bay()
    for device in "ab":
        see(world, False, 1, device)
    for occupied, seen in ((True, 100), (False, 900)):
        see(world, occupied, seen, "a", at_s=seen + 1)
        see(world, occupied, seen + 2, "b", at_s=seen + 3)
    assert [f.since_us for f in world.said(BAY, Taken)] == [100 * S]
    assert [f.stay_us for f in world.said(BAY, Freed)] == [0, 800 * S]
    assert not world.said(BAY, Disputed)


def test_a_disturbance_shorter_than_the_debounce_changes_nothing() -> None:
    world = a_bay(debounce_us=15 * S)
    see(world, False, 0)
    see(world, True, 60)
    see(world, False, 68)
    world.wait(600 * S)
    assert not world.said(BAY, Taken)
    assert len(world.said(BAY, Dismissed)) == 1
    assert shown(world) == ["unknown", "free"]


def test_a_change_that_lasts_is_dated_back_to_when_it_was_seen() -> None:
    world = a_bay(debounce_us=15 * S)
    see(world, False, 0)
    see(world, True, 60)
    assert shown(world)[-1] == "free"
    world.wait(75 * S)
    assert shown(world)[-1] == "occupied"
    assert world.said(BAY, Taken)[0].since_us == 60 * S


def test_frames_that_come_all_at_once_lose_no_stay_to_the_debounce() -> None:
    world = a_bay(debounce_us=15 * S)
    see(world, False, 0)
    for occupied, seen in ((True, 60), (False, 3660), (True, 3700), (True, 3720)):
        see(world, occupied, seen, at_s=9000)
    assert [f.stay_us for f in world.said(BAY, Freed)] == [0, 3600 * S]
    assert bay(world).occupied is True
    assert bay(world).since_us == 3700 * S


def test_an_older_sighting_is_counted_and_not_believed() -> None:
    world = a_bay()
    see(world, True, 100)
    see(world, False, 50, at_s=101)
    assert bay(world).occupied is True
    assert len(world.said(BAY, LateSighting)) == 1


def test_an_old_word_of_another_device_does_not_undo_a_newer_change() -> None:
    world = a_bay()
    see(world, True, 100, "a")
    see(world, False, 50, "b", at_s=101)
    assert bay(world).occupied is True
    assert shown(world)[-1] == "occupied"


def test_healthy_devices_that_contradict_each_other_are_to_be_verified_until_they_agree() -> None:
    world = a_bay()
    for device in "ab":
        see(world, False, 1, device)
    see(world, True, 100, "a")
    see(world, False, 130, "b")
    see(world, True, 160, "a")
    assert shown(world)[-1] == "verify"
    see(world, True, 190, "b")
    assert shown(world)[-1] == "occupied"
    assert len(world.said(BAY, Disputed)) == len(world.said(BAY, Agreed)) == 1
    assert [f.since_us for f in world.said(BAY, Taken)] == [100 * S]


def test_a_device_that_has_not_spoken_for_long_does_not_dispute() -> None:
    world = a_bay(dispute_us=60 * S)
    see(world, True, 0, "a")
    see(world, True, 0, "b")
    see(world, False, 100, "b")
    see(world, False, 200, "b")
    assert not world.said(BAY, Disputed)
    assert bay(world).occupied is False


def test_of_two_that_disagree_the_one_left_well_decides() -> None:
    world = a_bay()
    for device in "ab":
        see(world, False, 1, device)
    see(world, True, 100, "a")
    see(world, False, 130, "b")
    world.say(BAY, DeviceHealth("a", "fault", 140 * S), at=140 * S)
    assert shown(world)[-1] == "free"
    assert world.said(BAY, Freed)[-1].stay_us == 0


def test_faulty_when_all_report_a_fault_stale_when_all_are_silent_and_well_again() -> None:
    world = a_bay()
    for device in "ab":
        see(world, True, 1, device)
    world.say(BAY, DeviceHealth("a", "fault", 2 * S))
    assert shown(world)[-1] == "occupied"
    world.say(BAY, DeviceHealth("b", "fault", 3 * S))
    assert shown(world)[-1] == "faulty"
    world.say(BAY, DeviceHealth("b", "silent", 4 * S))
    assert shown(world)[-1] == "stale"
    world.say(BAY, DeviceHealth("b", "ok", 5 * S))
    assert shown(world)[-1] == "occupied"
    assert len(world.said(BAY, Taken)) == 1


@pytest.mark.feature("EXT-12")
def test_lost_frames_mark_a_stay_and_never_end_it() -> None:
    world = a_bay()
    see(world, False, 0)
    see(world, True, 100)
    see(world, True, 500, lost=2)
    see(world, False, 900, lost=1)
    freed = world.said(BAY, Freed)[-1]
    assert (freed.stay_us, freed.lost) == (800 * S, 3)
    assert bay(world).lost == 0


opinions = st.lists(
    st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=40
)


@given(opinions, st.sampled_from([0, 3 * S]), st.sampled_from([2 * S, HOUR_US]))
def test_whatever_devices_say_a_stay_begins_before_it_ends(
    said: list[tuple[str, bool, int, int]], debounce_us: int, dispute_us: int
) -> None:
    world = a_bay(debounce_us, dispute_us)
    for at, (device, occupied, seen, lost) in enumerate(said):
        see(world, occupied, seen, device, at_s=max(at, seen), lost=lost)
    changes = [f for f in world.facts[BAY] if isinstance(f, Taken | Freed)]
    kinds = [type(f) for f in changes]
    assert all(a is not b for a, b in pairwise(kinds))
    assert all(a.since_us <= b.since_us for a, b in pairwise(changes))
    assert all(f.stay_us >= 0 for f in changes if isinstance(f, Freed))
    assert sum(f.first for f in changes) <= 1
    answer = world.say(LOT, CountQuery())
    assert isinstance(answer, CountAnswer)
    assert answer.face.counts == {"timed": {bay(world).shown: 1}}


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9)), min_size=1, max_size=30), st.integers(1, 3), st.data())
def test_devices_that_agree_are_one_device(truth: list[tuple[bool, int]], devices: int, data: st.DataObject) -> None:
    world, seen = a_bay(), 0
    expected: list[tuple[bool, int]] = []
    for occupied, gap in truth:
        seen += gap
        if not expected or expected[-1][0] != occupied:
            expected.append((occupied, seen * S))
        for device in data.draw(st.permutations("abc"[:devices])):
            for _ in range(data.draw(st.integers(1, 2))):
                see(world, occupied, seen, device)
    changes = [(isinstance(f, Taken), f.since_us) for f in world.facts[BAY] if isinstance(f, Taken | Freed)]
    assert changes == expected
    assert not world.said(BAY, Disputed)
