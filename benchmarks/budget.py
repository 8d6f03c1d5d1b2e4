"""Where the CPU of a running city goes: seconds that each of its processes has used, by the part that it plays."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import asyncpg
import psutil

from storage.session import connect

Seconds = dict[str, float]
"""CPU seconds, user and system, by part."""

_SESSIONS = """
    SELECT pid, client_port, application_name, backend_type FROM pg_stat_activity
    WHERE datname = current_database() OR datname IS NULL
"""


class Budget:
    """The processes below one `yunparking up`, each by its part; new ones are found at each reading.

    Ray names its workers all alike: which one is which cell is told by the names of its sessions in PostgreSQL.
    """

    def __init__(self, up: int, line: asyncpg.Connection) -> None:
        self._up = psutil.Process(up)
        self._line = line

    @classmethod
    @asynccontextmanager
    async def of(cls, up: int, database_url: str) -> AsyncIterator[Self]:
        """The budget of the city that runs below the process `up`, in this database; until the block ends."""
        line = await connect(database_url, "live", "budget")
        try:
            yield cls(up, line)
        finally:
            await line.close()

    async def read(self) -> Seconds:
        """What every part has used since it started."""
        used: Seconds = defaultdict(float)
        for part, process in await self.processes():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used[part] += times.user + times.system
        return used

    async def processes(self) -> list[tuple[str, psutil.Process]]:
        """Every process with the part that it plays."""
        sessions = await self._line.fetch(_SESSIONS)
        callers = {row["client_port"]: _caller(row["application_name"]) for row in sessions}
        servers = {row["pid"]: _server(row) for row in sessions}
        found = []
        for process in [self._up, *self._up.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                found.append((servers.get(process.pid) or _part(process, self._up, callers), process))
        return found


def _part(process: psutil.Process, up: psutil.Process, callers: dict[int | None, str]) -> str:
    if process == up:
        return "up"
    name, words = process.name(), process.cmdline()
    if "nats-server" in name:
        return "broker"
    if "gateway" in words:
        return "gateway"
    if "sandbox" in words:
        return "sandbox"
    if name.startswith("postgres") or (words and words[0].startswith("postgres")):
        return "PostgreSQL: its own work"
    if name.startswith("ray::"):
        ports = (each.laddr.port for each in process.net_connections("tcp4") if each.laddr)
        found = [callers[port] for port in ports if port in callers]
        return found[0] if found else "Ray"
    return "Ray"


def _caller(application: str) -> str:
    """`cell-0` of `yunparking cell-0 commits`."""
    words = application.split()
    return words[1] if len(words) > 1 else application


def _server(row: Any) -> str:
    if row["application_name"].startswith("yunparking"):
        return f"PostgreSQL: for {_caller(row['application_name'])}"
    return "PostgreSQL: its own work"
