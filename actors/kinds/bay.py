"""A bay: does a vehicle stand in it, since when, and how sure are its devices."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.departures import Departing
from actors.kinds.opinions import UNHEARD, Opinion, Opinions, Verdict, trouble, verdict
from actors.messages.ahead import PlateAhead
from actors.messages.bay import (
    Agreed,
    BayAnswer,
    BayFace,
    BayInstalled,
    BayKept,
    BayQuery,
    DebounceOver,
    DeviceHealth,
    Dismissed,
    Disputed,
    Freed,
    HealthNoted,
    InstallBay,
    LateSighting,
    Missed,
    Opined,
    Shown,
    Sighted,
    Suspected,
    Taken,
)
from actors.messages.holding import BayTurned, GuardBay
from actors.messages.lot import BayChanged
from actors.messages.session import FlagSession
from actors.values import HOUR_US, Micros, Ref

SETTLE = "settle"


class Bay(Departing, kind="bay"):
    """One bay: taken or free since when, what each of its devices says, and what others see of it.

    A handler works on a copy that remembers each fact as soon as it is recorded; folds therefore replace
    `opinions` and never change it in place.
    """

    number: str = ""
    bay_type: str = ""
    debounce_us: Micros = 0
    dispute_us: Micros = HOUR_US
    charger: bool = False
    since_us: Micros = 0
    shown: str = ""
    changed_us: Micros = 0
    late: int = 0
    lost: int = 0
    disputed: bool = False
    suspicion: Suspected | None = None
    opinions: Opinions = {}
    order: int = 0
    ahead: PlateAhead | None = None

    def on_install_bay(self, install: InstallBay, turn: Turn) -> None:
        if install.order < self.order:
            return
        after = copy(self)
        said = (install.number, install.bay_type, install.debounce_us, install.dispute_us)
        known = (self.number, self.bay_type, self.debounce_us, self.dispute_us)
        if (*said, install.charger) != (*known, self.charger):
            after.learn(BayInstalled(*said, install.order, install.charger), turn)
        after.show(self, turn)

    def on_sighted(self, seen: Sighted, turn: Turn) -> None:
        after = copy(self)
        known = self.opinions.get(seen.device, UNHEARD)
        if known.occupied is not None and seen.seen_us < known.seen_us:
            after.learn(LateSighting(seen.device, seen.occupied, seen.seen_us), turn)
            return
        after.lock_seen(seen, turn)
        # Judged by the devices' clock: frames that come late and all at once lose no stay.
        if self.suspicion and seen.seen_us - self.suspicion.since_us >= self.debounce_us:
            after._settle(turn)
        if seen.lost:
            after.learn(Missed(seen.device, seen.lost, seen.seen_us), turn)
        if seen.contradicted:
            after._doubt(seen, turn)
        else:
            after.learn(Opined(seen.device, seen.occupied, seen.seen_us), turn)
            after._judge(seen, turn)
        after.show(self, turn)
        if seen.plate:
            after._read(seen, turn)

    def on_device_health(self, health: DeviceHealth, turn: Turn) -> None:
        known = self.opinions.get(health.device)
        if health.health == (known.health if known else "gone"):
            return
        after = copy(self)
        after.learn(HealthNoted(health.device, health.health, health.since_us), turn)
        after._judge(None, turn)
        after.show(self, turn)

    def on_settle(self, wake: DebounceOver, turn: Turn) -> None:
        if self.suspicion:
            after = copy(self)
            after._change(self.suspicion, turn)
            after.show(self, turn)

    def on_guard_bay(self, said: GuardBay, turn: Turn) -> None:
        after = copy(self)
        after.learn(BayKept(said.reserved, said.guarded), turn)
        after.show(self, turn)
        after._tell_holding(turn, self.stay.plate if self.stay else "")

    def on_bay_query(self, query: BayQuery, turn: Turn) -> None:
        turn.reply(BayAnswer(self.face()))

    # -- deciding; all of these are called on the copy of a handler

    def _judge(self, sighted: Sighted | None, turn: Turn) -> None:
        received_us, source = (sighted.received_us, sighted.source) if sighted else (turn.now, "sensor")
        model = sighted.model if sighted else ""
        said = verdict(self.opinions, self.since_us, self.dispute_us)
        self._weigh_dispute(said, turn)
        wanted = self._wanted(said)
        if said is None or wanted == self.occupied:
            self._dismiss(turn)
        elif self.suspicion is None:
            seen = Suspected(said.occupied, said.since_us, said.device, said.seen_us, received_us, source, model)
            if self.occupied is None or not self.debounce_us:
                self._change(seen, turn)
            else:
                self.learn(seen, turn)
                turn.wake(SETTLE, turn.now + self.debounce_us, DebounceOver())

    def _read(self, seen: Sighted, turn: Turn) -> None:
        """A plate goes to the open stay; that of a vehicle that just comes waits until its arrival is believed."""
        read = PlateAhead(seen.plate, seen.colour, seen.source, seen.device, seen.confidence_pct, seen.seen_us)
        if self.session:
            self.plate_seen(read, turn)
        elif self.suspicion and self.suspicion.occupied:
            self.learn(read, turn)

    def _wanted(self, said: Verdict | None) -> bool | None:
        if said is None or self.disputed:
            return self.occupied
        if self.occupied is not None and said.seen_us < self.since_us:
            return self.occupied  # those who are left to speak have not spoken since the bay last changed
        return said.occupied

    def _weigh_dispute(self, said: Verdict | None, turn: Turn) -> None:
        if said and said.against and not self.disputed:
            self.learn(Disputed(said.newest, said.against, said.seen_us), turn)
        elif self.disputed and not (said and said.against):
            self.learn(Agreed(said.seen_us if said else turn.now), turn)

    def _doubt(self, seen: Sighted, turn: Turn) -> None:
        """The two halves of one device contradict each other: nothing changes, and a person looks."""
        self._dismiss(turn)
        if not self.disputed:
            self.learn(Disputed(seen.device, seen.device, seen.seen_us), turn)
            if self.session:
                turn.send(Ref("session", self.session), FlagSession("contradicted", seen.device))

    def _dismiss(self, turn: Turn) -> None:
        if self.suspicion:
            self.learn(Dismissed(self.suspicion.since_us), turn)
            turn.cancel(SETTLE)

    def _settle(self, turn: Turn) -> None:
        if self.suspicion:
            self._change(self.suspicion, turn)
            turn.cancel(SETTLE)

    def _change(self, seen: Suspected, turn: Turn) -> None:
        said = (seen.since_us, seen.device, seen.seen_us, seen.received_us)
        first = self.occupied is None
        if seen.occupied:
            taken, ahead = Taken(*said, lost=self.lost, first=first, source=seen.source), self.ahead
            self.learn(taken, turn)
            self.arrived(taken, turn)
            if ahead and ahead.seen_us >= seen.since_us:
                self.plate_seen(ahead, turn)
        else:
            stay_us = seen.since_us - self.since_us if self.occupied else 0
            freed = Freed(*said, stay_us=stay_us, lost=self.lost, first=first, source=seen.source)
            self.learn(freed, turn)
            self.left(freed, turn, seen.model)
        self._tell_holding(turn)

    def _tell_holding(self, turn: Turn, plate: str = "") -> None:
        """Whoever keeps the bay for somebody hears that it was taken, or is free."""
        if self.guarded:
            turn.send(Ref("holding", turn.me.key), BayTurned(bool(self.occupied), self.since_us, plate))

    def show(self, before: Departing, turn: Turn) -> None:
        state = self.state()
        if not self.number or (state, self.bay_type) == (before.shown, before.bay_type):
            return
        if state != before.shown:
            self.learn(Shown(state, turn.now), turn)
        change = BayChanged(turn.me.own_id, self.bay_type, before.shown, state, before.bay_type)
        turn.send(Ref("lot", turn.me.place), change)

    # -- remembering

    def fold_bay_installed(self, fact: BayInstalled) -> None:
        self.number, self.bay_type = fact.number, fact.bay_type
        self.debounce_us, self.dispute_us = fact.debounce_us, fact.dispute_us
        self.order, self.charger = fact.order, fact.charger

    def fold_opined(self, fact: Opined) -> None:
        known = self.opinions.get(fact.device, UNHEARD)
        self.opinions = {**self.opinions, fact.device: known.heard(fact.occupied, fact.seen_us)}

    def fold_health_noted(self, fact: HealthNoted) -> None:
        others = {d: o for d, o in self.opinions.items() if d != fact.device}
        if fact.health == "gone":
            self.opinions = others
            return
        known = self.opinions.get(fact.device, UNHEARD)
        self.opinions = {**others, fact.device: Opinion(fact.health, known.occupied, known.since_us, known.seen_us)}

    def fold_missed(self, fact: Missed) -> None:
        self.lost += fact.lost

    def fold_late_sighting(self, fact: LateSighting) -> None:
        self.late += 1

    def fold_suspected(self, fact: Suspected) -> None:
        self.suspicion = fact

    def fold_dismissed(self, fact: Dismissed) -> None:
        self.suspicion = self.ahead = None

    def fold_plate_ahead(self, fact: PlateAhead) -> None:
        self.ahead = fact

    def fold_taken(self, fact: Taken) -> None:
        self._turned(True, fact.since_us, fact.device)

    def fold_freed(self, fact: Freed) -> None:
        self._turned(False, fact.since_us, fact.device)

    def _turned(self, occupied: bool, since_us: Micros, device: str) -> None:
        self.occupied, self.since_us, self.device = occupied, since_us, device
        self.suspicion, self.ahead, self.lost = None, None, 0

    def fold_disputed(self, fact: Disputed) -> None:
        self.disputed = True

    def fold_agreed(self, fact: Agreed) -> None:
        self.disputed = False

    def fold_shown(self, fact: Shown) -> None:
        self.shown, self.changed_us = fact.state, fact.at_us

    # -- seen from outside

    def state(self) -> str:
        """What others should see: faulty > stale > verify > occupied, or reserved > free > unknown."""
        if trouble(self.opinions):
            return trouble(self.opinions)
        if self.disputed or self.held:
            return "verify"
        if self.occupied:
            return "occupied"
        if self.reserved:
            return "reserved"
        return "unknown" if self.occupied is None else "free"

    def face(self) -> BayFace:
        return BayFace(
            self.number,
            self.bay_type,
            self.shown or "unknown",
            self.since_us,
            self.changed_us,
            self.device,
            self.occupied,
            self.late,
            self.lost,
            self.session,
            self.stay,
            self.beside,
        )
