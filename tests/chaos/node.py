"""A second node of the run's Ray cluster, on this machine: what `ray start` makes of another one."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import ray

from storage.child import start_child, stop_child
from tests.city.waiting import eventually


class Node:
    """A raylet of its own, with whatever workers Ray places on it."""

    def __init__(self, address: str, log: Path) -> None:
        self._address = address
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen: list[psutil.Process] = []

    async def start(self) -> None:
        """Joins the cluster."""
        before = alive()

        async def joined() -> bool:
            return bool(alive() - before)

        command = [Path(sys.executable).with_name("ray"), "start", f"--address={self._address}", "--num-cpus=2"]
        self._process = start_child([*command, "--block", "--disable-usage-stats"], log=self._log)
        await eventually(joined, f"another node is there; see {self._log}")

    def kill(self) -> None:
        """kill −9 of the raylet: to the cluster, the machine is gone."""
        self._raylet().kill()

    def freeze(self) -> None:
        """All that runs here stands still, until `stop`: to the cluster, the machine has fallen silent."""
        assert self._process
        self._frozen = psutil.Process(self._process.pid).children(recursive=True)
        for process in self._frozen:
            process.suspend()

    def carries(self, pid: int) -> bool:
        """Whether this worker runs here: a raylet's workers are its children."""
        return psutil.Process(pid).ppid() == self._raylet().pid

    def stop(self) -> None:
        """Ends it with all that it carries."""
        for process in self._frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._frozen = []
        if self._process is not None:
            stop_child(self._process, signal.SIGTERM, patience_s=10)
            self._process = None

    def _raylet(self) -> psutil.Process:
        assert self._process
        below = psutil.Process(self._process.pid).children(recursive=True)
        return next(process for process in below if process.name() == "raylet")


def alive() -> set[str]:
    """The nodes that the cluster counts on."""
    return {node["NodeID"] for node in ray.nodes() if node["Alive"]}
