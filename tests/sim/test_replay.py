"""The recording as frames, and the demand after it."""

from collections import defaultdict
from itertools import islice, pairwise, takewhile
from pathlib import Path

import pytest

from actors.devices.kind import Numbered
from actors.devices.yun_json import decode
from actors.values import HOUR_US, SECOND_US
from sim.city import melbourne
from sim.demand import STAY_MIN, Demand, stay_us
from sim.events import Change, expected_final_state, last_stretch, melbourne_events, read_stays
from sim.replay import Feed, Frame, unpaced
from storage.records import Register

START_US = 1_772_787_600 * SECOND_US


@pytest.fixture(scope="module")
def city() -> Register:
    return melbourne()


@pytest.fixture(scope="module")
def recorded(city: Register) -> list[Frame]:
    feed = Feed(city, START_US)
    return list(takewhile(lambda frame: frame.at_us < feed.simulated_from_us, feed.frames()))


def states(frames: list[Frame]) -> dict[str, bool]:
    known: dict[str, bool] = {}
    for frame in frames:
        device = frame.topic.split("/")[2]
        said = decode({"device": device}, frame.payload, frame.at_us).uplink
        if said.occupied is not None:
            known[device.removeprefix("mel-")] = said.occupied
    return known


def test_the_recording_ends_as_the_file_says(city: Register, recorded: list[Frame]) -> None:
    here = {bay.number for bay in city.bays}
    expected = {bay: c.occupied for bay, c in expected_final_state(melbourne_events()).items() if bay in here}
    assert len(expected) == 3309
    assert states(recorded) == expected


def test_every_change_of_the_last_three_hours_is_one(recorded: list[Frame]) -> None:
    known: dict[str, bool] = {}
    changes = 0
    for frame in recorded:
        said = decode({"device": "d"}, frame.payload, frame.at_us).uplink
        if said.occupied is None:
            continue
        changes += known.get(frame.topic, said.occupied) != said.occupied
        known[frame.topic] = said.occupied
        assert not said.simulated
    assert changes == 1432


def test_frames_are_due_in_order_and_numbered_without_gaps(city: Register) -> None:
    numbers: dict[str, int] = defaultdict(int)
    due_us = START_US
    for frame in islice(Feed(city, START_US).frames(), 12_000):
        device = frame.topic.split("/")[2]
        source = decode({"device": device}, frame.payload, frame.at_us).source
        assert isinstance(source, Numbered)
        numbers[device] += 1
        assert (source.boot, source.n) == (START_US // SECOND_US, numbers[device])
        assert frame.at_us >= due_us
        due_us = frame.at_us


def test_every_sensor_beats_in_its_period(city: Register) -> None:
    beats: dict[str, list[int]] = defaultdict(list)
    feed = Feed(city, START_US, known={bay.id: False for bay in city.bays})
    for frame in takewhile(lambda frame: frame.at_us < START_US + HOUR_US, feed.frames()):
        beats[frame.topic].append(frame.at_us)
    assert len(beats) == len(city.devices)
    assert all(b - a <= 600 * SECOND_US for own in beats.values() for a, b in pairwise(own))
    assert max(own[0] for own in beats.values()) <= START_US + 66 * SECOND_US


def test_what_follows_the_recording_is_marked_and_does_not_end(city: Register) -> None:
    feed = Feed(city, START_US)
    after = [f for f in islice(feed.frames(), 15_000) if f.at_us >= feed.simulated_from_us]
    assert after[-1].at_us - feed.simulated_from_us > 600 * SECOND_US
    assert all(decode({"device": "d"}, f.payload, f.at_us).uplink.simulated for f in after)


def test_a_city_whose_states_are_known_goes_on_from_them(city: Register) -> None:
    known = {bay.number: n % 2 == 0 for n, bay in enumerate(city.bays)}
    feed = Feed(city, START_US, known=known)
    assert feed.simulated_from_us == START_US
    assert next(feed.frames()).at_us >= START_US


def test_demand_changes_a_bay_only_to_its_other_state() -> None:
    state = {f"b{n}": n % 3 == 0 for n in range(90)}
    at_us = START_US
    for change in islice(Demand(state, START_US, "Australia/Melbourne").changes(), 2_000):
        assert state[change.bay] != change.occupied
        assert change.at_us >= at_us
        state[change.bay], at_us = change.occupied, change.at_us


def test_the_same_seed_gives_the_same_demand() -> None:
    state = {f"b{n}": False for n in range(30)}
    runs = [list(islice(Demand(state, START_US, "Asia/Shanghai", seed=7).changes(), 300)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_stays_run_through_their_quantiles() -> None:
    assert [stay_us(chance) for chance, _ in STAY_MIN] == [round(minutes * 60 * SECOND_US) for _, minutes in STAY_MIN]


def test_before_a_change_the_bay_was_in_the_other_state() -> None:
    hour = HOUR_US
    events = [Change(0, "a", True), Change(1, "b", False), Change(9 * hour, "b", True), Change(10 * hour, "a", True)]
    stretch = last_stretch(events, 2 * hour)
    assert stretch.before == {"a": Change(8 * hour, "a", False), "b": Change(1, "b", False)}


def test_the_whole_file_as_fast_as_it_can_be_taken(city: Register) -> None:
    events = melbourne_events()
    here = {bay.number for bay in city.bays}
    assert (len(events), sum(event.bay not in here for event in events)) == (14_426, 2_964)
    frames = list(unpaced(events, boot=7))
    assert states(frames) == {bay: change.occupied for bay, change in expected_final_state(events).items()}


def test_arrivals_and_departures_of_a_garage(tmp_path: Path) -> None:
    file = tmp_path / "stays.csv"
    rows = (
        "ts,event,bay",
        "2016-06-05T22:42:27,arrive,1",
        "2016-06-05T22:43:00,gate_blip,",
        "2016-06-05T22:50:00,depart,1",
    )
    file.write_text("\n".join(rows))
    changes = read_stays(file, "Asia/Shanghai")
    assert [c.occupied for c in changes] == [True, False]
    assert changes[0].at_us == 1_465_137_747 * SECOND_US
