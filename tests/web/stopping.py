"""Parts of a running city that stand still or die for a while, as nobody would do to them on purpose."""

import os
import signal
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Protocol

import psutil

from tests.city.whole import Whole


class Stopping(Protocol):
    """While it is entered, a part of this city is away."""

    def __call__(self, city: Whole) -> AbstractAsyncContextManager[None]: ...


def frozen_worker(name: str) -> Stopping:
    """A worker on Ray stands still."""

    @asynccontextmanager
    async def stopping(city: Whole) -> AsyncIterator[None]:
        with frozen([city.town.cluster.pid(name)]):
            yield

    return stopping


@asynccontextmanager
async def frozen_database(city: Whole) -> AsyncIterator[None]:
    """All processes of PostgreSQL stand still: whoever asks is heard, and never answered."""
    server = psutil.Process(await city.count("SELECT pg_backend_pid()")).parent()
    assert server is not None
    with frozen([server.pid, *(each.pid for each in server.children(recursive=True))]):
        yield


@asynccontextmanager
async def frozen_broker(city: Whole) -> AsyncIterator[None]:
    """The broker stands still; its connections stay open."""
    assert city.broker.process is not None
    with frozen([city.broker.process.pid]):
        yield


@asynccontextmanager
async def killed_broker(city: Whole) -> AsyncIterator[None]:
    """kill -9 of the broker; its supervisor starts it again at the end."""
    process = city.broker.process
    assert process is not None
    process.kill()
    process.wait()
    try:
        yield
    finally:
        city.broker.stop()
        city.broker.start()


@contextmanager
def frozen(pids: Iterable[int]) -> Iterator[None]:
    """These processes stand still, and go on at the end; one that has been ended meanwhile does not."""
    stopped = list(pids)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
