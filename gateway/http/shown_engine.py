"""What the engine's health looks like in answers: figures with their age, null where nothing is known."""

from typing import Annotated, Any, Literal

import msgspec

from actors.values import Micros
from gateway.http.forms import Shown
from gateway.http.shown import Next

Role = Literal["cell", "views", "projector", "gateway"]
Rate = Annotated[float | None, msgspec.Meta(description="Of the last minute; null: nothing to tell it from yet")]
Delay = Annotated[Micros | None, msgspec.Meta(description="Of the last minute; null: nothing happened")]

Waiting = Annotated[int | None, msgspec.Meta(description="At our own broker; null: another one does not tell")]
Age = Annotated[Micros | None, msgspec.Meta(description="Of the oldest at our own broker; null: another does not tell")]


class CellShown(Shown, frozen=True):
    """What a cell carries and how fast: turns and commits of the last minute."""

    slots: int
    placed_slots: int
    actors: int
    turns_per_s: Rate
    commit_p50_us: Delay
    commit_p99_us: Delay
    commit_turns: Rate
    outbox_letters: int
    waiting_calls: int
    uncommitted_turns: int
    broken_slots: int


class WorkerShown(Shown, frozen=True):
    """One process: whether it answers, how long ago it last did, who it is to its machine, since when it lives, what it
    uses.
    """

    name: str
    role: Role
    up: bool
    unheard_us: Micros
    pid: int | None
    host: str | None
    since_us: Micros | None
    memory_bytes: int | None
    cpu: Annotated[float | None, msgspec.Meta(description="Cores used in the last minute")]
    loop_lag_p99_us: Delay
    recoveries: int
    cell: CellShown | None


class IngestShown(Shown, frozen=True):
    """The door for devices of the gateway that answers."""

    up: bool
    in_flight: int
    held: int
    waiting: Waiting
    full: Annotated[float | None, msgspec.Meta(description="How much waits at our own broker, of what may")]
    keeps_out: Annotated[bool, msgspec.Meta(description="Whether it keeps sensors out until half of that is taken")]
    waiting_us: Age
    frames_per_s: Rate
    acknowledge_p50_us: Delay
    acknowledge_p99_us: Delay


class LiveShown(Shown, frozen=True):
    """The screens of the gateway that answers."""

    clients: int
    frames_per_s: Rate
    skipped_frames: int


class StoreShown(Shown, frozen=True):
    """The tables, as they were `unread_us` ago; `grown_bytes` within `grown_us`."""

    parked_messages: int
    undelivered_orders: int
    world_bytes: int
    grown_bytes: int
    grown_us: Micros
    tables: dict[str, int]
    unread_us: Micros


class LagShown(Shown, frozen=True):
    """How far somebody is behind what is committed, as it was `unread_us` ago."""

    name: str
    pages: int
    behind_us: Micros
    unread_us: Micros


class Line(Shown, frozen=True):
    """One figure of the last five minutes: [at_us, value]; null is a gap."""

    name: str
    points: list[tuple[Micros, float | None]]


class Engine(Shown, frozen=True):
    """The engine's health, as the gateway of this name knows it at `at_us`."""

    at_us: Micros
    gateway: str
    workers: list[WorkerShown]
    ingest: IngestShown | None
    live: LiveShown | None
    store: StoreShown | None
    lags: list[LagShown]
    lines: list[Line]


class RecoveryShown(Shown, frozen=True):
    """A life of a worker that ended: last heard, its successor first heard (null: not yet), why (null: not known)."""

    worker: str
    life: int
    lost_us: Micros
    back_us: Micros | None
    why: str | None


class Recoveries(Shown, frozen=True):
    """The newest lives that ended."""

    items: list[RecoveryShown]


class ParkedShown(Shown, frozen=True):
    """A message that broke its actor. `message` is {type, fields…}, or null if this version cannot read it.

    `retry_us`: when it was first told again, if it was; `verdict` is `retried` or `dismissed`, null while it waits;
    `answer` to a retry: a code if it was not taken (`internal_error`: it broke again), empty if it was.
    """

    id: str
    at: Micros
    slot: int
    ref: str
    kind: str
    key: str
    error: str
    source: str
    message: dict[str, Any] | None
    raw: str
    retry_us: Micros | None
    verdict: str | None
    done_at: Micros | None
    done_by: str | None
    answer: str | None


class Parked(Shown, frozen=True):
    """One page of parked messages, newest first."""

    items: list[ParkedShown]
    next: Next


class Settled(Shown, frozen=True):
    """What became of a parked message.

    `outcome`: `taken`; `refused` by the actor (`code`, `sentence`); `parked_again`, as another parked message;
    `dismissed`; `dismissed_after_retry`, and nobody knows whether it was taken; or `before`: somebody had settled it.
    """

    parked: ParkedShown
    outcome: Literal["taken", "refused", "parked_again", "dismissed", "dismissed_after_retry", "before"]
    code: str = ""
    sentence: str = ""
