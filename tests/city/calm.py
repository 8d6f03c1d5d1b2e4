"""A calm run beside a city: the same frames in memory, where nothing ever dies, and what became true of both."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import text

from actors.engine.entries import ByKey, FromDevice, FromWake, Letter, Turned
from actors.engine.host import Host
from actors.engine.journal import Page
from actors.messages.forms import Fact
from actors.messages.lot import Counted
from actors.values import Ref, shared_slot
from gateway.ingress.frames import Frame
from gateway.ingress.registry import KnownDevices
from gateway.ingress.sorter import Sorter
from storage.lists import Lists
from storage.session import now_us
from tests.city.town import LASTING
from tests.city.whole import Said, Whole

CLOCKS = ("received_us", "drift_us")


class Became:
    """What became true of each actor of some lots, in order, whatever the time was, and which messages of devices made
    it. A lot's facts are in order for each of its bays: between sources no order is promised.
    """

    def __init__(self, here: Whole, lots: Sequence[str]) -> None:
        self.facts: dict[tuple[Ref, str], list[Fact]] = {}
        self.inputs: list[str] = []
        self._decode, self._lots = here.town.catalogue.decode_page, set(lots)

    def read(self, body: bytes) -> None:
        """One more page."""
        for entry in self._decode(body):
            if isinstance(entry, Turned) and entry.ref.place in self._lots:
                self._read(entry)

    def _read(self, turn: Turned[Any, Any]) -> None:
        for fact in turn.facts:
            if isinstance(fact, LASTING):
                bay = fact.bay if isinstance(fact, Counted) else ""
                self.facts.setdefault((turn.ref, bay), []).append(_without_clocks(fact))
        if turn.ref.kind != "device":
            return
        if isinstance(turn.input, FromDevice):
            self.inputs.append(f"{turn.ref.own_id} {turn.input.boot} {turn.input.n}")
        elif isinstance(turn.input, ByKey) and not turn.input.key.startswith("desk-"):
            self.inputs.append(turn.input.key)
        else:
            assert isinstance(turn.input, ByKey | FromWake)


def _without_clocks(fact: Fact) -> Fact:
    """A fact without what our own clock put into it."""
    own = {name: 0 for name in CLOCKS if name in fact.__struct_fields__}
    return msgspec.structs.replace(fact, **own) if own else fact


class CalmRun:
    """Some lots of a city in one host, told the same orders of the register and the same frames.

    It goes on from one comparison to the next: both sides are read only as far as they are new.
    """

    def __init__(self, here: Whole, lots: Sequence[str]) -> None:
        self._here, self._lots = here, lots
        self._host = Host(here.town.catalogue, "calm", 1)
        for slot in sorted({shared_slot(lot) for lot in lots}):
            self._host.open(slot, None, [])
        self._calm, self._lived = Became(here, lots), Became(here, lots)
        self._read: dict[tuple[int, int], int] = {}  # slot, page → crc of what it said
        self._frames = self._last_order = 0

    async def agrees(self, said: Sequence[Said], pages: Sequence[Page]) -> None:
        """Every frame that was said in these lots is kept and one turn; what followed is what a calm run makes of it.
        `said` and `pages`: all until now.
        """
        self._look(pages)
        inputs = self._lived.inputs
        assert len(set(inputs)) == len(inputs), "a frame was taken twice"
        assert len(inputs) == len(said), f"a frame that the broker took is no turn: {await self._outcomes()}"
        assert set(said) <= await self._here.kept()
        await self._tell(said[self._frames : len(inputs)])
        assert sorted(inputs) == sorted(self._calm.inputs)
        assert self._lived.facts == self._calm.facts

    def _look(self, pages: Sequence[Page]) -> None:
        said = {(page.slot, page.seq): crc32(page.body) for page in pages}
        others = [at for at, crc in self._read.items() if said.get(at) != crc]
        assert not others, f"pages that were durable say something else now, or are gone: {others[:10]}"
        for page in pages:
            at = page.slot, page.seq
            if at not in self._read:
                self._lived.read(page.body)
                self._read[at] = said[at]

    async def _tell(self, said: Sequence[Said]) -> None:
        """Noted as told when it is done: who failed in between tells it again, and all of it are repeats."""
        letters, last_order = await self._orders()
        known = KnownDevices(Lists(self._here.engine).device_lots)
        await known.refresh()
        sorter = Sorter(known)
        for frame in said:
            told = sorter.sort(Frame(1, frame.topic, frame.payload, now_us(), 0))
            assert told is not None, frame
            letters.append(Letter(shared_slot(told.ref.key), told.source, told.ref, told.message))
        assert {answer.how for answer in self._host.deliver(letters, now_us())} <= {"done"}
        flight = self._host.cut()
        for page in flight.pages if flight else ():
            self._calm.read(page.body)
        if flight:
            self._host.committed(flight)
        self._last_order = last_order
        self._frames += len(said)

    async def _orders(self) -> tuple[list[Letter[Any]], int]:
        """What the register has told the actors of these lots since the last look, and the last of all that it told."""
        query = text("SELECT id, ref_kind, ref_key, message FROM outbox WHERE id > :last ORDER BY id")
        async with self._here.engine.connect() as connection:
            rows = [tuple(row) for row in await connection.execute(query, {"last": self._last_order})]
        decode = self._here.town.catalogue.decode_message
        told = [(id, Ref(kind, key), message) for id, kind, key, message in rows]
        letters = [
            Letter(shared_slot(ref.key), ByKey(f"desk-{id}", crc32(message)), ref, decode(message))
            for id, ref, message in told
            if ref.place in self._lots
        ]
        return letters, max((row[0] for row in rows), default=self._last_order)

    async def _outcomes(self) -> dict[str, int]:
        """How many frames were kept with each outcome."""
        async with self._here.engine.connect() as connection:
            rows = await connection.execute(text("SELECT outcome, count(*) FROM frames GROUP BY outcome"))
            return {str(outcome): int(n) for outcome, n in rows}
