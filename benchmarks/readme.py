"""The table of figures in the root README: written from the kept results, never by hand."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from benchmarks.report import Kept, kept

README = Path("README.md")
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- /figures -->"
HEAD = ("claim", "found", "aimed at", "beside", "command")

WIDTH = 118
COMMAND = {True: "make bench ARGS=", False: ".venv/bin/python -m benchmarks "}


def write(benchmarks: Iterable[str], readme: Path = README) -> None:
    """Replaces what stands between the two markers; ValueError if they are not there."""
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme} has no place for the figures: {BEGIN} … {END}")
    found = [result for name in benchmarks if (result := kept(name)) is not None]
    readme.write_text("\n".join((before + BEGIN, *_lines(found), END + after)))


def _lines(found: list[Kept]) -> Iterator[str]:
    if not found:
        yield "Nothing was measured yet."
        return
    machine, others = found[0].machine, [result.machine.others for result in found]
    days = sorted({result.at[:10] for result in found})
    yield from wrap(
        f"Measured on {' to '.join(dict.fromkeys((days[0], days[-1])))} with {machine.cores} cores and "
        f"{machine.memory_gib} GiB, {machine.system}, Python {machine.python}; others used {min(others):.0%} to "
        f"{max(others):.0%} of the cores meanwhile. Medians of interleaved rounds; sensors, database, screens and "
        "peers share these cores.",
        WIDTH,
    )
    yield ""
    yield from (f"| {' | '.join(row)} |" for row in (HEAD, ["---"] * len(HEAD)))
    for result in found:
        command = f"`{COMMAND[result.quick]}{result.report.benchmark}`"
        for line in result.report.claims:
            yield f"| {' | '.join((line.claim, line.figure, line.target, line.beside, command))} |"
