"""The door of the live line over real sockets: who comes in, what they may say, who is shown out and with what code."""

import asyncio
import socket
from contextlib import suppress

import msgpack  # type: ignore[import-untyped]
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from actors.values import HOUR_US, SECOND_US
from gateway.live.private import Private
from gateway.live.rights import TOPIC_RULES, TopicRule
from gateway.live.server import SENTENCES, LiveSettings
from gateway.live.wire import Limits
from tests.gateway.live.stage import TOKENS, Client, Stage, bays_of, opened

PUBLIC = [rule for rule in TOPIC_RULES if not Private.names(rule.name)]
"""Topics of the whole city; those that concern few have a test of their own."""


async def shown_out(line: Client) -> tuple[int, str, str]:
    """The close code, its reason, and the code of the last message before it."""
    with suppress(ConnectionClosed):
        while True:
            await line.take()
    last = line.heard[-1].get("code", "") if line.heard else ""
    return line.line.close_code or 0, line.line.close_reason or "", last


async def arrived(stage: Stage) -> Client:
    return Client(await connect(stage.url))


async def test_nothing_is_said_before_hello(stage: Stage) -> None:
    line = await arrived(stage)
    await line.say({"t": "sub", "topic": "city"})
    assert await shown_out(line) == (4401, "hello_first", "hello_first")


async def test_a_wrong_token_is_refused(stage: Stage) -> None:
    line = await arrived(stage)
    await line.say({"t": "hello", "v": 1, "token": "forged"})
    assert await shown_out(line) == (4401, "not_signed_in", "not_signed_in")


async def test_another_version_is_refused(stage: Stage) -> None:
    line = await arrived(stage)
    await line.say({"t": "hello", "v": 2, "token": "good"})
    assert await shown_out(line) == (4400, "unknown_version", "unknown_version")


async def test_who_says_nothing_is_shown_out() -> None:
    async with Stage(LiveSettings(port=0, limits=Limits(hello_ms=30))) as stage:
        assert await shown_out(await arrived(stage)) == (4408, "hello_late", "hello_late")


@pytest.mark.parametrize(
    ("frame", "code"),
    [("[]", "not_binary"), (b"\xc1", "not_messagepack"), (msgpack.packb({"t": "ping"}), "not_a_message")],
)
async def test_a_bad_frame_closes_the_line_of_its_sender_only(stage: Stage, frame: bytes | str, code: str) -> None:
    good, bad = await opened(stage), await opened(stage)
    await good.sub("city")
    await bad.line.send(frame)
    assert await shown_out(bad) == (4400, code, code)
    await stage.park("20001000", "occupied")
    await stage.tick()
    await good.until(lambda: good.body("city")["counts"]["occupied"] == 1)


async def test_a_frame_that_is_too_large_is_not_read(stage: Stage) -> None:
    line = await opened(stage)
    await line.line.send(b"\xc0" * 20_000)
    assert (await shown_out(line))[0] == 1009


async def test_too_many_frames_close_the_line(stage: Stage) -> None:
    line = await opened(stage)
    for n in range(60):
        await line.say({"t": "ping", "id": n})
    assert await shown_out(line) == (4429, "too_fast", "too_fast")
    assert len([m for m in line.heard if m["t"] == "pong"]) == Limits().frames_burst - 1


async def test_more_topics_than_allowed_are_refused_one_by_one() -> None:
    async with Stage(LiveSettings(port=0, limits=Limits(topics=2))) as stage:
        line = await opened(stage)
        await line.say(*({"t": "sub", "topic": topic} for topic in ("city", "map", "city", "events")))
        await line.until(lambda: {"city", "map"} <= line.topics.keys() and bool(line.of("events", "gone")))
        assert line.of("events", "gone")[0]["code"] == "too_many_topics"
        await line.say({"t": "unsub", "topic": "map"}, {"t": "sub", "topic": "events"})
        await line.until(lambda: "events" in line.topics)


@pytest.mark.parametrize(
    "rule", [rule for rule in TOPIC_RULES if not Private.names(rule.name)], ids=lambda rule: rule.name
)
async def test_a_topic_wants_its_permission(stage: Stage, rule: TopicRule) -> None:
    topic = {"region/": "region/east", "lot/": "lot/20001", "section/": "section/20001"}.get(rule.name, rule.name)
    watcher, good = await opened(stage, "watcher"), await opened(stage)
    await good.sub(topic)
    await watcher.say({"t": "sub", "topic": topic})
    await watcher.until(lambda: topic in watcher.topics or bool(watcher.of(topic, "gone")))
    assert (topic in watcher.topics) == (rule.permission == "live.watch")


