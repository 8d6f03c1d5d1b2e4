"""What needs a person: alarms that follow from the faces of a lot, and from what was set aside."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from actors.values import Micros
from gateway.live.topics import Body, LogTopic

LOW_BATTERY_PCT = 20
GROUP_FROM = 3
RING_EVENTS = 1_000

SEVERITIES: Mapping[str, str] = {
    "device_offline": "warning",
    "device_offline_lot": "critical",
    "battery_low": "info",
    "bay_faulty": "warning",
    "frame_parked": "critical",
    "message_parked": "critical",
    "payment_trouble": "critical",
    "unknown_devices": "warning",
    "fleet_quarantined": "critical",
}


class Alarm(NamedTuple):
    """One open alarm: since when, a stable code, its severity, what it is about, in which lot, and figures."""

    raised_us: Micros
    code: str
    severity: str
    subject: str
    lot: str | None
    detail: dict[str, int | str]


class Troubles:
    """What is wrong in one lot now: silent devices and faulty bays since when, low batteries with percent and time."""

    def __init__(self) -> None:
        self.silent: dict[str, Micros] = {}
        self.low: dict[str, tuple[int, Micros]] = {}
        self.faulty: dict[str, Micros] = {}
        self.changed = False

    def note(self, trouble: dict[str, Any], who: str, what: Any) -> None:
        """This (None: nothing) is now the trouble of that sort with a bay or device."""
        if trouble.get(who) != what:
            self.changed = True
            if what is None:
                del trouble[who]
            else:
                trouble[who] = what

    def alarms(self, lot: str) -> dict[str, Alarm]:
        """The alarms that follow: a lot with three silent devices or more has one alarm for all of them."""
        wanted = dict(alarm(at, "bay_faulty", bay, lot) for bay, at in self.faulty.items())
        wanted |= (alarm(at, "battery_low", dev, lot, battery_pct=pct) for dev, (pct, at) in self.low.items())
        if len(self.silent) >= GROUP_FROM:
            third = sorted(self.silent.values())[GROUP_FROM - 1]
            return wanted | dict([alarm(third, "device_offline_lot", lot, lot, devices=len(self.silent))])
        return wanted | dict(alarm(at, "device_offline", dev, lot) for dev, at in self.silent.items())


def alarm(at: Micros, code: str, subject: str, lot: str | None, **detail: int | str) -> tuple[str, Alarm]:
    """An alarm's id, `<code>:<subject>`, and the alarm."""
    return f"{code}:{subject}", Alarm(at, code, SEVERITIES.get(code, "warning"), subject, lot, detail)


class AlarmBook(LogTopic):
    """Topic `alarms`: what is open; every raising and clearing is one event and is never skipped."""

    lossless = True
    ring_weight = RING_EVENTS
    ring_us = 1 << 62  # by number only

    def __init__(self, epoch: str) -> None:
        super().__init__("alarms", epoch, "events", _apply, {"open": {}})
        self._held: dict[str, dict[str, Alarm]] = {}

    def settle(self, source: str, wanted: dict[str, Alarm], at: Micros) -> None:
        """These are now all alarms of one source (a lot's name): clear those that ended at `at`, raise the new ones."""
        held = self._held.get(source, {})
        for key in sorted(held.keys() - wanted.keys()):
            self.tell(("clear", key, at))
        for key in sorted(wanted.keys() - held.keys()):
            self.tell(("raise", key, *wanted[key]))
        self._held[source] = {key: held.get(key, new) for key, new in wanted.items()}

    def held(self, source: str) -> dict[str, Alarm]:
        """The open alarms of one source."""
        return self._held.get(source, {})


def _apply(body: Body, events: list[Any]) -> None:
    for verb, key, *rest in events:
        if verb == "raise":
            body["open"][key] = rest
        else:
            body["open"].pop(key, None)
