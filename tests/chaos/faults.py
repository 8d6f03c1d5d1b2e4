"""The matrix: everything that is struck while the city works, one object each. One more is one entry."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from typing import Protocol
from zlib import crc32

import psutil

from actors.engine.entries import FromDevice, Letter
from actors.engine.mail import Unreachable
from actors.messages.device import Uplinked
from actors.values import Ref, shared_slot
from gateway.workers import PROJECTOR, VIEWS
from storage.session import now_us
from tests.chaos.field import GATEWAY, Field
from tests.chaos.wire import Moment
from tests.city.waiting import eventually

FROZEN, OTHER = "cell-0", "cell-1"


class Fault(Protocol):
    """Something that happens to a part. `says`: what the health check calls the part that is away, until `heal`; empty
    where it is over sooner than anybody can look. Faults of one `part` cannot happen at once.
    """

    name: str
    part: str
    says: str

    def why_not(self, at: Field) -> str:
        """Why this machine cannot have it; empty if it can."""

    async def strike(self, at: Field) -> None:
        """Let it happen."""

    async def heal(self, at: Field) -> None:
        """What the supervisor or the world does about it; nothing for what the city heals by itself."""


@dataclass
class _Named:
    name: str
    part: str
    says: str = ""

    def why_not(self, at: Field) -> str:
        return ""

    async def heal(self, at: Field) -> None:
        pass


@dataclass
class KilledWorker(_Named):
    """kill -9 of a worker on Ray, which starts it again."""

    worker: str = ""

    async def strike(self, at: Field) -> None:
        await at.up(self.worker)
        at.city.town.cluster.kill(self.worker)


@dataclass
class FrozenWorker(_Named):
    """A worker stands still for a while, shorter than it takes to be replaced."""

    worker: str = ""
    _pid: int = 0

    async def strike(self, at: Field) -> None:
        await at.up(self.worker)
        self._pid = at.city.town.cluster.pid(self.worker)
        os.kill(self._pid, signal.SIGSTOP)

    async def heal(self, at: Field) -> None:
        awake(self._pid)


@dataclass
class KilledGateway(_Named):
    """kill -9 of the gateway; its supervisor starts it again."""

    async def strike(self, at: Field) -> None:
        at.city.gateway.kill()

    async def heal(self, at: Field) -> None:
        at.city.gateway.start()


@dataclass
class KilledBroker(_Named):
    """kill -9 of the broker; its supervisor starts it again."""

    async def strike(self, at: Field) -> None:
        process = at.city.broker.process
        assert process
        process.kill()
        process.wait()

    async def heal(self, at: Field) -> None:
        at.city.broker.stop()
        at.city.broker.start()


@dataclass
class StoppedDatabase(_Named):
    """PostgreSQL ends by this signal, without a word to its sessions; its supervisor starts it again."""

    by: signal.Signals = signal.SIGKILL

    async def strike(self, at: Field) -> None:
        process = at.database.process
        assert process
        process.send_signal(self.by)
        process.wait()

    async def heal(self, at: Field) -> None:
        at.database.stop()
        at.database.start()


@dataclass
class KilledBackend(_Named):
    """kill -9 of the one server process that stores a cell's commits; PostgreSQL restarts all of its sessions."""

    async def strike(self, at: Field) -> None:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'yunparking cell-0 commits'"
        os.kill(await at.city.count(query), signal.SIGKILL)


@dataclass
class CutWire(_Named):
    """The wire between the cells and the database breaks at this moment of a commit: its outcome is unknown."""

    moment: Moment = "after"

    async def strike(self, at: Field) -> None:
        at.wire.arm(self.moment)
        async with asyncio.timeout(30):
            await at.wire.broke.wait()

    async def heal(self, at: Field) -> None:
        at.wire.mend()


