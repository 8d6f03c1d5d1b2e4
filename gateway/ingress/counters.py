"""What has come through the door since this gateway started, in plain numbers."""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from actors.values import SECOND_US, Micros
from storage.frames import OUTCOMES, FrameRow

LATELY_US = 30 * SECOND_US

GOOD = frozenset({"accepted", "repeat"})


class Counters:
    """Counts of frames by outcome and by kind, and the last frames that were not simply accepted.

    `received` are frames, `redelivered` copies known by their packet number, `retained` no news; `acknowledged`
    frames are kept and durable, `in_flight` packets not yet; `connections` were made to the broker.
    """

    def __init__(self, recent: int = 100, also: Callable[[str, int], None] = lambda outcome, n: None) -> None:
        """`also` is told of each batch: an outcome, and how many frames had it."""
        self._also = also
        self.received = 0
        self.redelivered = 0
        self.retained = 0
        self.acknowledged = 0
        self.in_flight = 0
        self.connections = 0
        self.store_failures = 0
        self.simulated_us: Micros = 0
        self.outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.kinds: Counter[str] = Counter()
        self.recent: deque[FrameRow] = deque(maxlen=recent)

    def simulated_lately(self, now: Micros) -> bool:
        """Whether a reading that says it is simulated came within the last half minute."""
        return now - self.simulated_us < LATELY_US

    def stored(self, rows: Sequence[FrameRow]) -> None:
        """Count a batch of frames that have been kept."""
        outcomes = Counter(row.outcome for row in rows)
        self.outcomes.update(outcomes)
        self.kinds.update(row.kind for row in rows if row.kind is not None)
        self.recent.extend(row for row in rows if row.outcome not in GOOD)
        for outcome, n in outcomes.items():
            self._also(outcome, n)
