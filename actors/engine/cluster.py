"""Ray: the one file that knows it. Named, restartable processes that each carry one worker (a cell, a view).

A Ray actor is a process, so a bay is not one: cells carry many thousand actors, and every call carries a batch.
Calls are never retried by Ray (`max_task_retries=0`): who sends resends by itself, in order.
"""

import asyncio
import contextlib
import importlib
import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import Any, Protocol, cast

import ray
from ray.exceptions import ActorDiedError, AuthenticationError, RayError

from actors.engine.mail import Unreachable

AUTH_MODE = "RAY_AUTH_MODE"
"""Whether a cluster asks for Ray's token. Who starts one has it set by Ray, and so have its children; who joins from
elsewhere needs it in its environment from its start, for Ray reads it when it is imported."""
NAMESPACE = "yunparking"
CONCURRENT_CALLS = 1_000
PING_EVERY_S = 0.5
SOME_CPU = 0.001
"""What a worker asks of its node's processors. Not nothing: who asks for nothing is sent to a node by chance, and only
one node's count makes them go round. A node without processors of its own carries none."""
SILENT_NODE = {"RAY_health_check_period_ms": "1000", "RAY_health_check_timeout_ms": "3000"}
"""When the head of a cluster takes a node for lost that says nothing any more: after five looks in vain, 20 s."""
HEAD = ("gcs_server", "raylet")
"""Without these, by Ray's names, there is no cluster: who knows all, and who starts processes on this node."""
START_FAILED_EXIT, ENDED_EXIT = 71, 72
FROZEN_S = 10.0

log = logging.getLogger("yunparking.cluster")


class Worker(Protocol):
    """What a carried process does."""

    async def start(self) -> None:
        """Gets ready; calls wait for it."""

    async def call(self, method: str, payload: bytes) -> bytes:
        """Answers one request."""


def resolve(path: str) -> Callable[[bytes], Worker]:
    """`package.module:function` → the function."""
    module, _, name = path.partition(":")
    return cast("Callable[[bytes], Worker]", getattr(importlib.import_module(module), name))


def keep_private(token: Path) -> None:
    """Whoever has Ray's token may run code as us: Ray makes the file readable by everybody."""
    with contextlib.suppress(OSError):
        token.chmod(0o600)


@contextlib.contextmanager
def _own_end() -> Iterator[None]:
    """Whoever joins Ray has SIGTERM end him from then on wherever he stands. Who has said how he ends keeps his way,
    but while he joins; who has not has at least Ray's, which runs what stands in a `finally`.
    """
    ours = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if current_thread() is main_thread() and ours not in (None, signal.SIG_DFL):
            signal.signal(signal.SIGTERM, ours)


