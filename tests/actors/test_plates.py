"""Plates: one spelling, a class by text and colour, and which one a misread plate may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.plates import PROVINCES, best_match, near, no_plate_identity, normal, plate_class, tariff_classes


@pytest.mark.parametrize(
    "written", ["粤B12345", " 粤b·12345 ", "粤Ｂ１２３４５", "粤B-123 45", "粤 B•12345", "粤B.12345"]
)
def test_one_plate_has_one_spelling(written: str) -> None:
    assert normal(written) == "粤B12345"


@given(st.text(max_size=12), st.sampled_from(["", "blue", "yellow", "green", "white", "puce"]))
def test_any_text_has_a_spelling_that_stays_and_a_class(text: str, colour: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert tariff_classes(plate_class(text, colour))[-1] in ("small", "large")


def test_there_are_31_signs() -> None:
    assert len(set(PROVINCES)) == len(PROVINCES) == 31


@pytest.mark.parametrize(
    ("plate", "colour", "kind"),
    [
        ("粤B12345", "blue", "small"),
        ("粤B12345", "", "small"),
        ("粤B12345", "yellow", "large"),
        ("粤B1A2C5", "black", "small"),
        ("粤B12345", "moto_yellow", "moto"),
        ("粤BD12345", "green", "new_energy_small"),
        ("粤BKA2345", "", "new_energy_small"),
        ("粤B12345D", "yellow_green", "new_energy_large"),
        ("粤BL12345", "green", "unknown"),
        ("粤B123456", "green", "unknown"),
        ("粤B1I345", "blue", "unknown"),
        ("粤BO2345", "blue", "unknown"),
        ("粤I12345", "blue", "unknown"),
        ("台B12345", "blue", "unknown"),
        ("粤B1234警", "white", "police"),
        ("京O1234警", "white", "police"),
        ("WJ粤1234X", "white", "police"),
        ("WJ12345", "white", "police"),
        ("VA12345", "white", "military"),
        ("VA12345", "blue", "unknown"),
        ("海A12345", "white", "military"),
        ("使224578", "black", "embassy"),
        ("224578使", "white", "embassy"),
        ("沪A1234领", "black", "embassy"),
        ("粤B1234学", "yellow", "learner"),
        ("粤B1234挂", "yellow", "trailer"),
        ("粤Z1234港", "black", "hk_macau"),
        ("粤Z123A澳", "black", "hk_macau"),
        ("粤X1234应急", "white", "emergency"),
        ("粤B临12345", "", "temporary"),
        ("ABC-9", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_class_by_text_and_colour(plate: str, colour: str, kind: str) -> None:
    assert plate_class(plate, colour) == kind


def test_a_tariff_looks_for_the_most_special_class_first() -> None:
    assert tariff_classes("new_energy_small") == ("new_energy_small", "new_energy", "small")
    assert tariff_classes("unknown") == ("unknown", "small")
    assert tariff_classes("trailer")[-1] == "large"


def test_a_vehicle_without_a_plate_has_a_name_of_its_own() -> None:
    names = {no_plate_identity(key) for key in ("20042/1-12", "20042/11-2", "2004/21-12")}
    assert len(names) == 3
    assert all(normal(name) == name and plate_class(name) == "no_plate" for name in names)


@pytest.mark.parametrize(
    ("a", "b", "far"),
    [
        ("粤B12345", "粤B12345", 0),
        ("粤B1234D", "粤B12340", 1),
        ("粤B1B345", "粤B18345", 1),
        ("湘B12345", "粤B12345", 1),
        ("粤B12345", "粤B12349", 2),
        ("粤B12345", "粤B19349", 4),
        ("粤B12345", "粤B1234", 2),
        ("粤BD12345", "粤BD1239", 4),
        ("粤B12345", "粤B19399", None),
        ("粤B12345", "粤B123", None),
    ],
)
def test_how_unlike_two_plates_are(a: str, b: str, far: int | None) -> None:
    assert near(a, b) == near(b, a) == far


def test_one_wrong_character_finds_the_plate() -> None:
    there = ["粤B12345", "粤B67890", "湘A00001"]
    assert best_match("粤B1Z345", there)[:2] == ("one", ("粤B12345",))
    assert best_match("湘B12345", there).plates == ("粤B12345",)
    assert best_match("浙C99999", there).verdict == "none"


def test_two_that_are_as_near_are_a_question() -> None:
    there = ["粤B12346", "粤B12345"]
    assert best_match("粤B12349", there) == ("several", ("粤B12345", "粤B12346"), 2)
    assert best_match("粤B1234S", there).verdict == "several"
    assert best_match("粤B12346", there) == ("one", ("粤B12346",), 0)


def test_a_far_one_does_not_put_the_near_one_in_question() -> None:
    assert best_match("粤B8234S", ["粤B82345", "粤B82945"]).plates == ("粤B82345",)
