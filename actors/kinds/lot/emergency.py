"""An emergency: all gates of a lot are forced open, and work again; what becomes of the stays of that time."""

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.lot.desk import Desk
from actors.kinds.lot.exit import EMERGENCY, Found
from actors.messages.lane import CarAtExit, Forced, ForceGates, MoveBarrier
from actors.messages.lane_facts import GatesForced
from actors.messages.session import EndSession, FlagSession, Waive
from actors.values import Micros, Ref


class Forcing(Desk):
    """A lot whose gates can be forced open."""

    def on_force_gates(self, force: ForceGates, turn: Turn) -> None:
        barriers = [lane.barrier for lane in self.lanes.values() if lane.barrier]
        since_us = (self.forced_us or turn.now) if force.on else 0
        if force.on != bool(self.forced_us):
            turn.record(GatesForced(force.on, force.person, force.reason, turn.now))
            for barrier in barriers:
                turn.outside(MoveBarrier(barrier, "stay_open" if force.on else "work", force.person))
            if force.on:
                self._let_go_who_waits(turn)
            else:
                self._close(force, self.forced_us, turn)
        turn.reply(Forced(since_us, len(barriers), len(self.inside)))

    def _let_go_who_waits(self, turn: Turn) -> None:
        """Cars that wait to pay stand under barriers that go up: they leave."""
        rules = rules_of(turn, turn.me.key)
        for lane, there in self.waiting.items():
            car = CarAtExit(lane, there.n, self.inside[there.session].plate, "", 100, turn.now, turn.now)
            self.leave(car, Found(there.session, "seat"), rules, turn, EMERGENCY)
            turn.cancel(f"quote {lane}")

    def _close(self, force: ForceGates, opened_us: Micros, turn: Turn) -> None:
        """Who left unseen while the gates stood open only a person can tell: all of them are flagged; the lot's rule
        says whether the stays of those who were inside before go on.
        """
        rule = rules_of(turn, turn.me.key).gates.emergency
        for session, here in self.inside.items():
            ref = Ref("session", session)
            turn.send(ref, FlagSession(EMERGENCY, force.reason))
            if rule != "keep" and here.entry_us < opened_us:
                turn.send(ref, EndSession(opened_us, "lane", "", person=force.person))
                if rule == "free":
                    turn.send(ref, Waive(-1, EMERGENCY, force.person))
