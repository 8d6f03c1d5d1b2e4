"""The lookout: asks every worker twice a second how it is, keeps them awake by it, and remembers what they said.

A worker that answers with another life than before has died meanwhile and is back: a recovery.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from actors.engine.gauges import CellGauges, PostGauges, figure, tally
from actors.engine.mail import Unreachable
from actors.values import SECOND_US, Micros
from gateway.backlog import BrokerGauges
from gateway.http.cashier import PaymentGauges
from gateway.ingress.counters import IngestGauges
from gateway.ingress.courier import CourierGauges
from gateway.live.server import LiveGauges
from gateway.live.views import ViewsGauges
from gateway.observed import ProcessGauges, WorkerState
from gateway.workers import PROJECTOR, VIEWS
from storage.database import PoolGauges
from storage.projections.projector import ProjectorGauges
from storage.standing import StoreGauges

ASK_EVERY_S: Final = 0.5
ANSWER_WITHIN_S: Final = 5.0
SILENT_US: Final = 3 * SECOND_US
FROZEN_US: Final = 10 * SECOND_US
"""Who has said nothing for so long may stand still."""
SAMPLE_US: Final = 2 * SECOND_US
PLACED_US: Final = SECOND_US // 2
SAMPLES: Final = 150
DEDICATED: Final = "own-"
"""How the names of dedicated actors' cells begin: there may be hundreds, and only their present is kept."""


class GatewayGauges(msgspec.Struct, kw_only=True):
    """What a gateway says of its doors and of what it looks after."""

    post: PostGauges
    ingest: IngestGauges
    courier: CourierGauges
    payments: PaymentGauges
    live: LiveGauges
    pool: PoolGauges
    store: StoreGauges
    broker: BrokerGauges | None = None


class SeenGauges(msgspec.Struct, kw_only=True):
    """How a worker looks from the outside."""

    up: Annotated[int, figure("Whether the worker answered within the last three seconds (1) or not (0)")]
    unheard_seconds: Annotated[float, figure("Time since the worker last answered")]
    recoveries_total: Annotated[int, figure("Lives of the worker that ended while this gateway watched")]
    deaths_total: Annotated[dict[str, int], figure("Lives of the worker that ended, by cause", "cause")]
    placed_slots: Annotated[int, figure("Slots that the placement gives to the worker")]


Part = CellGauges | ViewsGauges | ProjectorGauges | GatewayGauges
PARTS: Final[dict[str, type[Part]]] = {VIEWS: ViewsGauges, PROJECTOR: ProjectorGauges}


class Sample(NamedTuple):
    """What a worker said at one time."""

    at: Micros
    life: int
    pid: int
    host: str
    process: ProcessGauges
    part: Part


STOOD_STILL: Final = "stood still, and was ended"


class Ended(NamedTuple):
    """A life of a worker ended: last heard when, the next one first heard when, and why, if we ended it."""

    worker: str
    life: int
    lost_us: Micros
    back_us: Micros
    why: str | None = None


def cause_of(why: str | None) -> str:
    """Of what kind a last word is: `fenced` by another process, `history_lost`, an `error`; who was `killed` said none,
    and of who was `frozen` we say it.
    """
    if why is None:
        return "killed"
    known = {"Fenced": "fenced", "HistoryLost": "history_lost", STOOD_STILL: "frozen"}
    return known.get(why.partition(":")[0], "error")


class Seen:
    """All that is remembered of one worker; `now` is what it said last."""

    def __init__(self, name: str, since: Micros) -> None:
        self.name = name
        self.watched_since = since
        self.now: Sample | None = None
        self.past: deque[Sample] = deque(maxlen=SAMPLES)
        self.why: str | None = None
        self.recoveries = 0
        self.deaths: dict[str, int] = {}

    def up(self, now: Micros) -> bool:
        """Whether it answered lately."""
        return self.now is not None and now - self.now.at < SILENT_US

    def unheard_us(self, now: Micros) -> Micros:
        """Since when it has said nothing; since we watch if it never did."""
        return max(0, now - (self.now.at if self.now else self.watched_since))

    def before(self, us: Micros) -> Sample | None:
        """What this life said about so long ago, or the oldest that is kept of it."""
        if self.now is None:
            return None
        own = (each for each in self.past if each.life == self.now.life and each.at >= self.now.at - us)
        return next(own, None)


