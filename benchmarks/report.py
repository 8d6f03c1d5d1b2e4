"""What a benchmark found: rows of medians, shown as a table and kept as JSON with what is known of the machine."""

import contextlib
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import msgspec
import psutil
from rich.console import Console
from rich.table import Table

FOLDER = Path(".run/bench")
LOOK_EVERY_S = 2.0
SLACK, SPEED = 0.5, 9.5
"""A guard is half of its target, for a core as fast as this (`Machine.speed`); slower cores make it as much easier."""


class Claim(msgspec.Struct):
    """One line of the root README's table: what is claimed, the figure found, its target, and the peer beside it."""

    claim: str
    figure: str
    target: str = "–"
    beside: str = "–"


class Machine(msgspec.Struct):
    """Where it ran, and what else the machine did: `others` is the share of all cores that other work had, `speed` how
    many million steps of a plain loop a core did in a second of its time (`benchmarks/speed.py`; 0: not known).
    """

    cores: int
    memory_gib: int
    python: str
    system: str
    others: float
    load: float
    speed: float


class Guard(msgspec.Struct):
    """A figure that slower cores make worse, and its target: to be reached, or (`most`) not to be exceeded."""

    what: str
    found: float
    target: float
    most: bool = False

    def sentence(self, speed: float) -> str | None:
        """Why it is broken on cores of this speed; None if it is not."""
        room = SLACK * min(1.0, (speed or SPEED) / SPEED)
        bound = self.target / room if self.most else self.target * room
        if (self.found <= bound) if self.most else (self.found >= bound):
            return None
        return (
            f"{self.what}: {_text(self.found)}; {'at most' if self.most else 'at least'} {_text(bound)} is the guard."
        )


class Section(msgspec.Struct):
    """A table of its own beside the report's."""

    title: str
    rows: list[dict[str, Any]]


class Report(msgspec.Struct):
    """One benchmark's result; `rows` all have the same columns, `notes` say what a reader must know of them."""

    benchmark: str
    compares: str
    rows: list[dict[str, Any]]
    notes: list[str] = []
    broken: list[str] = []
    """What may not be, whatever the machine; each is a sentence, and makes the command fail."""
    guards: list[Guard] = []
    """What the command fails for too."""
    more: list[Section] = []
    claims: list[Claim] = []
    """What the root README says of it, at most a few lines."""


class Kept(msgspec.Struct):
    """A report as it lies in its file."""

    at: str
    quick: bool
    machine: Machine
    report: Report


class Watch:
    """Sees what others do with the machine from now on, by looking every two seconds at what our processes have used.

    The system's own sum of ended children leaves out those that Ray and PostgreSQL started.
    """

    def __init__(self) -> None:
        self._load = round(os.getloadavg()[0], 1)
        self._began, self._busy, self._used = perf_counter(), _busy_s(), dict[tuple[int, float], float]()
        self._look()
        self._before = sum(self._used.values())
        self._speed = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.speed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look_on, daemon=True)
        self._looking.start()

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        for process in (own := psutil.Process(), *own.children(recursive=True)):
            with contextlib.suppress(psutil.Error):  # one that has just ended
                times = process.cpu_times()
                self._used[process.pid, process.create_time()] = times.user + times.system

    def machine(self) -> Machine:
        """The machine, and what others had of it until now."""
        self._over.set()
        self._looking.join()
        self._look()
        steps_a_second, _ = self._speed.communicate()
        cores, passed_s = os.cpu_count() or 1, perf_counter() - self._began
        others_s = (_busy_s() - self._busy) - (sum(self._used.values()) - self._before)
        return Machine(
            cores,
            round(psutil.virtual_memory().total / 2**30),
            platform.python_version(),
            f"{platform.system()} {platform.machine()}",
            max(0.0, round(others_s / passed_s / cores, 2)),
            self._load,
            round(float(steps_a_second or 0) / 1e6, 1),
        )


def _busy_s() -> float:
    """What all processes of the machine have used of its cores."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def broken(report: Report, machine: Machine) -> list[str]:
    """The sentences of what is broken."""
    return [*report.broken, *(said for guard in report.guards if (said := guard.sentence(machine.speed)))]


def show(report: Report, machine: Machine, console: Console) -> None:
    """Prints the table with what it compares and its notes; what is broken loudly, with the load of the machine."""
    console.print(_table(report.benchmark, report.rows, report.compares))
    for note in report.notes:
        console.print(f"[dim]{note}[/]", highlight=False)
    for section in report.more:
        console.print(_table(section.title, section.rows))
    console.print(
        f"[dim]A core did {machine.speed} million steps of a plain loop a second meanwhile.[/]", highlight=False
    )
    for sentence in broken(report, machine):
        others = f"Others used {machine.others:.0%} of the {machine.cores} cores meanwhile; load {machine.load} before."
        console.print(f"[bold red]✗ {sentence} {others}[/]", highlight=False)


def _table(title: str, rows: list[dict[str, Any]], caption: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for column, first in rows[0].items():
        table.add_column(column, justify="left" if isinstance(first, str) else "right")
    for row in rows:
        table.add_row(*[_text(row[column]) for column in rows[0]])
    return table


def save(report: Report, machine: Machine, quick: bool) -> Path:
    """Keeps the result; where."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = _path(report.benchmark)
    kept = Kept(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), quick, machine, report)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
    return path


def kept(benchmark: str) -> Kept | None:
    """The last result of a benchmark; None if there is none."""
    path = _path(benchmark)
    return msgspec.json.decode(path.read_bytes(), type=Kept) if path.exists() else None


def _path(benchmark: str) -> Path:
    return FOLDER / f"{benchmark}.json"


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
