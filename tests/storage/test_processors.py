"""Who gets the processors: each worker has a share of its own, and who gives way does so with all that serves it."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from storage.database import open_engine
from storage.processors import NICE, PROC
from tests.storage.conftest import Home

SHARED_BY_SESSIONS = Path("/proc/sys/kernel/sched_autogroup_enabled")

ALONE = """
import os
from storage.processors import give_way, stand_alone

stand_alone()
give_way()
print(os.getpid(), os.getsid(0), os.getpgrp(), flush=True)
input()
"""


def _group_gives_way(process: int) -> bool:
    """Whether the whole share of this process does; where shares are not those of sessions, there is none to ask."""
    if not SHARED_BY_SESSIONS.exists() or SHARED_BY_SESSIONS.read_text().strip() == "0":
        return True
    return (PROC / str(process) / "autogroup").read_text().split()[-1] == str(NICE)


@pytest.mark.parametrize("leads_a_group", [True, False])
def test_a_worker_leaves_the_session_that_it_was_started_in_and_gives_way(leads_a_group: bool) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", ALONE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0 if leads_a_group else None,
        cwd=Path(__file__).parents[2],
    )
    assert worker.stdout is not None
    with worker:
        process, session, group = map(int, worker.stdout.readline().split())
        assert process == worker.pid == session == group
        assert session != os.getsid(0)
        assert psutil.Process(process).nice() == NICE
        assert _group_gives_way(process)
        worker.communicate(b"\n")


async def test_only_who_is_asked_to_is_served_last(home: Home) -> None:
    for last in (True, False):
        engine = open_engine(*home, last=last)
        async with engine.connect() as connection:
            process = int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())
            own = psutil.Process().nice()
            assert psutil.Process(process).nice() == (NICE if last else own)
            assert not last or _group_gives_way(process)
        await engine.dispose()


async def test_a_server_of_another_machine_leaves_ours_alone(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    asked: list[int | None] = []
    monkeypatch.setattr("storage.processors.give_way", asked.append)
    monkeypatch.setattr("storage.processors._WHO", f"SELECT {os.getpid()} AS process, inet_client_port() AS port")
    engine = open_engine(*home, last=True)
    async with engine.connect():
        pass
    await engine.dispose()
    assert asked == [], "this number is that of a process here, but not of the one that serves us"
