"""What a benchmark found: rows of medians, shown as a table and kept as JSON."""

import os
import platform
import time
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

FOLDER = Path(".run/bench")


class Report(msgspec.Struct):
    """One benchmark's result; `rows` all have the same columns, `notes` say what a reader must know of them."""

    benchmark: str
    compares: str
    rows: list[dict[str, Any]]
    notes: list[str] = []
    broken: list[str] = []
    """Guards that this run broke; each is a sentence, and makes the command fail."""


def show(report: Report, console: Console) -> None:
    """Prints the table with what it compares and its notes."""
    table = Table(title=report.benchmark, title_justify="left", caption=report.compares, caption_justify="left")
    columns = list(report.rows[0])
    for column in columns:
        table.add_column(column, justify="left" if isinstance(report.rows[0][column], str) else "right")
    for row in report.rows:
        table.add_row(*[_text(row[column]) for column in columns])
    console.print(table)
    for note in report.notes:
        console.print(f"[dim]{note}[/]", highlight=False)
    for sentence in report.broken:
        console.print(f"[red]✗[/] {sentence}", highlight=False)


def save(report: Report, quick: bool) -> Path:
    """Keeps the result with what is known of the machine; where."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{report.benchmark}.json"
    machine = {
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    kept = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "quick": quick, "machine": machine}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(kept | msgspec.to_builtins(report))))
    return path


def middle(values: list[float]) -> float:
    """The median; 0 for none."""
    return median(values) if values else 0.0


def percentile(values: list[float], percent: float) -> float:
    """The value that `percent` % of the sorted values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
