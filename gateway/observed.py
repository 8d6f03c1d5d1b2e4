"""What a process says of itself: its memory, its time, its event loop; and what the worker says that it carries."""

import asyncio
import os
from socket import gethostname
from typing import Annotated, Final

import msgspec
import psutil

from actors.engine.cluster import Worker
from actors.engine.gauges import Spread, figure, seconds

LAG_EVERY_S: Final = 0.25


class ProcessGauges(msgspec.Struct, kw_only=True):
    """What the operating system and the event loop know of a process."""

    memory_bytes: Annotated[int, figure("Memory of the process that is in use (resident)")] = 0
    cpu_seconds_total: Annotated[float, figure("Processor time that the process has used")] = 0.0
    start_seconds: Annotated[float, figure("When the process began, seconds since 1970")] = 0.0
    loop_lag_seconds: Annotated[
        Spread, figure("How much later than asked the event loop woke a sleeper, four times a second")
    ] = msgspec.field(default_factory=seconds)


class WorkerState(msgspec.Struct):
    """A worker's answer to `state`: which life of it speaks, its process, and what the part that it carries says."""

    life: int
    pid: int
    host: str
    process: ProcessGauges
    part: msgspec.Raw


class Pulse:
    """Measures the process it lives in."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._lag = seconds()

    async def watch(self) -> None:
        """Measures the event loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._lag.see(max(0.0, loop.time() - asked))

    def gauges(self) -> ProcessGauges:
        """How the process stands now."""
        with self._process.oneshot():
            used = self._process.cpu_times()
            return ProcessGauges(
                memory_bytes=self._process.memory_info().rss,
                cpu_seconds_total=used.user + used.system,
                start_seconds=self._process.create_time(),
                loop_lag_seconds=self._lag,
            )


class Observed:
    """A worker whose `state` says also how its process is; everything else is the worker's own."""

    def __init__(self, worker: Worker, life: int) -> None:
        self._worker = worker
        self._life = life
        self._pulse = Pulse()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to measure, and starts the worker."""
        self._watching = asyncio.create_task(self._pulse.watch())
        await self._worker.start()

    async def call(self, method: str, payload: bytes) -> bytes:
        """Hands the request on; the answer to `state` is a `WorkerState`."""
        answer = await self._worker.call(method, payload)
        if method != "state":
            return answer
        return state_of(self._life, self._pulse, answer)


def state_of(life: int, pulse: Pulse, part: bytes) -> bytes:
    """The answer to `state` of this process."""
    state = WorkerState(life, os.getpid(), gethostname(), pulse.gauges(), msgspec.Raw(part))
    return msgspec.msgpack.encode(state)
