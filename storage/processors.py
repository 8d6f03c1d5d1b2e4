"""Who gets the processors where more want them than there are: each worker by itself, and the projections last.

Linux may share them among sessions (setsid) before it looks at processes: autogroup, which most kernels have switched
on, and which counts where no control group divides them. Cells, views and projector, all started in Ray's session, then
have no more together than one session of PostgreSQL has alone, and a nice value counts only among those in one session:
who gives way must do so with its whole session too. Where that is switched off, the nice value does.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg

NICE = 10
"""Who gives way has a tenth of what another process has, while both want it."""
LEAST = 19
PROC = Path("/proc")
TRIES, AGAIN_S = 5, 0.15
"""Who is not root may change one share every tenth of a second, all of the machine together."""

_PORT = "SELECT inet_client_port()"


def stand_alone() -> None:
    """Takes this process out of the session that it was started in, and so into a share of its own."""
    with contextlib.suppress(OSError):  # it leads its session already, or nobody is there whose group it may join
        if os.getpid() == os.getpgrp():  # who leads a group may not begin a session
            os.setpgid(0, os.getpgid(os.getppid()))
        try:
            os.setsid()
        finally:
            if os.getpid() != os.getpgrp():
                os.setpgid(0, 0)


def give_way(process: int) -> None:
    """From now on this process has what others leave, mostly. Where we may not say so, nothing changes."""
    for thread in _threads(process):
        with contextlib.suppress(OSError):
            nice = min(LEAST, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
            os.setpriority(os.PRIO_PROCESS, thread, nice)
    with contextlib.suppress(OSError):
        if os.getsid(process) == process:  # else the share is others' too
            _lower_share(process)


async def give_way_behind(line: asyncpg.Connection) -> None:
    """The server's process for this connection gives way, if it is one of this machine's and reached by TCP."""
    process, port = line.get_server_pid(), await line.fetchval(_PORT)
    with contextlib.suppress(OSError):
        # Processes of other machines have numbers too; in the title of the one that serves us stands our port.
        title = (PROC / str(process) / "cmdline").read_bytes()
        if title.startswith(b"postgres") and f"({port})".encode() in title:
            await asyncio.to_thread(give_way, process)


def _threads(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        yield from [int(each.name) for each in (PROC / str(process) / "task").iterdir()]


def _lower_share(process: int) -> None:
    for _ in range(TRIES):
        try:
            (PROC / str(process) / "autogroup").write_text(str(NICE))
            return
        except BlockingIOError:
            time.sleep(AGAIN_S)
