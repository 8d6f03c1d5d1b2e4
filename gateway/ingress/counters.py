"""What has come through the door since this gateway started, in plain numbers."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Annotated

import msgspec

from actors.engine.gauges import Spread, figure, seconds
from actors.values import SECOND_US, Micros
from storage.frames import OUTCOMES, FrameRow

LATELY_US = 30 * SECOND_US

GOOD = frozenset({"accepted", "repeat"})


class IngestGauges(msgspec.Struct, kw_only=True):
    """What came through the door for devices, and what waits in it."""

    up: Annotated[
        int, figure("Whether the gateway is connected to the broker for every share that it takes (1) or not (0)")
    ]
    unconnected_seconds: Annotated[
        float, figure("Time for which some share that the gateway takes has had no connection to the broker")
    ]
    connections_total: Annotated[int, figure("Connections made to the broker")]
    lost_connections_total: Annotated[int, figure("Connections to the broker lost or refused")]
    received_frames_total: Annotated[int, figure("Frames received, copies and retained ones not counted")]
    redelivered_frames_total: Annotated[int, figure("Copies of frames that were held already")]
    retained_frames_total: Annotated[int, figure("Retained messages, which are no news")]
    acknowledged_frames_total: Annotated[int, figure("Frames acknowledged to the broker: kept and durable")]
    frames_total: Annotated[dict[str, int], figure("Frames kept, by what became of them", "outcome")]
    kind_frames_total: Annotated[dict[str, int], figure("Frames kept, by kind of device", "kind")]
    store_failures_total: Annotated[int, figure("Batches of frames that could not be kept at the first try")]
    in_flight_frames: Annotated[int, figure("Frames received and not yet acknowledged")]
    held_frames: Annotated[int, figure("Frames that wait for room in their slot's queue")]
    head_seconds: Annotated[Spread, figure("Time for which the oldest frame kept the acknowledged prefix waiting")]
    acknowledge_seconds: Annotated[Spread, figure("Time from a frame's arrival to its acknowledgement")]


SUMMED = (
    "received",
    "redelivered",
    "retained",
    "acknowledged",
    "in_flight",
    "held",
    "connections",
    "losses",
    "store_failures",
)


class Counters:
    """Counts of frames by outcome and by kind, and the last frames that were not simply accepted.

    `received` are frames, `redelivered` copies known by their packet number, `retained` no news; `acknowledged`
    frames are kept and durable, `in_flight` packets not yet, `held` of them wait for room; `connections` were made to
    the broker, `losses` ended.
    """

    def __init__(self, recent: int = 100) -> None:
        self.received = 0
        self.redelivered = 0
        self.retained = 0
        self.acknowledged = 0
        self.in_flight = 0
        self.held = 0
        self.connections = 0
        self.losses = 0
        self.connected = False
        self.unconnected_since: float | None = None
        self.head_waits = seconds()
        self.acknowledging = seconds()
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

    def released(self, arrivals: Iterable[Micros], now: Micros) -> None:
        """Frames that arrived then are acknowledged now."""
        for at in arrivals:
            self.acknowledging.see((now - at) / SECOND_US)

    def connects(self) -> None:
        """Its share is to be connected to the broker and is not: for the first time, or after a loss."""
        if self.unconnected_since is None:
            self.unconnected_since = monotonic()
        self.connected = False

    def has_connected(self) -> None:
        """Its share is connected to the broker."""
        self.connected, self.unconnected_since = True, None

    def ended(self) -> None:
        """Its share is taken no longer: what was under way is nobody's here, what was counted stays counted."""
        self.in_flight = self.held = 0
        self.connected, self.unconnected_since = False, None

    def add(self, other: "Counters") -> None:
        """Counts what another share's counters have counted too."""
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.outcomes.update(other.outcomes)
        self.kinds.update(other.kinds)
        self.head_waits.add(other.head_waits)
        self.acknowledging.add(other.acknowledging)

    def gauges(self) -> IngestGauges:
        """All of it as figures."""
        return IngestGauges(
            up=int(self.connected),
            unconnected_seconds=0.0 if self.unconnected_since is None else monotonic() - self.unconnected_since,
            connections_total=self.connections,
            lost_connections_total=self.losses,
            received_frames_total=self.received,
            redelivered_frames_total=self.redelivered,
            retained_frames_total=self.retained,
            acknowledged_frames_total=self.acknowledged,
            frames_total=dict(self.outcomes),
            kind_frames_total=dict(self.kinds),
            store_failures_total=self.store_failures,
            in_flight_frames=self.in_flight,
            held_frames=self.held,
            head_seconds=self.head_waits,
            acknowledge_seconds=self.acknowledging,
        )
