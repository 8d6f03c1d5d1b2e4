"""A peer as a process: it says that it is ready, then measures one window each time it is asked, until its stdin ends."""

import asyncio
import contextlib
import importlib.metadata
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

import msgspec

READY_S = 120.0


class Took(msgspec.Struct):
    """What a peer did in one window: in which form, carried by how many actors."""

    form: str
    actors: int
    messages: int
    seconds: float


class Hello(msgspec.Struct):
    """A peer is ready; or it is not, and why."""

    version: str
    absent: str = ""


Window = Callable[[float], tuple[int, float]]
"""Drives readings for so many seconds: how many were taken to their end, and how long that took."""


def timed(drive: Callable[[float], int]) -> Window:
    """A drive that is told when to stop, with the time that it really took."""

    def window(seconds: float) -> tuple[int, float]:
        start = perf_counter()
        return drive(start + seconds), perf_counter() - start

    return window


def serve(package: str, forms: Callable[[], list[tuple[str, int, int, Window]]]) -> None:
    """The peer's side: `forms` starts the system; each is a form, its actors, its messages a reading, its window."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what the peer itself prints is no answer
    try:
        started = forms()
    except Exception as error:
        out.write(_line(Hello(importlib.metadata.version(package), f"{type(error).__name__}: {error}")))
        return
    out.write(_line(Hello(importlib.metadata.version(package))))
    for asked in sys.stdin.buffer:
        took = []
        for form, actors, messages, window in started:
            readings, seconds = window(msgspec.json.decode(asked, type=float))
            took.append(Took(form, actors, readings * messages, seconds))
        out.write(_line(took))


def _line(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"


class Peer:
    """Our side of such a process."""

    def __init__(self, name: str, child: asyncio.subprocess.Process) -> None:
        self.name = name
        self._child = child
        self.hello = Hello("?", "it did not start")

    async def _answer(self) -> bytes:
        assert self._child.stdout is not None
        line = await self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended: {await self._child.wait()}")
        return line

    async def ready(self) -> None:
        """Waits until it has started, or failed to."""
        try:
            async with asyncio.timeout(READY_S):
                self.hello = msgspec.json.decode(await self._answer(), type=Hello)
        except (TimeoutError, RuntimeError) as error:
            self.hello = Hello("?", str(error) or f"not ready after {READY_S:.0f} s")

    async def window(self, seconds: float) -> list[Took]:
        """One window of each form; nothing if it never started."""
        if self.hello.absent:
            return []
        assert self._child.stdin is not None
        self._child.stdin.write(_line(seconds))
        return msgspec.json.decode(await self._answer(), type=list[Took])


@asynccontextmanager
async def peers(names: tuple[str, ...], *words: str) -> AsyncIterator[list[Peer]]:
    """All these peers side by side, each idle until it is asked."""
    started = [await _start(name, words) for name in names]
    try:
        for peer in started:
            await peer.ready()
        yield started
    finally:
        for peer in started:
            await _end(peer)


async def _start(name: str, words: tuple[str, ...]) -> Peer:
    pipe, own = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    command = (sys.executable, "-m", f"benchmarks.peers.on_{name}", *words)
    return Peer(name, await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=own))


async def _end(peer: Peer) -> None:
    child = peer._child
    assert child.stdin is not None
    child.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            await child.wait()
            return
    child.kill()
    await child.wait()
