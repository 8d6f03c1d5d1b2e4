"""A cell that is alone in this process and takes a slot when the first letter for it comes."""

from actors.engine.catalogue import Catalogue
from actors.engine.cell import Cell
from actors.engine.directory import Directory
from actors.engine.journal import Journal


class LoneCell:
    """How everybody reaches the one cell there is. A slot that nobody writes to is not placed, opened or projected: a
    thousand of them would cost more than all that most tests say. What was used stays placed, for the next cell too.
    """

    def __init__(self, cell: Cell, catalogue: Catalogue, journal: Journal, *directories: Directory) -> None:
        self.cell = cell
        self._catalogue, self._journal = catalogue, journal
        self._directories = (cell.directory, *directories)

    async def call(self, name: str, method: str, payload: bytes) -> bytes:
        """Asks the cell; letters of slots that are nobody's come to nobody's name."""
        if not name and method == "deliver":
            mine = {letter.slot: self.cell.name for letter in self._catalogue.decode_letters(payload)}
            await self._journal.place_new(mine)
            for directory in self._directories:
                directory.cells |= mine
        return await self.cell.call(method, payload)
