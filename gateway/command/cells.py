"""`yunparking cells`: how many processes share the actors of a city that runs, and how many from now on."""

from typing import Annotated

import typer
from rich.table import Table

from gateway.command import wiring
from gateway.command.running import running_city
from gateway.command.say import Say
from gateway.settings import Settings


def cells_command(
    settings: Settings,
    say: Say,
    number: Annotated[int | None, typer.Argument(min=1, help="How many; without it, show how the slots lie.")] = None,
) -> None:
    """Spread the actors of a running city over so many cells, slot by slot; nothing stops, and it stays so."""
    city = running_city(settings)
    if number is not None:
        with say.step(f"{number} cells"):
            done = wiring.resize(city, number)
        moved = f"{done.given} slots given calmly, {done.forced} taken from cells that did not answer"
        say.note("info", moved, **done._asdict())
    slots = wiring.placed_cells(city)
    say.answer({"kind": "cells", "slots": slots}, lambda: _shown(slots))


def _shown(slots: dict[str, int]) -> Table:
    table = Table("cell", "slots", box=None, header_style="bold")
    for name, count in slots.items():
        table.add_row(name, str(count))
    return table
