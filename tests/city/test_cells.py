"""Cells as processes on Ray and PostgreSQL: killed, replaced, frozen, moved; nothing lost, doubled or reordered."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable

import msgspec
import psutil
import pytest

from actors.engine.cluster import Cluster
from actors.engine.directory import Given
from actors.engine.entries import FromDevice, Letter
from actors.engine.mail import Unreachable
from actors.messages.device import Uplinked
from actors.messages.lot import CountAnswer, CountQuery
from actors.values import Ref
from tests.city.town import Town, calm_digest, reading, town

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]

LOTS, BAYS, ROUNDS = 20, 10, 60
Disturb = Callable[[], Awaitable[None]]
Said = list[tuple[Ref, FromDevice, Uplinked]]


def a_day(devices: list[Ref], rounds: int = ROUNDS, seed: int = 7) -> Said:
    """Readings of all devices, round by round, some of them repeating the state before."""
    chance = random.Random(seed)
    return [reading(device, n, chance.random() < 0.5) for n in range(1, rounds + 1) for device in devices]


async def all_told(here: Town, said: Said, disturb: dict[int, Disturb]) -> None:
    """Sends everything, 500 at a time, calling what disturbs after so many batches; returns when all is durable."""
    waiting = []
    for batch, start in enumerate(range(0, len(said), 500)):
        waiting += [here.post.send(*one) for one in said[start : start + 500]]
        if batch in disturb:
            await asyncio.gather(*waiting[: len(waiting) // 2])  # so that it strikes in the middle of work
            await disturb[batch]()
    async with asyncio.timeout(90):
        await asyncio.gather(*waiting)


async def exactly_once(here: Town, said: Said) -> None:
    """Each device's numbers stand in the journal once and in order, and what follows is that of a calm run."""
    expected: dict[Ref, list[tuple[int, int]]] = {}
    for device, source, _ in said:
        expected.setdefault(device, []).append((source.boot, source.n))
    assert await here.readings() == expected
    assert await here.digest() == calm_digest(said, here.meaning)


async def test_killed_cells_lose_nothing_and_double_nothing(database_url: str, world: str) -> None:
    async with town(database_url, world) as here:
        said = a_day(await here.install(LOTS, BAYS))
        killed: list[int] = []

        async def kill(name: str) -> None:
            killed.append(here.cluster.kill(name))

        strikes = {
            2: lambda: kill("cell-0"),
            8: lambda: kill("cell-1"),
            14: lambda: kill("cell-0"),
            20: lambda: kill("cell-1"),
        }
        await all_told(here, said, strikes)
        assert len(set(killed)) == 4, "a cell that was to be killed again had not come back"
        await exactly_once(here, said)


async def test_a_rival_fences_the_busy_old_cell(database_url: str, world: str) -> None:
    async with town(database_url, world) as here:
        said = a_day(await here.install(LOTS, BAYS))
        old = psutil.Process(here.cluster.pid("cell-0"))

        async def replace() -> None:
            here.start_cell("cell-0", "rival")
            await here.cluster.call("rival", "state", b"")

        await all_told(here, said, {4: replace})
        await asyncio.to_thread(old.wait, 20)  # the old one went on being called, and had to go
        await exactly_once(here, said)
        here.cluster.stop("rival")


async def test_a_frozen_cell_wakes_up_fenced(database_url: str, world: str) -> None:
    async with town(database_url, world, cells=1) as here:
        said = a_day(await here.install(LOTS, BAYS), rounds=20)
        frozen = psutil.Process(here.cluster.pid("cell-0"))
        half = len(said) // 2
        await asyncio.gather(*[here.post.send(*one) for one in said[:half]])
        waiting = [here.post.send(*one) for one in said[half : half + 200]]
        await asyncio.sleep(0)  # the call leaves
        os.kill(frozen.pid, signal.SIGSTOP)
        try:
            here.start_cell("cell-0", "rival")
            await here.cluster.call("rival", "state", b"")
            call = here.post._mail._call
            here.post._mail._call = lambda name, method, payload: call(
                "rival" if name == "cell-0" else name, method, payload
            )
            waiting += [here.post.send(*one) for one in said[half + 200 :]]
            async with asyncio.timeout(60):
                await asyncio.gather(*waiting)
            here.post._mail._call = call
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
        probe = reading(Ref("device", "0/late"), 1, True)
        letters = here.catalogue.encode([as_letter(here, probe)])
        with pytest.raises(Unreachable):  # what it commits now is refused, and it ends
            async with asyncio.timeout(30):
                await here.cluster.call("cell-0", "deliver", letters)
        await exactly_once(here, said)
        here.cluster.stop("rival")