class Carrier:
    """A process that carries one worker, made by a factory from its settings; dies with it and is restarted by Ray."""

    def __init__(self, factory: str, settings: bytes) -> None:
        self._factory = factory
        self._settings = settings
        self._worker: Worker | None = None
        self._starting: asyncio.Task[None] | None = None

    async def call(self, method: str, payload: bytes) -> bytes:
        """Hands one request to the worker, started by the first call of this life."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        await asyncio.shield(self._starting)
        return await cast("Worker", self._worker).call(method, payload)

    async def _start(self) -> None:
        try:
            self._worker = resolve(self._factory)(self._settings)
            await self._worker.start()
        except Exception:
            # A worker that could not start would answer nobody for ever: another life of the process tries again.
            log.critical("%s could not start", self._factory, exc_info=True)
            os._exit(START_FAILED_EXIT)

    async def pid(self) -> int:
        """The number of this process."""
        return os.getpid()


class Cluster:
    """The named workers of one city in a Ray cluster, ours (started here) or one that runs already, at `address`."""

    def __init__(self, namespace: str = NAMESPACE) -> None:
        self.namespace = namespace
        self.address = ""
        self._handles: dict[str, Any] = {}
        self._ours = False

    def join(self, address: str | None, processes: int = 4) -> str:
        """Starts Ray on this machine (`address` None) or joins a cluster; the address others can join at."""
        # Ray runs workers as background work, behind whatever else the machine does; cells are no background work.
        os.environ.setdefault("RAY_worker_niceness", "0")
        for name, value in SILENT_NODE.items():
            os.environ.setdefault(name, value)
        ours: dict[str, Any] = {"address": "local", "num_cpus": processes}
        self._ours = address is None
        options = ours if self._ours else {"address": address}
        with _own_end():
            context: Any = ray.init(
                namespace=self.namespace,
                include_dashboard=False,
                logging_level=logging.ERROR,
                log_to_driver=False,
                configure_logging=False,
                **options,
            )
        keep_private(Path.home() / ".ray" / "auth_token")
        self.address = str(context.address_info["gcs_address"])
        return self.address

    def start(self, name: str, factory: str, settings: bytes) -> None:
        """Starts a named worker, or leaves it alone if it is there; it belongs to the city, not to who started it."""
        options = {
            "name": name,
            "namespace": self.namespace,
            "get_if_exists": True,
            "lifetime": "detached",
            "num_cpus": SOME_CPU,
            "scheduling_strategy": "SPREAD",  # over the nodes of the cluster: each lost one takes few cells with it
            "max_restarts": -1,
            "max_task_retries": 0,
            "max_concurrency": CONCURRENT_CALLS,
            "enable_task_events": False,  # nobody reads Ray's own list of calls, and each would be told to its head
        }
        self._handles[name] = ray.remote(Carrier).options(**options).remote(factory, settings)

    async def call(self, name: str, method: str, payload: bytes) -> bytes:
        """Asks a worker; `Unreachable` if it is away, dead, restarting, or failed to answer."""
        try:
            handle = await self._reached(name)
            return cast("bytes", await handle.call.remote(method, payload))
        except (RayError, ValueError) as error:
            if isinstance(error, ActorDiedError):
                self._handles.pop(name, None)  # for good; one of the same name may be started again
            raise Unreachable(f"{name}: {type(error).__name__}") from error

    async def _reached(self, name: str) -> Any:
        known = name in self._handles
        return self._handles[name] if known else await asyncio.to_thread(self._handle, name)

    def _handle(self, name: str) -> Any:
        if name not in self._handles:
            self._handles[name] = ray.get_actor(name, namespace=self.namespace)
        return self._handles[name]

    def names(self) -> list[str]:
        """All workers of this city that have a process or are to have one again; `Unreachable` if Ray is away."""
        try:
            listed: list[dict[str, str]] = ray.util.list_named_actors(all_namespaces=True)
        except RayError as error:
            raise Unreachable(f"the cluster: {type(error).__name__}") from error
        return sorted(found["name"] for found in listed if found["namespace"] == self.namespace)

    async def watch(self, names: Callable[[], Iterable[str]]) -> None:
        """Keeps workers awake: a restarted process opens its slots at its first call, and this is that call."""
        while True:
            await asyncio.gather(*[self._ping(name) for name in names()])
            await asyncio.sleep(PING_EVERY_S)

    async def _ping(self, name: str) -> None:
        try:
            await self.call(name, "state", b"")
        except Unreachable:
            return

    async def end_if_frozen(self, name: str, patience_s: float = FROZEN_S) -> bool:
        """Ends a worker whose process says nothing at all, not even its number, and has Ray start it again: Ray itself
        sees only those that end. One that starts, or waits for its database, says its number at once.
        """
        try:
            handle = await self._reached(name)
            async with asyncio.timeout(patience_s):
                await handle.pid.remote()
        except TimeoutError:
            log.error("%s stands still: it is ended, and started again", name)
            ray.kill(handle, no_restart=False)
            return True
        except (RayError, ValueError):  # dead already, or being started
            return False
        return False

    def pid(self, name: str) -> int:
        """The process number of a worker."""
        return int(ray.get(self._handle(name).pid.remote()))

    def kill(self, name: str) -> int:
        """kill −9 of a worker's process, as a crash would; its number."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self, name: str) -> None:
        """Ends a worker for good."""
        with contextlib.suppress(ValueError):  # it has gone already
            ray.kill(self._handle(name), no_restart=True)
        self._handles.pop(name, None)

    def ended(self) -> str:
        """Which part of Ray has ended for good, so that nobody can be reached through it any more; empty: none, as far
        as it tells. Of a cluster that was started here, it is one of its processes: Ray itself starts none of them
        again. Of another, its head, once a new one stands in its place, which lets in nobody who had joined the old.
        """
        if not self._ours:
            return "head" if self._turned_away() else ""
        node: Any = ray._private.worker._global_node
        dead = {kind for kind, _ in node.dead_processes()} if node is not None else set()
        return next((kind for kind in HEAD if kind in dead), "")

    def when_ended(self, then: Callable[[str], object], every_s: float) -> Callable[[], None]:
        """Calls `then` once a part of Ray has ended, with its name; what this gives back ends the looking. A thread
        does it, which nobody waits for: while a head is away, asking it may take a minute.
        """
        stopped = Event()

        def look() -> None:
            while not stopped.wait(every_s):
                ended = self._ended_for_sure()
                if ended and not stopped.is_set():
                    then(ended)
                    return

        Thread(target=look, name="ray", daemon=True).start()
        return stopped.set

    def _ended_for_sure(self) -> str:
        try:
            return self.ended()
        except Exception:
            log.warning("Ray does not tell how it is", exc_info=True)
            return ""

    def _turned_away(self) -> bool:
        try:
            self.names()
        except Unreachable as away:
            return isinstance(away.__cause__, AuthenticationError)
        return False

    def abandon(self) -> None:
        """Ends what is left of Ray here, without goodbye: who waits for one that has ended waits for a minute."""
        node: Any = ray._private.worker._global_node
        if node is not None:
            node.kill_all_processes(check_alive=False, allow_graceful=False)

    def leave(self) -> None:
        """Leaves the cluster; stops it if it was started here."""
        self._handles.clear()
        ray.shutdown()