class Lookout:
    """Watches the workers named by `names`; `placed` says how many slots each should carry, `end_if_frozen` ends one
    that was silent for long if its process stands still.
    """

    def __init__(
        self,
        call: Callable[[str, str, bytes], Awaitable[bytes]],
        names: Callable[[], Iterable[str]],
        placed: Callable[[], Mapping[str, int]],
        clock: Callable[[], Micros],
        ended: Callable[[Ended], None] = lambda ended: None,
        end_if_frozen: Callable[[str], Awaitable[object]] | None = None,
    ) -> None:
        self._call, self._names, self._placed = call, names, placed
        self.clock, self._ended, self._end_if_frozen = clock, ended, end_if_frozen
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._slots: tuple[Micros, Mapping[str, int]] = (0, {})
        self.seen: dict[str, Seen] = {}

    async def watch(self) -> None:
        """Asks until cancelled; a worker that does not answer delays nobody else."""
        try:
            while True:
                names = list(self._names())
                for gone in self.seen.keys() - {*names, *self._own}:
                    del self.seen[gone]
                for name in names:
                    seen = self.seen.setdefault(name, Seen(name, self.clock()))
                    if name not in self._asking:
                        self._asking[name] = asyncio.create_task(self._ask(seen))
                await asyncio.sleep(ASK_EVERY_S)
        finally:
            for task in self._asking.values():
                task.cancel()

    @property
    def _own(self) -> Iterator[str]:
        return (name for name, seen in self.seen.items() if seen.now and isinstance(seen.now.part, GatewayGauges))

    async def _ask(self, seen: Seen) -> None:
        name = seen.name
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                raw = await self._call(name, "state", b"")
        except Unreachable:
            return
        except TimeoutError:
            if self._end_if_frozen is not None and seen.unheard_us(self.clock()) > FROZEN_US:
                seen.why = STOOD_STILL if await self._end_if_frozen(name) else seen.why
            return
        finally:
            del self._asking[name]
        if self.seen.get(name) is seen:  # else it has gone meanwhile
            self.hear(name, raw, PARTS.get(name, CellGauges))

    def hear(self, name: str, raw: bytes, form: type[Part]) -> None:
        """A worker said how it is; also this gateway itself."""
        said = msgspec.msgpack.decode(raw, type=WorkerState)
        part = msgspec.msgpack.decode(said.part, type=form)
        sample = Sample(self.clock(), said.life, said.pid, said.host, said.process, part)
        seen = self.seen.setdefault(name, Seen(name, sample.at))
        before, seen.now = seen.now, sample
        if before is not None and before.life != sample.life:
            seen.recoveries += 1
            self._ended(Ended(name, before.life, before.at, sample.at, seen.why))
            seen.why = None
        if not name.startswith(DEDICATED) and (not seen.past or sample.at - seen.past[-1].at >= SAMPLE_US):
            seen.past.append(sample)

    def count(self, worker: str, cause: str) -> None:
        """A life of this worker ended by this."""
        if worker in self.seen:
            tally(self.seen[worker].deaths, cause, 1)

    @staticmethod
    def role(name: str) -> Literal["cell", "views", "projector"]:
        """What a worker of this name is, before it has said anything."""
        return "views" if name == VIEWS else "projector" if name == PROJECTOR else "cell"

    def look(self, seen: Seen) -> SeenGauges:
        """How a worker looks now."""
        now = self.clock()
        return SeenGauges(
            up=int(seen.up(now)),
            unheard_seconds=seen.unheard_us(now) / SECOND_US,
            recoveries_total=seen.recoveries,
            deaths_total=seen.deaths,
            placed_slots=self._placed_slots(now).get(seen.name, 0),
        )

    def _placed_slots(self, now: Micros) -> Mapping[str, int]:
        """Counted once for all workers that are looked at together."""
        if now - self._slots[0] >= PLACED_US:
            self._slots = (now, self._placed())
        return self._slots[1]

    def told(self) -> Iterator[tuple[str, msgspec.Struct]]:
        """(worker, gauges) for everything said lately; of who is silent only that it is."""
        now = self.clock()
        for seen in self.seen.values():
            yield seen.name, self.look(seen)
            if seen.now is None or not seen.up(now):
                continue
            yield seen.name, seen.now.process
            if not isinstance(seen.now.part, GatewayGauges):
                yield seen.name, seen.now.part
                continue
            for name in seen.now.part.__struct_fields__:
                if (gauges := getattr(seen.now.part, name)) is not None:
                    yield seen.name, gauges
