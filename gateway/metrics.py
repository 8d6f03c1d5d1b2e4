"""What the gateway counts and measures of itself, in one Prometheus registry that its parts share."""

import asyncio
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LAG_EVERY_S: Final = 0.5
LATENCY_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """The gateway's instruments; names end in their unit, labels are few and never a person's or a bay's."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "yunparking_http_requests",
            "HTTP requests answered, by route of the table and status",
            ("method", "route", "status"),
            registry=registry,
        )
        self.latency = Histogram(
            "yunparking_http_seconds",
            "Time from a request's head to its answer",
            ("method", "route"),
            buckets=LATENCY_S,
            registry=registry,
        )
        self.frames = Counter(
            "yunparking_ingest_frames",
            "Raw frames received from devices since this process started, by outcome",
            ("outcome",),
            registry=registry,
        )
        self.live_clients = Gauge("yunparking_live_clients", "Live screens connected now", registry=registry)
        self.post_waiting = Gauge(
            "yunparking_post_waiting", "Messages sent to actors and not yet durable", registry=registry
        )
        self.loop_lag = Gauge(
            "yunparking_loop_lag_seconds",
            "How much later than asked the event loop last woke a sleeper",
            registry=registry,
        )

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """One request was answered."""
        self.requests.labels(method, route, str(status)).inc()
        self.latency.labels(method, route).observe(took_s)

    def framed(self, outcome: str, n: int) -> None:
        """So many frames were kept with this outcome."""
        self.frames.labels(outcome).inc(n)

    def render(self) -> bytes:
        """Everything, in Prometheus' text form (`CONTENT_TYPE`)."""
        return generate_latest(self.registry)

    async def watch_loop(self) -> None:
        """Measures the event loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.loop_lag.set(max(0.0, loop.time() - asked))
