"""An envoy: holds errands for a while, asks their ports, and brings the answers back to the actors."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from actors.engine.entries import Answer, FromOutside, Input
from actors.messages.forms import Command, Message, Request
from actors.values import Ref
from gateway.outside.ports import Ports
from storage.outside import HeldErrand, Key

AT_ONCE = 100
"""How many calls of ports may be under way."""
HELD_MOST = 8_000
"""How many errands may be held, most of them answered and waiting for actors whose cell is away."""
A_CELL_MOST = 500
"""How many of them may be of one cell: one that is away keeps nothing of the others from being asked."""
LOOK_EVERY_S = 0.5
LEASE_S = 30.0
CALL_WITHIN_S = 30.0
REST_FIRST_S, REST_MOST_S = 1.0, 300.0

Decode = Callable[[bytes], Request]

log = logging.getLogger(__name__)


class WrongAnswer(TypeError):
    """An adapter answered what the asker does not hear."""


class Errands(Protocol):
    """The rows of `outside`, as one owner sees them."""

    async def claim(self, ports: Collection[str], most: int, lease_s: float, but: Collection[int]) -> list[HeldErrand]:
        """Rows of these ports that nobody holds, but none of those slots; ours for so long."""

    async def renew(self, keys: Sequence[Key], lease_s: float) -> None:
        """Holds those that are still ours for another while."""

    async def failed(self, key: Key, error: str, rest_s: float) -> None:
        """Lets one rest."""

    async def answered(self, key: Key) -> None:
        """Its answer is durable."""


class Post(Protocol):
    """What tells messages to actors, again and again until their turns are durable."""

    def send(self, ref: Ref, source: Input | None, message: Message, at: int = 0) -> asyncio.Future[Answer]:
        """Tell it; resolves when the turn is durable."""


class Envoy:
    """Carries what it holds, all at once; many envoys may run, and none waits for what another holds. An answer that
    waits for its actor's cell keeps no other errand from being asked: of each cell only so many are held. `carried` is
    the cell of each slot, as it is now.

    The provider may be asked more than once (an envoy died, an answer got lost on its way): always with the same key.
    The actor takes one answer: the slot knows what it still waits for.
    """

    def __init__(
        self,
        world: str,
        ports: Ports,
        errands: Errands,
        post: Post,
        decode: Decode,
        carried: Mapping[int, str],
        lease_s: float = LEASE_S,
        at_once: int = AT_ONCE,
        held_most: int = HELD_MOST,
        a_cell_most: int = A_CELL_MOST,
    ) -> None:
        self._world = world
        self._ports = ports
        self._errands = errands
        self._post = post
        self._decode = decode
        self._carried = carried
        self._lease_s = lease_s
        self._at_once, self._held_most, self._a_cell_most = at_once, held_most, a_cell_most
        self._held: dict[Key, asyncio.Task[None]] = {}
        self._asking: set[Key] = set()
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Something was asked just now: look soon."""
        self._nudged.set()

    async def run(self) -> None:
        """Carries until cancelled; what it holds then is free again when its lease runs out."""
        try:
            while True:
                try:
                    await self._look()
                except Exception as error:  # whatever the database says: leases run out, and others may take over
                    log.warning("what is asked of the outside could not be read, trying again: %r", error)
                await self._rest(min(LOOK_EVERY_S, self._lease_s / 4))
        finally:
            await self._drop()

    async def _rest(self, longest_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._nudged.wait()
        self._nudged.clear()

    async def _look(self) -> None:
        if self._held:
            await self._errands.renew(list(self._held), self._lease_s)
        room = min(self._at_once - len(self._asking), self._held_most - len(self._held))
        if room <= 0:
            return
        for errand in await self._errands.claim(self._ports, room, self._lease_s, self._crowded()):
            key = errand.slot, errand.n
            if key not in self._held:  # else its lease had run out, and nobody was quicker than we are
                self._asking.add(key)
                self._held[key] = asyncio.create_task(self._carry(errand))

    def _crowded(self) -> list[int]:
        """The slots of cells of which enough is held."""
        held = Counter(self._carried.get(slot, "") for slot, _ in self._held)
        full = {cell for cell, n in held.items() if n >= self._a_cell_most}
        return sorted(slot for slot, cell in self._carried.items() if cell in full) if full else []

    async def _carry(self, errand: HeldErrand) -> None:
        key = errand.slot, errand.n
        try:
            await self._try(errand)
        except Exception as error:
            log.warning("%s for %s could not be carried out: %r", errand.port, errand.ref, error)
            await self._let_rest(errand, f"{type(error).__name__}: {error}")
        finally:
            self._held.pop(key, None)

    async def _try(self, errand: HeldErrand) -> None:
        key = errand.slot, errand.n
        try:
            answer = await self._ask(errand)
        finally:
            self._asking.discard(key)
        await self._post.send(errand.ref, FromOutside(errand.n), answer)
        await self._errands.answered(key)

    async def _ask(self, errand: HeldErrand) -> Command:
        request = self._decode(errand.request)
        adapter, key = self._ports[errand.port], f"{self._world}-{errand.slot}-{errand.n}"
        async with asyncio.timeout(CALL_WITHIN_S):
            answer = await adapter(request, key)
        if type(answer) not in request.answers:
            raise WrongAnswer(f"{errand.port} answered {type(request).__name__} with {type(answer).__name__}")
        return answer

    async def _let_rest(self, errand: HeldErrand, error: str) -> None:
        rest_s = min(REST_FIRST_S * 2 ** min(errand.tries - 1, 20), REST_MOST_S)
        try:
            await self._errands.failed((errand.slot, errand.n), error, rest_s)
        except Exception as unsaid:
            log.warning("an error could not be kept; the lease will run out: %r", unsaid)

    async def _drop(self) -> None:
        tasks = list(self._held.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
