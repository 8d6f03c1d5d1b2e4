"""How often one client may come: a token bucket for each, and a bound on how many are remembered."""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

CLIENTS_MAX = 10_000


class Buckets:
    """One bucket per client: `burst` requests at once, then `per_s` a second; the longest unseen is forgotten first."""

    def __init__(
        self, per_s: float, burst: int, now: Callable[[], float] = monotonic, clients_max: int = CLIENTS_MAX
    ) -> None:
        self._per_s = per_s
        self._burst = burst
        self._now = now
        self._clients_max = clients_max
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> int:
        """Take one request: 0 if it may pass, else in how many whole seconds it may come again."""
        now = self._now()
        left, at = self._left.pop(client, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_s)
        passes = left >= 1
        self._left[client] = (left - 1 if passes else left, now)
        if len(self._left) > self._clients_max:
            self._left.popitem(last=False)
        return 0 if passes else max(1, ceil((1 - left) / self._per_s))
