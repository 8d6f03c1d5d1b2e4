"""One lot as its topic shows it: bays, devices, counts by state, and what is wrong in it."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast
from zlib import crc32

from actors.messages.bay import BayFace
from actors.messages.device import DeviceFace
from actors.values import Micros, shared_slot
from gateway.live.alarms import LOW_BATTERY_PCT, Troubles
from gateway.live.register import BayRow, DeviceRow, Register
from gateway.live.sections import Section
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


Told = tuple[str, str]
"""Of whom a row speaks: `bay` or `device`, and its id."""


class Lot:
    """A lot's topics and what is folded into them; a registered bay or device without a face shows as unknown.

    Hardly any lot is followed at a time. Of one that is not, rows are not made: `_unmade` has the last face of each.
    """

    def __init__(self, lot: str, register: Register, life: str = "") -> None:
        self.id = lot
        self.section = Section(lot, life)
        self.region = register.region_of.get(lot, "")
        self.slot: int | None = shared_slot(lot)
        self.troubles = Troubles()
        self.counts = no_counts()
        self.bays = 0
        self.numbers: dict[str, str] = {}
        self._register_bays = register.bays.get(lot, {})
        self._register_devices = register.devices.get(lot, {})
        self._states: dict[str, str] = {}
        self._unmade: dict[Told, BayFace | DeviceFace | None] = {}
        self.awake = False
        epoch = f"{crc32(LOT_VIEW.encode()):08x}.{register.fingerprint(lot)}"
        self.topic = RowTopic(f"lot/{lot}", epoch, "bays", "devices")

    def registered(self) -> tuple[Iterable[BayRow], Iterable[DeviceRow]]:
        """The bays and devices that are here whether or not they have a face."""
        return self._register_bays.values(), self._register_devices.values()

    def see_bay(self, bay: str, face: BayFace | None) -> tuple[str | None, str | None, Micros]:
        """A bay's face is now this: (state before, state now, since when), None for a bay that is not shown."""
        was = self._states.pop(bay, None)
        if face is None and bay not in self._register_bays:
            self.troubles.note(self.troubles.faulty, bay, None)
            self._show(("bay", bay), None)
            self._move(was, None)
            return was, None, 0
        state = face.state if face else "unknown"
        since = face.since_us if face else 0
        self._states[bay] = state
        self.numbers[bay] = face.number if face else self._register_bays[bay].number
        faulty_us = face.changed_us if face and state == "faulty" else None
        self.troubles.note(self.troubles.faulty, bay, faulty_us)
        self._show(("bay", bay), face)
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
        self._show(("device", device), face)
        if face is None:
            row = self._register_devices.get(device)
            return Standing(row.kind, row.bay) if row else None
        bay = face.bay.rpartition("/")[2]
        return Standing(face.kind, bay, since is None and face.last_seen_us > 0, since, low)

    def _is_as_well_as(self, was: Standing, device: str, face: DeviceFace) -> bool:
        """Whether a device goes on as well as it was, as nearly all do at each reading: its row is all that is new."""
        bay, pct = face.bay.rpartition("/")[2], face.battery_pct
        low = pct is not None and pct <= LOW_BATTERY_PCT
        if low or face.offline_since_us is not None or was != (face.kind, bay, face.last_seen_us > 0, None, None):
            return False
        self._show(("device", device), face)
        return True

    def wake(self) -> None:
        """Somebody follows it: its rows are made, and from now on at each change."""
        self.awake = True
        for told, face in self._unmade.items():
            self._show(told, face)
        self._unmade = {}
        self.aggregate()

    def sleep(self) -> None:
        """Nobody follows it any more."""
        self.awake = False

    def _show(self, told: Told, face: BayFace | DeviceFace | None) -> None:
        if not self.awake:
            self._unmade[told] = face
        elif told[0] == "bay":
            self._show_bay(told[1], cast("BayFace | None", face))
        else:
            self._show_device(told[1], cast("DeviceFace | None", face))

    def _show_bay(self, bay: str, face: BayFace | None) -> None:
        if face is not None:
            row = [face.state, face.since_us, face.changed_us, face.device or None, face.state == "verify"]
            self.topic.put("bays", bay, row)
            self.section.see(bay, face.number, face, shown=True)
            return
        known = self._register_bays.get(bay)
        self.topic.put("bays", bay, ["unknown", 0, 0, None, False] if known else None)
        self.section.see(bay, known.number if known else "", None, shown=known is not None)

    def _show_device(self, device: str, face: DeviceFace | None) -> None:
        if face is not None:
            bay, since = face.bay.rpartition("/")[2], face.offline_since_us
            row = [face.last_seen_us, face.battery_pct, face.rssi_dbm, face.lost, since, face.drift_us, bay]
            self.topic.put("devices", device, row)
            return
        known = self._register_devices.get(device)
        self.topic.put("devices", device, [0, None, None, 0, None, 0, known.bay] if known else None)

    def aggregate(self) -> None:
        """Write the counts into the topic, if somebody follows it."""
        if self.awake:
            self.topic.say("counts", dict(self.counts))

    def share(self) -> dict[str, Any]:
        """The lot's row in its region."""
        return {"counts": dict(self.counts), "bays": self.bays}
