"""The table of figures in the root README: written from the kept results, never by hand."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from benchmarks.report import Kept, kept

README = Path("README.md")
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- /figures -->"
HEAD = ("claim", "found", "aimed at", "beside", "command")

WIDTH = 118
COMMAND = {True: "make bench ARGS=", False: ".venv/bin/python -m benchmarks "}


class Part(NamedTuple):
    """What there is of one benchmark: its result, and the lines that the README has had of it."""

    name: str
    result: Kept | None
    before: list[str]


def write(benchmarks: Iterable[str], readme: Path = README) -> None:
    """Replaces what stands between the two markers; ValueError if they are not there.

    A benchmark of which no result is kept here leaves the lines that it has, and is named; so does one whose quick form
    was run after its full form, which says more.
    """
    before, begin, rest = readme.read_text().partition(BEGIN)
    was, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme} has no place for the figures: {BEGIN} … {END}")
    parts = [_part(name, was) for name in benchmarks]
    readme.write_text("\n".join((before + BEGIN, *_figures(parts), END + after)))


def _part(benchmark: str, table: str) -> Part:
    quick, full = (_lines_of(benchmark, table, form) for form in (True, False))
    result = kept(benchmark)
    return Part(benchmark, None if result is not None and result.quick and full else result, [*quick, *full])


def _lines_of(benchmark: str, table: str, quick: bool) -> list[str]:
    end = f"| `{COMMAND[quick]}{benchmark}` |"
    return [line for line in table.splitlines() if line.endswith(end)]


def _figures(parts: list[Part]) -> Iterator[str]:
    found = [part.result for part in parts if part.result is not None]
    if not found:
        yield "Nothing was measured yet."
        return
    yield from wrap(_measured(found, [part.name for part in parts if part.result is None and part.before]), WIDTH)
    yield ""
    yield from (f"| {' | '.join(row)} |" for row in (HEAD, ["---"] * len(HEAD)))
    for part in parts:
        yield from part.before if part.result is None else _claims(part.result)


def _measured(found: list[Kept], older: list[str]) -> str:
    machine = found[0].machine
    days = _span(sorted(result.at[:10] for result in found))
    others = _span(f"{result.machine.others:.0%}" for result in sorted(found, key=lambda each: each.machine.others))
    speeds = _span(f"{result.machine.speed:g}" for result in sorted(found, key=lambda each: each.machine.speed))
    said = (
        f"Measured on {days} with {machine.cores} cores and {machine.memory_gib} GiB, {machine.system}, Python "
        f"{machine.python}; others used {others} of the cores meanwhile, and a core did {speeds} million steps of a "
        "plain loop a second (`benchmarks/README.md`, Slow hours). Medians; sensors, database, screens and peers share "
        "these cores."
    )
    return f"{said} Older than that: the lines of {', '.join(f'`{name}`' for name in older)}." if older else said


def _span(values: Iterable[str]) -> str:
    """The first and the last of them, or the one that both are."""
    known = list(values)
    return " to ".join(dict.fromkeys((known[0], known[-1])))


def _claims(result: Kept) -> Iterator[str]:
    command = f"`{COMMAND[result.quick]}{result.report.benchmark}`"
    for line in result.report.claims:
        yield f"| {' | '.join((line.claim, line.figure, line.target, line.beside, command))} |"
