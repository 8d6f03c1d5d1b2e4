"""How people correct a session: other bay, void, waiver, write-off, a departure taken back, flags, evidence."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.session.follow import Following
from actors.kinds.session.price import Price
from actors.messages.bay import AdoptSession, ForgetSession
from actors.messages.session import (
    AddEvidence,
    ClearFlag,
    FlagSession,
    MoveSession,
    ResumeSession,
    VoidSession,
    Waive,
    WriteOff,
)
from actors.messages.session_facts import (
    EvidenceAdded,
    Flagged,
    SessionMoved,
    SessionResumed,
    SessionVoided,
    Waived,
    WrittenOff,
)
from actors.messages.session_shown import SessionChanged
from actors.values import Ref


class Correcting(Following):
    """A session that people may correct; every correction is a fact with who and why."""

    def on_move_session(self, move: MoveSession, turn: Turn) -> None:
        if self._gone(turn):
            return
        after = copy(self)
        if move.bay != self.bay:
            after.learn(SessionMoved(move.bay, self.bay, move.person, move.reason), turn)
            if self.exit_us is None:
                place = turn.me.place
                turn.send(Ref("bay", f"{place}/{self.bay}"), ForgetSession(turn.me.key))
                turn.send(Ref("bay", f"{place}/{move.bay}"), AdoptSession(turn.me.key, turn.now))
        after._say_done(turn)

    def on_void_session(self, void: VoidSession, turn: Turn) -> None:
        if self.void:
            self._say_done(turn)
        elif self._gone(turn):
            return
        elif self.paid_fen > 0:
            turn.refuse("paid_already", "Give back what was paid first", paid_fen=str(self.paid_fen))
        else:
            after = copy(self)
            after.let_go("void", turn)
            after.move_arrears(-after.arrears_fen, "void", turn)
            after.learn(SessionVoided(void.reason, void.person, turn.now), turn)
            after.reprice(turn, Price(turn.now, 0, (), b""), "void")
            after.drop_bill("cancelled", turn)
            if self.exit_us is None and self.bay:
                turn.send(Ref("bay", f"{turn.me.place}/{self.bay}"), ForgetSession(turn.me.key))
            after._say_done(turn)

    def on_waive(self, waive: Waive, turn: Turn) -> None:
        if self._gone(turn):
            return
        after = copy(self)
        after.learn(Waived(waive.fen, waive.reason, waive.person, turn.now), turn)
        after.price_again("waived", turn)
        after._say_done(turn)

    def on_write_off(self, given_up: WriteOff, turn: Turn) -> None:
        if self._gone(turn):
            return
        if self.exit_us is None or self.due_fen <= 0:
            turn.refuse("nothing_due", "Nothing is owed for this stay", session=turn.me.key)
            return
        after = copy(self)
        said = (turn.now, given_up.reason, given_up.person, self.operator)
        after.learn(WrittenOff(self.due_fen, max(self.arrears_fen, 0), *said), turn)
        after.drop_bill("cancelled", turn)
        after.tell_arrears(turn)
        after._say_done(turn)

    def on_resume_session(self, again: ResumeSession, turn: Turn) -> None:
        if self._gone(turn):
            return
        after = copy(self)
        if self.exit_us is not None:
            after.move_arrears(-self.arrears_fen, "resumed", turn)
            after.drop_bill("cancelled", turn)
            after.learn(SessionResumed(again.why, again.person), turn)
            if not after.paid_fen:
                after.reprice(turn, Price(self.entry_us, 0, (), b""), "resumed")
            if self.plate:
                after.meet(turn)
            if self.bay:
                turn.send(Ref("bay", f"{turn.me.place}/{self.bay}"), AdoptSession(turn.me.key, turn.now))
        after._say_done(turn)

    def on_flag_session(self, said: FlagSession, turn: Turn) -> None:
        if self.entry_us and self.flags.get(said.code) != said.detail:
            turn.record(Flagged(said.code, said.detail, turn.now))

    def on_clear_flag(self, said: ClearFlag, turn: Turn) -> None:
        if self._gone(turn):
            return
        after = copy(self)
        if said.code in self.flags:
            after.clear_flag(said.code, said.person, said.note, turn)
        after._say_done(turn)

    def on_add_evidence(self, seen: AddEvidence, turn: Turn) -> None:
        if self._gone(turn):
            return
        turn.record(EvidenceAdded(seen.evidence, seen.role, seen.source, seen.device, seen.at_us))
        turn.reply(SessionChanged(turn.me.key, self.state(), self.due_fen))

    # -- deciding

    def _gone(self, turn: Turn) -> bool:
        if self.void or not self.entry_us:
            turn.refuse("session_void", "There is no such stay", session=turn.me.key)
        return turn.answer is not None

    def _say_done(self, turn: Turn) -> None:
        turn.reply(SessionChanged(turn.me.key, self.state(), self.due_fen))
