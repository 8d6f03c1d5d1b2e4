"""Ray with the workers of a city on it, in a process of its own: whoever has joined Ray is ended by it when it ends."""

import contextlib
import os
import time

import msgspec

from actors.engine.cluster import AUTH_MODE, ENDED_EXIT, Cluster
from actors.engine.directory import share_out
from actors.engine.mail import Unreachable
from gateway.cells import RayCells, shared_names
from gateway.command import wiring
from gateway.command.running import RAY_FILE, RayAccess
from gateway.command.say import Say
from gateway.command.signals import stopped_by_signals
from gateway.settings import Settings
from gateway.workers import PROJECTOR, VIEWS, namespace_of, worker_settings
from storage.database import open_engine
from storage.desk import Desk
from storage.journal import PostgresJournal
from storage.local import write_private
from storage.records import Register

LOOK_EVERY_S, ASK_EVERY_S = 0.2, 1.0
"""How often to look after processes of ours, and to ask the head of a cluster that is not."""


def carriers_command(settings: Settings, say: Say) -> None:
    """Carry the city's cells on Ray, until Ray ends or a signal comes: `up` starts this, and starts it again."""
    carriers = Carriers(settings)
    with stopped_by_signals():
        try:
            carriers.start()
            ended = carriers.until_ended()
            say.note("error", f"the {ended} of Ray has ended, and with it all that it carried")
            carriers.abandon()
            os._exit(ENDED_EXIT)  # leaving in order would wait for who is gone
        except KeyboardInterrupt:
            say.note("info", "stopping")
        finally:
            carriers.stop()


class Carriers:
    """The Ray cluster and the named workers of this world on it: cells, views, projector."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cluster = Cluster(namespace_of(settings.world))
        self._cells = RayCells(self._cluster, worker_settings(settings))
        self._ray_file = settings.folder / RAY_FILE

    def start(self) -> None:
        """Join or start Ray, share the slots out and start the workers; then a file says where others can join."""
        names = wiring.apart(self._place())
        address = self._cluster.join(self._settings.ray.address or None, processes=len(names) + 2)
        self._cells.stop_all()  # in a cluster that is not ours: what was left by somebody who was killed
        for name in names:
            self._cells.start(name)
        for name in (VIEWS, PROJECTOR):
            self._cells.start_beside(name)
        self._ray_file.parent.mkdir(parents=True, exist_ok=True)
        access = RayAccess(address, os.environ.get(AUTH_MODE, ""))
        write_private(self._ray_file, msgspec.json.encode(access))

    def stop(self) -> None:
        """End the workers and leave the cluster; end it, too, if it was started here."""
        self._ray_file.unlink(missing_ok=True)
        if self._cluster.address:
            with contextlib.suppress(Unreachable):
                self._cells.stop_all()
        self._cluster.leave()

    def until_ended(self) -> str:
        """Waits until a part of Ray has ended: which."""
        ended: list[str] = []
        stop_looking = self._cluster.when_ended(
            ended.append, ASK_EVERY_S if self._settings.ray.address else LOOK_EVERY_S
        )
        try:
            while not ended:
                time.sleep(LOOK_EVERY_S)  # in short sleeps: a signal is heard
        finally:
            stop_looking()
        return ended[0]

    def abandon(self) -> None:
        """End what is left, when a part of Ray has ended."""
        self._ray_file.unlink(missing_ok=True)
        self._cluster.abandon()

    async def _place(self) -> list[str]:
        """Shares the slots out, and gives actors of dedicated kinds slots and cells of their own; all cells.

        The table knows how many cells share the slots of a world that has lived; the setting is for a new one.
        """
        own = wiring.actors_of(await self._register(), self._settings.placement.dedicated())

        async def share(journal: PostgresJournal) -> list[str]:
            placed = sorted({row.cell for row in await journal.placed() if row.ref is None})
            return await share_out(journal, placed or shared_names(self._settings.ray.cells), own)

        return await wiring.with_journal(self._settings, share)

    async def _register(self) -> Register:
        engine = open_engine(self._settings.database.url, self._settings.world, "command", pool=1)
        try:
            return await Desk(engine).export()
        finally:
            await engine.dispose()
