"""From a sensor's frame at the broker to what people see: HTTP, screens, over every process in between."""

import json
from typing import Any

import pytest
from argon2 import PasswordHasher

from actors.messages.forms import Face
from actors.values import SECOND_US, Ref
from storage.session import now_us
from storage.users import Users
from tests.city.screen import Screen, looking
from tests.city.small import LOTS, SECOND_RADIO, Sensors, bays_of, plain, sensor_of
from tests.city.truth import agrees, lot_rows
from tests.city.whole import Said, Whole
from tests.gateway.http.callers import Caller

pytestmark = [pytest.mark.ray]


async def passages(http: Caller, bay: str) -> list[dict[str, Any]]:
    """A bay's arrivals and departures, oldest first."""
    items: list[dict[str, Any]] = (await http.get(f"/api/v1/passages?bay={bay}")).json["items"]
    return items[::-1]


@pytest.mark.feature("DEV-03")
async def test_one_change_over_nb_iot_and_lora_is_one_stay(city: Whole, http: Caller) -> None:
    at, bay = now_us() - 600 * SECOND_US, "s1-0"
    changes = [(1, False), (2, True), (3, False)]
    for n, occupied in changes:
        over_lora = Said(f"yunparking/v1/{sensor_of(bay)}/up/lora", plain(n, occupied, at + n * SECOND_US))
        over_nb = Said(f"yunparking/v1/{SECOND_RADIO}/up/nb", plain(n, occupied, at + n * SECOND_US + 9))
        again = Said(f"yunparking/v1/{sensor_of(bay)}/up/nb", over_lora.payload)
        await city.say(over_lora, over_nb, again)
        state = (await http.get(f"/api/v1/bays/{bay}")).json["state"]
        assert state == ("occupied" if occupied else "free")
    seen = [(p["verb"], p["first"]) for p in await passages(http, bay)]
    assert seen == [("freed", True), ("taken", False), ("freed", False)]
    device = (await http.get(f"/api/v1/devices/{sensor_of(bay)}")).json
    assert (device["frames"], device["lost"], device["late"]) == (3, 0, 0)


