"""The event ticker: vehicles that came and went, newest last, with how long each took to become durable."""

from collections import deque
from typing import Any

from actors.messages.bay import Freed, Taken
from actors.values import MINUTE_US, SECOND_US, Micros
from gateway.live.topics import Body, LogTopic

SHOWN = 50
RING_EVENTS = 5_000
SAMPLE = 4_096


class Ticker(LogTopic):
    """Topic `events`: the last 50 arrivals and departures; a tick with more sends its newest 50."""

    ring_weight = RING_EVENTS

    def __init__(self, epoch: str) -> None:
        super().__init__("events", epoch, "list", _show, {"list": []})
        self._seconds: deque[tuple[int, int]] = deque()
        self._delays: deque[tuple[Micros, int]] = deque(maxlen=SAMPLE)

    def passed(self, lot: str, bay: str, number: str, fact: Taken | Freed, at: Micros) -> None:
        """A vehicle came or went; `at` is when that was committed.

        The delay is commit time minus the time of receipt, both by our clocks: what the platform itself adds. The
        device's own time is in the row too, but its clock may be wrong by any amount.
        """
        verb = "taken" if isinstance(fact, Taken) else "freed"
        delay_us = max(0, at - fact.received_us)
        self.tell((at, verb, bay, number, lot, fact.device, fact.seen_us, fact.received_us, delay_us))
        self._delays.append((at, delay_us))
        self._count(at // SECOND_US)

    def _count(self, second: int) -> None:
        if self._seconds and self._seconds[-1][0] >= second:
            last, n = self._seconds[-1]
            self._seconds[-1] = (last, n + 1)
        else:
            self._seconds.append((second, 1))

    def rate(self, now: Micros) -> dict[str, int | None]:
        """Events of the last minute, and the median delay of its newest 4,096."""
        while self._seconds and self._seconds[0][0] * SECOND_US <= now - MINUTE_US:
            self._seconds.popleft()
        delays = sorted(delay for at, delay in self._delays if at > now - MINUTE_US)
        p50 = delays[len(delays) // 2] if delays else None
        return {"per_min": sum(n for _, n in self._seconds), "delay_p50_us": p50}

    def _sent(self, events: list[Any]) -> list[Any]:
        return events[-SHOWN:]


def _show(body: Body, events: list[Any]) -> None:
    body["list"] = [*body["list"], *events[-SHOWN:]][-SHOWN:]
