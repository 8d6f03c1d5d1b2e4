"""A program of a benchmark in a process of its own: it answers each line of JSON that it is given with another."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, BinaryIO

import msgspec
import psutil

LINE_BYTES = 1 << 24
ENDS_WITHIN_S = 10.0


class Child:
    """Our side of it."""

    def __init__(self, module: str, process: asyncio.subprocess.Process) -> None:
        self._module = module
        self._process = process

    async def hear(self) -> Any:
        """The next line that it says; RuntimeError if it has ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended with status {await self._process.wait()}")
        return msgspec.json.decode(line)

    async def ask(self, what: object) -> Any:
        """Says something and hears the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(what) + b"\n")
        return await self.hear()

    def cpu_s(self) -> float:
        """The processor time that it has used so far, with all its threads."""
        used = psutil.Process(self._process.pid).cpu_times()
        return float(used.user + used.system)

    async def end(self) -> None:
        """Lets it end by itself, and ends it if it does not."""
        assert self._process.stdin is not None
        with contextlib.suppress(RuntimeError):  # its end of the pipe may be closed already
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN_S):
                await self._process.wait()
                return
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def child(module: str, *words: str) -> AsyncIterator[Child]:
    """Runs `python -m module words …`."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", module, *words)
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=None, limit=LINE_BYTES)
    running = Child(module, process)
    try:
        yield running
    finally:
        await running.end()


class Answers:
    """The program's side: what it is asked and what it says; whatever else writes to stdout goes to stderr."""

    def __init__(self) -> None:
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)

    def say(self, what: object) -> None:
        """One line."""
        self._out.write(msgspec.json.encode(what) + b"\n")

    def asked(self) -> Iterator[Any]:
        """Each question, until nobody asks any more."""
        for line in sys.stdin.buffer:
            yield msgspec.json.decode(line)

    async def serve(self, answer: Callable[[Any], Awaitable[Any]]) -> None:
        """Answers each question on the event loop, until nobody asks any more."""
        reader = asyncio.StreamReader(limit=LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.say(await answer(msgspec.json.decode(line)))