@pytest.mark.feature("DEV-07")
async def test_a_truck_over_a_loop_is_no_stay(city: Whole, http: Caller, sensors: Sensors) -> None:
    start = now_us() - 600 * SECOND_US
    said = [(0, False), (10, True), (12, False), (20, True), (30, True), (40, False), (50, False)]
    await city.say(*[sensors.frame("loops-0", taken, start + second * SECOND_US) for second, taken in said])
    seen = [(p["verb"], (p["since_us"] - start) // SECOND_US) for p in await passages(http, "loops-0")]
    assert seen == [("freed", 0), ("taken", 20), ("freed", 40)]


@pytest.mark.feature("OPS-02")
async def test_a_device_shows_when_it_was_heard_its_battery_and_its_signal(
    city: Whole, http: Caller, sensors: Sensors
) -> None:
    before, sensor = now_us(), sensor_of("s1-1")
    async with looking(city, http, "lot/s1") as screen:
        await city.say(sensors.frame("s1-1", None, before, battery=87, rssi=-71))
        device = (await http.get(f"/api/v1/devices/{sensor}")).json
        assert (device["state"], device["battery_pct"], device["rssi_dbm"]) == ("online", 87, -71)
        assert before <= device["last_seen_us"] <= now_us()
        seen = [device["last_seen_us"], 87, -71]
        await screen.until(lambda: screen.body("lot/s1")["devices"][sensor][:3] == seen, "the same")


@pytest.mark.feature("OPS-17")
async def test_every_raw_frame_is_kept_with_its_receive_time(city: Whole, http: Caller, sensors: Sensors) -> None:
    before, sensor = now_us(), sensor_of("s1-2")
    overtaken = sensors.frame("s1-2", False, before - 60 * SECOND_US)
    good = sensors.frame("s1-2", True, before)
    garbage = Said(good.topic, b"\x00\xff no frame")
    elsewhere = Said("yunparking/nowhere", b"{}")
    await city.say(good, good, garbage, elsewhere)
    await city.say(overtaken)
    kept = (await http.get(f"/api/v1/devices/{sensor}/frames")).json["items"]
    assert [frame["outcome"] for frame in kept] == ["late", "repeat", "accepted"]
    assert kept[-1]["topic"] == good.topic
    others = [
        (await http.get(f"/api/v1/frames?outcome={outcome}&limit=1")).json["items"][0]
        for outcome in ("undecodable", "wrong_topic")
    ]
    assert [frame["topic"] for frame in others] == [garbage.topic, elsewhere.topic]
    assert all(before <= frame["received_us"] <= now_us() for frame in [*kept, *others])


@pytest.mark.feature("UNI-03")
async def test_a_bays_event_reaches_its_section_and_carries_only_what_changed(
    city: Whole, http: Caller, sensors: Sensors
) -> None:
    await city.say(*[sensors.frame(bay, False, now_us()) for bay in bays_of("s2")])
    async with looking(city, http, "lot/s2") as screen:
        await _up_to_date(city, screen)
        assert screen.body("lot/s2")["counts"]["free"] == len(bays_of("s2"))
        screen.heard.clear()
        await city.say(sensors.frame("s2-3", True, now_us()))
        await screen.until(lambda: screen.body("lot/s2")["bays"]["s2-3"][0] == "occupied", "it is taken")
        assert [set(delta["body"]) for delta in screen.heard] == [{"counts", "bays", "devices"}]
        body = screen.heard[0]["body"]
        assert (set(body["bays"]), set(body["devices"])) == ({"s2-3"}, {sensor_of("s2-3")})
        assert screen.faults == []


@pytest.mark.feature("CMD-01")
async def test_an_arrival_appears_live_with_its_device_its_bay_and_the_delay(
    city: Whole, http: Caller, sensors: Sensors
) -> None:
    await city.say(sensors.frame("s1-4", False, now_us()))
    async with looking(city, http, "events") as screen:
        seen_us = now_us()
        await city.say(sensors.frame("s1-4", True, seen_us))
        row: list[Any] = []
        await screen.until(lambda: row or row.extend(last(screen, "s1-4")), "it was taken")
        at_us, verb, bay, number, lot, sensor, seen, received_us, delay_us = row
        assert (verb, bay, number, lot, sensor) == ("taken", "s1-4", "N-s1-4", "s1", sensor_of("s1-4"))
        assert seen == seen_us <= received_us <= at_us
        assert delay_us == at_us - received_us
        assert [p["at"] for p in await passages(http, "s1-4")][-1] == at_us


def last(screen: Screen, bay: str) -> list[Any]:
    """The newest taking of this bay on the screen."""
    rows = [row for row in screen.body("events")["list"] if row[1:3] == ["taken", bay]]
    return rows[-1] if rows else []


@pytest.mark.feature("CMD-03")
async def test_who_follows_one_section_hears_of_no_other(city: Whole, http: Caller, sensors: Sensors) -> None:
    async with looking(city, http, "lot/s1") as screen:
        await _up_to_date(city, screen)
        screen.heard.clear()
        others = [sensors.frame(bay, n % 2 == 0, now_us()) for n, bay in enumerate(bays_of("s2"))]
        await city.say(*others, sensors.frame("s1-5", True, now_us()), *others)
        await screen.until(lambda: screen.body("lot/s1")["bays"]["s1-5"][0] == "occupied", "its own bay is taken")
        assert {delta["topic"] for delta in screen.heard} == {"lot/s1"}
        assert {bay for delta in screen.heard for bay in delta["body"].get("bays", {})} == {"s1-5"}


@pytest.mark.feature("CMD-04")
async def test_the_sums_of_a_region_are_right_after_a_burst(city: Whole, http: Caller, sensors: Sensors) -> None:
    lots = [lot for lot, (region, _, _) in LOTS.items() if region == "south"]
    async with looking(city, http, "region/south", "city", "map", "lot/s1", "lot/s2") as screen:
        burst = [sensors.frame(bay, n % 3 == 0, now_us()) for n in range(20) for bay in bays_of("s1") + bays_of("s2")]
        await city.say(*burst)
        await _up_to_date(city, screen)
        region = screen.body("region/south")
        assert set(region["lots"]) == set(lots)
        assert region["bays"] == sum(LOTS[lot][2] for lot in lots)
        for state, n in region["counts"].items():
            assert n == sum(lot["counts"][state] for lot in region["lots"].values()), state
        assert screen.body("city")["regions"]["south"]["counts"] == region["counts"]
        assert screen.faults == []


async def _up_to_date(city: Whole, screen: Screen) -> dict[Ref, Face]:
    """What the actors are, when the screen shows just that: nothing of what was said before is still to come."""
    faces = await city.faces()
    await screen.until(lambda: agrees(city, screen, faces), "what the journal says")
    return faces


async def _missed(city: Whole, screen: Screen, frames: list[Said]) -> dict[Ref, Face]:
    """The line breaks, this happens, and the line is back and has caught up with what the actors now are."""
    connections = screen.connections
    screen.cut()
    await city.say(*frames)
    await screen.until(lambda: screen.connections > connections, "the line is back")
    return await _up_to_date(city, screen)


@pytest.mark.feature("CMD-05")
async def test_who_was_away_catches_up_without_gap_or_repeat(city: Whole, http: Caller, sensors: Sensors) -> None:
    bays = bays_of("s2")
    async with looking(city, http, "lot/s2", "map", "events", "alarms") as screen:
        # A little each time, so that the deltas are smaller than the whole however the ticks fall: it must resume.
        for away, bay in enumerate(bays[:3]):
            await _missed(city, screen, [sensors.frame(bay, away % 2 == 0, now_us())])
        assert screen.snaps == len(screen.topics), "it resumed each time"
        # Then so much that a whole may be the shorter way: either is right, and nothing may be missing.
        faces = await _missed(city, screen, [sensors.frame(bay, n % 2 == 0, now_us()) for n, bay in enumerate(bays)])
        assert screen.body("lot/s2")["bays"] == lot_rows(faces, "s2")["bays"]
        assert screen.faults == []
        listed = [tuple(row) for row in screen.body("events")["list"]]
        assert len(set(listed)) == len(listed)


REFUSALS = [
    ("GET", "/api/v1/bays", None, "", 401, "not_signed_in"),
    ("POST", "/api/v1/session", {"name": "admin", "password": "wrong"}, "", 401, "wrong_credentials"),
    ("POST", "/api/v1/session", {"name": "admin"}, "", 400, "invalid_body"),
    ("GET", "/api/v1/ingest", None, "viewer", 403, "forbidden"),
    (
        "POST",
        "/api/v1/bays",
        {"number": "N", "lot": "s1", "type": "common", "lon": 0, "lat": 0},
        "viewer",
        403,
        "forbidden",
    ),
    ("GET", "/api/v1/bays?state=gone", None, "viewer", 400, "invalid_query"),
    ("GET", "/api/v1/bays/none", None, "viewer", 404, "not_found"),
    ("GET", "/api/v1/devices/none/frames", None, "viewer", 404, "not_found"),
    ("GET", "/api/v1/nowhere", None, "viewer", 404, "no_such_route"),
    ("DELETE", "/api/v1/city", None, "viewer", 405, "wrong_method"),
    (
        "POST",
        "/api/v1/bays",
        {"number": "N-s1-0", "lot": "s1", "type": "common", "lon": 0, "lat": 0},
        "admin",
        409,
        "bay_number_taken",
    ),
    (
        "POST",
        "/api/v1/bays",
        {"number": "N-new", "lot": "no", "type": "common", "lon": 0, "lat": 0},
        "admin",
        409,
        "unknown_parent",
    ),
    ("PATCH", "/api/v1/bays/s1-0", {"version": 99, "type": "common"}, "admin", 409, "version_conflict"),
]


@pytest.mark.feature("EXT-14")
async def test_every_refusal_has_a_stable_code_and_a_trace_id(city: Whole, http: Caller) -> None:
    await Users(city.engine).add("viewer", PasswordHasher().hash("looks-on"), "viewer")
    nobody = Caller(http.session)
    callers = {"": nobody, "viewer": await nobody.signed_in("viewer", "looks-on"), "admin": http}
    traces = set()
    for method, path, body, who, status, code in REFUSALS:
        said = await callers[who](method, path, body)
        assert (said.status, said.code) == (status, code), (method, path)
        assert said.json["message"]
        traces.add(said.json["trace_id"])
    assert len(traces) == len(REFUSALS)


async def test_a_refused_frame_has_a_stable_word_and_its_own_number(city: Whole, http: Caller) -> None:
    topic = f"yunparking/v1/{sensor_of('s1-9')}/up"
    refused = {
        "undecodable": Said(topic, json.dumps({"v": 1, "boot": 1, "n": 1, "at": "yesterday"}).encode()),
        "unknown_device": Said("yunparking/v1/nobody/up", plain(1, True, now_us())),
        "wrong_topic": Said("yunparking/v9/x/up", b""),
        "oversized": Said(topic, b"x" * (city.settings.broker.max_frame_bytes + 1)),
    }
    async with city.radio() as client:
        await city.publish(client, [frame for outcome, frame in refused.items() if outcome != "oversized"])
        await client.publish(*refused["oversized"], qos=1)
    await city.quiet()
    for outcome, frame in refused.items():
        await city.until_kept(outcome, frame.topic)
        kept = (await http.get(f"/api/v1/frames?outcome={outcome}&limit=1")).json["items"][0]
        assert (kept["topic"], kept["outcome"], type(kept["id"])) == (frame.topic, outcome, int)
    word = (await http.get("/api/v1/frames?outcome=undecodable&limit=1")).json["items"][0]["detail"].split(":")[0]
    assert word.isidentifier()
