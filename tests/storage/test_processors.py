"""Who gets the processors: each worker has a share of its own, and who gives way does so with all that serves it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import processors
from storage.database import open_engine
from storage.processors import LEAST, NICE, give_way
from tests.storage.conftest import Home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="who gives way to whom is told by /proc")
SHARED_BY_SESSIONS = Path("/proc/sys/kernel/sched_autogroup_enabled")
MAY_LOWER_OTHERS = 1 << 23  # CAP_SYS_NICE

WORKER = """
import os, threading
from storage.processors import give_way, stand_alone

threading.Thread(target=threading.Event().wait, daemon=True).start()
{first}
give_way(os.getpid())
print(os.getpid(), os.getsid(0), os.getpgrp(), *(os.getpriority(os.PRIO_PROCESS, int(each)) for each in
      os.listdir("/proc/self/task")), flush=True)
input()
"""


def may_lower_others() -> bool:
    """Whether root may lower a process of another account, which our server is; an ordinary user's is his own."""
    (allowed,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff:"))
    return os.geteuid() != 0 or bool(int(allowed.split()[1], 16) & MAY_LOWER_OTHERS)


def _lowered() -> int:
    return min(LEAST, os.getpriority(os.PRIO_PROCESS, 0) + NICE)


def _shared_by_sessions() -> bool:
    return SHARED_BY_SESSIONS.exists() and SHARED_BY_SESSIONS.read_text().strip() == "1"


def _share(process: int) -> int:
    """The nice value of this process's share; `NICE` where there is none, as if it had given way."""
    if not _shared_by_sessions():
        return NICE
    return int((processors.PROC / str(process) / "autogroup").read_text().split()[-1])


@contextmanager
def _worker(command: list[str], *, leads_a_group: bool = False, leads_a_session: bool = False) -> Iterator[list[int]]:
    """What a worker says: its number, its session's and its group's, and the nice values of its threads."""
    worker = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0 if leads_a_group else None,
        start_new_session=leads_a_session,
        cwd=Path(__file__).parents[2],
    )
    assert worker.stdout is not None
    with worker:
        yield [int(word) for word in worker.stdout.readline().split()]
        worker.communicate(b"\n")


@pytest.mark.parametrize("leads_a_group", [True, False])
def test_a_worker_leaves_the_session_that_it_was_started_in_and_gives_way(leads_a_group: bool) -> None:
    command = [sys.executable, "-c", WORKER.format(first="stand_alone()")]
    with _worker(command, leads_a_group=leads_a_group) as (process, session, group, *nice):
        assert process == session == group
        assert session != os.getsid(0)
        assert nice == [_lowered()] * 2, "all threads, not only the one that asked"
        assert _share(process) == NICE


def test_who_shares_a_session_with_others_does_not_make_them_give_way() -> None:
    """The session is a shell's of the test's own: if this breaks, nobody else is made to wait."""
    if not _shared_by_sessions():
        pytest.skip("this kernel does not share processors among sessions")
    shell = ["sh", "-c", '"$0" -c "$1"; exit $?', sys.executable, WORKER.format(first="")]
    with _worker(shell, leads_a_session=True) as (process, session, _, *nice):
        assert process != session != os.getsid(0)
        assert nice == [_lowered()] * 2
        assert _share(session) == 0


async def _server(engine: AsyncEngine) -> tuple[int, str]:
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT pg_backend_pid(), current_setting('synchronous_commit')"))).one()
        return int(row[0]), str(row[1])


@pytest.mark.parametrize("gives_way", [True, False])
async def test_only_connections_that_give_way_are_served_after_others(home: Home, gives_way: bool) -> None:
    if not may_lower_others():
        pytest.skip("root of this container may not lower a process of another account")
    before = os.getpriority(os.PRIO_PROCESS, 0)
    engine = open_engine(*home, gives_way=gives_way)
    process, waits_for_disk = await _server(engine)
    assert psutil.Process(process).nice() == (_lowered() if gives_way else before)
    assert _share(process) == NICE or not gives_way
    assert waits_for_disk == ("off" if gives_way else "on")
    await engine.dispose()


async def test_a_process_of_ours_with_the_number_of_another_machines_server_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(processors, "give_way", asked.append)
    monkeypatch.setattr(processors, "_PORT", "SELECT 1")
    engine = open_engine(*home, gives_way=True)
    await _server(engine)
    await engine.dispose()
    assert asked == [], "its title names another port"


def test_a_share_that_may_not_be_changed_yet_is_changed_a_moment_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    process, tries = os.getpid(), 0

    def write(path: Path, value: str) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise BlockingIOError
        assert (path, value) == (tmp_path / str(process) / "autogroup", str(NICE))

    monkeypatch.setattr(processors, "PROC", tmp_path)
    monkeypatch.setattr(processors, "AGAIN_S", 0.0)
    monkeypatch.setattr(os, "getsid", lambda process: process)
    monkeypatch.setattr(Path, "write_text", write)
    give_way(process)
    assert tries == 3
