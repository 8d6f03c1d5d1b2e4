"""Stays that share one bay: motorcycles take a part of its room each."""

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.locks import Locking
from actors.messages.bay import StayJoined, StayMarked, StayOver, StaySeen
from actors.messages.session import EndSession
from actors.plates import plate_class
from actors.values import Ref

MOTORCYCLE_UNITS = 2


class Beside(Locking):
    """The open stay of a bay, and those beside it: they are all of motorcycles."""

    sessions: int = 0
    stay: StaySeen | None = None
    beside: tuple[StaySeen, ...] = ()

    def whose(self, plate: str, colour: str, turn: Turn) -> str | None:
        """The open stay that a word on this plate goes to; empty: one that is to begin beside the others; None: there
        is no room for another vehicle.
        """
        first = self.stay
        if first is None or not first.plate:
            return self.session
        for each in (first, *self.beside):
            if each.plate == plate:
                return each.session
        motorcycle, motorcycles = _motorcycle(plate, colour), _motorcycle(first.plate, first.colour)
        if not motorcycle and not motorcycles:
            return self.session  # a plate that is read anew
        units = MOTORCYCLE_UNITS * (2 + len(self.beside))
        room = motorcycle and motorcycles and units <= rules_of(turn, turn.me.place).bay_units
        return "" if room else None

    def is_open(self, session: str) -> bool:
        """Whether this is one of the bay's open stays."""
        return session == self.session or any(each.session == session for each in self.beside)

    def named(self, plate: str) -> str | None:
        """The stay of this plate, or the only one; None: it is to be said which."""
        found = next((each.session for each in self.beside if each.plate == plate), "")
        if found or not self.beside or (self.stay and self.stay.plate == plate):
            return found or self.session
        return None

    # -- deciding; on the copy of a handler

    def end_beside(self, exit_us: int, source: str, device: str, lost: int, turn: Turn) -> None:
        """The bay is free: whoever stood beside the first has left, too."""
        for each in self.beside:
            turn.send(Ref("session", each.session), EndSession(exit_us, source, device, lost))
            self.learn(StayOver(each.session, exit_us, source), turn)

    # -- remembering

    def fold_stay_joined(self, fact: StayJoined) -> None:
        self.sessions += 1
        self.beside = (*self.beside, StaySeen(fact.session, fact.at_us))

    def fold_stay_marked(self, fact: StayMarked) -> None:
        if fact.stay.session == self.session:
            self.stay = fact.stay
        else:
            others = self.beside
            self.beside = tuple(fact.stay if each.session == fact.stay.session else each for each in others)

    def next_stay(self, over: str) -> None:
        """A stay is over; if it was the first, the next one is that now."""
        beside = tuple(each for each in self.beside if each.session != over)
        if over == self.session:
            self.stay, beside = (beside[0], beside[1:]) if beside else (None, ())
            self.session = self.stay.session if self.stay else ""
        self.beside = beside


def _motorcycle(plate: str, colour: str) -> bool:
    return plate_class(plate, colour) == "moto"
