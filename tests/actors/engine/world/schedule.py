"""A schedule: a world, steps with faults, then without until all has drained; then everything is checked."""

from collections import Counter
from unittest.mock import patch

from actors.engine import eras
from actors.engine.entries import FromWake
from actors.values import shared_slot
from tests.actors.engine.world.cuts import cut_by
from tests.actors.engine.world.replay import same_state
from tests.actors.engine.world.truth import Violation, check
from tests.actors.engine.world.world import World

STEPS = 450
DRAIN = 12_000
LOOK_EVERY = 25
ERA_US = 300_000
"""How long a month is here: several of them begin in a schedule, while clocks differ by less."""


def run(seed: int, steps: int = STEPS) -> Counter[str]:
    """Runs one schedule; `Violation` if an invariant does not hold. Some numbers about it."""
    with (
        cut_by(seed),
        patch.object(eras, "month_of", lambda at: at // ERA_US),
    ):
        world = World(seed)
        for _ in range(steps):
            world.step(True)
        world.network.faulty = False
        while world.late:
            world.execute_late()
        for count in range(DRAIN):
            world.step(False)
            if count % LOOK_EVERY == 0 and idle(world):
                break
        verify(world)
        return Counter(
            pages=len(world.tables.pages),
            turns=world.truth.turns,
            exits=world.exits,
            faults=world.faults,
            lost=world.network.lost,
            parked=len(world.tables.parked),
            drain=count,
            near=sum(send.here for sends in world.truth.sends.values() for send in sends),
            far=sum(not send.here for sends in world.truth.sends.values() for send in sends),
            wakes=sum(isinstance(source, FromWake) for _, source in world.truth.replies),
            snapshots=len(world.tables.kept),
            gone=world.tables.gone,
            outside=len(world.truth.asks),
            outside_again=sum(times - 1 for times in world.envoys.scale.asked.values()),
            **world.truth.moves,
            **world.truth.answers,
        )


def idle(world: World) -> bool:
    """Invariant 11: whether everything has drained."""
    return not unfinished(world)


def unfinished(world: World) -> str:
    """What has not drained yet; empty if all has."""
    if world.broker or any(not client.answered for client in world.clients):
        return "an input has no answer"
    if world.jobs or world.late or not all(process.idle() for process in world.processes):
        return "something is not committed"
    if world.tables.errands or world.truth.asks != world.truth.answered():
        return "something outside has no answer"
    for slot, row in world.tables.rows.items():
        host = world.registered[row.cell].host
        if slot not in host.slots or host.closing:
            return f"slot {slot} is not carried"
        if host.slots[slot].wakes or host.slots[slot].outbox:
            return f"slot {slot} has wakes or messages left"
    return "" if world.screen.current() else "a screen is behind"


def verify(world: World) -> None:
    """All that can be said only at the end."""
    truth = world.truth
    truth.no_hole()
    left = unfinished(world)
    check(not left, "it did not drain:", left)
    for pair, sent in truth.sends.items():  # invariant 3
        check(truth.taken[pair] == len(sent), "messages between slots were lost", pair)
    for device in world.devices:  # invariant 4
        check(truth.outer[device.ref] == device.published, "readings lost or out of order", device.ref)
    taken = {source for _, source in truth.replies}  # invariant 1
    check(all(client.source in taken for client in world.clients), "a command is lost")
    for ref, body in truth.away.items():  # the only place where he is, whatever comes late
        check(world.tables.left[shared_slot(ref.key), ref].held == body, "his row is another's or an older one", ref)
    truth.each_asked_is_answered(world.envoys.scale.asked)
    for slot in world.slots:
        live = world.registered[world.tables.rows[slot].cell].host.slots[slot]
        same_state(truth, world.tables, live)
    bounded(world)


def bounded(world: World) -> None:
    """Invariant 12: what is done leaves nothing behind."""
    for process in world.registered.values():
        check(not process.host._near._last, "local messages still remembered")
        check(not process.waiting, "calls still wait")
        check(not process.host._near._queue, "local messages still wait")


def broken(seed: int) -> str:
    """Why a schedule fails and how to see it again; empty if it does not fail."""
    try:
        run(seed)
    except Violation as violation:
        return f"schedule {seed}: {violation}\nrun it again: python -m tests.actors.engine.world {seed}"
    return ""
