"""The real cells, posts and followers on one loop in virtual time, under a bad network and a bad store."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from random import Random
from typing import Any
from zlib import crc32

import msgspec

from actors.engine.cell import Cell
from actors.engine.commit import Fenced
from actors.engine.directory import Directory, Given
from actors.engine.entries import Answer, ByKey, FromDevice, Input, Letter
from actors.engine.follow import Follower, SlotFaces
from actors.engine.journal import Duplicate, Placed, Unknown
from actors.engine.mail import Unreachable
from actors.engine.post import Full, NotDone, Post, Unanswered
from actors.messages.forms import Face, Message, Refused
from actors.values import SECOND_US, Micros, Ref, shared_slot
from tests.actors.engine.world.cuts import cut_by
from tests.actors.engine.world.errands import Outside
from tests.actors.engine.world.memory import MemoryJournal, Tables
from tests.actors.engine.world.replay import same_state
from tests.actors.engine.world.scale import weighed
from tests.actors.engine.world.toys import PLACES, SHOWN, TOYS, Bump, Look, Read, account
from tests.actors.engine.world.truth import Truth, check

CELLS = ("cell-0", "cell-1")


class City:
    """Everything between a device and a screen, but the wires and the disk."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.faulty = True
        self.said: dict[Input, tuple[Ref, Message]] = {}
        self.truth = Truth(lambda source: self.said.get(source), weighed)
        self.tables = Tables(self.truth.stored)
        self.journal = MemoryJournal(self.tables, self.ask)
        self.slots = sorted(shared_slot(place) for place in PLACES)
        for slot in self.slots:
            self.tables.rows[slot] = Placed(slot, self.random.choice(CELLS))
        self.cells: dict[str, Cell] = {}
        self.living: list[Cell] = []
        self.starting: dict[Cell, asyncio.Task[None]] = {}
        self.posts: list[Post] = []
        self.broker: dict[FromDevice, Letter[Any]] = {}
        self.published: dict[Ref, list[Input]] = {}
        self.outside = Outside(self)
        self.waiting = 0
        self.failures: list[BaseException] = []
        self.lives = self.faults = 0
        self.seqs: dict[int, int] = {}
        self.faces: dict[int, dict[Ref, Face]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- small things

    async def nap(self, most_s: float = 0.02) -> None:
        """A little while."""
        await asyncio.sleep(self.random.random() * most_s)

    def chance(self) -> float:
        """0 … 1 while there are faults, else 1."""
        return self.random.random() if self.faulty else 1.0

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Work that goes on whoever waits for it; what it must not end with is kept."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Unreachable | Duplicate | Unknown):
            self.failures.append(error)

    # -- the store

    async def ask(self, statement: Callable[..., Any], *args: Any) -> Any:
        """One statement: it may never arrive, still be under way, or lose its answer."""
        await self.nap()
        chance = self.chance()
        if chance < 0.02:
            raise Unknown
        work = self.spawn(self._execute(statement, args))
        if chance < 0.04:
            raise Unknown
        value = await asyncio.shield(work)
        if chance < 0.06:
            raise Unknown
        return value

    async def _execute(self, statement: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        await self.nap(0.2 if self.chance() < 0.1 else 0.01)
        return statement(*args)

    # -- the network

    async def call(self, name: str, method: str, payload: bytes) -> bytes:
        """One call to a cell: lost, hanging, doubled, or its answer lost; now and then it reaches a zombie."""
        await self.nap()
        chance = self.chance()
        if chance < 0.02 or name not in self.cells:
            raise Unreachable(name)
        if chance < 0.03:
            await asyncio.sleep(3_600)
        same = [cell for cell in self.living if cell.name == name]
        to = self.random.choice(same) if same and chance < 0.2 else self.cells[name]
        work = self.spawn(self._arrive(to, method, payload))
        if 0.03 < chance < 0.08:
            self.spawn(self._arrive(to, method, payload))
        if 0.08 < chance < 0.1:
            raise Unreachable(name)
        answer: bytes = await asyncio.shield(work)
        await self.nap()
        if 0.1 < chance < 0.12:
            raise Unreachable(name)
        return answer

    async def _arrive(self, cell: Cell, method: str, payload: bytes) -> bytes:
        await self.nap()
        await asyncio.wait([self.starting[cell]])
        if self.starting[cell].cancelled():
            raise Unreachable(f"{cell.name} died before it had started")
        if method != "deliver":
            return await cell.call(method, payload)
        letters = TOYS.decode_letters(payload)
        self.truth.left(letters)
        raw = await cell.call(method, payload)
        self.truth.seen(letters, TOYS.decode_answers(raw))
        return raw

    # -- cells

    def start(self, name: str) -> None:
        """A new life of a cell; the old one may go on."""
        self.lives += 1
        skew = self.random.choice([0, 30_000, 200_000])
        clock = partial(self.clock, skew)
        cell = Cell(name, self.lives, TOYS, self.journal, self.call, clock, lambda error: self.died(cell, error))
        self.cells[name] = cell
        self.living.append(cell)
        self.starting[cell] = self.spawn(cell.start())

    def clock(self, skew: Micros = 0) -> Micros:
        """The time, as a process sees it."""
        return int(asyncio.get_running_loop().time() * SECOND_US) + skew

    def died(self, cell: Cell, error: BaseException | None) -> None:
        """A cell died of a doubt; only a fence is one here."""
        if error is not None and not isinstance(error, Fenced):
            self.failures.append(error)
        if cell in self.living:
            self.living.remove(cell)
            if self.cells[cell.name] is cell:
                self.start(cell.name)

    def kill(self, cell: Cell) -> None:
        """kill −9."""
        self.starting[cell].cancel()
        cell.stop()
        self.died(cell, None)

    # -- gateways, devices, clients

    async def gateway(self) -> None:
        """A new gateway has the broker's session; the one before goes on for a while."""
        post = Post(TOYS, self.call, Directory(), self.journal, self.clock)
        while True:
            try:
                await post.start()
                break
            except Unknown:
                await self.nap()
        self.posts.append(post)
        for letter in list(self.broker.values()):
            self._send(post, letter)
        if len(self.posts) > 2:
            await self.posts.pop(0).close()

    def _send(self, post: Post, letter: Letter[Any]) -> None:
        done = post.send(letter.ref, letter.input, letter.message)
        done.add_done_callback(partial(self._acked, post, letter))

    def _acked(self, post: Post, letter: Letter[Any], done: "asyncio.Future[Answer]") -> None:
        if not done.cancelled() and post is self.posts[-1]:
            self.broker.pop(letter.input, None)  # type: ignore[call-overload]

    def publish(self) -> None:
        """A device reads."""
        ref = Ref("gauge", f"{self.random.choice(PLACES)}/d")
        numbers = self.published.setdefault(ref, [])
        source = FromDevice(ref, 1, len(numbers) + 1)
        numbers.append(source)
        message = Read(self.random.randrange(2))
        self.said[source] = (ref, message)
        self.broker[source] = letter = Letter(shared_slot(ref.key), source, ref, message)
        self._send(self.posts[-1], letter)

    def command(self) -> None:
        """A client wants something."""
        self.waiting += 1
        ref = account(self.random.choice(PLACES), f"a{self.random.randrange(2)}")
        message = Bump(self.random.choice([-1, -2, *range(1, 30)]))
        key = f"key-{len(self.said)}"
        source = ByKey(key, crc32(TOYS.encode((ref, message))))
        self.said[source] = (ref, message)
        self.spawn(self._client(ref, message, source))

    async def _client(self, ref: Ref, message: Message, source: ByKey) -> None:
        reply = await self._told(ref, message, source.key)
        _, known = self.truth.reply_of(shared_slot(ref.key), source)
        check(known == TOYS.encode(reply), "a client was told another reply", source, reply)
        self.waiting -= 1

    async def _told(self, ref: Ref, message: Message, key: str) -> Any:
        while True:
            post = self.random.choice(self.posts)
            try:
                if self.random.random() < 0.3:
                    await post.ask(ref, Look(), timeout_s=1.0)
                return await post.ask(ref, message, key, timeout_s=1.0)
            except NotDone as no:
                return Refused(no.code, no.message, no.details)
            except (Unanswered, Full):
                continue
            except asyncio.CancelledError:
                if post in self.posts:
                    raise

    # -- screens

    async def watch(self) -> None:
        """One screen, for ever."""
        follower = Follower(TOYS, self.call, self.journal, Directory(), SHOWN)
        await follower.start()
        async for change in follower.changes():
            if isinstance(change, SlotFaces):
                self.faces[change.slot] = dict(change.faces)
            else:
                check(self.seqs.get(change.slot) == change.prev, "a change that does not follow", change[:3])
                self.faces[change.slot].update(dict(change.faces))
            self.seqs[change.slot] = change.seq
            true = self.truth.faces[change.slot].get(change.seq)
            check(self.faces[change.slot] == true, "a screen shows what the journal does not say", change[:2])

    # -- faults

    def fault(self) -> None:
        """Something breaks."""
        self.faults += 1
        chance, random = self.random.random(), self.random
        name, slot = random.choice(CELLS), random.choice(self.slots)
        if chance < 0.3:
            self.kill(self.cells[name])
        elif chance < 0.5:
            self.start(name)
        elif chance < 0.58:
            self.outside.envoy()
        elif chance < 0.65:
            self.spawn(self.gateway())
        elif chance < 0.85:
            given = msgspec.msgpack.encode(Given([slot], random.choice(CELLS)))
            self.spawn(self.call(self.tables.rows[slot].cell, "give", given))
        else:
            self.tables.rows[slot] = Placed(slot, random.choice(CELLS))

    def unfinished(self) -> str:
        """What has not drained yet."""
        if self.broker or self.waiting:
            return "an input has no answer"
        if self.tables.errands or self.truth.asks != self.truth.answered():
            return "something outside has no answer"
        for slot, row in self.tables.rows.items():
            host = self.cells[row.cell].host
            if slot not in host.slots or host.closing or host.group.entries or host.flights or host.broken:
                return f"slot {slot} is not at rest"
            if host.slots[slot].wakes or host.slots[slot].outbox:
                return f"slot {slot} has wakes or messages left"
        behind = any(self.seqs.get(slot, 0) < seq for slot, seq in self.truth.last.items())
        return "a screen is behind" if behind else ""


async def live(seed: int, steps: int = 150) -> City:
    """Some seconds of a city with faults, and as long as it needs without."""
    with cut_by(seed):
        return await _live(City(seed), steps)


async def _live(city: City, steps: int) -> City:
    for name in CELLS:
        city.start(name)
    await city.gateway()
    city.spawn(city.watch())
    city.outside.envoy()
    for _ in range(steps):
        chance = city.random.random()
        if chance < 0.4:
            city.publish()
        elif chance < 0.8:
            city.command()
        elif chance < 0.86:
            city.fault()
        await city.nap(0.1)
    city.faulty = False
    for _ in range(300):
        if city.failures or not city.unfinished():
            break
        await asyncio.sleep(1.0)
    if city.failures:
        raise city.failures[0]
    verify(city)
    for post in city.posts:
        await post.close()
    return city


def verify(city: City) -> None:
    """What can be said at the end."""
    city.truth.no_hole()
    check(not city.unfinished(), "it did not drain:", city.unfinished())
    for pair, sent in city.truth.sends.items():
        check(city.truth.taken[pair] == len(sent), "messages between slots were lost", pair)
    for ref, numbers in city.published.items():
        check(city.truth.outer[ref] == numbers, "readings lost or out of order", ref)
    city.truth.each_asked_is_answered(city.outside.scale.asked)
    for slot, row in city.tables.rows.items():
        same_state(city.truth, city.tables, city.cells[row.cell].host.slots[slot])
