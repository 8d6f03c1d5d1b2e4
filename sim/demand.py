"""Simulated demand: drivers who look for a bay, stay and leave, so that a city goes on when its recording has ended."""

import random
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import simpy

from actors.values import HOUR_US, MINUTE_US, SECOND_US, Micros
from sim.events import Change

SHARE_OF_PEAK = (
    0.30, 0.25, 0.20, 0.20, 0.20, 0.25, 0.40, 0.65, 0.85, 0.95, 1.00, 1.00,
    1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 0.95, 0.85, 0.70, 0.55, 0.40,
)  # fmt: skip
"""Arrivals by hour of the day, as a share of the busiest: an assumption."""

PEAK_PER_BAY_HOUR = 0.56
"""Arrivals per bay in the busiest hours. With a mean stay of 82 min it fills 77 % of the bays: the share of the bays
whose sensors had reported within a day that were occupied at the end of the Melbourne recording."""

STAY_MIN = ((0.0, 2.0), (0.10, 8.0), (0.25, 20.0), (0.50, 45.0), (0.75, 95.0), (0.90, 180.0), (1.0, 480.0))
"""Quantiles of the stay in minutes. Their mean is near 93 min, which the share of the occupied bays that became free in
the last five minutes of the recording would give. Not measured per bay."""

TRIES = 8

Steps = Generator[simpy.Event, Any, None]


def stay_us(chance: float) -> Micros:
    """The stay at this quantile (0 … 1), between the ones that are given."""
    right = min(bisect_right(STAY_MIN, (chance, float("inf"))), len(STAY_MIN) - 1)
    (q0, m0), (q1, m1) = STAY_MIN[right - 1], STAY_MIN[right]
    return round((m0 + (m1 - m0) * (chance - q0) / (q1 - q0)) * MINUTE_US)


class Demand:
    """Drivers as SimPy processes over the bays of a city; integer microseconds, the same for the same seed."""

    def __init__(self, occupied: Mapping[str, bool], start_us: Micros, zone: str, seed: int = 1) -> None:
        self._env = simpy.Environment(initial_time=start_us)
        self._zone = ZoneInfo(zone)
        self._rng = random.Random(seed)  # noqa: S311
        self._bays = sorted(occupied)
        self._occupied = dict(occupied)
        self._out: deque[Change] = deque()
        for bay in self._bays:
            if self._occupied[bay]:
                # Who stands there already has some part of a stay left.
                left = round(stay_us(self._rng.random()) * self._rng.random())
                self._env.process(self._leave(bay, left))
        if self._bays:
            self._env.process(self._arrive())

    def changes(self) -> Iterator[Change]:
        """The changes of the city in order of time, without end."""
        while self._bays:
            while not self._out:
                self._env.step()
            yield self._out.popleft()

    def _arrive(self) -> Steps:
        mean_us = HOUR_US / (PEAK_PER_BAY_HOUR * len(self._bays))
        while True:
            yield self._env.timeout(1 + round(self._rng.expovariate(1 / mean_us)))
            # All of a driver's chances are drawn at once, whatever becomes of them.
            comes, stays = self._rng.random(), self._rng.random()
            tried = self._rng.choices(self._bays, k=TRIES)
            if comes < self._share():
                self._park(tried, stays)

    def _share(self) -> float:
        local = datetime.fromtimestamp(int(self._env.now) // SECOND_US, self._zone)
        return SHARE_OF_PEAK[local.hour]

    def _park(self, tried: list[str], stays: float) -> None:
        bay = next((bay for bay in tried if not self._occupied[bay]), None)
        if bay is not None:
            self._turn(bay, True)
            self._env.process(self._leave(bay, stay_us(stays)))

    def _leave(self, bay: str, after_us: Micros) -> Steps:
        yield self._env.timeout(after_us)
        self._turn(bay, False)

    def _turn(self, bay: str, occupied: bool) -> None:
        self._occupied[bay] = occupied
        self._out.append(Change(int(self._env.now), bay, occupied))
