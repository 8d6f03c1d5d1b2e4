"""A peer as a process: it says that it is ready, then measures one window of each form whenever it is asked."""

import asyncio
import importlib.metadata
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter
from typing import NamedTuple

import msgspec

from benchmarks.child import Answers, Child, child

READY_S = 60.0

Window = Callable[[float], tuple[int, float]]
"""Drives readings for so many seconds: how many were taken to their end, and how long that took."""


class Form(NamedTuple):
    """One way in which a peer carries the city: by how many actors, how many messages a reading makes, its window."""

    name: str
    actors: int
    messages: int
    window: Window


class Took(msgspec.Struct):
    """What a peer did in one window."""

    form: str
    actors: int
    messages: int
    seconds: float


class Hello(msgspec.Struct):
    """A peer is ready; or it is not, and why."""

    version: str
    absent: str = ""


def timed(drive: Callable[[float], int]) -> Window:
    """A drive that is told when to stop, with the time that it really took."""

    def window(seconds: float) -> tuple[int, float]:
        start = perf_counter()
        return drive(start + seconds), perf_counter() - start

    return window


def serve(package: str, start: Callable[[], list[Form]]) -> None:
    """The peer's side; `start` starts the system."""
    answers = Answers()
    try:
        forms, version = start(), importlib.metadata.version(package)
    except Exception as error:  # said in the report; the others are measured all the same
        answers.say(Hello("", f"{type(error).__name__}: {error}"))
        return
    answers.say(Hello(version))
    for seconds in answers.asked():
        answers.say([_took(form, *form.window(seconds)) for form in forms])


def _took(form: Form, readings: int, seconds: float) -> Took:
    return Took(form.name, form.actors, readings * form.messages, seconds)


class Peer:
    """Our side of such a process."""

    def __init__(self, name: str, process: Child) -> None:
        self.name = name
        self._process = process
        self.hello = Hello("")

    async def ready(self) -> None:
        """Waits until it has started, or failed to."""
        try:
            async with asyncio.timeout(READY_S):
                self.hello = msgspec.convert(await self._process.hear(), Hello)
        except (TimeoutError, RuntimeError) as error:
            self.hello = Hello("", str(error) or f"not ready after {READY_S:.0f} s")

    async def window(self, seconds: float) -> list[Took]:
        """One window of each form; nothing if it never started."""
        return [] if self.hello.absent else msgspec.convert(await self._process.ask(seconds), list[Took])


@asynccontextmanager
async def peers(names: tuple[str, ...], *words: str) -> AsyncIterator[list[Peer]]:
    """All these peers side by side, each idle until it is asked."""
    async with AsyncExitStack() as stack:
        running = []
        for name in names:
            peer = Peer(name, await stack.enter_async_context(child(f"benchmarks.peers.on_{name}", *words)))
            await peer.ready()
            running.append(peer)
        yield running
