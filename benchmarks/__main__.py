"""`python -m benchmarks [names] [--quick]`: run benchmarks, print their tables, keep them as JSON.

Without names all of them run, and the table of figures in the root README is written from what they found.
"""

import argparse
import importlib
import logging
import sys
import traceback

from rich.console import Console

from benchmarks import readme
from benchmarks.report import Report, Watch, broken, save, show

BENCHMARKS = (
    *("engine", "ingest", "fanout", "placement", "tariff"),
    *("sessions", "memory", "recovery", "growth", "overload"),
)
"""Each is a module of this folder with `run(quick, say) -> Report`; in this order they run and stand in the README."""

WIDTH = 140
"""Of a table that goes to a file."""


def main() -> int:
    """Runs what was asked for; 1 if a guard was broken or a benchmark did not come to its end."""
    asked = _asked()
    logging.basicConfig(level=logging.ERROR)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    names = [] if asked.readme else asked.names or BENCHMARKS
    failed = [name for name in names if not _run(name, asked.quick, console)]
    if failed:
        console.print(f"[bold red]✗ {', '.join(failed)}: see above. README.md was not touched.[/]")
    elif not asked.names:
        readme.write(BENCHMARKS)
        console.print(f"[bold]==>[/] the figures of {readme.README} are written")
    return int(bool(failed))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones: {', '.join(BENCHMARKS)} (all)")
    parser.add_argument("--quick", action="store_true", help="shorter windows and fewer rounds; as make bench does")
    parser.add_argument("--readme", action="store_true", help="measure nothing: write README.md from what is kept")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return asked


def _run(name: str, quick: bool, console: Console) -> bool:
    watch = Watch()
    console.print(f"[bold]==>[/] {name}: setting up")
    try:
        report: Report = importlib.import_module(f"benchmarks.{name}").run(quick, console.print)
    except Exception:  # the others are measured all the same
        traceback.print_exc()
        return False
    machine = watch.machine()
    show(report, machine, console)
    console.print(f"[dim]kept in {save(report, machine, quick)}[/]")
    return not broken(report, machine)


if __name__ == "__main__":
    sys.exit(main())
