"""All figures of a city as one Prometheus page: this process's own, and what every worker last said of itself.

The figures are the fields of gauge structs (`actors/engine/gauges.py`): name, unit and help text stand where a figure
is counted, and `TABLE` is made from them. Labels are few: a worker's name and the words of small closed lists, never a
person, a device, a lot or a bay; the cells of dedicated actors are one worker here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.inspect import DictType, Field, Metadata, StructType, type_info
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from actors.engine.gauges import CellGauges, PostGauges, Spread
from gateway.backlog import BrokerGauges
from gateway.http.cashier import PaymentGauges
from gateway.ingress.counters import IngestGauges
from gateway.ingress.courier import CourierGauges
from gateway.live.server import LiveGauges
from gateway.live.views import ViewsGauges
from gateway.lookout import DEDICATED, SeenGauges
from gateway.observed import ProcessGauges
from storage.database import PoolGauges
from storage.projections.projector import ProjectorGauges
from storage.standing import StoreGauges

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LATENCY_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
GREATEST: Final = ("_behind_seconds", "_unheard_seconds", "_memory_bytes", "_start_seconds")
"""Of several dedicated cells the greatest is told of these, and the sum of everything else."""

SOURCES: Final[tuple[tuple[str, type[msgspec.Struct]], ...]] = (
    ("worker", SeenGauges),
    ("worker", ProcessGauges),
    ("cell", CellGauges),
    ("views", ViewsGauges),
    ("projector", ProjectorGauges),
    ("post", PostGauges),
    ("ingest", IngestGauges),
    ("courier", CourierGauges),
    ("payments", PaymentGauges),
    ("live", LiveGauges),
    ("pool", PoolGauges),
    ("store", StoreGauges),
    ("broker", BrokerGauges),
)
"""Who speaks of what: the word after `yunparking_`, and the gauges whose figures follow it."""


class Family(NamedTuple):
    """One metric: its name, what kind it is, its help text, its labels, and where in which gauges its figure stands.

    `gauges` is None for what HTTP counts by itself.
    """

    name: str
    kind: str
    words: str
    labels: tuple[str, ...]
    gauges: type[msgspec.Struct] | None
    path: tuple[str, ...]


Told = tuple[str, msgspec.Struct]
"""A worker and what it says of itself: any of the gauges of `SOURCES`."""


def families() -> Iterator[Family]:
    """The whole table, from the declarations of the gauges."""
    for prefix, gauges in SOURCES:
        yield from _families(f"yunparking_{prefix}", gauges, gauges, ())


def _families(
    prefix: str, gauges: type[msgspec.Struct], part: type[msgspec.Struct], path: tuple[str, ...]
) -> Iterator[Family]:
    info = type_info(part)
    assert isinstance(info, StructType)
    for field in info.fields:
        name, at = f"{prefix}_{field.name}", (*path, field.name)
        if isinstance(field.type, Metadata):
            yield _family(name, field, field.type, gauges, at)
        elif isinstance(field.type, StructType):
            yield from _families(name, gauges, field.type.cls, at)


def _family(name: str, field: Field, said: Metadata, gauges: type[msgspec.Struct], path: tuple[str, ...]) -> Family:
    labels = ("worker", str((said.extra or {})["label"])) if isinstance(said.type, DictType) else ("worker",)
    spread = isinstance(said.type, StructType) and said.type.cls is Spread
    kind = "histogram" if spread else "counter" if field.name.endswith("_total") else "gauge"
    return Family(name, kind, str((said.extra_json_schema or {})["description"]), labels, gauges, path)


REQUESTS: Final = "HTTP requests answered, by route of the table and status"
LATENCY: Final = "Time from a request's head to its answer"
TABLE: Final = (
    *families(),
    Family("yunparking_http_requests_total", "counter", REQUESTS, ("method", "route", "status"), None, ()),
    Family("yunparking_http_seconds", "histogram", LATENCY, ("method", "route"), None, ()),
)
"""Every metric of the page."""


class Figures(Collector):
    """The figures of all workers, taken when somebody asks."""

    def __init__(self, told: Callable[[], Iterable[Told]]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        """Every metric of the table of which somebody has spoken."""
        told: dict[type[msgspec.Struct], list[Told]] = {}
        for worker, gauges in self._told():
            told.setdefault(type(gauges), []).append((worker, gauges))
        for family in TABLE:
            if family.gauges and (values := _values(family, told.get(family.gauges, ()))):
                yield _metric(family, values)


def _values(family: Family, told: Iterable[Told]) -> dict[tuple[str, ...], Any]:
    """Labels → figure; what several workers of one label say is put together."""
    values: dict[tuple[str, ...], Any] = {}
    for worker, gauges in told:
        figure: Any = gauges
        for name in family.path:
            figure = getattr(figure, name)
        label = "dedicated" if worker.startswith(DEDICATED) else worker
        for labels, value in _labelled(label, figure):
            before = values.get(labels)
            values[labels] = value if before is None else _together(family, before, value)
    return values


def _labelled(worker: str, figure: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(figure, Mapping):
        yield (worker,), figure
        return
    for word, value in figure.items():
        yield (worker, "dedicated" if word.startswith(DEDICATED) else word), value


def _together(family: Family, one: Any, other: Any) -> Any:
    if isinstance(one, Spread):
        counts = [a + b for a, b in zip(one.counts, other.counts, strict=True)]
        return Spread(one.bounds, counts, one.sum + other.sum)
    return max(one, other) if family.name.endswith(GREATEST) else one + other


def _metric(family: Family, values: dict[tuple[str, ...], Any]) -> Metric:
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(family.name, family.words, labels=family.labels)
        for labels, spread in values.items():
            histogram.add_metric(labels, _buckets(spread), spread.sum)
        return histogram
    form = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = form(family.name, family.words, labels=family.labels)
    for labels, value in values.items():
        metric.add_metric(labels, value)
    return metric


def _buckets(spread: Spread) -> list[tuple[str, float]]:
    below = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*map(str, spread.bounds), "+Inf"), spread.counts, strict=True):
        below += count
        buckets.append((bound, below))
    return buckets


class Metrics:
    """The page itself: HTTP is counted here, everything else is asked for when the page is."""

    def __init__(self, told: Callable[[], Iterable[Told]] = lambda: ()) -> None:
        self.registry = registry = CollectorRegistry()
        registry.register(Figures(told))
        self.requests = Counter(
            "yunparking_http_requests",
            REQUESTS,
            ("method", "route", "status"),
            registry=registry,
        )
        self.latency = Histogram(
            "yunparking_http_seconds",
            LATENCY,
            ("method", "route"),
            buckets=LATENCY_S,
            registry=registry,
        )

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """One request was answered."""
        self.requests.labels(method, route, str(status)).inc()
        self.latency.labels(method, route).observe(took_s)

    def render(self) -> bytes:
        """Everything, in Prometheus' text form (`CONTENT_TYPE`)."""
        return generate_latest(self.registry)
