"""A car wants in: by the lot's own switches it is let in, and its stay begins, or it is told why not."""

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.lot.state import Outcome, Remembered
from actors.messages.forms import Reply
from actors.messages.lane import Admitted, CarAtEntry, Leaving, ScanAtLane, TooLate, TurnedAway
from actors.messages.lane_facts import CarEntered, CarTurnedAway, LostExit
from actors.messages.rules import LotRules
from actors.messages.session import AddEvidence, FlagSession, NotePlate, OpenSession
from actors.messages.vehicle import EntryAnswer
from actors.values import MINUTE_US, Micros, Ref

SCAN_WITHIN_US = 10 * MINUTE_US
"""So long after a car without a plate was seen its driver may scan the lane's code."""
SAME_CAR_US = MINUTE_US
"""A camera that sees one plate twice within this time at one lane has seen one car."""


def answer_again(known: Outcome, n: int) -> Reply:
    """What was answered before to the question about this car."""
    if known.how == "in":
        return Admitted(n, known.session, known.why)
    if known.how == "away":
        return TurnedAway(n, known.why, known.fen, known.among)
    return Leaving(n, known.session)


class Entering(Remembered):
    """A lot that lets cars in."""

    def on_car_at_entry(self, car: CarAtEntry, turn: Turn) -> None:
        known = self.outcome(car.lane, car.n)
        if known is not None:
            turn.reply(answer_again(known, car.n))
        elif turn.now > car.until_us:
            turn.reply(TooLate(car.n))
        elif session := self.seen_twice(car.plate, car.lane, car.seen_us):
            turn.reply(Admitted(car.n, session))
        else:
            rules = rules_of(turn, turn.me.key)
            self._decide(car, rules, turn)

    def _decide(self, car: CarAtEntry, rules: LotRules, turn: Turn) -> None:
        why, fen = self.kept_out(rules, car.standing) if car.plate else ("no_plate", 0)
        let_in = "" if not why else self._let_in_all_the_same(why, rules)
        if why and not let_in:
            turn.record(CarTurnedAway(car.lane, car.n, car.plate, car.seen_us, True, why, fen, (), car.picture))
            turn.reply(TurnedAway(car.n, why, fen))
            return
        session = self.admit(car, rules, turn, let_in)
        turn.reply(Admitted(car.n, session, let_in))

    def kept_out(self, rules: LotRules, standing: EntryAnswer | None) -> tuple[str, int]:
        """Why a vehicle that stands so may not come in (empty: it may), and what it owes."""
        gates = rules.gates
        if rules.mode != "gate":
            return "no_gates", 0
        if standing is None and (gates.refuse_black or gates.refuse_arrears):
            return "standing_unknown", 0
        if standing is not None and gates.refuse_black and standing.list == "black":
            return "black", 0
        if standing is not None and gates.refuse_arrears and standing.owes_fen > 0:
            return "arrears", standing.owes_fen
        if gates.refuse_when_full and rules.capacity and len(self.inside) >= rules.capacity:
            return "full", 0
        return "", 0

    def _let_in_all_the_same(self, why: str, rules: LotRules) -> str:
        if self.forced_us and why != "no_gates":
            return "emergency"
        return why if why == "standing_unknown" and rules.gates.entry_fallback == "open" else ""

    def admit(self, car: CarAtEntry, rules: LotRules, turn: Turn, why: str, alone: int = 0, phone: str = "") -> str:
        """Lets the car in: its stay begins; the session's key."""
        self.forget_who_comes_again(car.plate, car.seen_us, turn)
        number = self.number + 1
        session = f"{turn.me.key}/~{number}"
        said = (car.plate, car.colour, car.seen_us, why, alone, phone, car.picture)
        turn.record(CarEntered(car.lane, car.n, session, number, *said))
        self.begin(session, car, rules, turn, car.seen_us)
        if phone or not car.plate:
            word = NotePlate("", "", "lane", self.camera(car.lane), 100, car.seen_us, no_plate=True)
            turn.send(Ref("session", session), word)
        return session

    def begin(
        self, session: str, car: CarAtEntry, rules: LotRules, turn: Turn, entry_us: Micros, fixed_fen: int = -1
    ) -> None:
        """Opens the stay of a car at a lane, with the picture of its entry."""
        camera, ref = self.camera(car.lane), Ref("session", session)
        opened = OpenSession(
            bay="",
            entry_us=entry_us,
            source="lane",
            device=camera,
            operator=rules.operator,
            mode=rules.mode,
            plate=car.plate,
            colour=car.colour,
            confidence_pct=car.confidence_pct,
            street=False,
            lane=car.lane,
            fixed_fen=fixed_fen,
        )
        turn.send(ref, opened)
        if car.picture:
            turn.send(ref, AddEvidence(car.picture, "entry", "lane", camera, car.seen_us))

    def seen_twice(self, plate: str, lane: str, seen_us: Micros) -> str:
        """The stay that this very car began at this lane a moment ago, or nothing."""
        session = self.by_plate.get(plate, "")
        here = self.inside.get(session)
        recent = here is not None and here.lane == lane and 0 <= seen_us - here.entry_us < SAME_CAR_US
        return session if recent else ""

    def forget_who_comes_again(self, plate: str, at_us: Micros, turn: Turn) -> None:
        """A car that comes in was not inside: the stay that says so lost its exit, and needs a person."""
        session = self.by_plate.get(plate, "") if plate else ""
        if session:
            turn.record(LostExit(session, plate, at_us))
            turn.send(Ref("session", session), FlagSession("lost_exit", f"{plate} came in again"))

    def camera(self, lane: str) -> str:
        """The camera of a lane; the lane itself, if nothing is known of it."""
        known = self.lanes.get(lane)
        return known.camera if known is not None and known.camera else lane

    def stands_without_plate(self, lane: str, at_us: Micros) -> bool:
        """Whether a car without a plate stands at the entry; where no camera looks, whoever scans the code says so."""
        known, there = self.lanes.get(lane), self.away.get(lane)
        if known is None or not known.camera:
            return known is not None
        seen = there is not None and there.entering and there.why == "no_plate"
        return seen and there is not None and at_us - there.seen_us < SCAN_WITHIN_US

    def enter_by_phone(self, scan: ScanAtLane, turn: Turn) -> bool:
        """Lets a car without a plate in; whether it did."""
        rules = rules_of(turn, turn.me.key)
        gates = rules.gates
        full = gates.refuse_when_full and rules.capacity and len(self.inside) >= rules.capacity
        why = "no_gates" if rules.mode != "gate" else "full" if full else ""
        if not why and scan.phone in self.by_phone:
            why = "already_inside"
        if not why and not self.stands_without_plate(scan.lane, scan.at_us):
            why = "no_car"
        if why:
            turn.record(CarTurnedAway(scan.lane, scan.at_us, "", scan.at_us, True, why))
            turn.reply(TurnedAway(scan.at_us, why))
            return False
        car = CarAtEntry(scan.lane, scan.at_us, "", "", 100, scan.at_us, scan.at_us)
        turn.reply(Admitted(scan.at_us, self.admit(car, rules, turn, "", phone=scan.phone)))
        return True
