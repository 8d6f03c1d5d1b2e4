"""The product's own live views over a made city: its bays change at a rate that is set, without sensors and cells."""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from math import gcd

import msgspec

from actors.engine.cluster import Worker
from actors.messages.bay import BayFace, Freed, Taken
from actors.messages.device import DeviceFace
from actors.messages.forms import Face, Fact
from actors.values import Micros, Ref, shared_slot
from gateway.live.beats import every
from gateway.live.register import BayRow, DeviceRow, Register
from gateway.live.source import Change, SlotFaces
from gateway.live.views import Views
from gateway.workers import DOUBT_EXIT, collect_seldom
from storage.session import now_us

REGIONS, LOTS, BAYS_A_LOT = 20, 414, 8
"""3,312 bays, as in the city that `make run` shows."""
STEP_S = 0.02
STRIDE = 1_237


class Bay:
    """One bay with its device, and since when it is as it is."""

    def __init__(self, lot: int, bay: int) -> None:
        self.lot, self.id, self.device = f"lot-{lot}", f"{60_000 + lot * BAYS_A_LOT + bay}", f"d{lot}-{bay}"
        self.region = f"region-{lot % REGIONS}"
        self.slot = shared_slot(self.lot)
        self.since_us: Micros = now_us()
        self.occupied = False

    def turn_over(self, now: Micros) -> tuple[list[tuple[Ref, Face]], tuple[Ref, list[Fact]]]:
        """The other state: the faces of device and bay, and the fact."""
        stay_us, self.since_us, self.occupied = now - self.since_us, now, not self.occupied
        said = (now, self.device, now, now)
        fact = Taken(*said) if self.occupied else Freed(*said, stay_us=stay_us)
        return self.faces(), (Ref("bay", f"{self.lot}/{self.id}"), [fact])

    def faces(self) -> list[tuple[Ref, Face]]:
        """As others see both now."""
        state = "occupied" if self.occupied else "free"
        seen = (self.since_us, self.since_us, self.device, self.occupied, 0)
        return [
            (Ref("device", f"{self.lot}/{self.device}"), _device_face(self.id, self.since_us)),
            (Ref("bay", f"{self.lot}/{self.id}"), BayFace(self.id, "street", state, *seen)),
        ]


def _device_face(bay: str, seen_us: Micros) -> DeviceFace:
    return DeviceFace("yun-json", bay, seen_us, None, 90, -80, 0, 0, 1, 0, False)


class ChangingCity:
    """A worker like that of the views, with two methods more: `rate` sets the changes a second, `made` counts them."""

    def __init__(self) -> None:
        self._bays = [Bay(lot, bay) for lot in range(LOTS) for bay in range(BAYS_A_LOT)]
        assert gcd(STRIDE, len(self._bays)) == 1, "every bay gets its turn"
        self._seqs: dict[int, int] = {}
        self._rate = self._made = 0
        self._views = Views(self._register, self._changes, now_us, every, _end)

    async def start(self) -> None:
        """Begins to follow the changes."""
        await self._views.start()

    async def call(self, method: str, payload: bytes) -> bytes:
        """What a gateway asks of the views, and what the benchmark asks."""
        views = self._views
        if method == "rate":
            self._rate = msgspec.msgpack.decode(payload, type=int)
        if method in ("rate", "made"):
            return msgspec.msgpack.encode(self._made)
        return await {"poll": views.poll, "join": views.join, "note": views.note}[method](payload)

    async def _register(self) -> Register:
        return Register(
            {bay.region for bay in self._bays},
            {(bay.lot, bay.region) for bay in self._bays},
            [BayRow(bay.id, bay.id, bay.lot) for bay in self._bays],
            [DeviceRow(bay.device, "yun-json", bay.lot, bay.id) for bay in self._bays],
        )

    async def _changes(self) -> AsyncIterator[Change | SlotFaces]:
        whole: dict[int, list[tuple[Ref, Face]]] = defaultdict(list)
        for bay in self._bays:
            whole[bay.slot] += bay.faces()
        for slot, faces in whole.items():
            self._seqs[slot] = 1
            yield SlotFaces(slot, 1, faces)
        owed = 0.0
        async for _ in every(STEP_S):
            owed += self._rate * STEP_S
            for change in self._commit(int(owed)):
                yield change
            owed -= int(owed)
            await asyncio.sleep(0)  # ticks and polls come first

    def _commit(self, changes: int) -> list[Change]:
        """What the cells would commit: a page for each slot that is touched."""
        now = now_us()
        faces: dict[int, list[tuple[Ref, Face]]] = defaultdict(list)
        facts: dict[int, list[tuple[Ref, list[Fact]]]] = defaultdict(list)
        for n in range(self._made, self._made + changes):
            bay = self._bays[n * STRIDE % len(self._bays)]
            seen, fact = bay.turn_over(now)
            faces[bay.slot] += seen
            facts[bay.slot].append(fact)
        self._made += changes
        return [self._page(slot, now, faces[slot], facts[slot]) for slot in sorted(faces)]

    def _page(
        self, slot: int, at: Micros, faces: list[tuple[Ref, Face]], facts: list[tuple[Ref, list[Fact]]]
    ) -> Change:
        prev = self._seqs[slot]
        self._seqs[slot] = prev + 1
        return Change(slot, prev, prev + 1, at, faces, facts)


def _end(reason: BaseException) -> None:
    """A fold that failed half-way ends the process, as in the product; the benchmark then fails."""
    os._exit(DOUBT_EXIT)


def worker(_: bytes) -> Worker:
    """Made by Ray by this name."""
    collect_seldom()
    return ChangingCity()
