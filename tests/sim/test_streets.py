"""Streets fitted through their bays."""

import math

import pytest

from sim.data.melbourne_regions import suburb
from sim.data.streets import Axis, Named, Plane, Section, bridges, named, together


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (
            "King Street between Flinders Lane and Collins Street",
            Named("King Street", ("Flinders Lane", "Collins Street")),
        ),
        ("Intersection of Lygon Street and Pelham Street", Named("Lygon Street", ("Pelham Street", ""))),
        ("Adela Lane from Collins Street", Named("Adela Lane", ("Collins Street", ""))),
        ("The Avenue", Named("The Avenue", ("", ""))),
    ],
)
def test_a_description_taken_apart(description: str, expected: Named) -> None:
    assert named(description) == expected


def test_a_street_is_drawn_to_where_the_next_one_crosses() -> None:
    own = Section("1", "A Street between B Street and C Street", [(20, 1), (50, -1), (80, 0)])
    west = Section("2", "B Street between A Street and D Street", [(0, 10), (0, 60)])
    line = own.line({"B Street": [west]})
    assert [round(x) for x, _ in line] == [0, 80]


def test_a_bend_is_kept() -> None:
    corner = [(float(x), 0.0) for x in range(0, 200, 10)] + [(200.0, float(y)) for y in range(0, 200, 10)]
    assert len(Section("1", "A Street between B Street and C Street", corner).line({})) > 3


def test_a_bay_entered_at_a_wrong_place_is_left_out() -> None:
    points = [(float(x), 0.0) for x in range(0, 100, 10)]
    assert together([*points, (5_000.0, 9_000.0)]) == points


def test_the_bearing_is_clockwise_from_north() -> None:
    assert Axis([(0, 0), (0, 10)]).bearing == pytest.approx(0, abs=0.1)
    assert Axis([(0, 0), (10, 10)]).bearing == pytest.approx(45)
    assert Axis([(0, 0), (10, 0)]).bearing == pytest.approx(90)


def test_a_gap_is_bridged_only_straight_on() -> None:
    first, on, aside = [(0.0, 0.0), (100.0, 0.0)], [(150.0, 2.0), (250.0, 3.0)], [(120.0, 80.0), (120.0, 180.0)]
    assert bridges([first, on, aside]) == [(0, [(100.0, 0.0), (150.0, 2.0)])]


def test_metres_and_back() -> None:
    plane = Plane(144.9631, -37.8136)
    assert plane.degrees(plane.metres(144.97, -37.81)) == (144.97, -37.81)
    assert math.dist(plane.metres(144.9631, -37.8136), plane.metres(144.9631, -37.8046)) == pytest.approx(1000, abs=2)


def test_places_and_their_suburbs() -> None:
    assert suburb(144.9631, -37.8136).id == "cbd"
    assert suburb(144.9700, -37.8000).id == "carlton"
    assert suburb(144.9400, -37.8160).id == "docklands"
