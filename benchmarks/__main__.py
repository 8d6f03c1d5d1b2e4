"""`python -m benchmarks [names] [--quick]`: run benchmarks, print their tables, keep them as JSON."""

import argparse
import importlib
import logging
import sys

from rich.console import Console

from benchmarks.report import Report, save, show

NAMES = ("engine", "ingest", "placement", "memory", "recovery", "growth")


def main() -> int:
    """Runs what was asked for; 1 if a guard was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones: {', '.join(NAMES)} (all)")
    parser.add_argument("--quick", action="store_true", help="shorter windows and fewer rounds: a look, no figure")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    logging.basicConfig(level=logging.ERROR)
    console, broken = Console(), False
    for name in asked.names or NAMES:
        console.print(f"[bold]==>[/] {name}: setting up")
        report: Report = importlib.import_module(f"benchmarks.{name}").run(asked.quick, console.print)
        show(report, console)
        console.print(f"[dim]kept in {save(report, asked.quick)}[/]")
        broken |= bool(report.broken)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
