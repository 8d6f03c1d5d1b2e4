"""The cells of one world on Ray, whoever starts and ends them: `up`, `yunparking cells`, a gateway."""

import msgspec

from actors.engine.cluster import Cluster
from gateway.workers import WorkerSettings

SHARED = "cell-"
"""How the names of cells begin that share the slots; a dedicated actor's cell has another name."""


def shared_names(count: int) -> list[str]:
    """The names of so many cells that share the slots."""
    return [f"{SHARED}{number}" for number in range(count)]


class RayCells:
    """They are all made from the same settings, but for their names."""

    def __init__(self, cluster: Cluster, known: WorkerSettings) -> None:
        self._cluster = cluster
        self._known = known
        self.call = cluster.call

    def start(self, name: str) -> None:
        """Starts a cell, or leaves it alone if it is there."""
        self._start(name, "gateway.workers.cell:cell")

    def start_beside(self, name: str) -> None:
        """Starts one of the workers that are no cells; its factory has its name."""
        self._start(name, f"gateway.workers.{name}:{name}")

    def _start(self, name: str, factory: str) -> None:
        settings = msgspec.structs.replace(self._known, name=name)
        self._cluster.start(name, factory, msgspec.msgpack.encode(settings))

    def stop(self, name: str) -> None:
        """Ends a cell for good."""
        self._cluster.stop(name)

    def running(self) -> list[str]:
        """The cells that have a process and share slots."""
        return [name for name in self._cluster.names() if name.startswith(SHARED)]

    def stop_all(self) -> None:
        """Ends everything of this world on the cluster."""
        for name in self._cluster.names():
            self._cluster.stop(name)
