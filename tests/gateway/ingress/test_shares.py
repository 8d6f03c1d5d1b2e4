"""Divisions of the devices' topics: what may be one, what overlaps, what nobody would hear."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.devices import DEVICE_KINDS, SUBSCRIPTIONS
from gateway.ingress.shares import Misdivided, division, nats_mappings, overlap, share_of, unreached
from gateway.settings import SettingsError, load_settings
from tests.actors.devices.samples import TOPICS

NORTH_AND_SOUTH = """
    north = iot-topic/gw/north/#, yunparking/#;
    south = iot-topic/gw/south/#, application/+/device/+/event/up
"""


def matches(topic: str, filter: str) -> bool:
    """What the MQTT standard says, plainly."""
    words, levels = topic.split("/"), filter.split("/")
    for place, level in enumerate(levels):
        if level == "#":
            return True
        if place >= len(words):
            return False
        if level not in ("+", words[place]):
            return False
        if place == len(words) - 1 and levels[place + 1 :] == ["#"]:
            return True
    return len(words) == len(levels)


def test_everything_is_one_share_unless_told_otherwise() -> None:
    (share,) = load_settings(environment={}).shares
    assert (share.filters, share.prefix) == (SUBSCRIPTIONS, "")
    assert unreached([share]) == []


def test_parts_are_told_apart_and_leave_nothing_out() -> None:
    shares = division(3, "")
    assert [share.prefix for share in shares] == ["part/0/", "part/1/", "part/2/"]
    assert unreached(shares) == []
    assert len({share.session for share in shares}) == 3
    assert [share_of(share.name, ",".join(share.filters)) for share in shares] == list(shares)


def test_filters_are_as_the_setting_says_and_what_nobody_hears_is_named() -> None:
    north, south = division(1, NORTH_AND_SOUTH)
    assert (north.name, north.filters) == ("north", ("iot-topic/gw/north/#", "yunparking/#"))
    assert south.prefix == ""
    assert unreached([north, south]) == ["iot-topic/gw"]
    assert unreached([north]) == ["iot-topic/gw", "application/…/device/…/event/up"]


@pytest.mark.parametrize(
    ("topics", "why"),
    [
        ("a=yunparking/#; b=yunparking/v1/+/up", "both bring yunparking/v1/…/up"),
        ("a=iot-topic/gw/north/#,iot-topic/gw/+/GW-1/#", "both bring iot-topic/gw/north/GW-1"),
        ("a=yunparking/#; a=iot-topic/#", "names a share twice"),
        ("yunparking/#", "write it as name=filter,filter"),
        ("a=yunparking/#/up", "write it as name=filter,filter"),
        ("a=yunparking/v1+/up", "write it as name=filter,filter"),
        ("a=$share/g/yunparking/#", "write it as name=filter,filter"),
        ("a=", "write it as name=filter,filter"),
    ],
)
def test_what_cannot_be_is_refused_at_the_start(topics: str, why: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(why)):
        load_settings(environment={}, flags={"ingest.topics": topics})


def test_hash_and_topics_exclude_each_other() -> None:
    with pytest.raises(Misdivided, match="exclude each other"):
        division(2, "a=yunparking/#")


words = st.sampled_from(["a", "b", "c"])
filters = st.builds(
    lambda levels, end: "/".join([*levels, *end]),
    st.lists(words | st.just("+"), min_size=1, max_size=4),
    st.sampled_from([[], ["#"]]),
)


@given(filters, filters, st.lists(words, min_size=1, max_size=5).map("/".join))
def test_an_overlap_is_found_exactly_when_there_is_one(one: str, other: str, topic: str) -> None:
    found = overlap(one, other)
    if found is not None:
        assert matches(found, one)
        assert matches(found, other)
    elif matches(topic, one):
        assert not matches(topic, other)


def test_our_broker_hashes_every_topic_of_every_kind_by_what_keeps_its_order() -> None:
    mappings = nats_mappings(4)
    assert len(mappings) == sum(len(kind.topics) for kind in DEVICE_KINDS)
    assert mappings["iot-topic.gw.*.*.*"] == (
        "part.{{partition(4,2)}}.iot-topic.gw.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}"
    )
    for kind in DEVICE_KINDS:
        parts = kind.parts(TOPICS[kind.name])
        assert parts is not None
        assert kind.ordered_by in parts
    assert nats_mappings(1) == {}
