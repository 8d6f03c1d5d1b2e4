"""What has come through the door since this gateway started, in plain numbers."""

from collections import Counter, deque

from gateway.ingress.ports import FrameRow

OUTCOMES = (
    "accepted",
    "repeat",
    "late",
    "unknown_device",
    "undecodable",
    "oversized",
    "wrong_topic",
    "parked",
)
"""What can become of a frame; each is kept with its frame and explained in the README."""

GOOD = frozenset({"accepted", "repeat"})


class Counters:
    """Counts of frames by outcome and by kind, and the last frames that were not simply accepted."""

    def __init__(self, recent: int = 100) -> None:
        self.received = 0
        self.redelivered = 0
        self.retained = 0
        self.acknowledged = 0
        self.in_flight = 0
        self.connections = 0
        self.store_failures = 0
        self.outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.kinds: Counter[str] = Counter()
        self.recent: deque[FrameRow] = deque(maxlen=recent)

    def stored(self, row: FrameRow) -> None:
        """Count a frame that has been kept."""
        self.outcomes[row.outcome] += 1
        if row.kind is not None:
            self.kinds[row.kind] += 1
        if row.outcome not in GOOD:
            self.recent.append(row)
