"""What a lot remembers of its lanes: who is inside, what became of each lane's last cars, and who waits to leave."""

import msgspec

from actors.kinds.lot.counts import Counting
from actors.messages.lane import Inside, Lane, Waiting
from actors.messages.lane_facts import (
    BarrierTold,
    CarDecided,
    CarEntered,
    CarLeft,
    CarTurnedAway,
    ExitAsked,
    GateLifted,
    GatesForced,
    InsideChanged,
    LaneInstalled,
    LostExit,
    PassageKnown,
    QuoteExpired,
    SeatRung,
)
from actors.values import Micros

REMEMBERED = 256
"""How many of a lane's last cars are known by number: a question and what the lane did alone meet in one passage."""

KEPT_OUT = "kept_out"
"""A person said that the car has to drive back."""


class Outcome(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What became of a lane's car: `in`, `out`, `asked` (it waits to leave) or `away`, with `why` and what it owes."""

    how: str
    session: str = ""
    why: str = ""
    fen: int = 0
    among: tuple[str, ...] = ()


class Remembered(Counting):
    """The state of a lot with gates; folds change it in place, for no handler goes on deciding after it recorded."""

    lanes: dict[str, Lane] = {}
    orders: dict[str, int] = {}
    number: int = 0
    inside: dict[str, Inside] = {}
    by_plate: dict[str, str] = {}
    by_phone: dict[str, str] = {}
    cars: dict[str, dict[int, Outcome]] = {}
    away: dict[str, CarTurnedAway] = {}
    waiting: dict[str, Waiting] = {}
    rung: dict[str, SeatRung] = {}
    lifted: dict[str, int] = {}
    alone: dict[str, int] = {}
    forced_us: Micros = 0

    def outcome(self, lane: str, n: int) -> Outcome | None:
        """What became of this car, as long as it is remembered."""
        return self.cars.get(lane, {}).get(n)

    def waits_at(self, session: str) -> str:
        """The lane where the car of this stay waits to leave, or nothing."""
        return next((lane for lane, each in self.waiting.items() if each.session == session), "")

    def fold_lane_installed(self, fact: LaneInstalled) -> None:
        self.lanes[fact.lane], self.orders[fact.lane] = fact.said, fact.order

    def fold_car_entered(self, fact: CarEntered) -> None:
        self.number = max(self.number, fact.number)
        self._note(fact.lane, fact.n, Outcome("in", fact.session, fact.why))
        self._count_alone(fact.lane, fact.alone)
        here = Inside(fact.plate, fact.seen_us, fact.lane, fact.phone, bool(fact.alone))
        self._put(fact.session, here)
        self._passed(fact.lane)

    def fold_car_turned_away(self, fact: CarTurnedAway) -> None:
        self._note(fact.lane, fact.n, Outcome("away", "", fact.why, fact.fen, fact.among))
        self._passed(fact.lane)
        self.away[fact.lane] = fact

    def fold_exit_asked(self, fact: ExitAsked) -> None:
        self.number = max(self.number, fact.number)
        self._note(fact.lane, fact.n, Outcome("asked", fact.session))
        before = self.waits_at(fact.session)
        due_fen = self.waiting.pop(before).due_fen if before else -1
        said = (fact.n, fact.session, fact.seen_us, fact.until_us)
        self.waiting[fact.lane] = Waiting(*said, due_fen, fact.phone)
        if fact.session not in self.inside:
            self._put(fact.session, Inside(fact.plate, fact.seen_us, fact.lane, fact.phone))
        self._passed(fact.lane)

    def fold_car_left(self, fact: CarLeft) -> None:
        self._note(fact.lane, fact.n, Outcome("out", fact.session, fact.why))
        self._count_alone(fact.lane, fact.alone)
        self._gone(fact.session)
        self._passed(fact.lane)

    def fold_passage_known(self, fact: PassageKnown) -> None:
        self._count_alone(fact.lane, fact.m)

    def fold_quote_expired(self, fact: QuoteExpired) -> None:
        self._note(fact.lane, fact.n, Outcome("away", fact.session, "quote_lapsed"))
        self.waiting.pop(fact.lane, None)

    def fold_inside_changed(self, fact: InsideChanged) -> None:
        if not fact.open:
            return self._gone(fact.session)
        here = self.inside.get(fact.session)
        if here is not None:
            self._drop(fact.session, here)
            self._put(fact.session, msgspec.structs.replace(here, plate=fact.plate))
        lane = self.waits_at(fact.session)
        if lane:
            self.waiting[lane] = msgspec.structs.replace(self.waiting[lane], due_fen=fact.due_fen)
        return None

    def fold_lost_exit(self, fact: LostExit) -> None:
        self._gone(fact.session)

    def fold_seat_rung(self, fact: SeatRung) -> None:
        self.rung[fact.lane] = fact

    def fold_gate_lifted(self, fact: GateLifted) -> None:
        self.lifted[fact.lane] = fact.n
        self._passed(fact.lane)

    def fold_car_decided(self, fact: CarDecided) -> None:
        if fact.verdict == "keep_out":
            self._note(fact.lane, fact.n, Outcome("away", "", KEPT_OUT))
            self._passed(fact.lane)

    def fold_gates_forced(self, fact: GatesForced) -> None:
        self.forced_us = fact.at_us if fact.on else 0

    def fold_barrier_told(self, fact: BarrierTold) -> None:
        pass  # kept for whoever asks why a barrier did not move

    def _note(self, lane: str, n: int, outcome: Outcome) -> None:
        cars = self.cars.setdefault(lane, {})
        cars[n] = outcome
        if len(cars) > REMEMBERED:
            del cars[min(cars)]

    def _passed(self, lane: str) -> None:
        """Whoever stood there before is nobody's task any more."""
        self.away.pop(lane, None)
        self.rung.pop(lane, None)

    def _count_alone(self, lane: str, m: int) -> None:
        if m:
            self.alone[lane] = m

    def _put(self, session: str, here: Inside) -> None:
        self.inside[session] = here
        if here.plate:
            self.by_plate[here.plate] = session
        if here.phone:
            self.by_phone[here.phone] = session

    def _drop(self, session: str, here: Inside) -> None:
        for found, name in ((self.by_plate, here.plate), (self.by_phone, here.phone)):
            if found.get(name) == session:
                del found[name]

    def _gone(self, session: str) -> None:
        here = self.inside.pop(session, None)
        if here is not None:
            self._drop(session, here)
        lane = self.waits_at(session)
        if lane:
            del self.waiting[lane]
