"""The intake alone, with turns that become durable in any order and a connection that writes down what it is told."""

import asyncio
import random

import pytest

from actors.engine.directory import NoSlot
from actors.engine.entries import DONE, LATE, REPEAT, Answer, Input
from actors.messages.device import HeardLate
from actors.messages.forms import Message, Refused
from actors.values import SECOND_US, Ref
from gateway.ingress.counters import Counters
from gateway.ingress.frames import Frame
from gateway.ingress.intake import Intake, Limits
from gateway.ingress.sorter import Sorter
from tests.gateway.ingress.scene import NOW, FakePost, FakeRegistry, FakeStore, sensor, topic, until

import msgspec  # isort: skip


class FakeWire:
    """Writes down acknowledgements, and checks at that moment that each frame is kept and its turn durable."""

    def __init__(self, post: FakePost, store: FakeStore) -> None:
        self.acknowledged: list[int] = []
        self._post, self._store = post, store

    def acknowledge(self, numbers: list[int]) -> None:
        kept = {row.payload for row in self._store.rows}
        for number in numbers:
            assert sensor(number) in kept
            assert self._post.letters[number - 1].taken.done()
        self.acknowledged += numbers

    def pause(self) -> None: ...
    def resume(self) -> None: ...


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_finishes_first_acknowledgements_keep_the_order_of_arrival(seed: int) -> None:
    rng = random.Random(seed)
    post, store = FakePost(), FakeStore()
    post.hold = lambda letter: True
    limits = Limits(batch=rng.choice([1, 3, 1000]))
    intake = Intake(post, Sorter(FakeRegistry()), store, Counters(), limits, lambda: NOW)
    intake.wire = wire = FakeWire(post, store)
    task = asyncio.create_task(intake.run())
    waiting: list[int] = []
    number = 0
    while len(wire.acknowledged) < 100:
        if number < 100 and rng.random() < 0.6:
            number += 1
            intake.arrived(number, topic(), sensor(number), False, False)
            waiting.append(number - 1)
        elif waiting:
            post.make_durable(post.letters[waiting.pop(rng.randrange(len(waiting)))])
        if rng.random() < 0.3:
            await asyncio.sleep(0)
        assert not task.done()
    assert wire.acknowledged == list(range(1, 101))
    task.cancel()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (DONE, "accepted"),
        (REPEAT, "repeat"),
        (LATE, "late"),
        (Answer("done", reply=msgspec.msgpack.encode(HeardLate())), "late"),
        (Answer("done", reply=msgspec.msgpack.encode(Refused("not_installed", "Nobody knows it."))), "unknown_device"),
        (Answer("done", reply=msgspec.msgpack.encode(Refused("internal_error", "It broke."))), "parked"),
        (Answer("done", reply=msgspec.msgpack.encode(Refused("key_reused", "")), note="repeat"), "repeat"),
        (Answer("done", reply=b"\xc0"), "accepted"),
    ],
)
def test_what_the_engine_answers_is_the_frames_outcome(answer: Answer, outcome: str) -> None:
    frame = Frame(1, topic(), b"", NOW, 0)
    frame.settle(answer)
    assert frame.outcome == outcome


def test_a_kept_row_holds_only_what_the_database_can() -> None:
    frame = Frame(1, "a\x00" * 1000, b"x" * 10, NOW, 0, 10)
    frame.close("wrong_topic", "\x00" * 1000)
    row = frame.row()
    assert len(row.topic) <= 512
    assert "\x00" not in row.topic + row.detail
    assert row.payload == b"x" * 10


async def test_a_post_that_fails_parks_the_frame() -> None:
    post, store = FakePost(), FakeStore()
    post.hold = lambda letter: True
    intake = Intake(post, Sorter(FakeRegistry()), store, Counters(), Limits(), lambda: NOW)
    task = asyncio.create_task(intake.run())
    intake.arrived(1, topic(), sensor(1), False, False)
    post.letters[0].taken.set_exception(RuntimeError("broken"))
    await until(lambda: store.outcomes() == ["parked"])
    assert "broken" in store.rows[0].detail
    task.cancel()


async def test_a_turn_that_became_durable_during_a_long_pause_of_the_database_is_no_parked_frame() -> None:
    post, store, counters = FakePost(), FakeStore(), Counters()
    intake = Intake(post, Sorter(FakeRegistry()), store, counters, Limits(batch=1, stuck_us=50_000), lambda: NOW)
    store.open.clear()
    task = asyncio.create_task(intake.run())
    for number in (1, 2):
        intake.arrived(number, topic(), sensor(number), False, False)
    patience_ends = asyncio.Event()
    asyncio.get_running_loop().call_later(0.06, patience_ends.set)
    await patience_ends.wait()
    store.open.set()
    await until(lambda: counters.in_flight == 0)
    assert store.outcomes() == ["accepted", "accepted"]
    task.cancel()


