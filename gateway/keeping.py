"""Keeping house: the job that makes months before they begin and drops them when their time is over."""

import asyncio
import logging

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.directory import Directory
from actors.engine.mail import CallCell, Unreachable
from actors.engine.slot import Images
from gateway.jobs import Every, Job
from gateway.sections import Retention
from storage.database import Engine
from storage.jobs import Run
from storage.projections import PROJECTIONS
from storage.retention import Keep, Kept, Reader, keep_house
from storage.session import now_us

EVERY_S = 3_600
PAUSES_S = (2.0, 10.0, 30.0)
"""How long a run waits for snapshots and projections that it has asked for, before it leaves them to the next run."""

log = logging.getLogger("yunparking.keeping")


class Keeper:
    """Keeps house for one world."""

    def __init__(self, catalogue: Catalogue, directory: Directory, call: CallCell, settings: Retention) -> None:
        self._directory = directory
        self._call = call
        self._keep = Keep(settings.journal_days, settings.frames_days, settings.passages_days)
        names = [projection.name for projection in PROJECTIONS]
        self._reader = Reader(names, catalogue.fingerprint, Images(catalogue).sound)
        self.job = Job("keep_house", Every(EVERY_S), self.tidy)

    async def tidy(self, engine: Engine, run: Run) -> str:
        """Makes and drops months; what became of it. What somebody still needs stays."""
        made, dropped, kept = list[str](), list[str](), Kept([], [], [])
        for pause_s in (0.0, *PAUSES_S):
            await asyncio.sleep(pause_s)
            kept = await keep_house(engine, now_us(), self._keep, self._reader, self._mark)
            made, dropped = made + kept.made, dropped + kept.dropped
            if not kept.waiting:
                break
        return f"made: {_told(made)}; dropped: {_told(dropped)}; slots that still need older pages: {len(kept.waiting)}"

    async def _mark(self, slots: list[int]) -> None:
        by_cell: dict[str, list[int]] = {}
        for slot in slots:
            by_cell.setdefault(self._directory.cell_of(slot), []).append(slot)
        for cell, its in by_cell.items():
            try:
                await self._call(cell, "mark", msgspec.msgpack.encode(its))
            except Unreachable as error:
                log.info("%s will be asked again: %s", cell, error)


def _told(parts: list[str]) -> str:
    return ", ".join(parts) or "nothing"
