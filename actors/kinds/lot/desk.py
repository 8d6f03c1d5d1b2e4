"""The desk of a lot: which cars at its lanes need a person, and what a person decides on them."""

from msgspec.structs import replace

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.lot.exit import Exiting, Found
from actors.kinds.lot.state import KEPT_OUT
from actors.messages.lane import (
    Admitted,
    Candidate,
    CarAtEntry,
    CarAtExit,
    DecideCar,
    Leaving,
    QueueAnswer,
    Queued,
    QueueQuery,
    TurnedAway,
)
from actors.messages.lane_facts import CarDecided, CarTurnedAway
from actors.messages.session import FlagSession
from actors.values import Ref

AT_ENTRY, AT_EXIT = ("let_in", "keep_out"), ("stay", "unknown", "keep_out")


class Desk(Exiting):
    """A lot whose cars a person may decide on."""

    def on_queue_query(self, query: QueueQuery, turn: Turn) -> None:
        cars = [self._queued(away) for away in self.away.values()]
        for lane, rung in self.rung.items():
            if lane not in self.away:  # the lane had no answer for it; the lot knows no more of that car
                entering = self.lanes[lane].direction == "in" if lane in self.lanes else False
                cars.append(Queued(lane, rung.n, "", entering, rung.why, rung.at_us, rung=True))
        turn.reply(QueueAnswer(tuple(sorted(cars, key=lambda car: (car.since_us, car.lane))), self.forced_us))

    def _queued(self, away: CarTurnedAway) -> Queued:
        said = (away.lane, away.n, away.plate, away.entering, away.why, away.seen_us, away.fen)
        among = tuple(filter(None, (self._candidate(self.by_plate.get(plate, "")) for plate in away.among)))
        return Queued(*said, among, away.lane in self.rung)

    def _candidate(self, session: str) -> Candidate | None:
        here = self.inside.get(session)
        return Candidate(session, here.plate, here.entry_us, here.lane) if here else None

    def on_decide_car(self, said: DecideCar, turn: Turn) -> None:
        there = self.away.get(said.lane)
        if there is None or there.n != said.n:
            turn.refuse("car_gone", "This car does not wait there any more", lane=said.lane)
        elif said.verdict not in (AT_ENTRY if there.entering else AT_EXIT):
            turn.refuse("wrong_verdict", "That cannot be decided on this car", verdict=said.verdict)
        elif said.verdict == "stay" and said.session not in self.inside:
            turn.refuse("not_inside", "The car of this stay is not inside", session=said.session)
        else:
            by = (said.verdict, said.person, said.reason, said.session, said.at_us)
            turn.record(CarDecided(said.lane, said.n, *by))
            self._decided(said, there, turn)

    def _decided(self, said: DecideCar, there: CarTurnedAway, turn: Turn) -> None:
        rules = rules_of(turn, turn.me.key)
        seen = (said.lane, said.n, there.plate, "", 100, there.seen_us, said.at_us)
        if said.verdict == "keep_out":
            turn.reply(TurnedAway(said.n, KEPT_OUT))
        elif said.verdict == "let_in":
            session = self.admit(CarAtEntry(*seen), rules, turn, there.why)
            turn.send(Ref("session", session), FlagSession("let_in_by_desk", f"{there.why}: {said.reason}"))
            turn.reply(Admitted(said.n, session, there.why))
        else:
            if said.fen > 0:
                rules = replace(rules, gates=replace(rules.gates, unknown_fen=said.fen))
            how = "seat" if said.verdict == "stay" else "none"
            session = said.session if said.verdict == "stay" else self.next_session(turn)
            self.ask_exit(CarAtExit(*seen), Found(session, how), rules, turn)
            turn.reply(Leaving(said.n, session))
