"""The law of figures: each is declared once, with a help text and a unit, and the page says what the gauges say."""

import re

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from actors.engine.entries import BUSY, DONE
from actors.engine.gauges import CellGauges, PostGauges, Spread
from gateway.metrics import SOURCES, TABLE, Family, Metrics
from gateway.observed import ProcessGauges

UNITS = {
    *("seconds", "bytes", "total", "up", "ratio"),
    *("slots", "actors", "turns", "letters", "calls", "wakes", "keys", "pages", "changes", "ticks"),
    *("messages", "frames", "orders", "places", "clients", "connections", "errands", "notices", "jobs"),
}
LABELS = {"worker", "cause", "cell", "answer", "projection", "outcome", "kind", "table", "method", "route", "status"}
"""Each has few words: processes, states, tables and kinds, never people, devices, lots or bays."""


@pytest.mark.parametrize("family", TABLE, ids=lambda family: family.name)
def test_a_metric_has_a_help_text_a_unit_and_few_labels(family: Family) -> None:
    assert re.fullmatch(r"yunparking(_[a-z0-9]+)+", family.name)
    assert family.name.rpartition("_")[2] in UNITS
    assert (family.kind == "counter") == family.name.endswith("_total")
    assert re.fullmatch(r"[A-Z].{10,}[^.]", family.words)
    assert set(family.labels) <= LABELS


def test_no_two_metrics_have_one_name() -> None:
    names = [family.name for family in TABLE]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("gauges", [gauges for _, gauges in SOURCES], ids=lambda gauges: gauges.__name__)
def test_every_number_of_a_gauge_struct_is_declared(gauges: type[msgspec.Struct]) -> None:
    silent = {"cell", "lease"}  # who speaks
    told = {family.path[0] for family in TABLE if family.gauges is gauges}
    assert set(gauges.__struct_fields__) - silent == told


def page(*told: tuple[str, msgspec.Struct]) -> dict[tuple[str, frozenset[str]], float]:
    """The page of these, read as Prometheus reads it."""
    text = Metrics(lambda: told).render().decode()
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_are_told_under_the_name_of_their_worker() -> None:
    gauges = CellGauges(cell="cell-0", lease=1, slots=512, turns_total=7)
    gauges.answered([DONE, DONE, BUSY])
    gauges.mail.calls_total = 3
    told = page(("cell-0", gauges))
    assert told["yunparking_cell_slots", frozenset({"cell-0"})] == 512
    assert told["yunparking_cell_turns_total", frozenset({"cell-0"})] == 7
    assert told["yunparking_cell_answers_total", frozenset({"cell-0", "done"})] == 2
    assert told["yunparking_cell_mail_calls_total", frozenset({"cell-0"})] == 3
    assert "yunparking_views_joins_total" not in {name for name, _ in told}


def test_a_spread_is_a_histogram_of_what_lies_below_each_bound() -> None:
    gauges = CellGauges(cell="c", lease=1)
    for value in (0.0005, 0.001, 0.2, 99.0):
        gauges.commit_seconds.see(value)
    told = page(("c", gauges))
    name = "yunparking_cell_commit_seconds"
    assert [told[f"{name}_bucket", frozenset({"c", bound})] for bound in ("0.001", "0.1", "0.25", "+Inf")] == [
        2,
        2,
        3,
        4,
    ]
    assert (told[f"{name}_count", frozenset({"c"})], told[f"{name}_sum", frozenset({"c"})]) == (
        4,
        pytest.approx(99.2015),
    )


def test_cells_of_dedicated_actors_are_one_worker() -> None:
    cells = [CellGauges(cell=f"own-bay-a-{n}-10{n}", lease=n, actors=1) for n in range(3)]
    told = page(
        *((cell.cell, cell) for cell in cells),
        *((cell.cell, ProcessGauges(memory_bytes=n, cpu_seconds_total=1)) for n, cell in enumerate(cells)),
        ("gateway", PostGauges(waiting_messages={"cell-0": 1, "own-bay-a-0-100": 2, "own-bay-a-1-101": 3})),
    )
    assert told["yunparking_cell_actors", frozenset({"dedicated"})] == 3
    assert told["yunparking_worker_memory_bytes", frozenset({"dedicated"})] == 2
    assert told["yunparking_worker_cpu_seconds_total", frozenset({"dedicated"})] == 3
    assert told["yunparking_post_waiting_messages", frozenset({"gateway", "dedicated"})] == 5
    assert not [labels for _, labels in told if any(label.startswith("own-") for label in labels)]


def test_a_quantile_lies_between_the_bounds_of_what_was_seen_since() -> None:
    spread = Spread.over((1.0, 2.0, 4.0))
    assert spread.quantile(0.5) is None
    spread.see(0.5)
    before = Spread(spread.bounds, list(spread.counts), spread.sum)
    for _ in range(10):
        spread.see(3.0)
    assert spread.since(before).quantile(0.5) == pytest.approx(3.0)
    assert spread.since(before).counts == [0, 0, 10, 0]
    assert Spread.over(spread.bounds).since(spread).counts == [0, 0, 0, 0], "another life counts from nothing"
