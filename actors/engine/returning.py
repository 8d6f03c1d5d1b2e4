"""Brings those back to their slots who left and are told something: one read for all of a batch."""

import logging
from collections import defaultdict

from actors.engine.entries import Letter
from actors.engine.gone import Missed
from actors.engine.host import Host
from actors.engine.journal import Journal, Unknown
from actors.values import Ref

_log = logging.getLogger(__name__)


class Returning:
    """Of whom nothing can be read just now, the letters are answered `busy`, and come again."""

    def __init__(self, host: Host, journal: Journal) -> None:
        self._host = host
        self._journal = journal

    async def bring(self, letters: list[Letter[object]]) -> None:
        """Reads and brings back all whom these letters need."""
        missed = self._host.gone.missed(letters)
        if missed:
            try:
                await self._read(missed)
            except Unknown:
                _log.warning("%s who left could not be read: what they are told has to wait", len(missed))

    async def _read(self, missed: list[Missed]) -> None:
        by_slot: dict[int, list[Ref]] = defaultdict(list)
        for each in missed:
            by_slot[each.slot.number].append(each.ref)
        kept = {
            (one.slot, Ref(one.kind, one.key)): one.held
            for slot, refs in by_slot.items()
            for one in await self._journal.absent(slot, refs)
        }
        for each in missed:
            held = kept.get((each.slot.number, each.ref))
            if held is None:
                _log.error("%s left slot %s, and its row is missing in the table absent", each.ref, each.slot.number)
            else:
                self._host.gone.bring_back(each, held)
