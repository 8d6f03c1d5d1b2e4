"""The city that comes with the product, and city files that are not sound."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from sim.city import ATTRIBUTION, MELBOURNE, Unsound, load, melbourne, save
from storage.records import Lane, Register


@pytest.fixture(scope="module")
def city() -> Register:
    return melbourne()


def test_melbourne_is_whole(city: Register) -> None:
    assert (len(city.bays), len(city.devices)) == (3309, 3309)
    assert city.city.attribution == ATTRIBUTION
    assert {lot.region_id for lot in city.lots} <= {region.id for region in city.regions}
    west, south, east, north = city.city.bounds
    assert all(west <= bay.lon <= east and south <= bay.lat <= north for bay in city.bays)
    assert all(bay.bearing is not None and 0 <= bay.bearing < 180 for bay in city.bays)


def test_the_map_has_streets_where_there_are_lots(city: Register) -> None:
    drawn = {road.id for road in city.roads if road.lines}
    lots = Counter(lot.road_id in drawn for lot in city.lots)
    assert lots[True] > 0.95 * len(city.lots)
    assert sum(len(road.lines) for road in city.roads) > 900


def test_it_fits_into_a_wheel() -> None:
    assert sum(file.stat().st_size for file in MELBOURNE.iterdir()) < 1_500_000


def test_a_city_comes_back_as_it_was_saved(city: Register, tmp_path: Path) -> None:
    for name in ("city.json", "city.json.gz"):
        save(city, tmp_path / name)
        assert load(tmp_path / name) == city


def test_what_is_wrong_with_a_city_is_said(city: Register, tmp_path: Path) -> None:
    bay = msgspec.structs.replace(city.bays[1], number=city.bays[0].number, lot_id="nowhere")
    wrong = msgspec.structs.replace(city, bays=[city.bays[0], bay], devices=[])
    with pytest.raises(Unsound) as refused:
        save(wrong, tmp_path / "city.json")
    assert refused.value.faults == [f"bay number used twice: {bay.number}", f"bay without its lot: {bay.id}"]


def test_a_lane_whose_devices_stand_elsewhere_is_refused(city: Register, tmp_path: Path) -> None:
    lot = city.lots[0].id
    stranger = next(device for device in city.devices if device.lot_id != lot)
    lane = Lane(id="north", lot_id=lot, name="North", direction="in", camera_id=stranger.id)
    with pytest.raises(Unsound, match="not of its lot: north"):
        save(msgspec.structs.replace(city, lanes=[lane]), tmp_path / "city.json")


def test_what_is_no_city_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "city.json").write_text('{"city": 3}')
    with pytest.raises(Unsound, match="not a city file"):
        load(tmp_path / "city.json")
