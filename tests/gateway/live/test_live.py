"""What staff see live: records as they happen, one section, a region's sums, and no gap after an absence."""

import asyncio
import random

import pytest

from actors.values import SECOND_US
from gateway.live.views import FOLLOWED_US
from storage.history import Aside, ParkedFrames, ParkedTurn, TroubledPayment
from tests.gateway.live.stage import LOTS, NOON, Client, Stage, bays_of, opened


@pytest.mark.feature("CMD-01")
async def test_a_record_appears_with_device_bay_and_delay(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("events")
    now = stage.clock.now
    await stage.park("20001000", "occupied", received=now - 40_000)
    await stage.tick()
    await screen.until(lambda: bool(screen.of("events")))
    record = screen.body("events")["list"][-1]
    assert record == [
        now, "taken", "20001000", "N20001000", "20001", "d-20001000", now - 90_000, now - 40_000, 40_000,
    ]  # fmt: skip


@pytest.mark.feature("CMD-03")
async def test_a_screen_of_one_section_hears_of_no_other(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("lot/20001")
    for bay in ("20002000", "30001001", "20001002"):
        await stage.park(bay, "occupied")
        await stage.tick()
    await screen.until(lambda: bool(screen.of("lot/20001")))
    deltas = [message for message in screen.heard if message["t"] == "delta"]
    assert [(delta["topic"], list(delta["body"]["bays"])) for delta in deltas] == [("lot/20001", ["20001002"])]


@pytest.mark.feature("UNI-03")
async def test_a_bays_event_shows_on_its_section_and_the_message_carries_only_what_changed(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("lot/20001")
    await stage.park("20001002", "occupied")
    await stage.tick()
    await screen.until(lambda: bool(screen.of("lot/20001")))
    now = stage.clock.now - 100_000
    body = screen.of("lot/20001")[-1]["body"]
    assert body["bays"] == {"20001002": ["occupied", now, now + 1, "d-20001002", False]}
    assert sorted(body) == ["bays", "counts"]
    assert {state: n for state, n in body["counts"].items() if n} == {"unknown": 3, "occupied": 1}
    assert screen.body("lot/20001")["bays"]["20001002"][0] == "occupied"


@pytest.mark.feature("CMD-04")
async def test_a_regions_sums_are_right_after_a_burst(stage: Stage) -> None:
    screen, chance = await opened(stage), random.Random(4)
    await screen.sub("city", "region/east", "region/west", *(f"lot/{lot}" for lot in LOTS))
    states: dict[str, str] = {}
    for _ in range(30):
        for _ in range(20):
            bay = chance.choice(bays_of(chance.choice(sorted(LOTS))))
            states[bay] = chance.choice(["free", "occupied"])
            await stage.park(bay, states[bay])
        await stage.tick()
    last = stage.views.composer.city.seq
    await screen.until(lambda: screen.topics["city"][1] == last)
    for region in ("east", "west"):
        lots = [lot for lot in LOTS if LOTS[lot] == region]
        body = screen.body(f"region/{region}")
        for state in ("free", "occupied"):
            true = sum(states.get(bay) == state for lot in lots for bay in bays_of(lot))
            assert body["counts"][state] == true
            assert sum(body["lots"][lot]["counts"][state] for lot in lots) == true
            assert screen.body("city")["regions"][region]["counts"][state] == true
        assert sorted(body["lots"]) == lots
        assert body["bays"] == 4 * len(lots)


@pytest.mark.feature("CMD-05")
async def test_a_client_that_was_away_catches_up_without_gap_or_double(stage: Stage) -> None:
    topics = ("city", "map", "events", "alarms", "lot/20001")
    before = await opened(stage)
    await before.sub(*topics)
    await stage.park("20001000", "occupied")
    await stage.tick()
    await before.until(lambda: len(before.of("events")) == 1)
    before.line.transport.abort()
    for bay, state in (("20001000", "free"), ("20001001", "occupied"), ("20001002", "faulty"), ("20001002", "free")):
        await stage.park(bay, state)
        await stage.tick()

    after = await opened(stage)
    after.topics = before.topics
    await after.say(*({"t": "sub", "topic": topic} | after.place(topic) for topic in topics))
    await after.until(lambda: all(after.of(topic) or after.of(topic, "snap") for topic in topics))
    await stage.park("20001003", "occupied")
    await stage.tick()
    await after.until(lambda: after.body("events")["list"][-1][2] == "20001003")
    assert after.resubs == 0
    seen = [(row[2], row[1]) for row in after.body("events")["list"]]
    assert seen == [
        ("20001000", "taken"), ("20001000", "freed"), ("20001001", "taken"), ("20001002", "taken"),
        ("20001002", "freed"), ("20001003", "taken"),
    ]  # fmt: skip
    told = [event[:2] for delta in after.of("alarms") for event in delta["body"]["events"]]
    assert told == [["raise", "bay_faulty:20001002"], ["clear", "bay_faulty:20001002"]]
    for topic in topics:
        assert after.body(topic) == stage.whole(topic)


@pytest.mark.feature("CMD-05")
async def test_after_a_long_absence_a_snapshot_and_then_what_follows(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("map")
    for bay in ("20001000", "20001001"):
        await stage.park(bay, "occupied")
        await stage.tick()
        stage.clock.now += 90 * SECOND_US
    late = await opened(stage)
    late.topics = {"map": (screen.topics["map"][0], 0, {})}
    await late.say({"t": "sub", "topic": "map"} | late.place("map"))
    await late.until(lambda: bool(late.heard[1:]))
    assert [message["t"] for message in late.heard[1:]] == ["snap"]
    await stage.park("20001002", "occupied")
    await stage.tick()
    await late.until(lambda: late.heard[-1]["t"] == "delta")
    assert late.body("map") == stage.whole("map")


async def test_whoever_is_here_already_gets_a_delta_that_changes_nothing(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("city")
    epoch, seq, _ = screen.topics["city"]
    await screen.say({"t": "sub", "topic": "city", "epoch": epoch, "seq": seq})
    await screen.until(lambda: bool(screen.of("city")))
    answer = screen.of("city")[-1]
    assert (answer["prev"], answer["seq"], answer["body"]) == (seq, seq, {})


async def test_joining_under_load_leaves_no_gap(stage: Stage) -> None:
    async def follow() -> Client:
        screen = await opened(stage)
        await screen.sub("city", "map", "lot/20001", "events")
        return screen

    joining = [asyncio.create_task(follow()) for _ in range(20)]
    n = 0
    while not all(task.done() for task in joining):
        await stage.park(bays_of("20001")[n % 4], "free" if n // 4 % 2 else "occupied")
        await stage.tick()
        n += 1
    await stage.park("20001000", "verify")
    await stage.tick()
    for screen in [task.result() for task in joining]:
        await screen.until(lambda s=screen: s.body("map")["bays"]["20001000"][0] == "verify")  # type: ignore[misc]
        assert screen.resubs == 0
        for topic in screen.topics:
            assert screen.body(topic) == stage.whole(topic)


async def test_everybody_comes_over_the_death_of_the_views(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("city", "map", "lot/20001", "alarms")
    stage.live.feed.note("replay")
    await stage.told()
    await stage.park("20001000", "occupied")
    await stage.tick()
    await screen.until(lambda: screen.body("city")["counts"]["occupied"] == 1)
    life = screen.topics["city"][0]
    stage.reachable.clear()
    await stage.park("20001001", "faulty")
    await stage.restart_views()
    stage.reachable.set()
    await screen.until(lambda: screen.topics["city"][0] != life)
    await stage.told()
    await stage.park("20001002", "occupied")
    await stage.tick()
    await screen.until(lambda: screen.body("city")["counts"]["occupied"] == 2)
    assert list(screen.body("alarms")["open"]) == ["bay_faulty:20001001"]
    assert screen.body("city")["source"] == "replay"


async def test_what_was_set_aside_is_an_alarm_until_it_is_dealt_with(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("city", "alarms")
    frames = [ParkedFrames("d-9", NOON, 2)]
    stage.views.see_aside(Aside(3, NOON, frames, [ParkedTurn("bay:20001/1", NOON, "KeyError: 'x'")]))
    await stage.tick()
    await screen.until(lambda: screen.body("city")["unknown_frames"] == 3)
    assert screen.body("alarms")["open"] == {
        "message_parked:bay:20001/1": [
            NOON,
            "message_parked",
            "critical",
            "bay:20001/1",
            "20001",
            {"error": "KeyError: 'x'"},
        ],
        "frame_parked:d-9": [NOON, "frame_parked", "critical", "d-9", None, {"frames": 2}],
        "unknown_devices:city": [NOON, "unknown_devices", "warning", "city", None, {"frames": 3}],
    }
    stage.bays = 6
    await stage.views.reload(b"")
    stage.views.see_aside(Aside(5, NOON + 1, frames, []))
    await stage.tick()
    await screen.until(lambda: len(screen.body("alarms")["open"]) == 2)
    assert screen.body("alarms")["open"]["unknown_devices:city"][5] == {"frames": 3}, "as it was raised"
    stage.views.see_aside(Aside(5, 0, [], [], [TroubledPayment("a" * 32, NOON, "amount")]))
    await stage.tick()
    wrong = f"payment_trouble:{'a' * 32}"
    await screen.until(lambda: list(screen.body("alarms")["open"]) == [wrong])
    assert screen.body("alarms")["open"][wrong][2:] == ["critical", "a" * 32, None, {"error": "amount"}]
    stage.views.see_aside(Aside(5, 0, [], []))
    await stage.tick()
    await screen.until(lambda: not screen.body("alarms")["open"] and screen.body("city")["unknown_frames"] == 5)


async def test_a_new_register_reaches_every_screen(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("city")
    stage.bays = 6
    await stage.views.reload(b"")
    await screen.until(lambda: screen.body("city")["bays"] == 18)


async def test_a_gateway_that_was_away_too_long_joins_anew(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("map", "lot/20001")
    stage.reachable.clear()
    await stage.park("20001000", "occupied")
    for n in range(400):
        await stage.park("20001001", "occupied" if n % 2 else "free")
        stage.clock.now += 100_000
        stage.views.tick()
    stage.reachable.set()
    await screen.until(lambda: all(screen.topics[t][1] == stage.views.composer.join(t)[0].seq for t in screen.topics))  # type: ignore[index]
    assert screen.resubs == 0
    assert screen.body("map") == stage.whole("map")


async def test_many_clients_that_ask_the_same_make_one_call(stage: Stage) -> None:
    screens = [await opened(stage) for _ in range(10)]
    stage.reachable.clear()
    for screen in screens:
        await screen.say({"t": "sub", "topic": "map"}, {"t": "ping", "id": 1})
        await screen.until(lambda s=screen: s.heard[-1]["t"] == "pong")  # type: ignore[misc]
    stage.reachable.set()
    for screen in screens:
        await screen.until(lambda s=screen: "map" in s.topics)  # type: ignore[misc]
    assert stage.calls.count("join") == 1


async def test_a_lot_is_awake_for_as_long_as_a_screen_follows_it(stage: Stage) -> None:
    screen = await opened(stage)
    await screen.sub("lot/20001")
    stage.clock.now += 2 * FOLLOWED_US  # no poll has named it for so long: it falls asleep, and is named again
    await stage.tick()
    await stage.park("20001001", "occupied")
    await stage.tick()
    await screen.until(lambda: "20001001" in screen.body("lot/20001")["bays"])
    await screen.until(lambda: screen.body("lot/20001")["bays"]["20001001"][0] == "occupied")
    assert (screen.resubs, len(screen.of("lot/20001", "snap"))) == (0, 1)
    await screen.say({"t": "unsub", "topic": "lot/20001"})
    await screen.sub("city")
    stage.beat()
    await stage.park("20001002", "occupied")
    await stage.tick()
    stage.clock.now += 2 * FOLLOWED_US
    await stage.tick()
    await stage.park("20001003", "occupied")
    tick = stage.views.gauges.pieces_total
    stage.views.tick()
    assert stage.views.gauges.pieces_total == tick + 4, "city, map, events, its region"