@pytest.mark.parametrize("topic", ["lot/99999", "region/north", "nothing"])
async def test_a_topic_that_is_not_there_is_gone(stage: Stage, topic: str) -> None:
    line = await opened(stage)
    await line.say({"t": "sub", "topic": topic})
    await line.until(lambda: bool(line.of(topic, "gone")))
    assert line.of(topic, "gone") == [{"t": "gone", "topic": topic, "code": "unknown_topic"}]


async def test_an_expired_token_closes_the_line_unless_it_is_renewed(stage: Stage) -> None:
    stays, goes = await opened(stage), await opened(stage)
    stage.clock.now += HOUR_US
    TOKENS["new"] = TOKENS["good"]._replace(expires_us=stage.clock.now + HOUR_US)
    await stays.say({"t": "hello", "v": 1, "token": "new"})
    await stays.until(lambda: len([m for m in stays.heard if m["t"] == "welcome"]) == 2)
    stage.beat()
    assert await shown_out(goes) == (4401, "token_expired", "token_expired")
    await stays.until(lambda: stays.heard[-1]["t"] == "beat")


async def test_a_beat_names_who_is_away_and_says_nothing_while_nobody_is(stage: Stage) -> None:
    line = await opened(stage)
    stage.away.append("database")
    stage.beat()
    await line.until(lambda: line.heard[-1].get("away") == ["database"])
    stage.away.clear()
    stage.beat()
    await line.until(lambda: line.heard[-1]["t"] == "beat" and "away" not in line.heard[-1])


async def test_a_renewed_token_that_may_less_loses_topics(stage: Stage) -> None:
    line = await opened(stage)
    await line.sub("devices", "city")
    await line.say({"t": "hello", "v": 1, "token": "watcher"})
    await line.until(lambda: bool(line.of("devices", "gone")))
    assert line.of("devices", "gone")[0]["code"] == "forbidden"
    await stage.park("20001000", "occupied")
    await stage.tick()
    await line.until(lambda: line.body("city")["counts"]["occupied"] == 1)


async def test_only_named_web_origins_may_open_the_line() -> None:
    async with Stage(LiveSettings(port=0, origins=("https://city.example",))) as stage:
        await opened(stage, origin="https://city.example")
        await opened(stage)
        with pytest.raises(InvalidStatus) as refused:
            await connect(stage.url, origin=Origin("https://evil.example"))
        assert refused.value.response.status_code == 403


async def test_a_full_gateway_says_so() -> None:
    async with Stage(LiveSettings(port=0, max_clients=1)) as stage:
        await opened(stage)
        with pytest.raises(InvalidStatus) as refused:
            await connect(stage.url)
        assert refused.value.response.status_code == 503


async def test_one_frame_per_client_and_tick_built_once_for_equal_subscriptions(stage: Stage) -> None:
    one, two = await opened(stage), await opened(stage)
    for line in (one, two):
        await line.sub("city", "map", "events", "region/east", "lot/20001")
    before = len(one.frames)
    await stage.park("20001000", "occupied")
    await stage.park("20001001", "occupied")
    await stage.tick()
    await asyncio.gather(one.take(), two.take())
    assert len(one.frames) == before + 1
    assert one.frames[-1] == two.frames[-1]
    told = {message["topic"] for message in msgpack.unpackb(one.frames[-1])}
    assert told == {"city", "map", "events", "region/east", "lot/20001"}


async def test_whoever_unsubscribes_hears_no_more(stage: Stage) -> None:
    line = await opened(stage)
    await line.sub("city", "map")
    await line.say({"t": "unsub", "topic": "map"}, {"t": "ping", "id": 7})
    await line.until(lambda: line.heard[-1] == {"t": "pong", "id": 7, "at": stage.clock.now})
    await stage.park("20001000", "occupied")
    await stage.tick()
    await line.until(lambda: bool(line.of("city")))
    assert not line.of("map")


