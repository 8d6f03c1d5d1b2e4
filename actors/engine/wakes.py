"""Durable alarms: a turn names them, the journal numbers them."""

from collections.abc import Iterator
from typing import Any

from actors.engine.entries import CancelWake, SetWake
from actors.engine.slot import Slot
from actors.engine.turn import Turn


def changes_of_wakes(slot: Slot, turn: Turn) -> Iterator[SetWake[Any] | CancelWake]:
    """What the turn asked for, as entries: a name that is set already is cancelled first."""
    names = {name for name, _, _ in turn.wakes}
    armed = {name: n for name, n in slot.armed(turn.me).items() if name in names}
    n = slot.last_wake
    for name, at, message in turn.wakes:
        if name in armed:
            yield CancelWake(armed.pop(name))
        if message is not None:
            n += 1
            armed[name] = n
            yield SetWake(n, max(at, turn.now), name, message)
