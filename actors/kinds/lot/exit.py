"""A car wants out: its stay is found and ends; when nothing is due any more, the barrier opens."""

from typing import NamedTuple

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.lot.entry import Entering, answer_again
from actors.messages.lane import CarAtEntry, CarAtExit, Leaving, QuoteLapsed, StayTold, TooLate, TurnedAway
from actors.messages.lane_facts import CarLeft, CarTurnedAway, ExitAsked, InsideChanged, QuoteExpired
from actors.messages.ownership import TriedToLeave
from actors.messages.rules import LotRules
from actors.messages.session import AddEvidence, EndSession, FlagSession, ResumeSession, Waive
from actors.plates import best_match
from actors.values import DAY_US, MINUTE_US, Micros, Ref

MOST_US = DAY_US
"""How long a car whose entry was lost is taken to have stayed, where the lot charges the most."""

EMERGENCY = "emergency"
"""Why a car passes, and what its stay is flagged with, while all gates are forced open."""


class Found(NamedTuple):
    """The stay of a car at an exit: how it was found (`plate`, `fuzzy`, `phone`, `seat`, `none`, `several`)."""

    session: str
    how: str
    among: tuple[str, ...] = ()


class Exiting(Entering):
    """A lot that lets cars out."""

    def on_car_at_exit(self, car: CarAtExit, turn: Turn) -> None:
        known = self.outcome(car.lane, car.n)
        if known is not None:
            turn.reply(answer_again(known, car.n))
        elif turn.now > car.until_us:
            turn.reply(TooLate(car.n))
        elif car.standing is not None and car.standing.locked and not self.forced_us:
            self._turn_away(car, "locked", turn)
            tried = TriedToLeave(turn.me.key, car.lane, car.seen_us)
            turn.send(Ref("vehicle", car.standing.plate), tried)
        else:
            self._let_out(car, turn)

    def _let_out(self, car: CarAtExit, turn: Turn) -> None:
        rules = rules_of(turn, turn.me.key)
        found = self.find(car.plate, car.session)
        if self.forced_us:
            self.leave(car, found, rules, turn, EMERGENCY)
            turn.reply(Leaving(car.n, found.session or self.next_session(turn)))
        elif found.how == "several":
            self._turn_away(car, "several", turn, found.among)
        elif found.how == "none" and (not car.plate or rules.gates.exit_without_entry == "desk"):
            self._turn_away(car, "no_entry" if car.plate else "no_plate", turn)
        else:
            session = found.session or self.next_session(turn)
            self.ask_exit(car, Found(session, found.how), rules, turn)
            turn.reply(Leaving(car.n, session))

    def _turn_away(self, car: CarAtExit, why: str, turn: Turn, among: tuple[str, ...] = ()) -> None:
        turn.record(CarTurnedAway(car.lane, car.n, car.plate, car.seen_us, False, why, 0, among, car.picture))
        turn.reply(TurnedAway(car.n, why, among=among))

    def find(self, plate: str, session: str = "") -> Found:
        """The stay of the plate that a camera read; the one that a person names, if it is inside."""
        if session in self.inside:
            return Found(session, "seat")
        if plate in self.by_plate:
            return Found(self.by_plate[plate], "plate")
        match = best_match(plate, self.by_plate) if plate else None
        if match is None or match.verdict == "none":
            return Found("", "none")
        if match.verdict == "several":
            return Found("", "several", match.plates)
        return Found(self.by_plate[match.plates[0]], "fuzzy")

    def next_session(self, turn: Turn) -> str:
        """The key of the stay that begins next."""
        return f"{turn.me.key}/~{self.number + 1}"

    def ask_exit(self, car: CarAtExit, found: Found, rules: LotRules, turn: Turn, phone: str = "") -> None:
        """The car waits at the exit: its stay ends, and says what is due (`StayTold`)."""
        self._clear_lane(car.lane, found.session, turn)
        there = self.waiting.get(self.waits_at(found.session))
        until_us = there.until_us if there else max(car.seen_us, turn.now) + rules.gates.quote_minutes * MINUTE_US
        here = self.inside.get(found.session)
        number = self.number + 1 if here is None else 0
        said = (found.session, here.plate if here else car.plate, car.plate, found.how, car.seen_us, until_us)
        turn.record(ExitAsked(car.lane, car.n, *said, number, phone, car.picture))
        turn.wake(f"quote {car.lane}", until_us, QuoteLapsed(car.lane, car.n))
        if there is None:
            self.end(car, found, rules, turn)

    def _clear_lane(self, lane: str, session: str, turn: Turn) -> None:
        """Who waited here before has driven away: that stay goes on."""
        there = self.waiting.get(lane)
        if there is not None and there.session != session:
            turn.record(QuoteExpired(lane, there.n, there.session, turn.now))
            turn.send(Ref("session", there.session), ResumeSession("drove_back", ""))

    def end(self, car: CarAtExit, found: Found, rules: LotRules, turn: Turn) -> None:
        """Ends the stay as the lane saw it; one whose entry was lost is begun first, by the lot's rule."""
        ref, camera = Ref("session", found.session), self.camera(car.lane)
        if found.session not in self.inside:
            stay_us = MOST_US if rules.gates.exit_without_entry == "most" else 0
            fixed_fen = rules.gates.unknown_fen or -1
            said = (car.lane, car.n, car.plate, car.colour, car.confidence_pct, car.seen_us, car.until_us)
            self.begin(found.session, CarAtEntry(*said), rules, turn, car.seen_us - stay_us, fixed_fen)
            why = f"{car.plate} may be {' '.join(found.among)}" if found.among else f"{car.plate} left"
            turn.send(ref, FlagSession("no_entry", why))
        elif found.how == "fuzzy":
            turn.send(ref, FlagSession("fuzzy_exit", f"{car.plate} read at the exit"))
        turn.send(ref, EndSession(car.seen_us, "lane", camera, lane=car.lane))
        if car.picture:
            turn.send(ref, AddEvidence(car.picture, "exit", "lane", camera, car.seen_us))

    def leave(self, car: CarAtExit, found: Found, rules: LotRules, turn: Turn, why: str, alone: int = 0) -> None:
        """The car is out, paid or not: its stay ends, what is due is owed."""
        session = found.session or self.next_session(turn)
        waited = self.waiting.get(self.waits_at(session))
        here = self.inside.get(session)
        if here is None:
            said = (session, car.plate, car.plate, found.how, car.seen_us, car.seen_us)
            turn.record(ExitAsked(car.lane, car.n, *said, self.number + 1))
        if waited is None:
            self.end(car, Found(session, found.how, found.among), rules, turn)
        plate, due_fen = here.plate if here else car.plate, max(0, waited.due_fen) if waited else 0
        turn.record(CarLeft(car.lane, car.n, session, plate, car.seen_us, why, alone, due_fen, car.picture))
        if why:
            turn.send(Ref("session", session), FlagSession(f"left_{why}", f"lane {car.lane}"))
        if why == EMERGENCY and rules.gates.emergency == "free":
            turn.send(Ref("session", session), Waive(-1, EMERGENCY, ""))

    def on_stay_told(self, told: StayTold, turn: Turn) -> None:
        lane = self.waits_at(told.session)
        here = self.inside.get(told.session)
        if here is None:
            return
        if lane and not told.open and told.due_fen <= 0:
            there = self.waiting[lane]
            turn.record(CarLeft(lane, there.n, told.session, told.plate, turn.now))
            turn.cancel(f"quote {lane}")
            if there.phone:
                self.open_barrier(lane, turn, told.session)
            return
        still = told.open or bool(lane)
        turn.record(InsideChanged(told.session, told.plate, still and not told.void, told.due_fen, told.at_us))

    def on_quote_lapsed(self, wake: QuoteLapsed, turn: Turn) -> None:
        there = self.waiting.get(wake.lane)
        if there is not None and there.n == wake.n:
            turn.record(QuoteExpired(wake.lane, wake.n, there.session, turn.now))
            turn.send(Ref("session", there.session), ResumeSession("quote_lapsed", ""))

    def open_barrier(self, lane: str, turn: Turn, about: str) -> None:
        """Tells the lane's barrier to open; whoever stands in the way of that says so later."""
        raise NotImplementedError

    def exit_by_phone(self, phone: str, lane: str, at_us: Micros, turn: Turn) -> None:
        """A car without a plate leaves with the phone that it came with."""
        session = self.by_phone.get(phone, "")
        if not session:
            turn.record(CarTurnedAway(lane, at_us, "", at_us, False, "not_inside"))
            turn.reply(TurnedAway(at_us, "not_inside"))
            return
        car = CarAtExit(lane, at_us, "", "", 100, at_us, at_us)
        self.ask_exit(car, Found(session, "phone"), rules_of(turn, turn.me.key), turn, phone)
        turn.reply(Leaving(at_us, session))
