"""Envoys as processes on Ray: each errand is held by one, taken over from the dead, and answered once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from actors.engine.cluster import Cluster
from actors.engine.directory import Directory, share_out
from actors.engine.entries import FromOutside, Turned
from actors.engine.journal import Stretch
from actors.engine.post import Post
from actors.values import Ref
from gateway.workers import WorkerSettings, namespace_of
from storage.journal import PostgresJournal
from storage.session import connect, now_us
from tests.actors.engine.world.toys import PLACES, TOYS, Bump
from tests.city.waiting import eventually
from tests.gateway.outside.workers import EnvoySettings, asked

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]

ASKS = 12
HELD = 3
LEASE_S = 1.0


class Outdoors:
    """A cell of toys, those who ask, and envoys by name; what they did stands in `folder` and in the journal."""

    def __init__(self, url: str, world: str, folder: Path) -> None:
        self.url, self.world, self.folder = url, world, folder
        self.cluster = Cluster(namespace_of(world))
        self.journal = PostgresJournal(url, world, "test")
        self.post = Post(TOYS, self.cluster.call, Directory(), self.journal, now_us)
        self.bare: asyncpg.Connection
        self.names = ["cell-0"]

    async def start(self) -> None:
        """The cell, and the way to it."""
        self.bare = await connect(self.url, self.world, "test")
        await share_out(self.journal, self.names, [])
        known = WorkerSettings("cell-0", self.url, self.world, self.cluster.namespace)
        self.cluster.start("cell-0", "tests.gateway.outside.workers:cell", msgspec.msgpack.encode(known))
        await self.post.start()

    async def envoy(self, name: str, at_once: int = 100) -> None:
        """One more envoy."""
        known = EnvoySettings(
            name,
            self.url,
            self.world,
            self.cluster.namespace,
            folder=str(self.folder),
            lease_s=LEASE_S,
            at_once=at_once,
        )
        self.names.append(name)
        self.cluster.start(name, "tests.gateway.outside.workers:envoy", msgspec.msgpack.encode(known))
        await self.cluster.call(name, "state", b"")

    async def count(self, where: str = "true") -> int:
        """How many rows are like this."""
        return int(await self.bare.fetchval(f"SELECT count(*) FROM outside WHERE {where}"))

    async def taken(self) -> Counter[tuple[int, int]]:
        """How often each answer stands in the journal, by (slot, n)."""
        found = Counter[tuple[int, int]]()
        every = [Stretch(row.slot, 0, 1 << 60) for row in await self.journal.placed()]
        for pages in (await self.journal.read(every)).values():
            for page in pages:
                for entry in TOYS.decode_page(page.body):
                    if isinstance(entry, Turned) and isinstance(entry.input, FromOutside):
                        found[page.slot, entry.input.n] += 1
        return found

    async def stop(self) -> None:
        """Leaves nothing behind."""
        await self.post.close()
        for name in self.names:
            self.cluster.stop(name)
        await self.bare.close()
        await self.journal.close()


@pytest.fixture
async def here(database_url: str, world: str, tmp_path: Path) -> AsyncIterator[Outdoors]:
    here = Outdoors(database_url, world, tmp_path)
    await here.start()
    yield here
    await here.stop()


async def test_two_envoys_share_the_errands_and_one_takes_over_when_the_other_is_killed(here: Outdoors) -> None:
    (here.folder / "hold first").touch()
    await here.envoy("first", at_once=HELD)
    askers = [Ref("account", f"{PLACES[n % 4]}/asker{n}") for n in range(ASKS)]
    await asyncio.gather(*[here.post.ask(ref, Bump(7), timeout_s=60) for ref in askers])
    await eventually(lambda: at_least(here, HELD), "the first envoy asks the scale")

    await here.envoy("second")
    await eventually(lambda: rows(here, HELD), "the second has carried all that the first does not hold")
    until = await here.bare.fetchval("SELECT max(held_until) FROM outside")
    renewed = f"held_until > {until} + {int(2 * LEASE_S * 1e6)}"
    await eventually(lambda: rows(here, HELD, renewed), "the first has renewed its leases twice over")
    first = {key for name, key in asked(here.folder) if name == "first"}
    before = asked(here.folder)
    assert len(before) == len({key for _, key in before}) >= ASKS, "somebody asked for what another held"

    here.cluster.kill("first")
    await eventually(lambda: rows(here, 0), "everything is answered")
    again = Counter(key for _, key in asked(here.folder))
    assert {key for key, times in again.items() if times == 2} == first
    assert {key for name, key in asked(here.folder)[len(before) :] if name == "second"} == first
    assert await here.taken() == Counter(dict.fromkeys(map(slot_and_n, again), 1))


async def at_least(here: Outdoors, number: int) -> bool:
    return len(asked(here.folder)) >= number


async def rows(here: Outdoors, number: int, where: str = "true") -> bool:
    return await here.count() == await here.count(where) == number


def slot_and_n(key: str) -> tuple[int, int]:
    """What a provider's key names."""
    _, slot, n = key.rsplit("-", 2)
    return int(slot), int(n)
