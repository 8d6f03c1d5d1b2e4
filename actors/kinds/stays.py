"""The stays of a bay: which one is open, what opens and ends one, and to whom reports by bay number go."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.beside import Beside
from actors.kinds.known import rules_of
from actors.kinds.locks import RAISED_WITHIN_US
from actors.messages.ahead import PlateAhead
from actors.messages.bay import (
    AdoptSession,
    ForgetSession,
    Freed,
    ReportExit,
    ReportPlate,
    SessionAt,
    StayBegan,
    StayJoined,
    StayMarked,
    StayNoted,
    StayOver,
    StaySeen,
    Taken,
)
from actors.messages.holding import PlateAtBay, StayAtBay
from actors.messages.rules import MODES
from actors.messages.session import EndSession, NotePlate, OpenSession, SightAgain
from actors.plates import normal
from actors.values import Micros, Ref


class Staying(Beside):
    """What a bay knows of its stays. The lot's mode, as it is now, says who may open one; who is trusted with a bay may
    always end one, for a vehicle that is gone is gone.
    """

    since_us: Micros = 0
    charger: bool = False

    def on_report_plate(self, said: ReportPlate, turn: Turn) -> None:
        after, opened = copy(self), False
        may = MODES[rules_of(turn, turn.me.place).mode]
        if said.source not in may.plate and said.source != "staff":
            turn.refuse("source_not_allowed", "This lot's mode takes no plates from there", source=said.source)
            return
        if not self.session:
            if said.source not in may.open:
                turn.refuse("no_session", "No stay is open in this bay", bay=turn.me.own_id)
                return
            entry_us = min(self.since_us, said.at_us) if self.occupied else said.at_us
            opened = after.begin(entry_us, said.source, said.device, 0, said.person, turn)
        session = after.session if said.no_plate else after.whose(normal(said.plate), said.colour, turn)
        if session is None:
            turn.refuse("bay_full", "There is no room for another vehicle in this bay", bay=turn.me.own_id)
            return
        if not session:
            session, opened = after.join(said, turn), True
        who = (said.source, said.device, said.confidence_pct, said.at_us, said.person, said.no_plate)
        turn.send(Ref("session", session), NotePlate(said.plate, said.colour, *who))
        turn.reply(SessionAt(session, opened))

    def on_report_exit(self, said: ReportExit, turn: Turn) -> None:
        if not self.session:
            turn.refuse("no_session", "No stay is open in this bay", bay=turn.me.own_id)
            return
        session = self.named(normal(said.plate))
        if session is None:
            plates = " ".join(each.plate for each in (self.stay, *self.beside) if each)
            turn.refuse("which_vehicle", "Several vehicles stand in this bay: which one left?", plates=plates)
            return
        end = EndSession(said.exit_us, said.source, said.device, 0, said.person, remote=said.remote)
        copy(self).end(session, end, turn)
        turn.reply(SessionAt(session))

    def on_adopt_session(self, said: AdoptSession, turn: Turn) -> None:
        if not self.session:
            turn.record(StayBegan(said.session, said.at_us, "staff"))

    def on_forget_session(self, said: ForgetSession, turn: Turn) -> None:
        if self.is_open(said.session):
            turn.record(StayOver(said.session, turn.now, "staff"))

    def on_stay_noted(self, said: StayNoted, turn: Turn) -> None:
        seen = (said.plate, said.colour, said.list, said.owes, said.owes_fen)
        stay = StaySeen(said.session, said.entry_us, *seen)
        if self.is_open(said.session) and stay not in (self.stay, *self.beside):
            turn.record(StayMarked(stay))
            if self.guarded and said.plate:
                turn.send(Ref("holding", turn.me.key), PlateAtBay(said.plate, said.entry_us))

    # -- deciding; all of these are called on the copy of a handler

    def arrived(self, taken: Taken, turn: Turn) -> None:
        """The bay was taken: a stay begins, or the one that a person has opened was seen by a device, too."""
        if self.session:
            turn.send(Ref("session", self.session), SightAgain(taken.source, taken.device, taken.since_us))
        elif taken.source in MODES[rules_of(turn, turn.me.place).mode].open:
            self.begin(taken.since_us, taken.source, taken.device, taken.lost, "", turn)

    def left(self, freed: Freed, turn: Turn) -> None:
        """The bay is free: its stay is over."""
        if self.session:
            self.end(self.session, EndSession(freed.since_us, freed.source, freed.device, freed.lost), turn)

    def plate_seen(self, read: PlateAhead, turn: Turn) -> None:
        """A camera has read the plate of whoever stands here."""
        if self.session and read.source in MODES[rules_of(turn, turn.me.place).mode].plate:
            note = NotePlate(read.plate, read.colour, read.source, read.device, read.confidence_pct, read.seen_us)
            session = self.whose(normal(read.plate), read.colour, turn)
            turn.send(Ref("session", session or self.session), note)

    def begin(self, entry_us: Micros, source: str, device: str, lost: int, person: str, turn: Turn) -> bool:
        """Opens the bay's next stay."""
        rules = rules_of(turn, turn.me.place, entry_us)
        self.learn(StayBegan(self._open(entry_us, source, device, lost, person, turn), entry_us, source), turn)
        if self.lock and rules.mode == "lock":
            self.move_lock("raise", RAISED_WITHIN_US, turn)
        return True

    def join(self, said: ReportPlate, turn: Turn) -> str:
        """Opens another stay beside those that are open."""
        session = self._open(said.at_us, said.source, said.device, 0, said.person, turn)
        self.learn(StayJoined(session, said.at_us, said.source), turn)
        return session

    def _open(self, entry_us: Micros, source: str, device: str, lost: int, person: str, turn: Turn) -> str:
        rules = rules_of(turn, turn.me.place, entry_us)
        session = f"{turn.me.key}-{self.sessions + 1}"
        where = (turn.me.own_id, entry_us, source, device, rules.operator, rules.mode)
        opened = OpenSession(*where, person=person, street=rules.street, lost=lost, charger=self.charger)
        turn.send(Ref("session", session), opened)
        if self.guarded:
            turn.send(Ref("holding", turn.me.key), StayAtBay(session, entry_us))
        return session

    def end(self, session: str, end: EndSession, turn: Turn) -> None:
        """One of the bay's stays is over."""
        turn.send(Ref("session", session), end)
        self.learn(StayOver(session, end.exit_us, end.source), turn)

    # -- remembering

    def fold_stay_began(self, fact: StayBegan) -> None:
        self.session = fact.session
        own = fact.session.rpartition("-")
        self.sessions = max(self.sessions, int(own[2]) if fact.source != "staff" else 0)
        self.stay = StaySeen(fact.session, fact.at_us)
