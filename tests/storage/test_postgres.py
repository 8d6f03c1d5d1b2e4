"""The server that comes with YunParking: started, resumed, killed, and never run as root."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from storage.local import eventually, free_port
from storage.postgres import Postgres, PostgresError, read_login, running_url


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    top = Path(tempfile.mkdtemp(prefix="yunparking-"))
    top.chmod(0o755)
    yield top / "postgres"
    shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def server(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder)
    yield server
    server.stop()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_it_starts_and_a_second_start_resumes(server: Postgres) -> None:
    url = server.start()
    assert await ask(url, "SHOW synchronous_commit") == "on"
    assert await ask(url, "SHOW password_encryption") == "scram-sha-256"
    await ask(url, "CREATE TABLE stopped AS SELECT 7 AS n")
    server.stop()
    assert running_url(server.folder) is None
    assert server.start() == url
    assert running_url(server.folder) == url
    assert await ask(url, "SELECT n FROM stopped") == 7


async def test_after_kill_9_everything_committed_is_there(server: Postgres) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE killed AS SELECT 7 AS n")
    assert server.process
    server.process.kill()
    server.process.wait()
    server.stop()
    assert (server.folder / "cluster/postmaster.pid").exists(), "a stale file is what a kill leaves"
    assert server.start() == url
    assert await ask(url, "SELECT n FROM killed") == 7


async def test_nobody_gets_in_without_the_password(server: Postgres) -> None:
    url = server.start()
    login = read_login(server.folder)
    assert login
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(url.replace(login.password, "guess"), "SELECT 1")
    assert (server.folder / "login.json").stat().st_mode & 0o777 == 0o600


def test_it_does_not_run_as_root_and_listens_on_this_machine_only(server: Postgres) -> None:
    server.start()
    assert server.process
    process = psutil.Process(server.process.pid)
    assert process.uids().effective == (os.geteuid() or pwd.getpwnam("nobody").pw_uid)
    listening = {one.laddr.ip for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_second_launcher_is_told_what_to_do(server: Postgres) -> None:
    server.start()
    with pytest.raises(PostgresError, match=r"Another YunParking is using .* --data-dir"):
        Postgres(server.folder).start()


def test_a_taken_port_is_named(folder: Path, server: Postgres) -> None:
    login_port = int(server.start().rpartition(":")[2].partition("/")[0])
    with pytest.raises(PostgresError, match=f"Port {login_port} for PostgreSQL is taken"):
        Postgres(folder.parent / "other", login_port).start()


def test_a_server_whose_launcher_was_killed_is_replaced(folder: Path, server: Postgres) -> None:
    script = f"import time, pathlib; from storage.postgres import Postgres; \
        Postgres(pathlib.Path({str(folder)!r})).start(); print('up', flush=True); time.sleep(600)"
    launcher = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert launcher.stdout
    assert launcher.stdout.readline() == b"up\n"
    pid = int((folder / "cluster/postmaster.pid").read_text().splitlines()[0])
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    url = server.start()
    assert asyncio.run(ask(url, "SELECT 1")) == 1
    assert eventually(lambda: not psutil.pid_exists(pid), patience_s=10)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server has to change its user")
def test_a_folder_that_nobody_may_enter_is_refused_with_advice(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match=f"may not pass through {closed}.*--data-dir"):
        Postgres(closed / "postgres", free_port()).start()
