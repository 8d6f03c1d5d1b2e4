"""Recorded changes as the frames of a city's sensors: paced over the present, then kept alive by simulated demand.

Nothing here waits or connects: whoever publishes the frames sleeps until each is due.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from zlib import crc32

from actors.devices.yun_json import SensorFrame, encode
from actors.values import HOUR_US, MINUTE_US, SECOND_US, Micros
from sim.demand import Demand
from sim.events import Change, Stretch, last_stretch, melbourne_events
from storage.records import Device, Register

SPEED = 60
LENGTH_US = 3 * HOUR_US
INITIAL_SPREAD_US = 5 * SECOND_US
FIRST_BEAT_SPREAD_US = MINUTE_US


class Frame(NamedTuple):
    """A frame that is due then, on this MQTT topic."""

    at_us: Micros
    topic: str
    payload: bytes


class Said(NamedTuple):
    """What a sensor is to say, before it has its number; `occupied` None is a heartbeat that repeats its last word."""

    due_us: Micros
    bay: str
    seen_us: Micros
    occupied: bool | None
    simulated: bool


class Senders:
    """The sensors of a run: each numbers its frames 1, 2, 3 … within `boot`, which grows from run to run."""

    def __init__(self, boot: int, devices: Mapping[str, str] = {}) -> None:
        self._boot = boot
        self._devices = devices
        self._numbers: Counter[str] = Counter()

    def frame(self, said: Said, occupied: bool | None) -> Frame:
        """The next frame of a bay's sensor; a bay that is on no map has a sensor of the same form."""
        device = self._devices.get(said.bay) or f"mel-{said.bay}"
        self._numbers[device] += 1
        seed = crc32(device.encode())
        # No recording tells battery and signal: only frames that are marked as simulated carry any.
        frame = SensorFrame(
            v=1,
            boot=self._boot,
            n=self._numbers[device],
            at=max(said.seen_us, 0),
            occupied=occupied,
            sim=said.simulated,
            battery=35 + seed % 65 if said.simulated else None,
            rssi=-60 - seed % 55 if said.simulated else None,
        )
        return Frame(said.due_us, f"yunparking/v1/{device}/up", encode(frame))


class Feed:
    """A living city: its state before the recording, the recording at `speed` times, then simulated demand for ever.

    `boot` is the second in which the run began. With `known` states there is no recording: demand goes on from them.
    """

    def __init__(
        self,
        register: Register,
        start_us: Micros,
        *,
        events: list[Change] | None = None,
        known: Mapping[str, bool] | None = None,
        speed: float = SPEED,
        seed: int = 1,
    ) -> None:
        self._register = register
        self._start_us = start_us
        self._speed = speed
        self._seed = seed
        self._sensors = {d.bay_id: d for d in register.devices if d.bay_id and d.kind == "yun-json"}
        self._known = dict(known) if known is not None else None
        recorded = melbourne_events() if events is None and known is None else events or []
        here = [change for change in recorded if change.bay in self._sensors]
        self._stretch = last_stretch(here, LENGTH_US) if here else Stretch(0, 0, {}, [])
        self.simulated_from_us = start_us
        if here and known is None:
            played_us = round((self._stretch.end_us - self._stretch.start_us) / speed)
            self.simulated_from_us += INITIAL_SPREAD_US + played_us + 1

    def frames(self) -> Iterator[Frame]:
        """All frames in the order in which they are due, without end."""
        senders = Senders(self._start_us // SECOND_US, {bay: d.id for bay, d in self._sensors.items()})
        last = dict(self._known or {})
        for said in heapq.merge(self._changes(), self._heartbeats(), key=lambda said: said.due_us):
            if said.occupied is not None:
                last[said.bay] = said.occupied
            yield senders.frame(said, last.get(said.bay))

    def _changes(self) -> Iterator[Said]:
        state = dict(self._known) if self._known is not None else {}
        if self._known is None:
            for said in self._recorded():
                state[said.bay] = bool(said.occupied)
                yield said
        for bay in self._sensors:
            state.setdefault(bay, False)
        state = {bay: occupied for bay, occupied in state.items() if bay in self._sensors}
        for change in Demand(state, self.simulated_from_us, self._register.city.zone, self._seed).changes():
            yield Said(change.at_us, change.bay, change.at_us, change.occupied, simulated=True)

    def _recorded(self) -> Iterator[Said]:
        before = [self._stretch.before[bay] for bay in sorted(self._stretch.before)]
        step_us = INITIAL_SPREAD_US // max(len(before), 1)
        for place, change in enumerate(before):
            due_us = self._start_us + place * step_us
            since_us = self._start_us - (self._stretch.start_us - change.at_us)
            yield Said(due_us, change.bay, since_us, change.occupied, simulated=False)
        begin_us = self._start_us + INITIAL_SPREAD_US
        for change in self._stretch.changes:
            due_us = begin_us + round((change.at_us - self._stretch.start_us) / self._speed)
            yield Said(due_us, change.bay, due_us, change.occupied, simulated=False)

    def _heartbeats(self) -> Iterator[Said]:
        """Each sensor once soon after its first state (which may be told with an old time), then in its own beat."""
        beats = [(self._start_us + _early(d), d.bay_id or "", d) for d in self._sensors.values() if d.heartbeat_us]
        heapq.heapify(beats)
        while beats:
            due_us, bay, device = beats[0]
            yield Said(due_us, bay, due_us, None, simulated=due_us >= self.simulated_from_us)
            phase_us = (due_us - self._start_us - _spread(device)) % device.heartbeat_us
            heapq.heapreplace(beats, (due_us + device.heartbeat_us - phase_us, bay, device))


def _spread(device: Device) -> Micros:
    """A time of its own for every sensor."""
    return crc32(device.id.encode()) * 1_000


def _early(device: Device) -> Micros:
    return INITIAL_SPREAD_US + _spread(device) % min(FIRST_BEAT_SPREAD_US, device.heartbeat_us)


def unpaced(events: Iterable[Change], boot: int, devices: Mapping[str, str] = {}) -> Iterator[Frame]:
    """Recorded changes as fast as they can be taken, in their order, with their own times; for load and for proof.

    `devices` names the sensor of each bay; a bay without one still sends, and nobody knows its sensor.
    """
    senders = Senders(boot, devices)
    for change in events:
        yield senders.frame(Said(0, change.bay, change.at_us, change.occupied, simulated=False), change.occupied)
