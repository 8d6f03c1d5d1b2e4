"""Placing in a living town: slots are given calmly or taken by force, cells come and go, nothing is lost on the way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from actors.engine import placing
from actors.engine.directory import Directory, place
from actors.engine.entries import ByKey, Turned
from actors.engine.follow import Follower
from actors.engine.mail import Unreachable
from actors.engine.placing import NotPlaced, Placing, Resized
from actors.values import SHARED_SLOTS, Ref
from tests.actors.engine.town import Town
from tests.actors.engine.world.toys import TOYS, Account, Bump, Look, Read, Total

ACCOUNTS = [Ref("account", f"{place}/a{n}") for place in "abcd" for n in range(3)]


class Killed(Exception):
    """Whoever places dies in the middle of it."""


class Processes:
    """The cells of a town, started and ended as a cluster would; those in `frozen` never answer."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.frozen: set[str] = set()
        self.started: list[str] = []
        self._loop = asyncio.get_running_loop()
        self._starting: dict[str, asyncio.Task[object]] = {}

    def start(self, name: str) -> None:
        self._loop.call_soon_threadsafe(self._start, name)

    def _start(self, name: str) -> None:
        if name not in self._starting and name not in self.town.cells:
            self.started.append(name)
            self._starting[name] = self._loop.create_task(self.town.start(name, []))

    def stop(self, name: str) -> None:
        self._loop.call_soon_threadsafe(self.town.cells.pop(name).stop)
        self._starting.pop(name, None)

    def running(self) -> list[str]:
        return sorted(name for name in self.town.cells if name.startswith("cell-"))

    async def call(self, name: str, method: str, payload: bytes) -> bytes:
        if name in self.frozen:
            await asyncio.Event().wait()
        if name in self._starting:
            await self._starting[name]
        return await self.town.call(name, method, payload)


class Driven:
    """A town of some cells on which all slots lie, with clients that never stop asking."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.processes = Processes(town)
        self.placing = Placing(town.journal, self.processes)
        self._asking: list[asyncio.Task[None]] = []
        self._done = False

    async def start(self, cells: int) -> None:
        names = [f"cell-{n}" for n in range(cells)]
        await place(self.town.journal, names)
        for name in names:
            await self.town.start(name, [])
        self.post = await self.town.post()
        self._asking = [asyncio.create_task(self._ask(ref)) for ref in ACCOUNTS]

    async def _ask(self, ref: Ref) -> None:
        """One after the other, each until it is answered; all totals grow by 11 or are refused."""
        n = 0
        while not self._done:
            n += 1
            await self.post.send(ref, ByKey(f"{ref} {n}", n), Bump(11))

    async def stop(self) -> None:
        """Everybody who asks has an answer; each was taken once, and in order."""
        self._done = True
        async with asyncio.timeout(20):
            await asyncio.gather(*self._asking)
        keys: dict[Ref, list[str]] = {}
        for page in sorted(self.town.tables.pages.values()):
            for entry in TOYS.decode_page(page.body):
                if isinstance(entry, Turned) and isinstance(entry.input, ByKey):
                    keys.setdefault(entry.ref, []).append(entry.input.key)
        for ref in ACCOUNTS:
            assert keys[ref] == [f"{ref} {n}" for n in range(1, len(keys[ref]) + 1)]


@pytest.fixture
async def driven(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Driven]:
    monkeypatch.setattr(placing, "SEEN_WITHIN_S", 0.0)
    town = Town()
    driven = Driven(town)
    await driven.start(2)
    yield driven
    await town.close()


def loads(town: Town) -> list[int]:
    """How many slots each cell has that has some, by the table."""
    return sorted(Counter(row.cell for row in town.tables.rows.values()).values())


def names(count: int) -> list[str]:
    return [f"cell-{n}" for n in range(count)]


async def test_more_and_fewer_cells_under_load_give_slots_calmly(driven: Driven) -> None:
    town = driven.town
    grown = await driven.placing.resize(names(3))
    assert grown == Resized(names(3), 341, 0, ["cell-2"], [])
    assert loads(town) == [341, 341, 342]
    shrunk = await driven.placing.resize(names(1))
    assert shrunk == Resized(names(1), 682, 0, [], ["cell-1", "cell-2"])
    assert sorted(town.cells) == ["cell-0"]
    assert len(town.cells["cell-0"].host.slots) == SHARED_SLOTS
    assert town.deaths.empty()
    await driven.stop()


async def test_the_same_number_again_moves_nothing(driven: Driven) -> None:
    assert await driven.placing.resize(names(2)) == Resized(names(2), 0, 0, [], [])
    await driven.stop()


async def test_slots_are_taken_by_force_from_a_cell_that_does_not_answer(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "ANSWER_WITHIN_S", 0.05)
    driven.processes.frozen.add("cell-1")
    done = await driven.placing.resize(names(1))
    assert (done.given, done.forced, done.ended) == (0, 512, ["cell-1"])
    await driven.stop()


async def test_what_a_torn_change_left_is_finished_by_the_next(driven: Driven) -> None:
    town = driven.town
    give, left = driven.processes.call, iter(range(3))

    async def dies(name: str, method: str, payload: bytes) -> bytes:
        if method == "give" and next(left, None) is None:
            raise Killed
        return await give(name, method, payload)

    driven.processes.call = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await driven.placing._carry_out(await place(town.journal, ["cell-0"]), calmly=True)
    driven.processes.call = give  # type: ignore[method-assign]
    done = await driven.placing.resize(names(1))
    assert (done.given, done.forced, done.ended) == (512 - 3 * placing.GIVE_MOST, 0, ["cell-1"])
    await driven.stop()


async def test_a_cell_that_does_not_come_to_life_is_given_nothing(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "ANSWER_WITHIN_S", 0.01)
    monkeypatch.setattr(placing, "START_WITHIN_S", 0.05)
    driven.processes.frozen.add("cell-2")
    with pytest.raises(NotPlaced, match="cell-2 does not answer"):
        await driven.placing.resize(names(3))
    assert loads(driven.town) == [512, 512]
    await driven.stop()


async def test_a_cell_that_was_ended_although_it_carries_slots_is_started_again(driven: Driven) -> None:
    driven.processes.stop("cell-1")
    await asyncio.sleep(0)
    assert await driven.placing.resize(names(2)) == Resized(names(2), 0, 0, [], [])
    assert driven.processes.started == ["cell-1"]
    await driven.stop()


async def test_a_cell_that_was_given_slots_meanwhile_is_not_ended(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One goes from three cells to two, and before it ends the third, another one goes to three again."""
    await driven.placing.resize(names(3))
    monkeypatch.setattr(placing, "SEEN_WITHIN_S", 0.5)
    fewer = asyncio.create_task(driven.placing.resize(names(2)))
    while loads(driven.town) != [512, 512]:  # noqa: ASYNC110 - a table has no event
        await asyncio.sleep(0)
    more = await driven.placing.resize(names(3))
    assert (more.given, (await fewer).ended) == (341, [])
    assert sorted(driven.town.cells) == names(3)
    await driven.stop()


