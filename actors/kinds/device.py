"""A device: is it alive, how is its battery and clock, which of its frames were lost, and what it says of its bay."""

import msgspec

from actors.engine.turn import Turn
from actors.kinds.orders import Obeying
from actors.messages.bay import DeviceHealth, Sighted
from actors.messages.device import (
    CameBack,
    CheckSilence,
    DeviceAnswer,
    DeviceFace,
    DeviceInstalled,
    DeviceQuery,
    Heard,
    HeardLate,
    InstallDevice,
    LateHeard,
    Uplinked,
    WentOffline,
)
from actors.messages.fleet import fleet_key
from actors.values import Micros, Ref

SILENCE = "silence"
MISSED_HEARTBEATS = 3


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """How a frame stands to those before it: in turn or late, and how many are missing in between.

    `numbered`: its number says that it is newer, whatever its clock says.
    """

    late: bool
    lost: int = 0
    numbered: bool = False


class Device(Obeying, kind="device"):
    """One device: what it last reported and when, how many frames it sent, lost and sent late, and its clock."""

    bay: str = ""
    bays: tuple[str, ...] = ()
    heartbeat_us: Micros = 0
    alive_us: Micros = 0
    seen_us: Micros = 0
    offline_since_us: Micros | None = None
    boot: int = 0
    serial: int | None = None
    first_serial: int = 0
    frames: int = 0
    lost: int = 0
    late: int = 0
    drift_us: Micros = 0
    battery_pct: int | None = None
    battery_mv: int | None = None
    rssi_dbm: int | None = None
    temperature_c: float | None = None
    fault: bool = False
    simulated: bool = False
    firmware: str = ""
    arm: str = ""
    order: int = 0

    def on_install_device(self, install: InstallDevice, turn: Turn) -> None:
        said = (install.kind, install.bay, install.heartbeat_us)
        known = (self.device_kind, self.bay, self.heartbeat_us)
        if install.order < self.order or (said, install.bays) == (known, self.bays):
            return
        turn.record(DeviceInstalled(*said, turn.now, install.order, install.bays))
        before, now = self._watched(), _watched(install.bay, install.bays)
        for bay in before:
            if bay not in now:
                self._tell_health(bay, "gone", turn)
        for bay in now:
            if bay not in before:
                self._tell_health(bay, self.health(), turn)
        if self.offline_since_us is None:
            self._watch(turn.now, install.heartbeat_us, turn)

    def on_uplinked(self, up: Uplinked, turn: Turn) -> None:
        if not self.device_kind:
            turn.refuse("not_installed", "This device is not in the register yet.", device=turn.me.own_id)
            return
        arrival = self._arrival(up)
        if up.ack:
            self.acknowledged(up.ack, up.ack_why, turn)
        if arrival.late:
            found = up.boot == self.boot and (up.serial or 0) > self.first_serial
            turn.record(LateHeard(up.seen_us, up.received_us, found))
            turn.reply(HeardLate())
            return
        seen_us = self._believed(up, arrival)
        self._hear(up, seen_us, arrival.lost, turn)
        bay = self._spoken_of(up.bay_index)
        if up.occupied is not None and bay and not up.fault:
            turn.send(self._bay(bay, turn), self._sighted(up, seen_us, arrival.lost, turn))

    def on_check_silence(self, wake: CheckSilence, turn: Turn) -> None:
        silent_from = self.alive_us + MISSED_HEARTBEATS * self.heartbeat_us
        if self.offline_since_us is not None or not self.heartbeat_us:
            return
        if turn.now < silent_from:
            self._watch(self.alive_us, self.heartbeat_us, turn)
            return
        turn.record(WentOffline(self.alive_us))
        self._tell_all("silent", turn)

    def on_device_query(self, query: DeviceQuery, turn: Turn) -> None:
        turn.reply(DeviceAnswer(self.face()))

    # -- deciding

    def _arrival(self, up: Uplinked) -> Arrival:
        older = up.seen_us < self.seen_us
        if not self.frames:
            return Arrival(late=False)
        if up.serial is None or self.serial is None:
            return Arrival(late=older)
        if up.boot > self.boot or (up.serial_top and not up.serial):
            return Arrival(late=False, numbered=True)  # a 0 in a counter that wraps to 1: it starts anew
        ahead = self._ahead(up) if up.boot == self.boot else 0
        if ahead > 0:
            return Arrival(late=False, lost=ahead - 1, numbered=True)
        # A number that went back under a clock that went on is a counter that was reset, not a late frame.
        return Arrival(late=older or up.seen_us == self.seen_us)

    def _ahead(self, up: Uplinked) -> int:
        """How many frames after the newest one this is; in a counter that wraps, the shorter way round."""
        ahead = (up.serial or 0) - (self.serial or 0)
        half = up.serial_top // 2
        return (ahead + half) % up.serial_top - half if up.serial_top else ahead

    def _sighted(self, up: Uplinked, seen_us: Micros, lost: int, turn: Turn) -> Sighted:
        return Sighted(
            turn.me.own_id,
            bool(up.occupied),
            seen_us,
            up.received_us,
            up.confidence_pct,
            lost,
            up.source,
            up.plate,
            up.colour,
            up.radar is not None and up.radar != up.occupied,
            self._model(up),
        )

    def _believed(self, up: Uplinked, arrival: Arrival) -> Micros:
        """When it was seen: by the device's clock, unless that lies ahead of ours or ran backwards."""
        seen_us = min(up.seen_us, up.received_us)
        if arrival.numbered and seen_us < self.seen_us:
            return max(up.received_us, self.seen_us)
        return seen_us

    def _hear(self, up: Uplinked, seen_us: Micros, lost: int, turn: Turn) -> None:
        turn.record(
            Heard(
                seen_us,
                up.received_us,
                (up.seen_us if up.clock_us is None else up.clock_us) - up.received_us,
                lost,
                up.serial,
                up.boot,
                up.battery_pct,
                up.battery_mv,
                up.rssi_dbm,
                up.temperature_c,
                up.fault,
                up.simulated,
                up.firmware,
                up.arm,
            )
        )
        was = self.health()
        if self.offline_since_us is not None:
            turn.record(CameBack(max(0, up.received_us - self.offline_since_us)))
            self._watch(turn.now, self.heartbeat_us, turn)
        health = "fault" if up.fault else "ok"
        if health != was:
            self._tell_all(health, turn)

    def _watch(self, from_us: Micros, heartbeat_us: Micros, turn: Turn) -> None:
        # Set once and moved on only when it rings: a heartbeat costs no wake.
        if heartbeat_us:
            turn.wake(SILENCE, from_us + MISSED_HEARTBEATS * heartbeat_us, CheckSilence())

    def _tell_all(self, health: str, turn: Turn) -> None:
        for bay in self._watched():
            self._tell_health(bay, health, turn)

    def _tell_health(self, bay: str, health: str, turn: Turn) -> None:
        if bay:
            turn.send(self._bay(bay, turn), DeviceHealth(turn.me.own_id, health, turn.now))

    def _model(self, up: Uplinked) -> str:
        """The fleet that it belongs to: all of its kind and firmware."""
        return fleet_key(self.device_kind, up.firmware or self.firmware)

    def _watched(self) -> list[str]:
        return _watched(self.bay, self.bays)

    def _spoken_of(self, index: int) -> str:
        """The bay that a frame speaks of; none for a number that is not bound."""
        if not self.bays:
            return self.bay if index in (0, 1) else ""
        return self.bays[index - 1] if 0 < index <= len(self.bays) else ""

    def _bay(self, bay: str, turn: Turn) -> Ref:
        return Ref("bay", f"{turn.me.place}/{bay}")

    # -- remembering

    def fold_device_installed(self, fact: DeviceInstalled) -> None:
        self.device_kind, self.bay, self.heartbeat_us = fact.kind, fact.bay, fact.heartbeat_us
        self.alive_us, self.order, self.bays = max(self.alive_us, fact.at_us), fact.order, fact.bays

    def fold_heard(self, fact: Heard) -> None:
        if not self.frames or fact.boot != self.boot:
            self.boot, self.first_serial = fact.boot, fact.serial or 0
        elif (fact.serial or 0) < (self.serial or 0):
            self.first_serial = 0  # the counter came round or started anew
        self.frames += 1
        self.lost += fact.lost
        self.seen_us, self.drift_us = fact.seen_us, fact.drift_us
        self.alive_us = max(self.alive_us, fact.received_us)
        self.serial = fact.serial if fact.serial is not None else self.serial
        self.fault, self.simulated = fact.fault, fact.simulated
        self._fold_readings(fact)

    def _fold_readings(self, fact: Heard) -> None:
        # A frame says only what its sensor measured; what it leaves out stays as last reported.
        self.battery_pct = fact.battery_pct if fact.battery_pct is not None else self.battery_pct
        self.battery_mv = fact.battery_mv if fact.battery_mv is not None else self.battery_mv
        self.rssi_dbm = fact.rssi_dbm if fact.rssi_dbm is not None else self.rssi_dbm
        self.temperature_c = fact.temperature_c if fact.temperature_c is not None else self.temperature_c
        self.firmware, self.arm = fact.firmware or self.firmware, fact.arm or self.arm

    def fold_late_heard(self, fact: LateHeard) -> None:
        self.late += 1
        self.frames += 1
        if fact.found and self.lost:
            self.lost -= 1

    def fold_went_offline(self, fact: WentOffline) -> None:
        self.offline_since_us = fact.last_seen_us

    def fold_came_back(self, fact: CameBack) -> None:
        self.offline_since_us = None

    # -- seen from outside

    def health(self) -> str:
        """`silent` while offline, `fault` while it reports one, else `ok`."""
        if self.offline_since_us is not None:
            return "silent"
        return "fault" if self.fault else "ok"

    def face(self) -> DeviceFace:
        return DeviceFace(
            self.device_kind,
            self.bay,
            self.alive_us if self.frames else 0,
            self.offline_since_us,
            self.battery_pct,
            self.rssi_dbm,
            self.lost,
            self.late,
            self.frames,
            self.drift_us,
            self.fault,
            self.simulated,
            self.firmware,
            self.arm,
            tuple(waits.order for waits in self.waiting.values()),
        )


def _watched(bay: str, bays: tuple[str, ...]) -> list[str]:
    """The bays of a device: its one bay, or all that its numbers are bound to."""
    return [each for each in bays if each] if bays else [bay] if bay else []