class Homeless(FakePost):
    """A post that has no slot for one actor, at once or only when it is to be sent to."""

    def room(self, ref: Ref) -> bool:
        if ref.own_id == "nowhere":
            raise NoSlot(str(ref))
        return super().room(ref)

    def send(self, ref: Ref, source: Input, message: Message, at: int = 0) -> asyncio.Future[Answer]:
        if ref.own_id == "soon":
            raise NoSlot(str(ref))
        return super().send(ref, source, message, at)


async def test_a_frame_for_an_actor_without_a_slot_is_kept_and_stops_nobody() -> None:
    post, store, counters = Homeless(), FakeStore(), Counters()
    intake = Intake(post, Sorter(FakeRegistry()), store, counters, Limits(), lambda: NOW)
    task = asyncio.create_task(intake.run())
    # Once told on arrival, once out of those that are held: neither may raise.
    for post.full in (False, True):
        for number, device in enumerate(("nowhere", "soon", "s-1"), start=1 + 3 * post.full):
            intake.arrived(number, topic(device), sensor(number), False, False)
    assert counters.gauges().held_frames == 2
    post.full = False
    await until(lambda: counters.in_flight == 0)
    assert store.outcomes() == ["unknown_device", "unknown_device", "accepted"] * 2
    assert store.rows[0].detail == "no_slot: Its actor has no slot of its own yet."
    gauges = counters.gauges()
    assert (gauges.acknowledged_frames_total, gauges.held_frames) == (6, 0)
    assert sum(gauges.acknowledge_seconds.counts) == 6
    assert sum(gauges.head_seconds.counts) >= 1
    task.cancel()


async def test_a_post_that_is_closed_leaves_the_frame_to_the_next_gateway() -> None:
    post, store = FakePost(), FakeStore()
    post.hold = lambda letter: True
    intake = Intake(post, Sorter(FakeRegistry()), store, Counters(), Limits(), lambda: NOW)
    intake.wire = wire = FakeWire(post, store)
    task = asyncio.create_task(intake.run())
    intake.arrived(1, topic(), sensor(1), False, False)
    post.letters[0].taken.cancel()
    with pytest.raises(ConnectionAbortedError):
        await task
    assert (store.rows, wire.acknowledged) == ([], [])


def test_a_payload_that_was_cut_is_still_known_again() -> None:
    frame = Frame(1, topic(), b"x" * 10, NOW, 0, 10)
    assert frame.oversized
    assert frame.row().detail == "(20 bytes, 10 kept)"
    assert frame.is_copy(topic(), b"x" * 10, 10)
    assert not frame.is_copy(topic(), b"x" * 10, 11)
    assert not frame.is_copy(topic(), b"y" * 10, 10)
    assert not Frame(1, topic(), b"x" * 10, NOW, 0).oversized


async def test_packets_that_are_sent_again_are_known_by_number_and_content() -> None:
    post, store, counters = FakePost(), FakeStore(), Counters()
    post.hold = lambda letter: True
    intake = Intake(
        post,
        Sorter(FakeRegistry()),
        store,
        counters,
        Limits(stuck_us=SECOND_US),
        lambda: NOW,
    )
    intake.arrived(7, topic(), sensor(1), False, False)
    intake.arrived(7, topic(), sensor(1), True, False)
    intake.arrived(7, topic(), sensor(1), False, False)
    assert (counters.gauges().redelivered_frames_total, len(post.letters)) == (2, 1)
    # The same number with other content is another packet: the broker has given the number again.
    intake.arrived(7, topic(), sensor(2), False, False)
    assert len(post.letters) == 2


async def test_a_copy_that_crossed_its_acknowledgement_is_acknowledged_and_no_more() -> None:
    post, store, counters = FakePost(), FakeStore(), Counters()
    intake = Intake(post, Sorter(FakeRegistry()), store, counters, Limits(), lambda: NOW)
    intake.wire = wire = FakeWire(post, store)
    task = asyncio.create_task(intake.run())
    intake.arrived(1, topic(), sensor(1), False, False)
    await until(lambda: wire.acknowledged == [1])
    intake.arrived(1, topic(), sensor(1), True, False)
    await until(lambda: wire.acknowledged == [1, 1])
    assert (len(post.letters), len(store.rows), counters.redelivered) == (1, 1, 1)
    # The number again, for another frame or without the mark of a copy, is a frame of its own.
    post.letters.append(post.letters[0])
    for redelivered, n in ((True, 2), (False, 2)):
        intake.arrived(2, topic(), sensor(n), redelivered, False)
        await until(lambda: counters.in_flight == 0)
    assert store.outcomes() == ["accepted", "accepted", "repeat"]
    task.cancel()
