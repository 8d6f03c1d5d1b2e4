"""The real envoys of a city: they see the table `outside` in memory, with leases by the loop's clock."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from actors.engine.entries import Answer, Input
from actors.messages.forms import Command, Message, Request
from actors.values import Micros, Ref
from gateway.outside.envoy import Envoy
from storage.outside import HeldErrand, Key
from tests.actors.engine.world.memory import Tables
from tests.actors.engine.world.scale import Scale
from tests.actors.engine.world.toys import TOYS, Weigh

if TYPE_CHECKING:
    from tests.actors.engine.world.city import City

Ask = Callable[..., Awaitable[Any]]


class Lease:
    """Who holds a row until when, and how often it was tried."""

    def __init__(self) -> None:
        self.owner = ""
        self.until = 0.0
        self.tries = 0


class MemoryErrands:
    """One owner's port to it; `leases` belong to the table, and all owners share them."""

    def __init__(self, tables: Tables, leases: dict[Key, Lease], owner: str, ask: Ask) -> None:
        self._rows = tables.errands
        self._leases = leases
        self._owner = owner
        self._ask = ask

    async def claim(self, ports: Collection[str], most: int, lease_s: float, but: Collection[int]) -> list[HeldErrand]:
        found: list[HeldErrand] = await self._ask(self._claim, most, lease_s)
        return found

    def _claim(self, most: int, lease_s: float) -> list[HeldErrand]:
        now = asyncio.get_running_loop().time()
        free = [key for key in self._rows if self._lease(key).until <= now][:most]
        for key in free:
            lease = self._lease(key)
            lease.owner, lease.until, lease.tries = self._owner, now + lease_s, lease.tries + 1
        rows = [self._rows[key] for key in free]
        return [HeldErrand(r.slot, r.n, r.ref, r.port, r.request, self._lease((r.slot, r.n)).tries) for r in rows]

    def _lease(self, key: Key) -> Lease:
        return self._leases.setdefault(key, Lease())

    async def renew(self, keys: Sequence[Key], lease_s: float) -> None:
        await self._ask(self._hold, keys, lease_s, self._owner)

    def _hold(self, keys: Sequence[Key], lease_s: float, owner: str) -> None:
        for lease in [self._lease(key) for key in keys]:
            if lease.owner == self._owner:
                lease.owner, lease.until = owner, asyncio.get_running_loop().time() + lease_s

    async def failed(self, key: Key, error: str, rest_s: float) -> None:
        await self._ask(self._hold, [key], rest_s, "")

    async def answered(self, key: Key) -> None:
        await self._ask(self._rows.pop, key, None)


class Outside:
    """The scale, and the envoys that go there; two of them at a time."""

    def __init__(self, city: "City") -> None:
        self.scale = Scale()
        self._city = city
        self._leases: dict[Key, Lease] = {}
        self._envoys: list[asyncio.Task[None]] = []

    def envoy(self) -> None:
        """One more; of three, the oldest dies, and what it held is free when its lease runs out."""
        errands = MemoryErrands(self._city.tables, self._leases, f"envoy-{self._city.faults}", self._city.ask)
        envoy = Envoy("w", {Weigh.port: self._weigh}, errands, self, TOYS.decode_request, {}, lease_s=2.0)
        self._envoys.append(self._city.spawn(envoy.run()))
        if len(self._envoys) > 2:
            self._envoys.pop(0).cancel()

    def send(self, ref: Ref, source: Input | None, message: Message, at: Micros = 0) -> "asyncio.Future[Answer]":
        """What they say goes by the newest gateway."""
        return self._city.posts[-1].send(ref, source, message, at)

    async def _weigh(self, request: Request, key: str) -> Command:
        await self._city.nap(3.0 if self._city.chance() < 0.3 else 0.1)
        slot, n = map(int, key.split("-")[1:])
        answer = self.scale.ask((slot, n), TOYS.encode(request))
        if self._city.chance() < 0.2:
            raise ConnectionResetError("its answer got lost")
        return answer
