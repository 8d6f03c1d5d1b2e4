"""What one reading costs in a cell, stage by stage, in a process without Ray and PostgreSQL: cities of growing size."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from random import Random
from time import process_time
from typing import Any

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue
from actors.engine.roll import Held
from actors.kinds import KINDS, PORTS
from benchmarks.grown import BATCH, PASSING, START_US, Alone, Spot, installing, reading, spots
from gateway.large_pages import put_together

CELLS = 2
STAGES = ("decode", "turns", "pages", "rest")


class Counting(Catalogue):
    """A catalogue that counts which actors were bytes when somebody told them something."""

    def __init__(self) -> None:
        super().__init__(KINDS, PORTS)
        self.thawed: Counter[str] = Counter()
        thaw = self.thaw

        def counted(body: bytes) -> Held[Actor]:
            held = thaw(body)
            self.thawed[type(held.actor).__name__.lower()] += 1
            return held

        self.thaw = counted


def stages(sizes: tuple[int, ...], events: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """A row for each size of city: µs of CPU a reading by stage in one of two cells, pages, and who was bytes."""
    return [_row(size, events, say) for size in sizes]


def _row(bays: int, events: int, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"the stages of a reading in a city of {bays:,} bays")
    catalogue = Counting()
    cell = Alone(catalogue, cells=CELLS)
    own = max(1, bays // CELLS)
    cell.take(installing(spots(own, CELLS)), START_US)
    put_together()  # as a cell has it done, in the background
    letters = list(islice(_everywhere(own), (PASSING + 1) * events))
    cell.take((reading(spot, nth, START_US) for spot, nth in letters[:-events]), START_US)
    catalogue.thawed.clear()
    spent, pages = _measured(cell, letters[-events:])
    row: dict[str, Any] = {"bays": bays}
    row |= {f"{stage}, µs": f"{spent[stage] * 1e6 / events:.1f}" for stage in STAGES}
    row["all, µs"] = f"{sum(spent.values()) * 1e6 / events:.1f}"
    row["pages"] = f"{pages / events:.2f}"
    return row | {
        f"{kind}s made objects": f"{catalogue.thawed[kind] / events:.2f}" for kind in ("device", "bay", "lot")
    }


def _everywhere(bays: int) -> Iterator[tuple[Spot, int]]:
    """Devices of the whole cell in an order of chance, again when all have been, with the number of the reading."""
    order = list(spots(bays, CELLS))
    Random(bays).shuffle(order)
    return ((spot, nth // len(order)) for nth, spot in enumerate(cycle(order)))


def _measured(cell: Alone, readings: list[tuple[Spot, int]]) -> tuple[Counter[str], int]:
    """Seconds of CPU by stage, and how many pages were written; a commit for each batch."""
    spent: Counter[str] = Counter()
    pages = 0
    for first in range(0, len(readings), BATCH):
        body = cell.catalogue.encode([reading(*each, START_US) for each in readings[first : first + BATCH]])
        at = [process_time()]
        letters = cell.catalogue.decode_letters(body)
        at.append(process_time())
        answers = cell.host.deliver(letters, START_US)
        at.append(process_time())
        flight = cell.host.cut()
        at.append(process_time())
        assert flight is not None
        cell.host.committed(flight)
        cell.catalogue.encode(answers)
        at.append(process_time())
        pages += len(flight.pages)
        spent.update({stage: after - before for stage, before, after in zip(STAGES, at, at[1:], strict=False)})
    return spent, pages
