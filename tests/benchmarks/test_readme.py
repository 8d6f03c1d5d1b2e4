"""The README's table of figures: what was measured here is written, what was not stays as it was and is named."""

from pathlib import Path

import pytest

from benchmarks import readme, report
from benchmarks.report import Claim, Machine, Report

MACHINE = Machine(2, 24, "3.11.7", "Linux x86_64", 0.0, 0.1, 9.5)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A README without figures, and a folder of results beside it."""
    monkeypatch.setattr(report, "FOLDER", tmp_path / "bench")
    page = tmp_path / "README.md"
    page.write_text(f"# Figures\n{readme.BEGIN}\n{readme.END}\nThe rest.\n")
    return page


def measured(benchmark: str, figure: str, quick: bool = True) -> None:
    report.save(Report(benchmark, "…", [{"n": 1}], claims=[Claim("so many", figure)]), MACHINE, quick)


def test_what_was_not_measured_here_keeps_its_lines_and_is_named(page: Path, tmp_path: Path) -> None:
    measured("engine", "53,000")
    measured("engines", "1", quick=False)
    measured("growth", "1.5x", quick=False)
    readme.write(("engine", "engines", "growth", "memory"), page)
    first = page.read_text()
    assert first.count("| so many |") == 3
    assert "Older" not in first
    for name in ("engines", "growth"):
        (tmp_path / "bench" / f"{name}.json").unlink()
    measured("engine", "64,000")
    readme.write(("engine", "engines", "growth", "memory"), page)
    second = page.read_text()
    assert second.splitlines()[-5:] == [
        "| so many | 64,000 | – | – | `make bench ARGS=engine` |",
        "| so many | 1 | – | – | `.venv/bin/python -m benchmarks engines` |",
        "| so many | 1.5x | – | – | `.venv/bin/python -m benchmarks growth` |",
        readme.END,
        "The rest.",
    ]
    assert "Older than that: the lines of `engines`, `growth`." in " ".join(second.split())


def test_a_quick_run_leaves_the_lines_of_the_full_form(page: Path) -> None:
    measured("growth", "a million: 1.5x", quick=False)
    readme.write(("growth",), page)
    full = page.read_text()
    measured("growth", "1.2x")
    measured("engine", "53,000")
    readme.write(("engine", "growth"), page)
    assert [line for line in full.splitlines() if line.startswith("| so many")] == [
        line for line in page.read_text().splitlines() if "growth" in line and line.startswith("| so many")
    ]
    assert "Older than that: the lines of `growth`." in " ".join(page.read_text().split())


def test_a_page_without_a_place_for_figures_is_left_as_it_is(page: Path) -> None:
    page.write_text("# Nothing")
    with pytest.raises(ValueError, match="no place for the figures"):
        readme.write(("engine",), page)
    assert page.read_text() == "# Nothing"