async def test_the_beat_names_where_every_topic_stands(stage: Stage) -> None:
    line = await opened(stage)
    await line.sub("city", "lot/20001")
    await stage.park("20001000", "occupied")
    await stage.tick()
    stage.beat()
    await line.until(lambda: line.heard[-1]["t"] == "beat")
    beat = line.heard[-1]
    assert beat["at"] == stage.clock.now
    assert beat["seqs"] == {topic: list(line.topics[topic][:2]) for topic in ("city", "lot/20001")}


async def test_the_beats_time_stands_still_while_the_views_are_away(stage: Stage) -> None:
    line = await opened(stage)
    await stage.park("20001000", "occupied")
    await stage.tick()
    heard = stage.clock.now
    stage.reachable.clear()
    stage.clock.now += 10 * SECOND_US
    stage.beat()
    await line.until(lambda: line.heard[-1]["t"] == "beat")
    assert line.heard[-1]["at"] == heard
    stage.reachable.set()


async def never_reading(stage: Stage) -> Client:
    """A client with a small window that stops reading once it is joined."""
    sock = socket.create_connection(stage.url.removeprefix("ws://").split(":"))  # type: ignore[arg-type]
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    sock.setblocking(False)
    line = Client(await connect(stage.url, sock=sock, max_size=None, max_queue=1))
    await line.say({"t": "hello", "v": 1, "token": "good"})
    await line.sub("city", "map", "alarms", "lot/20001")
    line.line.transport.pause_reading()
    return line


async def flood(stage: Stage) -> None:
    """Every bay changes in every tick and three alarms come or go, until a frame is skipped and five ticks longer."""
    left = 1_000
    while left:
        for lot in ("20001", "20002", "30001"):
            faces = {stage.ref(bay): stage.face(bay, "occupied") for bay in bays_of(lot, stage.bays)}
            if left % 2:
                faces[stage.ref(f"{lot}000")] = stage.face(f"{lot}000", "faulty")
            await stage.commit(faces)
        await stage.tick()
        left = min(left, 6) - 1 if stage.live.gauges().skipped_frames_total else left - 1
    assert stage.live.gauges().skipped_frames_total, "the client's buffer never filled"


async def read_on(line: Client, stage: Stage, right: asyncio.Event) -> None:
    """Reads for ever; `right` is set when the client holds the last state of the map."""
    while True:
        await line.take()
        if line.topics["map"][1] == stage.views.composer.map.seq:
            right.set()


async def test_a_stuck_client_slows_nobody_and_is_let_go() -> None:
    async with Stage(LiveSettings(port=0), bays=200) as stage:
        healthy = await opened(stage)
        stage.small_buffers()
        stuck = await never_reading(stage)
        await healthy.sub("city", "map", "alarms", "lot/20001")
        right = asyncio.Event()
        reading = asyncio.create_task(read_on(healthy, stage, right))
        await flood(stage)
        (screen,) = [s for s in stage.live._screens if s.owed]
        assert screen.connection.transport.get_write_buffer_size() < 2 * (256 << 10)
        assert not screen.room()
        assert stage.live.gauges().stuck_clients == 1
        stage.beat()
        stage.clock.now += 30 * SECOND_US
        stage.beat()
        await screen.connection.wait_closed()
        assert len(stage.live._screens) == 1
        right.clear()
        await stage.park("20001000", "free")
        await stage.tick()
        await right.wait()
        assert healthy.resubs == 0
        reading.cancel()
        stuck.line.transport.abort()


async def test_a_slow_client_that_reads_again_is_right_again_and_missed_no_alarm() -> None:
    async with Stage(LiveSettings(port=0), bays=200) as stage:
        stage.small_buffers()
        slow = await never_reading(stage)
        first = slow.topics["alarms"][1]
        await flood(stage)
        slow.line.transport.resume_reading()
        composer = stage.views.composer
        while not all(slow.topics[t][1] == composer.join(t)[0].seq for t in slow.topics):  # type: ignore[index]
            await slow.take()
            stage.beat()
        assert slow.resubs == 0
        events = [event for message in slow.of("alarms") for event in message["body"]["events"]]
        assert slow.of("alarms", "snap")[1:] == []
        assert len(events) == slow.topics["alarms"][1] - first
        for topic in slow.topics:
            assert slow.body(topic) == stage.whole(topic)
        slow.line.transport.abort()


def test_every_code_has_a_sentence() -> None:
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
