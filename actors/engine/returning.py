"""Reads those who left and are told or asked something: one statement a slot, while their letters wait."""

import logging
from collections import defaultdict
from collections.abc import Callable

from actors.engine.gone import Missed
from actors.engine.host import Host
from actors.engine.journal import Journal, Unknown
from actors.values import Ref

_log = logging.getLogger(__name__)


class Returning:
    """Their letters are answered `busy` meanwhile, and come again; nobody else's wait."""

    def __init__(self, host: Host, journal: Journal, returned: Callable[[], None]) -> None:
        self._host = host
        self._journal = journal
        self._returned = returned
        self._reading: set[tuple[int, Ref]] = set()

    def wanted(self) -> list[Missed]:
        """Whom the last letters needed and nobody reads yet: to be given to `bring`."""
        missed = [each for each in self._host.gone.missed() if (each.slot.number, each.ref) not in self._reading]
        self._reading.update((each.slot.number, each.ref) for each in missed)
        return missed

    async def bring(self, missed: list[Missed]) -> None:
        """Reads all of these; who cannot be read just now is read when he is needed again."""
        by_slot: dict[int, list[Missed]] = defaultdict(list)
        for each in missed:
            by_slot[each.slot.number].append(each)
        for slot, some in by_slot.items():
            try:
                await self._read(slot, some)
            except Unknown:
                _log.warning("%s who left slot %s could not be read: what they are told has to wait", len(some), slot)
            finally:
                self._reading.difference_update((slot, each.ref) for each in some)
        self._returned()

    async def _read(self, slot: int, missed: list[Missed]) -> None:
        rows = await self._journal.absent(slot, [each.ref for each in missed])
        kept = {Ref(one.kind, one.key): one.held for one in rows}
        for each in missed:
            if each.ref not in kept:
                _log.error("%s left slot %s, and its row is missing in the table absent", each.ref, slot)
            self._host.gone.read(each, kept.get(each.ref))
