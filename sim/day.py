"""A generated day of a small city: all chances drawn up front, integer times, no two bays in one microsecond."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from actors.engine.entries import FromDevice, FromStream, Input, Letter
from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.forms import Command
from actors.values import DAY_US, MINUTE_US, SECOND_US, Micros, Ref, shared_slot
from sim.demand import stay_us

BEGIN_US: Micros = 1_772_755_200 * SECOND_US
LOTS = 25
DEBOUNCE_US = 15 * SECOND_US
HEARTBEAT_US = 30 * MINUTE_US


class Said(NamedTuple):
    """Something said to an actor at its own time; `source` tells it from everything else that is said."""

    at_us: Micros
    source: Input
    ref: Ref
    message: Command

    def letter(self) -> Letter[Any]:
        """On its way to the slot that all bays of a lot share."""
        return Letter(shared_slot(self.ref.key), self.source, self.ref, self.message, self.at_us)


def day(bays: int = 300, seed: int = 1) -> list[Said]:
    """The day of that many bays with one or two sensors each: installed, then taken and freed, with short
    disturbances, repeated, lost and late frames and silences; in order of time.
    """
    said = [s for number in range(bays) for s in _bay_day(number, bays, random.Random(f"{seed}/{number}"))]  # noqa: S311
    numbers: dict[int, int] = {}
    return [_numbered(s, numbers) for s in sorted(said, key=lambda s: s.at_us)]


def _numbered(said: Said, numbers: dict[int, int]) -> Said:
    """Gives an order of the register its place in the stream to its slot."""
    if not isinstance(said.source, FromStream):
        return said
    slot = shared_slot(said.ref.key)
    numbers[slot] = numbers.get(slot, 0) + 1
    return said._replace(source=FromStream("register", numbers[slot]))


class Ticks:
    """The microseconds that belong to one bay alone: those with its number as remainder."""

    def __init__(self, number: int, bays: int) -> None:
        self._number, self._bays = number, bays

    def at(self, offset_us: Micros) -> Micros:
        """The bay's own microsecond at or just before that time of the day."""
        return BEGIN_US + offset_us // self._bays * self._bays + self._number


def _bay_day(number: int, bays: int, rng: random.Random) -> Iterator[Said]:
    lot, tick = f"L{number % LOTS:03d}", Ticks(number, bays)
    bay = Ref("bay", f"{lot}/{number:04d}")
    kind = ("common", "common", "common", "loading", "disabled")[number % 5]
    orders = FromStream("register", 0)
    yield Said(tick.at(0), orders, bay, InstallBay(bay.own_id, kind, DEBOUNCE_US if number % 2 else 0))
    truth = list(_truth(rng))
    for index in range(1 + (number % 7 == 0)):
        device = Ref("device", f"{lot}/{number:04d}-{index}")
        yield Said(
            tick.at((index + 1) * SECOND_US), orders, device, InstallDevice("yun-json", bay.own_id, HEARTBEAT_US)
        )
        yield from _reports(device, tick, index * SECOND_US // 2, truth, rng)


def _truth(rng: random.Random) -> Iterator[tuple[Micros, bool]]:
    """What a sensor could see, and when: stays, gaps, disturbances of a few seconds, heartbeats in between."""
    offset_us, occupied = MINUTE_US, False
    while offset_us < DAY_US:
        yield offset_us, occupied
        chance, stays = rng.random(), stay_us(rng.random())
        if chance < 0.1:
            yield offset_us + 3 * SECOND_US, not occupied
            yield offset_us + 9 * SECOND_US, occupied
        offset_us += min(stays, HEARTBEAT_US) + 20 * SECOND_US
        occupied = occupied if stays > HEARTBEAT_US and chance < 0.9 else not occupied


def _reports(
    device: Ref, tick: Ticks, lag_us: Micros, truth: list[tuple[Micros, bool]], rng: random.Random
) -> Iterator[Said]:
    """One sensor's frames of it: some are lost, come late or twice, and now and then it is silent for hours."""
    silent_until_us = 0
    for serial, (offset_us, occupied) in enumerate(truth, 1):
        lost, late, twice, silent = (rng.random() < chance for chance in (0.03, 0.03, 0.05, 0.01))
        if silent:
            silent_until_us = offset_us + 5 * HEARTBEAT_US
        if lost or offset_us < silent_until_us:
            continue
        seen_us = tick.at(offset_us + lag_us)
        received_us = tick.at(offset_us + lag_us + (40 * MINUTE_US if late else 0))
        said = Said(
            received_us,
            FromDevice(device, 1, serial),
            device,
            Uplinked(seen_us, received_us, occupied, serial=serial, boot=1),
        )
        yield said
        if twice:
            yield said._replace(at_us=tick.at(received_us - BEGIN_US + 2 * SECOND_US))
