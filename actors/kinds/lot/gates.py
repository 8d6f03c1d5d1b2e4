"""The lot itself: what its lanes decided alone, one barrier lifted by a person, and what it tells of its lanes."""

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.lot.emergency import Forcing
from actors.kinds.lot.state import Outcome
from actors.messages.lane import (
    CarAtEntry,
    CarAtExit,
    Commanded,
    GatesAnswer,
    GatesQuery,
    InsideAnswer,
    InsideQuery,
    InstallLane,
    LaneAnswer,
    LaneQuery,
    LiftGate,
    MoveBarrier,
    PassedAlone,
    Reconciled,
    RingSeat,
    ScanAtLane,
)
from actors.messages.lane_facts import (
    BarrierTold,
    GateLifted,
    LaneInstalled,
    PassageKnown,
    SeatRung,
)
from actors.messages.session import FlagSession
from actors.values import SECOND_US, Micros, Ref

OPENS_WITHIN_US: Micros = 10 * SECOND_US
"""A barrier that hears it later stays shut: its car may be gone, and another one there."""


class Lot(Forcing, kind="lot"):
    """A street section or an off-street lot: its bays by type and state, who is inside, and what its lanes do."""

    def on_install_lane(self, install: InstallLane, turn: Turn) -> None:
        known = self.orders.get(install.lane, 0)
        if install.order >= known and self.lanes.get(install.lane) != install.said:
            turn.record(LaneInstalled(install.lane, install.said, install.order))

    def on_passed_alone(self, car: PassedAlone, turn: Turn) -> None:
        done = self.alone.get(car.lane, 0)
        if car.m > done:
            self._take_passage(car, self.outcome(car.lane, car.n), turn)
        turn.reply(Reconciled(max(car.m, done)))

    def _take_passage(self, car: PassedAlone, known: Outcome | None, turn: Turn) -> None:
        """The passage is a fact once: a question about the same car may have been decided here in time."""
        rules = rules_of(turn, turn.me.key)
        said = (car.lane, car.n, car.plate, car.colour, car.confidence_pct, car.seen_us, car.seen_us)
        decided = known is not None and known.how == ("in" if car.entering else "out")
        if decided or (car.entering and self.seen_twice(car.plate, car.lane, car.seen_us)):
            turn.record(PassageKnown(car.lane, car.m, car.n))
        elif car.entering:
            seen = CarAtEntry(*said, picture=car.picture)
            session = self.admit(seen, rules, turn, known.why if known else "", car.m)
            if known is not None:
                turn.send(Ref("session", session), FlagSession("let_in_alone", known.why))
        else:
            waits = known.session if known and known.how == "asked" else ""
            found = self.find(car.plate, waits)
            self.leave(CarAtExit(*said, picture=car.picture), found, rules, turn, "alone", car.m)

    def on_scan_at_lane(self, scan: ScanAtLane, turn: Turn) -> None:
        if not scan.entering:
            self.exit_by_phone(scan.phone, scan.lane, scan.at_us, turn)
        elif self.enter_by_phone(scan, turn):
            self.open_barrier(scan.lane, turn, scan.phone)

    def on_ring_seat(self, ring: RingSeat, turn: Turn) -> None:
        turn.record(SeatRung(ring.lane, ring.n, ring.why, ring.at_us))

    def on_lift_gate(self, lift: LiftGate, turn: Turn) -> None:
        if lift.lane not in self.lanes:
            turn.refuse("no_such_lane", "This lot has no such lane.", lane=lift.lane)
            return
        waits, away = self.waiting.get(lift.lane), self.away.get(lift.lane)
        n = waits.n if waits else away.n if away else 0
        session = lift.session or (waits.session if waits else "")
        turn.record(GateLifted(lift.lane, lift.person, lift.reason, lift.at_us, lift.picture, session, n))
        self._pass_lifted(lift, turn)
        self.open_barrier(lift.lane, turn, lift.person)

    def _pass_lifted(self, lift: LiftGate, turn: Turn) -> None:
        """The car that stood there passes: one that was turned away, or that waited to pay."""
        rules, away, waits = rules_of(turn, turn.me.key), self.away.get(lift.lane), self.waiting.get(lift.lane)
        if waits is None and away is None and not lift.session:
            return  # nobody is known to stand there: the record of who opened it is all there is
        n = waits.n if waits else away.n if away else lift.at_us
        plate = away.plate if away and not waits else ""
        seen_us = away.seen_us if away and not waits else lift.at_us
        said = (lift.lane, n, plate, "", 100, seen_us, seen_us)
        if away is not None and away.entering and waits is None:
            self.admit(CarAtEntry(*said, picture=lift.picture), rules, turn, away.why)
            return
        found = self.find(plate, lift.session or (waits.session if waits else ""))
        self.leave(CarAtExit(*said, picture=lift.picture), found, rules, turn, "lifted")

    def on_commanded(self, done: Commanded, turn: Turn) -> None:
        turn.record(BarrierTold(done.device, done.order, turn.now, done.why))

    def open_barrier(self, lane: str, turn: Turn, about: str) -> None:
        known = self.lanes.get(lane)
        if known is not None and known.barrier:
            turn.outside(MoveBarrier(known.barrier, "open", about, turn.now + OPENS_WITHIN_US))

    def on_lane_query(self, query: LaneQuery, turn: Turn) -> None:
        there = self.waiting.get(query.lane)
        n = query.n or (there.n if there else 0)
        known = self.outcome(query.lane, n)
        if known is None:
            turn.reply(LaneAnswer(n, "gone"))
        elif known.how == "asked":
            waits = there is not None and there.n == n
            due = (there.due_fen, there.until_us) if there is not None and waits else (0, 0)
            turn.reply(LaneAnswer(n, "pay" if waits else "gone", known.session, *due))
        else:
            passes = "lifted" if self.lifted.get(query.lane) == n else "open"
            how = "away" if known.how == "away" else passes
            turn.reply(LaneAnswer(n, how, known.session, known.fen, 0, known.why, known.among))

    def on_gates_query(self, query: GatesQuery, turn: Turn) -> None:
        rules = rules_of(turn, turn.me.key)
        gates = rules.gates
        fallbacks = (gates.entry_fallback, gates.exit_fallback)
        turn.reply(GatesAnswer(dict(self.lanes), gates.wait_ms, *fallbacks, rules.groups, bool(self.forced_us)))

    def on_inside_query(self, query: InsideQuery, turn: Turn) -> None:
        rules = rules_of(turn, turn.me.key)
        said = (dict(self.inside), rules.capacity, dict(self.lanes), dict(self.waiting))
        turn.reply(InsideAnswer(*said, bool(self.forced_us)))