async def test_a_cell_that_stands_still_is_ended_and_started_again(database_url: str, world: str) -> None:
    async with town(database_url, world) as here:
        said = a_day(await here.install(LOTS, BAYS), rounds=20)
        frozen = psutil.Process(here.cluster.pid("cell-0"))

        async def freeze() -> None:
            os.kill(frozen.pid, signal.SIGSTOP)
            assert await here.cluster.end_if_frozen("cell-0", patience_s=2)
            assert not await here.cluster.end_if_frozen("cell-1", patience_s=60)

        await all_told(here, said, {2: freeze})
        assert here.cluster.pid("cell-0") != frozen.pid
        assert not frozen.is_running()
        await exactly_once(here, said)


def as_letter(here: Town, one: tuple[Ref, FromDevice, Uplinked]) -> Letter[Uplinked]:
    """A reading as a letter, as the post would make it."""
    return Letter(here.directory.slot_of(one[0]), one[1], one[0], one[2])


async def test_slots_move_under_load_calmly_and_by_force(database_url: str, world: str) -> None:
    async with town(database_url, world) as here:
        said = a_day(await here.install(LOTS, BAYS), rounds=40)
        mine = sorted({here.directory.slot_of(device) for device, _, _ in said})

        async def calm() -> None:
            from_first = [slot for slot in mine if here.directory.cell_of(slot) == "cell-0"]
            given = here.catalogue.encode(Given(from_first, "cell-1"))
            moved = msgspec.msgpack.decode(await here.cluster.call("cell-0", "give", given))
            assert moved == len(from_first) > 0

        async def forced() -> None:
            for slot in mine[:5]:
                assert await here.journal.place(slot, "cell-1", "cell-0")

        await all_told(here, said, {3: calm, 8: forced})
        await exactly_once(here, said)


async def test_dedicated_bays_have_processes_of_their_own(database_url: str, world: str) -> None:
    own = [Ref("bay", "0/0"), Ref("bay", "0/1"), Ref("device", "0/d0"), Ref("device", "0/d1"), Ref("lot", "0")]
    async with town(database_url, world, cells=1, dedicated=("bay", "device", "lot"), own=own) as here:
        said = a_day(await here.install(1, 2), rounds=30)
        await all_told(here, said, {})
        assert len({here.cluster.pid(name) for name in here.cells}) == 1 + len(own)
        await here.settled()
        await exactly_once(here, said)
        answer = await here.post.ask(Ref("lot", "0"), CountQuery())
        assert isinstance(answer, CountAnswer)
        assert sum(sum(states.values()) for states in answer.face.counts.values()) == 2


async def test_replay_agrees_with_what_lives(database_url: str, world: str, ray_cluster: Cluster) -> None:
    """Folding from page 1, from a snapshot, and the living cell after its restart show the same faces."""
    async with town(database_url, world) as here:
        said = a_day(await here.install(4, 5), rounds=30)
        await all_told(here, said, {})
        before = await faces(here)
        here.cluster.kill("cell-0")
        here.cluster.kill("cell-1")
        assert await faces(here) == before


async def faces(here: Town) -> dict[str, object]:
    """What every lot says of itself."""
    return {str(lot): await here.post.ask(Ref("lot", str(lot)), CountQuery(), timeout_s=30) for lot in range(4)}
