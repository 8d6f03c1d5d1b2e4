"""From what the lookout remembers to figures that people read: rates, quantiles and lines of the last minutes."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from actors.engine.gauges import CellGauges, Spread
from actors.values import MINUTE_US, SECOND_US, Micros
from gateway.http.shown_engine import (
    CellShown,
    IngestShown,
    LagShown,
    Line,
    LiveShown,
    Role,
    StoreShown,
    WorkerShown,
)
from gateway.live.views import ViewsGauges
from gateway.lookout import SAMPLE_US, GatewayGauges, Lookout, Sample, Seen
from storage.projections.projector import ProjectorGauges

GAP_US: Micros = 3 * SAMPLE_US
ROLES: dict[type, Role] = {
    CellGauges: "cell",
    ViewsGauges: "views",
    ProjectorGauges: "projector",
    GatewayGauges: "gateway",
}

Figure = Callable[[Any], float]
"""Takes a figure out of what a worker said of its part."""


def gateway_of(lookout: Lookout) -> Seen | None:
    """This gateway itself, once it has looked at itself."""
    return next((s for s in lookout.seen.values() if s.now and isinstance(s.now.part, GatewayGauges)), None)


def worker_shown(lookout: Lookout, seen: Seen) -> WorkerShown:
    """One process."""
    now, then, at = seen.now, seen.before(MINUTE_US), lookout.clock()
    role: Role = ROLES[type(now.part)] if now else lookout.role(seen.name)
    lag = now.process.loop_lag_seconds.since(then.process.loop_lag_seconds if then else None) if now else None
    return WorkerShown(
        name=seen.name,
        role=role,
        up=seen.up(at),
        unheard_us=seen.unheard_us(at),
        pid=now.pid if now else None,
        host=now.host if now else None,
        since_us=round(now.process.start_seconds * SECOND_US) if now else None,
        memory_bytes=now.process.memory_bytes if now else None,
        cpu=_per_s(seen, lambda sample: sample.process.cpu_seconds_total),
        loop_lag_p99_us=_us(lag, 0.99),
        recoveries=seen.recoveries,
        cell=_cell_shown(lookout, seen),
    )


def _cell_shown(lookout: Lookout, seen: Seen) -> CellShown | None:
    if seen.now is None or not isinstance(seen.now.part, CellGauges):
        return None
    part = seen.now.part
    commits, turns = _lately(seen, lambda p: p.commit_seconds), _lately(seen, lambda p: p.commit_turns)
    return CellShown(
        slots=part.slots,
        placed_slots=lookout.look(seen).placed_slots,
        actors=part.actors,
        turns_per_s=_per_s(seen, lambda sample: sample.part.turns_total),
        commit_p50_us=_us(commits, 0.5),
        commit_p99_us=_us(commits, 0.99),
        commit_turns=round(turns.sum / sum(turns.counts), 1) if sum(turns.counts) else None,
        outbox_letters=part.outbox_letters,
        waiting_calls=part.waiting_calls,
        uncommitted_turns=part.uncommitted_turns,
        broken_slots=part.broken_slots,
    )


def ingest_shown(own: Seen) -> IngestShown:
    """The door for devices."""
    ingest, waits = _part(own).ingest, _lately(own, lambda p: p.ingest.acknowledge_seconds)
    broker = _part(own).broker
    return IngestShown(
        up=bool(ingest.up),
        in_flight=ingest.in_flight_frames,
        held=ingest.held_frames,
        waiting=broker.waiting_frames if broker else None,
        full=broker.full_ratio if broker else None,
        keeps_out=not broker.sensors_up if broker else False,
        waiting_us=round(broker.waiting_seconds * SECOND_US) if broker else None,
        frames_per_s=_per_s(own, lambda sample: sample.part.ingest.received_frames_total),
        acknowledge_p50_us=_us(waits, 0.5),
        acknowledge_p99_us=_us(waits, 0.99),
    )


def live_shown(own: Seen) -> LiveShown:
    """The screens."""
    live = _part(own).live
    rate = _per_s(own, lambda sample: sample.part.live.frames_total)
    return LiveShown(clients=live.clients, frames_per_s=rate, skipped_frames=live.skipped_frames_total)


def store_shown(own: Seen) -> StoreShown:
    """The tables."""
    store = _part(own).store
    return StoreShown(
        parked_messages=store.parked_messages,
        undelivered_orders=store.undelivered_orders,
        world_bytes=store.world_bytes,
        grown_bytes=store.grown_bytes,
        grown_us=round(store.grown_seconds * SECOND_US),
        tables=dict(sorted(store.table_bytes.items(), key=lambda item: -item[1])),
        unread_us=round(store.unread_seconds * SECOND_US),
    )


def lags(lookout: Lookout, own: Seen | None) -> list[LagShown]:
    """How far the views and each projection are behind."""
    found = []
    now = lookout.clock()
    for seen in lookout.seen.values():
        if seen.now and isinstance(seen.now.part, ViewsGauges):
            follower = seen.now.part.follower
            behind_us = round(follower.behind_seconds * SECOND_US)
            found.append(LagShown("views", follower.behind_pages, behind_us, seen.unheard_us(now)))
    if own is not None:
        store = _part(own).store
        unread_us = round(store.unread_seconds * SECOND_US)
        for name, pages in sorted(store.behind_pages.items()):
            found.append(LagShown(name, pages, round(store.behind_seconds[name] * SECOND_US), unread_us))
    return found


def lines(lookout: Lookout, own: Seen | None) -> Iterator[Line]:
    """What the views, the projections, the door for devices and the screens were like."""
    for seen in lookout.seen.values():
        if seen.now and isinstance(seen.now.part, ViewsGauges):
            yield Line("views", _levels(seen, lambda p: p.follower.behind_seconds))
    if own is not None:
        yield Line("projections", _levels(own, lambda p: max(p.store.behind_seconds.values(), default=0.0)))
        yield Line("frames", _rates(own, lambda p: p.ingest.received_frames_total))
        yield Line("screens", _levels(own, lambda p: p.live.clients))


def cell_lines(lookout: Lookout) -> Iterator[Line]:
    """Turns a second of each cell whose past is kept."""
    for seen in lookout.seen.values():
        if seen.now and isinstance(seen.now.part, CellGauges) and seen.past:
            yield Line(f"cell:{seen.name}", _rates(seen, lambda p: p.turns_total))


def _part(own: Seen) -> GatewayGauges:
    assert own.now is not None
    assert isinstance(own.now.part, GatewayGauges)
    return own.now.part


def _per_s(seen: Seen, figure: Callable[[Any], float]) -> float | None:
    """How fast a growing figure grew in the last minute of this life."""
    now, then = seen.now, seen.before(MINUTE_US)
    if now is None or then is None or now.at <= then.at:
        return None
    return round((figure(now) - figure(then)) * SECOND_US / (now.at - then.at), 2)


def _lately(seen: Seen, spread: Callable[[Any], Spread]) -> Spread:
    """What a spread saw in the last minute of this life."""
    assert seen.now is not None
    then = seen.before(MINUTE_US)
    return spread(seen.now.part).since(spread(then.part) if then else None)


def _us(spread: Spread | None, share: float) -> Micros | None:
    seconds = spread.quantile(share) if spread is not None else None
    return round(seconds * SECOND_US) if seconds is not None else None


def _levels(seen: Seen, figure: Figure) -> list[tuple[Micros, float | None]]:
    return [*_with_gaps((sample, round(figure(sample.part), 3)) for sample in seen.past)]


def _rates(seen: Seen, figure: Figure) -> list[tuple[Micros, float | None]]:
    past = list(seen.past)
    grown = (
        (after, round((figure(after.part) - figure(before.part)) * SECOND_US / (after.at - before.at), 2))
        for before, after in pairwise(past)
        if after.life == before.life and after.at - before.at < GAP_US
    )
    return [*_with_gaps(grown)]


def _with_gaps(values: Iterable[tuple[Sample, float]]) -> Iterator[tuple[Micros, float | None]]:
    last = 0
    for sample, value in values:
        if last and sample.at - last >= GAP_US:
            yield last + SAMPLE_US, None
        yield sample.at, value
        last = sample.at
