"""The worker of the views: it answers when it knows the register, waits for what comes, and ends on any doubt."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from actors.values import Ref
from gateway.live.beats import every
from gateway.live.register import Register
from gateway.live.source import Change, SlotFaces
from gateway.live.views import Join, Joined, Poll, Polled, Views
from tests.gateway.live.stage import Clock, bay_face, never, register


class Source:
    """What is committed, put down by the test."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Change | SlotFaces] = asyncio.Queue()
        self.known = asyncio.Event()
        self.died: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def load(self) -> Register:
        await self.known.wait()
        return register()

    async def follow(self) -> AsyncIterator[Change | SlotFaces]:
        while True:
            yield await self.queue.get()


async def polled(views: Views, life: str, after: int, wait_us: int) -> Polled:
    return msgspec.msgpack.decode(await views.poll(msgspec.msgpack.encode(Poll(life, after, wait_us))), type=Polled)


async def test_nothing_is_answered_before_the_register_is_known() -> None:
    source = Source()
    views = Views(source.load, source.follow, Clock(), never, source.died.set_result)
    starting = asyncio.create_task(views.start())
    joining = asyncio.create_task(views.join(msgspec.msgpack.encode(Join("lot/20001"))))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.shield(joining)
    source.known.set()
    await starting
    assert msgspec.msgpack.decode(await joining, type=Joined).pieces
    await views.stop()


async def test_a_change_wakes_whoever_waits_for_the_next_tick() -> None:
    source = Source()
    source.known.set()
    views = Views(source.load, source.follow, Clock(), lambda _: every(0.001), source.died.set_result)
    await views.start()
    first = await polled(views, "", 0, 0)
    assert first.lost
    waiting = asyncio.create_task(polled(views, first.life, first.tick, 60_000_000))
    face = bay_face("20001000", "occupied")
    await source.queue.put(SlotFaces(5, 1, [(Ref("bay", "20001/20001000"), face)]))
    news = await waiting
    assert not news.lost
    assert news.tick > first.tick
    await views.stop()


async def test_a_fold_that_fails_ends_the_worker() -> None:
    source = Source()
    source.known.set()
    views = Views(source.load, source.follow, Clock(), never, source.died.set_result)
    await views.start()
    await source.queue.put(SlotFaces(5, 1, [(Ref("bay", "20001/20001000"), bay_face("20001000", "no such state"))]))
    assert isinstance(await source.died, KeyError)
    await views.stop()
