"""The head of a Ray cluster that is not ours, as an operator's supervisor runs it: started, killed, started anew."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from actors.engine.cluster import AUTH_MODE
from storage.child import last_lines, start_child, stop_child
from storage.local import eventually, free_port

STARTED = "Ray runtime started"


class Head:
    """`ray start --head` at a port of its own; whoever joins it needs `environment`: it asks for no token."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self.environment = {**os.environ, AUTH_MODE: "disabled"}
        words = ["start", "--head", "--block", f"--port={port}", "--num-cpus=6", f"--temp-dir={folder / 'ray'}"]
        self._command = [Path(sys.executable).with_name("ray"), *words, "--include-dashboard=false"]
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def start(self) -> None:
        """Returns when others can join it."""
        self._starts += 1
        log = self._folder / f"head-{self._starts}.log"
        process = self._process = start_child([*self._command, "--disable-usage-stats"], log=log, env=self.environment)

        def started() -> bool:
            return process.poll() is not None or STARTED in log.read_text(errors="replace")

        assert eventually(started, patience_s=60), last_lines(log)
        assert process.poll() is None, last_lines(log)

    def kill(self) -> None:
        """kill -9 of all that it runs, workers too: the machine is gone."""
        assert self._process
        processes = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # who stands upon another ends with it
                process.kill()
        psutil.wait_procs(processes, timeout=30)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Ends it with all that it carries."""
        if self._process is not None:
            stop_child(self._process, signal.SIGTERM, patience_s=15)


@contextmanager
def head_of(folder: Path) -> Iterator[Head]:
    """A head that runs, until the block ends."""
    head = Head(folder)
    folder.mkdir()
    try:
        head.start()
        yield head
    finally:
        head.stop()
