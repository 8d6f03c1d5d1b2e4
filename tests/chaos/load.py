"""Load from many sides: sensors of several kinds over MQTT, and people's orders and questions over HTTP."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import aiomqtt
import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.entries import ByKey, Turned
from actors.engine.journal import Page
from actors.messages.bay import BayFace
from actors.messages.forms import Face
from actors.values import HOUR_US, SECOND_US, Ref
from gateway.http.errors import BY_CODE
from storage.session import now_us
from tests.chaos.evidence import traced
from tests.city.small import LOADED, ORDERED, Sensors, bays_of
from tests.city.whole import Said, Whole
from tests.gateway.http.callers import Caller
from tests.gateway.http.callers import Said as Answer

SEED = 11
PAUSE_S = 0.2
"""How long a source rests between its rounds: sensors speak now and then, they do not wait for us."""
AGAIN_S = 0.2
ORDER_EVERY_S = 0.7
COME_AGAIN = {code for code, reason in BY_CODE.items() if reason.status in (429, 503, 504)}
"""What HTTP may say while a part is away. Anything else is a fault of its own."""


class Load:
    """One source for each section, each with a connection of its own, somebody who orders and somebody who asks.

    They do what such callers must: a sensor says its frames again until the broker has acknowledged them, an order
    is repeated with its key until it is answered. `said` and `ordered` are what was acknowledged to them.
    """

    def __init__(self, here: Whole, http: Caller) -> None:
        self.said: list[Said] = []
        self.ordered: dict[str, dict[str, Any]] = {}
        self.answers = 0
        self.faults: list[str] = []
        self._here, self._http = here, http
        self._chance = random.Random(SEED)
        sensors = Sensors()
        self._rounds = {lot: rounds(lot, sensors, SEED + n) for n, lot in enumerate(LOADED)}
        self._enough = asyncio.Event()

    async def sign_in(self) -> None:
        """Anew: a token holds for a quarter of an hour."""
        self._http = await self._http.signed_in("admin", self._here.password)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """All sources at work; afterwards, whatever they began is acknowledged, and what one of them met is raised."""
        self._enough.clear()
        works: list[Awaitable[None]] = [self._sensors(each) for each in self._rounds.values()]
        works += [self._repeat(self._order, ORDER_EVERY_S), self._repeat(self._ask, PAUSE_S)]
        sources = asyncio.gather(*works, return_exceptions=True)
        try:
            yield
        finally:
            self._enough.set()
            async with asyncio.timeout(90):
                met = await sources
        for error in filter(None, met):
            raise error

    @property
    def token(self) -> str:
        """What its people are signed in with."""
        return self._http.token

    async def orders_stand(self, faces: dict[Ref, Face], pages: Sequence[Page]) -> None:
        """Every order that was answered is the register's word, told to its actor once, and what the actor says."""
        told = Counter(keys_of(self._here.town.catalogue, pages, ORDERED))
        assert set(told.values()) <= {1}, "an order was taken twice"
        assert await self._here.count(f"SELECT count(*) FROM outbox WHERE ref_key LIKE '{ORDERED}/%'") == len(told)
        for bay, known in self.ordered.items():
            row = (await self._http.get(f"/api/v1/bays/{bay}")).json
            face = faces[Ref("bay", f"{ORDERED}/{bay}")]
            assert isinstance(face, BayFace)
            assert (row["version"], row["type"]) == (known["version"], known["type"])
            assert (face.number, face.bay_type) == (row["number"], row["type"])

    async def _rest(self, seconds: float) -> None:
        with_patience = asyncio.ensure_future(self._enough.wait())
        await asyncio.wait({with_patience}, timeout=seconds)
        with_patience.cancel()

    # -- sensors

    async def _sensors(self, frames: Iterator[list[Said]]) -> None:
        owed: list[Said] = []
        while owed or not self._enough.is_set():
            try:
                async with self._here.radio() as client:
                    while owed or not self._enough.is_set():
                        owed = owed or next(frames)
                        await self._here.publish(client, owed)
                        self.said += owed
                        owed = []
                        await self._rest(PAUSE_S)
            except (aiomqtt.MqttError, OSError):
                await asyncio.sleep(AGAIN_S)

    # -- people

    async def _repeat(self, act: Callable[[], Awaitable[None]], every_s: float) -> None:
        while not self._enough.is_set():
            await act()
            await self._rest(every_s)

    async def _ask(self) -> None:
        """What somebody sees of a bay: of the tables, or of the actor itself."""
        bay = self._chance.choice(bays_of(self._chance.choice(LOADED)))
        said = await self._call("GET", f"/api/v1/bays/{bay}?fresh={self._chance.choice(('true', 'false'))}")
        if said is not None:
            assert said.status == 200, f"{said.status} {said.json}"
            self.answers += 1

    async def _order(self) -> None:
        """A new bay, then changes of those that are there, one after the other."""
        if len(self.ordered) < 2 or self._chance.random() < 0.1:
            await self._make()
        else:
            await self._change(self._chance.choice(list(self.ordered)))

    async def _make(self) -> None:
        n = len(self.ordered)
        body = {"number": f"N-made-{n}", "lot": ORDERED, "type": "common", "lon": 0, "lat": 0}
        made = await self._insist("POST", "/api/v1/bays", body, Idempotency_Key=f"made-{n}")
        self.ordered[made["id"]] = made

    async def _change(self, bay: str) -> None:
        known = self.ordered[bay]
        wanted = "women" if known["type"] == "common" else "common"
        path = f"/api/v1/bays/{bay}"
        changed = await self._insist("PATCH", path, {"version": known["version"], "type": wanted})
        if changed is None:  # it had happened, and its answer was lost
            changed = await self._insist("GET", path)
            if (changed["version"], changed["type"]) != (known["version"] + 1, wanted):
                self.faults.append(f"{bay}: version {known['version']} became {changed} in two steps")
        self.ordered[bay] = changed

    async def _insist(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Says it until it is answered; None if the record was changed since, as a repeat finds."""
        repeated = False
        while (said := await self._call(method, path, body, **headers)) is None:
            repeated = True
            await asyncio.sleep(AGAIN_S)
        if repeated and said.status == 409 and said.code == "version_conflict":
            return None
        assert said.status in (200, 201), f"{method} {path}: {said.status} {said.json}"
        return said.json

    async def _call(self, method: str, path: str, body: object = None, **headers: str) -> Answer | None:
        """The answer; None if there is none now: come again."""
        try:
            said = await self._http(method, path, body, **headers)
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError):
            return None
        if said.status < 500 and said.status != 429:
            return said
        if said.code not in COME_AGAIN:
            why = traced(self._here, said.json["trace_id"])
            self.faults.append(f"{method} {path}: {said.status} {said.json}\n{why}")
        return None


def rounds(lot: str, sensors: Sensors, seed: int) -> Iterator[list[Said]]:
    """What a section's sensors say, without end; a second passes from round to round."""
    chance, start = random.Random(seed), now_us() - 24 * HOUR_US
    for n in count():
        at = start + n * SECOND_US
        yield [sensors.frame(bay, chance.random() < 0.5, at) for bay in bays_of(lot) if chance.random() < 0.7]


def keys_of(catalogue: Catalogue, pages: Sequence[Page], lot: str) -> Iterator[str]:
    """The keys of all orders that actors of this lot have taken."""
    for page in pages:
        for entry in catalogue.decode_page(page.body):
            if isinstance(entry, Turned) and entry.ref.place == lot and isinstance(entry.input, ByKey):
                yield entry.input.key
