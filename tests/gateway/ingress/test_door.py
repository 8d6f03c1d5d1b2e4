"""The door for devices at real brokers: what is kept, what is acknowledged, when, and in which order."""

import asyncio
import json
import socket
import time
from pathlib import Path

import aiomqtt
import pytest

from actors.devices import PAYLOAD_MOST
from actors.engine.entries import ByKey, FromDevice
from actors.messages.device import Uplinked
from actors.values import Ref
from storage.local import free_port
from tests.actors.devices.samples import LORA_TAKEN, LORA_TOPIC, V1_TAKEN, V1_TOPIC
from tests.gateway.ingress.scene import (
    NOW,
    Door,
    RunningBroker,
    nats_command,
    publisher,
    running,
    sensor,
    topic,
    until,
    url,
)


async def test_frames_of_three_vendors_reach_their_devices_and_are_kept(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        await client.publish(topic(), sensor(1), qos=1)
        await client.publish(V1_TOPIC, json.dumps(V1_TAKEN), qos=1)
        await client.publish(LORA_TOPIC, json.dumps(LORA_TAKEN), qos=1)
        await until(lambda: len(door.store.rows) == 3)
    kept = {row.kind: row for row in door.store.rows}
    assert set(kept) == {"yun-json", "yun-v1", "chirpstack-tps110"}
    assert kept["yun-json"].payload == sensor(1)
    assert {row.received_us for row in door.store.rows} == {NOW}
    assert {row.outcome for row in door.store.rows} == {"accepted"}
    told = {letter.ref.own_id: letter for letter in door.post.letters}
    assert told["s-1"].source == FromDevice(Ref("device", "lot/s-1"), 1, 1)
    assert isinstance(told["GM000123"].source, ByKey)
    for letter in told.values():
        assert isinstance(letter.message, Uplinked)
        assert letter.message.occupied is True


async def test_acknowledgements_leave_in_the_order_of_arrival(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        door.post.hold = lambda letter: letter.source.n == 0
        for n in range(50):
            await client.publish(topic(), sensor(n), qos=1)
        await until(lambda: len(door.post.letters) == 50)
        assert sum(letter.taken.done() for letter in door.post.letters) == 49
        assert door.counters.acknowledged == 0
        assert door.store.rows == []
        door.post.make_durable(door.post.letters[0])
        await until(lambda: door.counters.acknowledged == 50)
        assert [row.payload for row in door.store.rows] == [sensor(n) for n in range(50)]
        assert door.counters.in_flight == 0


async def test_nothing_is_acknowledged_before_it_is_kept(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        door.store.open.clear()
        await client.publish(topic(), sensor(1), qos=1)
        await until(lambda: door.post.letters and door.post.letters[0].taken.done())
        assert door.counters.acknowledged == 0
        door.store.open.set()
        await until(lambda: door.counters.acknowledged == 1)


async def test_a_database_that_is_away_delays_but_loses_nothing(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        door.store.failures = 3
        await client.publish(topic(), sensor(1), qos=1)
        await until(lambda: door.counters.acknowledged == 1)
        assert door.counters.gauges().store_failures_total == 3
        assert door.store.outcomes() == ["accepted"]


async def test_what_a_dead_gateway_had_not_acknowledged_comes_again_once(broker: RunningBroker) -> None:
    first = Door(broker)
    async with publisher(broker) as client:
        async with first.opened():
            # All turns become durable but the tenth, which holds back the acknowledgement of those after it.
            first.post.hold = lambda letter: letter.source.n == 10
            for n in range(40):
                await client.publish(topic(), sensor(n), qos=1)
            await until(lambda: len(first.post.letters) >= 40 and first.counters.acknowledged == 10)
            cut(first)
        second = Door(broker, client_id=first.client_id)
        second.post.turns = first.post.turns
        async with second.opened():
            await until(lambda: second.counters.acknowledged == second.counters.received >= 30)
            again = second.counters.received
    assert again <= 40, "ten were acknowledged, but a cut may have overtaken the last of those words"
    assert sorted(source.n for source in second.post.turns) == list(range(40))
    assert second.store.outcomes().count("accepted") == 1, "the tenth"
    assert second.store.outcomes().count("repeat") == again - 1
    assert [row.payload for row in first.store.rows] == [sensor(n) for n in range(10)]
    assert [row.payload for row in second.store.rows] == [sensor(n) for n in range(40 - again, 40)]


async def test_what_comes_again_goes_before_what_is_new(broker: RunningBroker) -> None:
    """Some brokers send new frames first; told in that order, a device's older word would count for nothing."""
    async with Door(broker).opened() as door, publisher(broker) as client:
        door.post.hold = lambda letter: True
        for n in range(1, 6):
            await client.publish(topic(), sensor(n), qos=1)
        await until(lambda: len(door.post.letters) == 5)
        cut(door)
        for n in range(6, 9):
            await client.publish(topic(), sensor(n), qos=1)
        await until(lambda: door.counters.connections == 2)
        await client.publish(topic(), sensor(9), qos=1)
        await until(lambda: len(door.post.letters) == 14)
        assert [letter.source.n for letter in door.post.letters[5:]] == list(range(1, 10))


async def test_a_cut_connection_is_made_again_and_forgets_what_was_under_way(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        door.post.hold = lambda letter: len(door.post.letters) == 1
        await client.publish(topic(), sensor(1), qos=1)
        await until(lambda: door.post.letters)
        cut(door)
        await until(lambda: door.counters.connections == 2)
        await until(lambda: len(door.post.letters) == 2)
        await until(lambda: door.counters.acknowledged == 1)
        door.post.make_durable(door.post.letters[0])
        await client.publish(topic(), sensor(2), qos=1)
        await until(lambda: door.counters.acknowledged == 2)
        assert [source.n for source in door.post.turns] == [1, 2]


def cut(door: Door) -> None:
    assert door.subscriber.wire is not None
    assert door.subscriber.wire._socket is not None
    door.subscriber.wire._socket.shutdown(socket.SHUT_RDWR)


async def test_a_frame_that_is_sent_again_while_it_waits_is_told_once(nats: RunningBroker) -> None:
    async with Door(nats).opened() as door, publisher(nats) as client:
        door.post.hold = lambda letter: True
        await client.publish(topic(), sensor(1), qos=1)
        await until(lambda: door.counters.redelivered >= 1)
        assert len(door.post.letters) == 1
        door.post.make_durable(door.post.letters[0])
        await until(lambda: door.counters.acknowledged == 1)
        assert door.store.outcomes() == ["accepted"]


async def test_a_stuck_frame_is_parked_and_the_others_go_on(broker: RunningBroker) -> None:
    async with Door(broker, stuck_s=0.5).opened() as door, publisher(broker) as client:
        door.post.hold = lambda letter: letter.source.n == 3
        for n in range(6):
            await client.publish(topic(), sensor(n), qos=1)
        await until(lambda: door.counters.acknowledged == 6)
        assert [row.outcome for row in door.store.rows] == ["accepted"] * 3 + ["parked"] + ["accepted"] * 2
        assert [(row.device, row.payload) for row in door.store.rows if row.outcome == "parked"] == [("s-1", sensor(3))]
        assert [row.outcome for row in door.counters.recent] == ["parked"]


async def test_a_post_without_room_is_waited_for_and_nothing_overtakes(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        door.post.full = True
        await client.publish(topic(), sensor(1), qos=1)
        await client.publish(topic(), sensor(2), qos=1)
        await until(lambda: door.counters.in_flight == 2)
        door.post.full = False
        await client.publish(topic(), sensor(3), qos=1)
        await until(lambda: door.counters.acknowledged == 3)
        assert [letter.source.n for letter in door.post.letters] == [1, 2, 3]


async def test_a_window_that_is_full_stops_reading_until_it_is_half_empty(broker: RunningBroker) -> None:
    async with Door(broker, in_flight=10).opened() as door, publisher(broker) as client:
        door.post.hold = lambda letter: True
        for n in range(200):
            await client.publish(topic(), sensor(n), qos=1)
        await until(lambda: door.counters.in_flight >= 10)
        assert len(door.post.letters) == 10
        door.post.hold = lambda letter: False
        for letter in door.post.letters:
            door.post.make_durable(letter)
        await until(lambda: len(door.post.turns) == 200)
        await until(lambda: door.counters.in_flight == 0)
        assert [letter.source.n for letter in door.post.turns.values()] == list(range(200))


BAD = [
    (topic(), b"\xff\x00garbage", "undecodable"),
    (topic(), b"[" * 5000, "undecodable"),
    (topic("x-9"), sensor(1), "unknown_device"),
    (topic(), b"x" * (PAYLOAD_MOST + 1), "oversized"),
    ("yunparking/v2/s-1/up", sensor(1), "wrong_topic"),
    ("yunparking", b"", "wrong_topic"),
    ("iot-topic/gw/GW_1/17", b"{}", "wrong_topic"),
]


async def test_bad_frames_are_kept_counted_and_acknowledged(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        for where, payload, _ in BAD:
            await client.publish(where, payload, qos=1)
        await client.publish(topic(), sensor(1), qos=1)
        await until(lambda: door.counters.acknowledged == len(BAD) + 1)
    by_frame = {(row.topic, row.payload): row for row in door.store.rows}
    for where, payload, outcome in BAD:
        row = by_frame[where, payload[:PAYLOAD_MOST]]
        assert row.outcome == outcome, where
        if outcome == "undecodable":
            assert row.detail.split(":")[0].isidentifier(), "a machine-readable word and a sentence"
    assert by_frame[topic(), b"x" * PAYLOAD_MOST].detail == f"({PAYLOAD_MOST + 1} bytes, {PAYLOAD_MOST} kept)"
    assert door.counters.outcomes["accepted"] == 1
    assert sum(door.counters.outcomes.values()) == len(BAD) + 1
    assert len(door.counters.recent) == len(BAD)


async def test_the_same_number_again_is_a_repeat(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        await client.publish(topic() + "/nb", sensor(1), qos=1)
        await client.publish(topic() + "/lora", sensor(1), qos=1)
        await until(lambda: door.counters.acknowledged == 2)
    assert sorted(door.store.outcomes()) == ["accepted", "repeat"]
    assert len(door.post.turns) == 1


async def test_frames_without_a_wish_for_acknowledgement_are_taken_too(broker: RunningBroker) -> None:
    async with Door(broker).opened() as door, publisher(broker) as client:
        await client.publish(topic(), sensor(1), qos=0)
        await until(lambda: door.store.outcomes() == ["accepted"])


async def test_a_retained_frame_is_no_news(broker: RunningBroker) -> None:
    where = topic("s-retained")
    async with publisher(broker) as client:
        await client.publish(where, sensor(1), qos=1, retain=True)
        async with Door(broker).opened() as door:
            await until(lambda: door.counters.gauges().retained_frames_total == 1)
            await client.publish(where, sensor(2), qos=1)
            await until(lambda: door.store.outcomes() == ["accepted"])
            assert [letter.source.n for letter in door.post.letters] == [2]
        await client.publish(where, b"", qos=1, retain=True)


async def test_a_packet_beyond_the_brokers_limit_harms_only_its_sender(nats: RunningBroker) -> None:
    async with Door(nats).opened() as door:
        with pytest.raises(aiomqtt.MqttError):
            async with publisher(nats) as client:
                await client.publish(topic(), b"x" * (2 << 20), qos=1, timeout=5)
        async with publisher(nats) as client:
            await client.publish(topic(), sensor(1), qos=1)
            await until(lambda: door.store.outcomes() == ["accepted"])
        assert door.counters.connections == 1


async def test_a_kind_that_breaks_its_promise_stops_nobody(
    broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(where: str) -> None:
        raise ZeroDivisionError(where)

    async with Door(broker).opened() as door, publisher(broker) as client:
        with monkeypatch.context() as patch:
            patch.setattr("gateway.ingress.sorter.kind_of", broken)
            await client.publish(topic(), sensor(1), qos=1)
            await until(lambda: door.store.outcomes() == ["undecodable"])
        assert door.store.rows[0].detail.startswith("internal_error: ZeroDivisionError")
        await client.publish(topic(), sensor(2), qos=1)
        await until(lambda: door.store.outcomes() == ["undecodable", "accepted"])


async def test_a_wrong_password_is_tried_again_patiently(nats: RunningBroker) -> None:
    stranger = nats._replace(url=nats.url.replace("p%40ss", "other"))
    door = Door(stranger)
    task = asyncio.create_task(door.subscriber.run())
    began = time.monotonic()
    await until(lambda: door.counters.gauges().lost_connections_total >= 2)
    assert not task.done()
    gauges, most = door.counters.gauges(), time.monotonic() - began + 1
    assert (gauges.up, 0 < gauges.unconnected_seconds < most) == (0, True)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_client_id_that_some_brokers_refuse_is_refused_here(nats: RunningBroker) -> None:
    with pytest.raises(ValueError):
        Door(nats, client_id="gate.way")


async def test_a_broker_killed_and_started_again_gives_back_what_was_not_acknowledged(tmp_path: Path) -> None:
    port = free_port()
    command = nats_command(tmp_path, port)
    broker = RunningBroker(url(port), port, redelivers=True)
    door = Door(broker)
    with running(command, port, tmp_path) as child:
        async with door.opened():
            door.post.hold = lambda letter: len(door.post.letters) == 4
            async with publisher(broker) as client:
                for n in range(8):
                    await client.publish(topic(), sensor(n), qos=1)
            await until(lambda: door.counters.acknowledged == 3 and len(door.post.letters) == 8)
            child.kill()
            child.wait()
            with running(command, port, tmp_path):
                await until(lambda: door.counters.acknowledged >= 8)
    assert [source.n for source in door.post.turns] == [0, 1, 2, 4, 5, 6, 7, 3]
    assert door.store.outcomes().count("accepted") == 4, "three before, and the one that had been held"
