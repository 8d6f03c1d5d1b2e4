"""One lot as its topic shows it: bays, devices, counts by state, and what is wrong in it."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from zlib import crc32

from actors.messages.bay import BayFace
from actors.messages.device import DeviceFace
from actors.values import Micros, shared_slot
from gateway.live.alarms import LOW_BATTERY_PCT, Troubles
from gateway.live.register import BayRow, DeviceRow, Register
from gateway.live.topics import RowTopic

STATES = ("free", "occupied", "reserved", "owing", "verify", "faulty", "stale", "unknown")

LOT_VIEW = "lot 1: counts, bays(state since_us changed_us device verify), devices(7)"
"""What a lot's body holds and how it is made: whoever changes either counts the number up."""

Counts = dict[str, int]


def no_counts() -> Counts:
    """No bay in any state; all states are always named, so that a count map replaces or merges alike."""
    return dict.fromkeys(STATES, 0)


class Standing(NamedTuple):
    """How a device counts; one that was never heard is neither online nor offline."""

    kind: str
    bay: str
    online: bool = False
    silent_since_us: Micros | None = None
    low_battery_pct: int | None = None


class Lot:
    """A lot's topic and what is folded into it; a registered bay or device without a face shows as unknown."""

    def __init__(self, lot: str, register: Register) -> None:
        self.id = lot
        self.region = register.region_of.get(lot, "")
        self.slot: int | None = shared_slot(lot)
        self.troubles = Troubles()
        self.counts = no_counts()
        self.bays = 0
        self.numbers: dict[str, str] = {}
        self._register_bays = register.bays.get(lot, {})
        self._register_devices = register.devices.get(lot, {})
        self._states: dict[str, str] = {}
        epoch = f"{crc32(LOT_VIEW.encode()):08x}.{register.fingerprint(lot)}"
        self.topic = RowTopic(f"lot/{lot}", epoch, "bays", "devices")
        self.aggregate()

    def registered(self) -> tuple[Iterable[BayRow], Iterable[DeviceRow]]:
        """The bays and devices that are here whether or not they have a face."""
        return self._register_bays.values(), self._register_devices.values()

    def see_bay(self, bay: str, face: BayFace | None) -> tuple[str | None, str | None, Micros]:
        """A bay's face is now this: (state before, state now, since when), None for a bay that is not shown."""
        was = self._states.pop(bay, None)
        if face is None and bay not in self._register_bays:
            self.troubles.note(self.troubles.faulty, bay, None)
            self.topic.put("bays", bay, None)
            self._move(was, None)
            return was, None, 0
        state = face.state if face else "unknown"
        since = face.since_us if face else 0
        self._states[bay] = state
        self.numbers[bay] = face.number if face else self._register_bays[bay].number
        changed, device = (face.changed_us, face.device or None) if face else (0, None)
        self.troubles.note(self.troubles.faulty, bay, changed if state == "faulty" else None)
        self.topic.put("bays", bay, [state, since, changed, device, state == "verify"])
        self._move(was, state)
        return was, state, since

    def _move(self, was: str | None, now: str | None) -> None:
        for state, step in ((was, -1), (now, 1)):
            if state is not None:
                self.counts[state] += step
                self.bays += step

    def see_device(self, device: str, face: DeviceFace | None, was: Standing | None) -> Standing | None:
        """A device's face is now this: how it counts, None if it is no longer here; `was`: how it counted."""
        if face is not None and was is not None and self._is_as_well_as(was, device, face):
            return was
        since = face.offline_since_us if face else None
        low = face.battery_pct if face and (face.battery_pct or 0) <= LOW_BATTERY_PCT else None
        self.troubles.note(self.troubles.silent, device, since)
        self.troubles.note(self.troubles.low, device, (low, face.last_seen_us) if face and low is not None else None)
        if face is None:
            return self._unheard(device)
        bay = face.bay.rpartition("/")[2]
        row = [face.last_seen_us, face.battery_pct, face.rssi_dbm, face.lost, since, face.drift_us, bay]
        self.topic.put("devices", device, row)
        return Standing(face.kind, bay, since is None and face.last_seen_us > 0, since, low)

    def _is_as_well_as(self, was: Standing, device: str, face: DeviceFace) -> bool:
        """Whether a device goes on as well as it was, as nearly all do at each reading: its row is all that is new."""
        bay, pct = face.bay.rpartition("/")[2], face.battery_pct
        low = pct is not None and pct <= LOW_BATTERY_PCT
        if low or face.offline_since_us is not None or was != (face.kind, bay, face.last_seen_us > 0, None, None):
            return False
        row = [face.last_seen_us, face.battery_pct, face.rssi_dbm, face.lost, None, face.drift_us, bay]
        self.topic.put("devices", device, row)
        return True

    def _unheard(self, device: str) -> Standing | None:
        row = self._register_devices.get(device)
        self.topic.put("devices", device, [0, None, None, 0, None, 0, row.bay] if row else None)
        return Standing(row.kind, row.bay) if row else None

    def aggregate(self) -> None:
        """Write the counts into the topic."""
        self.topic.say("counts", dict(self.counts))

    def share(self) -> dict[str, Any]:
        """The lot's row in its region."""
        return {"counts": dict(self.counts), "bays": self.bays}
