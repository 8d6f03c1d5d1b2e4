"""A fleet: all devices of one model and firmware. Many departures at once are more likely its fault than the city's."""

import msgspec

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.kinds.known import fleets_of
from actors.messages.fleet import (
    AskDeparture,
    DecideHeld,
    DepartureBelieved,
    DepartureCounted,
    DepartureHeld,
    DepartureKept,
    DepartureReversed,
    FleetAnswer,
    FleetDecided,
    FleetFace,
    FleetQuarantined,
    FleetQuery,
    HeldDecided,
    HeldDeparture,
    LiftQuarantine,
    QuarantineLifted,
)
from actors.messages.rules import FleetRules
from actors.values import MINUTE_US, Micros, Ref

WINDOW_US: Micros = 10 * MINUTE_US
MEMORY = 6
"""Over how many windows, about, the usual number is an average: an hour."""


class Fleet(Actor, kind="fleet"):
    """One model and firmware: how many of its departures are usual, and whether they are believed now.

    Folds change `recent` and `held` in place, for no handler goes on deciding after it recorded.
    """

    first_us: Micros = 0
    window: int = 0
    usual: float = 0.0
    recent: dict[str, DepartureCounted] = {}
    quarantined_us: Micros = 0
    held: dict[str, HeldDeparture] = {}

    def on_ask_departure(self, ask: AskDeparture, turn: Turn) -> None:
        bay = Ref("bay", ask.bay)
        said = (ask.bay, ask.session, ask.exit_us, turn.now)
        if not self.quarantined_us and not self._stormy(turn.now, fleets_of(turn)):
            turn.record(DepartureCounted(*said))
            turn.send(bay, DepartureBelieved(ask.session))
            return
        if not self.quarantined_us:
            storm = self._storm(turn.now)
            usual = round(self._usual(turn.now))
            turn.record(FleetQuarantined(turn.now, len(storm) + 1, usual, tuple(one.session for one in storm)))
            for one in storm:
                turn.send(Ref("bay", one.bay), DepartureHeld(one.session, one.exit_us, turn.me.key))
        turn.record(DepartureKept(*said))
        turn.send(bay, DepartureHeld(ask.session, ask.exit_us, turn.me.key))

    def on_decide_held(self, decide: DecideHeld, turn: Turn) -> None:
        if decide.verdict not in ("reverse", "confirm"):
            turn.refuse("unknown_verdict", "Departures are reversed or confirmed", verdict=decide.verdict)
            return
        meant = [each for each in decide.sessions or self.held if each in self.held]
        now = tuple(meant[: decide.most])
        if now:
            turn.record(HeldDecided(decide.verdict, now, decide.person, decide.reason, turn.now))
        for session in now:
            bay = Ref("bay", self.held[session].bay)
            reverse = decide.verdict == "reverse"
            turn.send(bay, DepartureReversed(session, decide.person) if reverse else DepartureBelieved(session))
        turn.reply(FleetDecided(len(now), len(meant) - len(now)))

    def on_lift_quarantine(self, lift: LiftQuarantine, turn: Turn) -> None:
        if self.quarantined_us:
            turn.record(QuarantineLifted(lift.person, lift.reason, turn.now))
        turn.reply(FleetAnswer(msgspec.structs.replace(self.face(), quarantined_us=0)))

    def on_fleet_query(self, query: FleetQuery, turn: Turn) -> None:
        some = sorted(session for session in self.held if session > query.after)[: query.most]
        turn.reply(FleetAnswer(self.face(), tuple(self.held[session] for session in some)))

    # -- deciding

    def _stormy(self, now: Micros, rules: FleetRules) -> bool:
        """Whether one more departure makes it more than can be believed."""
        if not rules.least or now - self.first_us < rules.learn_minutes * MINUTE_US:
            return False
        most = max(rules.least, rules.times * self._usual(now))
        return len(self.recent) >= most and len(self._storm(now)) >= most

    def _storm(self, now: Micros) -> list[DepartureCounted]:
        """The departures that were believed within the last window."""
        return [each for each in self.recent.values() if each.at_us > now - WINDOW_US]

    def _usual(self, now: Micros) -> float:
        """How many departures a window are usual, the present one left out."""
        return self.usual * (1 - 1 / MEMORY) ** max(now // WINDOW_US - self.window - 1, 0)

    # -- remembering

    def fold_departure_counted(self, fact: DepartureCounted) -> None:
        window = fact.at_us // WINDOW_US
        if not self.first_us:
            self.first_us, self.window = fact.at_us, window
        elif window > self.window:
            first = (self.window - self.first_us // WINDOW_US) < MEMORY
            share = 1 / (1 + self.window - self.first_us // WINDOW_US) if first else 1 / MEMORY
            ended = sum(each.at_us // WINDOW_US == self.window for each in self.recent.values())
            self.usual = self.usual + (ended - self.usual) * share
            self.usual *= (1 - 1 / MEMORY) ** (window - self.window - 1)
            self.window = window
            self.recent = {key: each for key, each in self.recent.items() if each.at_us > fact.at_us - WINDOW_US}
        self.recent[fact.session] = fact

    def fold_fleet_quarantined(self, fact: FleetQuarantined) -> None:
        self.quarantined_us = fact.at_us
        for session in fact.recalled:
            one = self.recent[session]
            self.held[session] = HeldDeparture(session, one.bay, one.exit_us, ended=True)
        self.recent = {}

    def fold_departure_kept(self, fact: DepartureKept) -> None:
        self.held[fact.session] = HeldDeparture(fact.session, fact.bay, fact.exit_us)

    def fold_held_decided(self, fact: HeldDecided) -> None:
        for session in fact.sessions:
            self.held.pop(session, None)

    def fold_quarantine_lifted(self, fact: QuarantineLifted) -> None:
        self.quarantined_us = 0

    # -- seen from outside

    def face(self) -> FleetFace:
        return FleetFace(self.quarantined_us, len(self.recent), round(self.usual), len(self.held))
