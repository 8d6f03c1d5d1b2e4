"""Departures that a fleet is asked about: believed, held for a person, or undone."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.stays import Staying
from actors.messages.bay import DepartureAsked, DepartureUndone, DepartureWaits, Freed, StayOver, Taken
from actors.messages.fleet import AskDeparture, DecideHeld, DepartureBelieved, DepartureHeld, DepartureReversed
from actors.messages.session import EndSession, ResumeSession
from actors.values import Ref


class Departing(Staying):
    """A bay whose device says that its stay is over asks the device's fleet first, so that a fault that many have in
    common ends no stays. Meanwhile the stay is open; who comes next is proof enough that the one before has left.
    """

    device: str = ""
    bay_type: str = ""
    shown: str = ""
    leaving: DepartureAsked | None = None
    held: str = ""

    def on_departure_believed(self, said: DepartureBelieved, turn: Turn) -> None:
        if self.leaving and self.leaving.session == said.session == self.session:
            after = copy(self)
            after.end(self.session, _end(self.leaving), turn)
            after.show(self, turn)

    def on_departure_held(self, said: DepartureHeld, turn: Turn) -> None:
        if self.session and self.session != said.session:
            confirmed = DecideHeld("confirm", "", "the next vehicle came", (said.session,))
            turn.send(Ref("fleet", said.fleet), confirmed)
            return
        if not self.session:
            turn.send(Ref("session", said.session), ResumeSession("quarantine", ""))
        after = copy(self)
        after.learn(DepartureWaits(said.session, said.exit_us), turn)
        after.show(self, turn)

    def on_departure_reversed(self, said: DepartureReversed, turn: Turn) -> None:
        if self.held == said.session:
            after = copy(self)
            after.learn(DepartureUndone(said.session, said.person, turn.now), turn)
            after.show(self, turn)

    # -- deciding; all of these are called on the copy of a handler

    def show(self, before: "Departing", turn: Turn) -> None:
        """Tells the lot if the bay looks otherwise than before."""
        raise NotImplementedError

    def arrived(self, taken: Taken, turn: Turn) -> None:
        """The bay was taken: by the next vehicle, if the one before only waits to be believed."""
        if self.leaving and not self.held and self.leaving.session == self.session:
            self.end(self.session, _end(self.leaving), turn)
        super().arrived(taken, turn)

    def left(self, freed: Freed, turn: Turn, model: str = "") -> None:
        """The bay is free: its fleet says whether the stay is over."""
        self.end_beside(freed.since_us, freed.source, freed.device, freed.lost, turn)
        if self.session and model:
            said = (freed.since_us, freed.source, freed.device, freed.lost)
            self.learn(DepartureAsked(self.session, model, *said), turn)
            turn.send(Ref("fleet", model), AskDeparture(turn.me.key, self.session, freed.since_us))
        else:
            super().left(freed, turn)

    # -- remembering

    def fold_departure_asked(self, fact: DepartureAsked) -> None:
        self.leaving = fact

    def fold_departure_waits(self, fact: DepartureWaits) -> None:
        if self.leaving is None or self.leaving.session != fact.session:  # its stay had been ended already
            self.leaving = DepartureAsked(fact.session, "", fact.exit_us, "sensor", self.device)
        self.session = self.held = fact.session

    def fold_departure_undone(self, fact: DepartureUndone) -> None:
        self.leaving, self.held = None, ""
        self.occupied, self.since_us = True, fact.at_us

    def fold_stay_over(self, fact: StayOver) -> None:
        if fact.session == self.session:
            self.leaving, self.held = None, ""
        self.next_stay(fact.session)


def _end(asked: DepartureAsked) -> EndSession:
    return EndSession(asked.exit_us, asked.source, asked.device, asked.lost)
