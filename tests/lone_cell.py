"""A cell that is alone in this process and takes a slot when the first letter for it comes."""

import asyncio
from collections.abc import Callable

from actors.engine.catalogue import Catalogue
from actors.engine.cell import Cell
from actors.engine.directory import Directory
from actors.engine.journal import Journal
from actors.values import Micros

SOON_S = 0.001


class LoneCell(Cell):
    """A slot that nobody writes to is not placed, opened or projected: a thousand of them would cost more than all that
    most tests say. What was used stays placed, for the next cell too.

    What a message leads to in other slots has happened when it is answered, as in a cell that has all slots open.
    """

    def __init__(
        self,
        life: int,
        catalogue: Catalogue,
        journal: Journal,
        clock: Callable[[], Micros],
        die: Callable[[BaseException], None],
    ) -> None:
        super().__init__("cell-0", life, catalogue, journal, self._to_nobody, clock, die)
        self._known = [self.directory]

    def learns(self, directory: Directory) -> Directory:
        """The same directory, which from now on knows what is placed when it is."""
        self._known.append(directory)
        return directory

    async def reached(self, name: str, method: str, payload: bytes) -> bytes:
        """How everybody else asks it; letters of slots that are nobody's come to nobody's name."""
        answer = await self._to_nobody(name, method, payload)
        while method == "deliver" and self.host.pairs():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(SOON_S)
        return answer

    async def _to_nobody(self, name: str, method: str, payload: bytes) -> bytes:
        if not name and method == "deliver":
            mine = {letter.slot: self.name for letter in self._catalogue.decode_letters(payload)}
            await self._journal.place_new(mine)
            for directory in self._known:
                directory.cells |= mine
        return await self.call(method, payload)