async def test_a_follower_keeps_up_and_forgets_the_cells_that_were_ended(driven: Driven) -> None:
    town = driven.town
    follower = Follower(TOYS, town.call, town.journal, Directory())
    await follower.start()
    news = asyncio.Event()
    reading = asyncio.create_task(read(follower, news))
    await driven.placing.resize(names(3))
    third = town.written(lambda entry: isinstance(entry, Turned) and entry.ref == ACCOUNTS[0])
    await third.wait()
    await driven.placing.resize(names(1))
    await asyncio.wait([task for name, task in follower._tasks.items() if name in ("cell-1", "cell-2")], timeout=20)
    await driven.stop()
    totals = {ref: await driven.post.ask(ref, Look()) for ref in ACCOUNTS}
    while any(shown(follower, driven.post.directory.slot_of(ref), ref) != totals[ref] for ref in ACCOUNTS):
        news.clear()
        await news.wait()
    assert not [name for name, task in follower._tasks.items() if not task.done() and name not in ("", "cell-0")]
    reading.cancel()
    await follower.close()


async def read(follower: Follower, news: asyncio.Event) -> None:
    """Takes what is committed as it comes: a follower that nobody reads waits, and so sees no cell end."""
    async for _ in follower.changes():
        news.set()


def shown(follower: Follower, slot: int, ref: Ref) -> Total | None:
    """What the follower shows of an account."""
    account = follower.replica.slots[slot].roll.peek(ref)
    return Total(account.total, account.chain) if isinstance(account, Account) else None


async def test_a_dedicated_actor_gets_its_slot_and_cell_while_the_town_lives() -> None:
    """A gauge, packed, writes to accounts that have slots of their own: the first of them comes while it lives."""
    town = Town()
    town.dedicated = ["account"]
    own = Ref("account", "b/lot")
    await place(town.journal, ["cell-0"])
    await town.start("cell-0", [])
    post = await town.post()
    processes = Processes(town)
    await Placing(town.journal, processes).settle(post.directory, [own])
    written = town.written(lambda entry: isinstance(entry, Turned) and entry.ref == own)
    await post.ask(Ref("gauge", "d/d1"), Read(1), "one")  # level 1 goes two places further
    await written.wait()
    assert post.directory.slot_of(own) == SHARED_SLOTS
    assert town.cells["own-account-b-lot-1024"].host.slots[SHARED_SLOTS].roll.peek(own).total == 1  # type: ignore[attr-defined]
    assert processes.started == ["own-account-b-lot-1024"]
    assert town.tables.parked == {}
    await town.close()


async def test_a_cell_that_is_away_does_not_hold_up_the_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town()
    town.dedicated = ["account"]
    await place(town.journal, ["cell-0", "cell-1"])
    post = await town.post()
    with pytest.raises(Unreachable):
        await town.call("cell-1", "look", b"")
    await Placing(town.journal, Processes(town)).settle(post.directory, [ACCOUNTS[0]])
    assert post.directory.slot_of(ACCOUNTS[0]) == SHARED_SLOTS
    await town.close()