@dataclass
class FrozenCell(_Named):
    """A cell stands still until another has its slots; when it wakes up, what it then would store is refused."""

    _pid: int = 0
    _slots: list[int] = field(default_factory=list)
    _probe: asyncio.Task[bytes] | None = None

    async def strike(self, at: Field) -> None:
        town = at.city.town
        self._pid = town.cluster.pid(FROZEN)
        self._slots = [row.slot for row in await town.journal.placed() if row.cell == FROZEN]
        await eventually(lambda: self._open(at), "it has all its slots in memory")
        os.kill(self._pid, signal.SIGSTOP)
        call = town.cluster.call(FROZEN, "deliver", town.catalogue.encode([probe(self._slots)]))
        self._probe = asyncio.create_task(call)

    async def heal(self, at: Field) -> None:
        assert self._probe
        await self._place(at, FROZEN, OTHER)
        await eventually(lambda: self._taken_over(at), "the other cell has all slots")
        await at.flows(1)
        awake(self._pid)
        try:
            async with asyncio.timeout(30):
                said = await self._probe
        except Unreachable:  # the fence held, and it ended
            await eventually(self._gone, "it has ended")
        else:  # it had read the table first, and gave the slots up
            (answer,) = at.city.town.catalogue.decode_answers(said)
            assert answer.how == "moved", f"who had been replaced took a message: {answer}"
        await self._place(at, OTHER, FROZEN)

    async def _place(self, at: Field, was: str, now: str) -> None:
        for slot in self._slots:
            assert await at.city.town.journal.place(slot, was, now)

    async def _open(self, at: Field) -> bool:
        return bool((await at.city.town.state(FROZEN)).slots == len(self._slots))

    async def _gone(self) -> bool:
        return not psutil.pid_exists(self._pid)

    async def _taken_over(self, at: Field) -> bool:
        placed = await at.city.town.journal.placed()
        return bool((await at.city.town.state(OTHER)).slots == len(placed))


def awake(pid: int) -> None:
    """It goes on; one that stood still for too long has been ended meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def probe(slots: list[int]) -> Letter[Uplinked]:
    """A reading that nobody else says, of a device that this slot could carry."""
    lot = next(name for name in map(str, range(100_000)) if shared_slot(name) in slots)
    ref = Ref("device", f"{lot}/nobody")
    return Letter(shared_slot(lot), FromDevice(ref, 1, crc32(lot.encode())), ref, Uplinked(now_us(), now_us(), True))


@dataclass
class LostNode(_Named):
    """kill -9 of the raylet of one of two nodes, and with it of all cells there; Ray starts them on the other."""

    async def strike(self, at: Field) -> None:
        while not any(at.node.carries(at.city.town.cluster.pid(cell)) for cell in at.city.town.cells):
            at.city.town.cluster.kill(OTHER)  # Ray places it anew, here or there
            await at.up(OTHER)
        at.node.kill()

    async def heal(self, at: Field) -> None:
        at.node.stop()
        await at.node.start()
        at.supervise()


@dataclass
class FullDisk(_Named):
    """Not one more page fits on the database's disk."""

    _refused: int = 0
    _filling: asyncio.Task[None] | None = None

    def why_not(self, at: Field) -> str:
        return at.disk.why_not

    async def strike(self, at: Field) -> None:
        self._refused = self._refusals(at)
        at.disk.fill()
        self._filling = asyncio.create_task(self._stay_full(at))

    async def _stay_full(self, at: Field) -> None:
        """What the server throws away meanwhile is no room either."""
        while True:
            await asyncio.sleep(0.5)
            at.disk.fill()

    async def heal(self, at: Field) -> None:
        async def met() -> bool:
            return self._refusals(at) > self._refused

        try:
            await eventually(met, "what is to be stored meets the end of the disk")
        finally:
            if self._filling:
                self._filling.cancel()
            at.disk.free()

    def _refusals(self, at: Field) -> int:
        return at.database.log.read_text().count("No space left on device")


FAULTS: tuple[Fault, ...] = (
    # When there are two they strike in this order and are healed in the other: what the rest stands on falls last.
    LostNode("lost node", "cells", "actors"),
    FrozenCell("frozen cell", "cells", "actors"),
    KilledWorker("killed cell", "cells", "actors", "cell-1"),
    KilledWorker("killed views", "views", "views", VIEWS),
    FrozenWorker("frozen views", "views", "views", VIEWS),
    KilledWorker("killed projector", "projector", "projector", PROJECTOR),
    CutWire("cut before a commit arrives", "wire", "actors", "before"),
    CutWire("cut when a commit is stored", "wire", "actors", "after"),
    CutWire("silence when a commit is stored", "wire", "actors", "hang"),
    KilledGateway("killed gateway", "gateway", GATEWAY),
    KilledBroker("killed broker", "broker", "broker"),
    KilledBackend("killed session of the database", "database"),
    StoppedDatabase("restarted database", "database", "database", signal.SIGQUIT),
    StoppedDatabase("killed database", "database", "database"),
    FullDisk("full disk", "database", "actors"),
)
