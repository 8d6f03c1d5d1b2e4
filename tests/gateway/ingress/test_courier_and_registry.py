"""The courier of the outbox and the register of devices, with the database faked."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from actors.engine.entries import ByKey
from actors.messages.device import InstallDevice
from actors.messages.forms import Message
from actors.values import Ref
from gateway.ingress.courier import Courier
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

    async def undelivered(self, most: int) -> list[OutboxRow]:
        if self.away:
            self.away -= 1
            raise ConnectionError("the database is away")
        return [row for row in self.rows if row.id not in self.done][:most]

    async def delivered(self, ids: Sequence[int]) -> None:
        self.done += ids


async def test_rows_are_told_in_order_with_one_under_way_per_slot() -> None:
    outbox, post = FakeOutbox(*(row(n, lot) for n, lot in enumerate("aabbab"))), FakePost()
    post.hold = lambda letter: True
    under_way: dict[str, list[Letter]] = defaultdict(list)
    courier = Courier(outbox, post, decode)
    delivering = asyncio.create_task(courier.deliver())
    while not delivering.done():
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
    first = asyncio.create_task(Courier(outbox, post, decode).deliver())
    await until(lambda: post.letters)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert outbox.done == []
    post.hold = lambda letter: False
    await Courier(outbox, post, decode).deliver()
    assert outbox.done == [1]
    assert post.letters[0].source == post.letters[1].source
    assert isinstance(post.letters[0].source, ByKey)


async def test_the_courier_goes_on_after_failures_and_comes_when_called() -> None:
    outbox, post = FakeOutbox(row(1), away=2), FakePost()
    courier = Courier(outbox, post, decode, look_every_s=0.01)
    running = asyncio.create_task(courier.run())
    await until(lambda: outbox.done == [1])
    running.cancel()
    patient = Courier(outbox, post, decode, look_every_s=3600)
    running = asyncio.create_task(patient.run())
    await asyncio.sleep(0)
    outbox.rows.append(row(2))
    patient.nudge()
    await until(lambda: outbox.done == [1, 2])
    running.cancel()


async def test_a_row_that_is_no_message_does_not_block_those_behind_it() -> None:
    outbox, post = FakeOutbox(OutboxRow(1, Ref("device", "a/1"), b"\xc1"), row(2)), FakePost()
    await Courier(outbox, post, decode).deliver()
    assert outbox.done == [1, 2]
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
