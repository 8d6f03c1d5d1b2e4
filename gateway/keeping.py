"""Keeping house: months are made before they begin and dropped when their time is over, now and then."""

import asyncio
import logging

import msgspec

from actors.engine.catalogue import Catalogue
from actors.engine.directory import Directory
from actors.engine.mail import CallCell, Unreachable
from actors.engine.slot import Images
from gateway.settings import Retention
from storage.database import Engine, now_us
from storage.projections import PROJECTIONS
from storage.retention import Keep, Reader, keep_house

EVERY_S = 3_600.0
AGAIN_S = 60.0

log = logging.getLogger("yunparking.keeping")


class Keeper:
    """Keeps house for one world. Every gateway may have one: whoever comes second finds it done."""

    def __init__(
        self, engine: Engine, catalogue: Catalogue, directory: Directory, call: CallCell, settings: Retention
    ) -> None:
        self._engine = engine
        self._directory = directory
        self._call = call
        self._keep = Keep(settings.journal_days, settings.frames_days, settings.passages_days)
        names = [projection.name for projection in PROJECTIONS]
        self._reader = Reader(names, catalogue.fingerprint, Images(catalogue).sound)

    async def run(self) -> None:
        """Every hour, and sooner while something is waited for."""
        while True:
            done = await self._tidy()
            await asyncio.sleep(EVERY_S if done else AGAIN_S)

    async def _tidy(self) -> bool:
        """Whether all is done that can be done."""
        try:
            kept = await keep_house(self._engine, now_us(), self._keep, self._reader, self._mark)
        except Exception as error:  # a lock that was not free, a database that is away: it is tried again
            log.warning("keeping house will be tried again: %s", error)
            return False
        if kept.made or kept.dropped:
            log.info("months made: %s; dropped: %s", kept.made, kept.dropped)
        if kept.waiting:
            log.info("months stay for now: %d slots still need their pages", len(kept.waiting))
        return not kept.waiting

    async def _mark(self, slots: list[int]) -> None:
        by_cell: dict[str, list[int]] = {}
        for slot in slots:
            by_cell.setdefault(self._directory.cell_of(slot), []).append(slot)
        for cell, its in by_cell.items():
            try:
                await self._call(cell, "mark", msgspec.msgpack.encode(its))
            except Unreachable as error:
                log.info("%s will be asked again: %s", cell, error)
