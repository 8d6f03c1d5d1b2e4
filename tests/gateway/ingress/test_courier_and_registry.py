"""The courier of the outbox and the register of devices, with the database faked."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence

import msgspec

from actors.engine.directory import NoSlot
from actors.engine.entries import Answer, ByKey, Input
from actors.messages.device import InstallDevice
from actors.messages.forms import Message, Order
from actors.values import Ref
from gateway.ingress.courier import BATCH, Courier, Settle, Told
from gateway.ingress.registry import KnownDevices
from storage.outbox import OutboxRow
from tests.gateway.ingress.scene import FakePost, Letter, until

_decoder = msgspec.msgpack.Decoder(InstallDevice)


def decode(message: bytes) -> Message:
    return _decoder.decode(message)


def row(number: int, lot: str = "a") -> OutboxRow:
    message = InstallDevice(kind="yun-json", bay=f"{lot}/{number}", heartbeat_us=60)
    return OutboxRow(number, Ref("device", f"{lot}/{number}"), msgspec.msgpack.encode(message))


class FakeOutbox:
    """Rows that wait; `away` times it cannot be read."""

    def __init__(self, *rows: OutboxRow, away: int = 0) -> None:
        self.rows = list(rows)
        self.done: list[int] = []
        self.away = away

    async def undelivered(self, most: int, besides: Collection[str] = ()) -> list[OutboxRow]:
        if self.away:
            self.away -= 1
            raise ConnectionError("the database is away")
        return [row for row in self.rows if row.id not in self.done and row.ref.place not in besides][:most]

    async def delivered(self, ids: Sequence[int]) -> None:
        self.done += ids


async def has_a_slot(ref: Ref) -> None:
    """Nothing has to be done for it."""


@contextlib.asynccontextmanager
async def at_work(
    outbox: FakeOutbox,
    post: FakePost,
    look_every_s: float = 0.01,
    told: Told = lambda _: None,
    settle: Settle = has_a_slot,
) -> AsyncIterator[Courier]:
    courier = Courier(outbox, post, decode, settle, told, look_every_s)
    running = asyncio.create_task(courier.run())
    try:
        yield courier
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_rows_are_told_in_order_with_one_under_way_per_place() -> None:
    outbox, post = FakeOutbox(*(row(n, lot) for n, lot in enumerate("aabbab"))), FakePost()
    post.hold = lambda letter: True
    under_way: dict[str, list[Letter]] = defaultdict(list)
    async with at_work(outbox, post):
        while len(outbox.done) < 6:
            await asyncio.sleep(0)
            for letter in post.letters:
                if letter not in under_way[letter.ref.place]:
                    assert all(before.taken.done() for before in under_way[letter.ref.place])
                    under_way[letter.ref.place].append(letter)
            for letters in under_way.values():
                post.make_durable(letters[-1])
    assert sorted(outbox.done) == list(range(6))
    for lot, numbers in {"a": [0, 1, 4], "b": [2, 3, 5]}.items():
        assert [letter.source.key for letter in under_way[lot]] == [f"desk-{n}" for n in numbers]


async def test_a_row_is_marked_only_when_durable_and_told_again_after_a_crash_with_the_same_key() -> None:
    outbox, post = FakeOutbox(row(1)), FakePost()
    post.hold = lambda letter: True
    async with at_work(outbox, post):
        await until(lambda: post.letters)
    assert outbox.done == []
    post.hold = lambda letter: False
    async with at_work(outbox, post):
        await until(lambda: outbox.done == [1])
    assert post.letters[0].source == post.letters[1].source
    assert isinstance(post.letters[0].source, ByKey)


async def test_an_order_bears_the_number_of_its_row() -> None:
    outbox, post = FakeOutbox(row(7), row(9)), FakePost()
    async with at_work(outbox, post):
        await until(lambda: outbox.done == [7, 9])
    assert [letter.message.order for letter in post.letters if isinstance(letter.message, Order)] == [7, 9]


async def test_the_courier_goes_on_after_failures_and_comes_when_called() -> None:
    outbox, post = FakeOutbox(row(1), away=2), FakePost()
    async with at_work(outbox, post) as courier:
        await until(lambda: outbox.done == [1])
        gauges = courier.gauges()
        assert (gauges.failures_total, gauges.delivered_orders_total, gauges.refused_orders_total) == (2, 1, 0)
    async with at_work(outbox, post, look_every_s=3600) as patient:
        await asyncio.sleep(0)
        outbox.rows.append(row(2))
        patient.nudge()
        await until(lambda: outbox.done == [1, 2])


async def test_a_cell_that_does_not_answer_holds_up_its_own_places_only() -> None:
    silent = [row(n, "silent") for n in range(BATCH + 1)]
    outbox, post = FakeOutbox(*silent, row(1000, "b")), FakePost()
    post.hold = lambda letter: letter.ref.place == "silent"
    async with at_work(outbox, post, look_every_s=3600) as courier:
        await until(lambda: outbox.done == [1000])
        outbox.rows.append(row(1001, "b"))
        courier.nudge()
        await until(lambda: outbox.done == [1000, 1001])
        assert [letter.ref.place for letter in post.letters].count("silent") == 1
        post.hold = lambda letter: False
        post.make_durable(post.letters[0])
        await until(lambda: len(outbox.done) == len(outbox.rows))


async def test_a_place_whose_orders_cannot_be_told_is_tried_again_and_stops_nobody() -> None:
    class Homeless(FakePost):
        missing = True

        def send(self, ref: Ref, source: Input, message: Message, at: int = 0) -> asyncio.Future[Answer]:
            if self.missing and ref.place == "a":
                raise NoSlot(str(ref))
            return super().send(ref, source, message, at)

    outbox, post = FakeOutbox(row(1, "a"), row(2, "b")), Homeless()
    async with at_work(outbox, post):
        await until(lambda: outbox.done == [2])
        post.missing = False
        await until(lambda: outbox.done == [2, 1])


async def test_an_actor_gets_its_slot_before_it_is_told_anything() -> None:
    outbox, post = FakeOutbox(row(1, "a"), row(2, "a"), row(3, "b")), FakePost()
    settled: list[Ref] = []

    async def settle(ref: Ref) -> None:
        assert ref not in [letter.ref for letter in post.letters]
        if ref.place == "b" and ref not in settled:
            settled.append(ref)
            raise ConnectionError("the database is away")
        settled.append(ref)

    async with at_work(outbox, post, settle=settle):
        await until(lambda: sorted(outbox.done) == [1, 2, 3])
    assert [settled.count(letter.ref) for letter in post.letters if letter.ref.place == "a"] == [1, 1]
    assert settled.count(row(3, "b").ref) == 2  # it was tried again


async def test_a_row_that_is_no_message_does_not_block_those_behind_it() -> None:
    outbox, post = FakeOutbox(OutboxRow(1, Ref("device", "a/1"), b"\xc1"), row(2)), FakePost()
    async with at_work(outbox, post) as courier:
        await until(lambda: outbox.done == [1, 2])
        assert courier.gauges().refused_orders_total == 1
    assert len(post.letters) == 1


async def test_a_device_that_is_registered_later_is_known_soon() -> None:
    rows: list[tuple[str, str]] = [("s-1", "20042")]
    away = [True]

    async def read() -> Iterable[tuple[str, str]]:
        if away.pop() if away else False:
            raise ConnectionError("the database is away")
        return rows

    known = KnownDevices(read, every_s=3600, at_most_every_s=0.01)
    running = asyncio.create_task(known.run())
    await until(lambda: known.ref("s-1") == Ref("device", "20042/s-1"))
    assert known.ref("s-2") is None
    rows.append(("s-2", "20043"))
    await until(lambda: known.ref("s-2") == Ref("device", "20043/s-2"))
    assert len(known) == 2
    running.cancel()


async def test_a_device_is_known_before_its_order_is_marked() -> None:
    """Whoever sees in the register that a device was told may let it speak: its frames are not unknown any more."""
    known = KnownDevices(nobody)
    seen: list[bool] = []

    class Marking(FakeOutbox):
        async def delivered(self, ids: Sequence[int]) -> None:
            seen.append(known.ref("1") == Ref("device", "a/1"))
            await super().delivered(ids)

    outbox = Marking(row(1))
    async with at_work(outbox, FakePost(), told=known.told):
        await until(lambda: outbox.done == [1])
    assert seen == [True]


async def nobody() -> Iterable[tuple[str, str]]:
    return []


async def test_who_was_told_stays_known_until_the_register_says_so_and_then_the_register_counts() -> None:
    rows: list[tuple[str, str]] = []

    async def read() -> Iterable[tuple[str, str]]:
        return rows

    known = KnownDevices(read)
    known.told(Ref("device", "a/1"))
    known.told(Ref("bay", "a/b"))
    await known.refresh()
    assert (known.ref("1"), known.ref("b")) == (Ref("device", "a/1"), None)
    rows.append(("1", "elsewhere"))
    await known.refresh()
    assert known.ref("1") == Ref("device", "elsewhere/1")
    rows.clear()
    await known.refresh()
    assert known.ref("1") is None
