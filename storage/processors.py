"""Who gets the processors where more want them than there are: each worker by itself, and the projections last.

Linux may share them out among sessions (setsid) before it looks at processes, and most systems have it do so
(autogroup). Cells, views and projector, all started in Ray's session, then have no more together than one
session of PostgreSQL has alone, and a nice value counts only among those in one session: to be the one who waits, a
process must say so for its whole session too. Where that is switched off, as on other systems, the nice value does.
"""

import contextlib
import os
from pathlib import Path

import asyncpg

NICE = 10
"""Who gives way has a tenth of what another has, while both want it."""
PROC = Path("/proc")

_WHO = "SELECT pg_backend_pid() AS process, inet_client_port() AS port"


def stand_alone() -> None:
    """Takes this process out of the session that it was started in, and so into a share of its own."""
    with contextlib.suppress(OSError):  # it leads its session already, or is in a group that it may not leave
        if os.getpid() == os.getpgrp():  # who leads a group may not begin a session
            os.setpgid(0, os.getpgid(os.getppid()))
        os.setsid()


def give_way(process: int | None = None) -> None:
    """From now on this process (or that one) has what others leave, mostly. Without the right to, nothing changes."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process or 0, NICE)
        (PROC / str(process or "self") / "autogroup").write_text(str(NICE))


async def serve_last(line: asyncpg.Connection) -> None:
    """The server's process for this connection gives way, if it is one of this machine's."""
    who = await line.fetchrow(_WHO)
    # Processes of other machines have numbers too; in the title of ours stands the port that this end has.
    with contextlib.suppress(OSError):
        if who is not None and f"({who['port']})".encode() in (PROC / str(who["process"]) / "cmdline").read_bytes():
            give_way(who["process"])
