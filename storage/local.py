"""What a server of our own needs on this machine: a folder that one launcher holds, a port, and secrets on disk."""

import contextlib
import errno
import fcntl
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import psutil

PORTS = range(20_000, 32_768)
"""For servers of our own: below those that systems give to outgoing connections (Linux 32,768, macOS 49,152 and up)."""


class FolderTaken(Exception):
    """Another process holds this folder; the text says what to do."""


def hold_folder(folder: Path) -> TextIO:
    """Hold `folder` until the answered file is closed or this process ends, however it ends; else FolderTaken."""
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        raise FolderTaken(
            f"Another YunParking is using {folder}. Stop it, or choose another folder with --data-dir."
        ) from None
    return lock


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole or not at all, readable by this user only."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    partial.rename(path)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has just now, and that no outgoing connection will be given later."""
    for _ in range(len(PORTS)):
        if port_free(port := secrets.choice(PORTS)):
            return port
    raise OSError(errno.EADDRINUSE, f"No port from {PORTS[0]} to {PORTS[-1]} is free: what holds them all?")


def port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Could a server listen on this port now?"""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def kept_port(asked: int, last: int) -> int | None:
    """The port asked for (None when it is taken), else the last one used, else a free one."""
    if asked:
        return asked if port_free(asked) else None
    return last if last and port_free(last) else free_port()


def eventually(holds: Callable[[], bool], patience_s: float) -> bool:
    """Look again and again, 20 ms apart, until `holds()`; False when it never did within `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def runs_with(pid: int, word: Path) -> bool:
    """Does process `pid` live, with `word` on its command line? A number alone may belong to a stranger by now."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(word) in process.cmdline()
    except psutil.Error:
        return False


def end_orphan(pid: int, word: Path, stop_signal: signal.Signals, patience_s: float) -> bool:
    """Stop a server whose launcher was killed: who holds its folder knows that it serves nobody."""
    if runs_with(pid, word):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
    return eventually(lambda: not runs_with(pid, word), patience_s)
