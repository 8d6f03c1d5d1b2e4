"""An owner's account as a whole: beside money, plates and coupons its credit score and its one reservation."""

from copy import copy

import msgspec

from actors.engine.turn import Turn
from actors.kinds.account.automatic import Automatic
from actors.kinds.account.coupons import Coupons
from actors.kinds.account.plates import Plates
from actors.kinds.known import owner_rules
from actors.messages.account import AccountAnswer, AccountQuery, EndReservation, StayPaid, TakeReservation
from actors.messages.account_facts import AutoEnded, ReservationEnded, Reserved, ScoreMoved


class Account(Automatic, Plates, Coupons, kind="account"):
    """An owner: wallet, plates, coupons, how well they pay, what they have reserved."""

    def on_stay_paid(self, said: StayPaid, turn: Turn) -> None:
        rules = owner_rules(turn)
        before = rules.score_start if self.score is None else self.score
        why = "late" if said.late else "on_time"
        after = max(0, min(before + (rules.late if said.late else rules.on_time), rules.score_most))
        turn.record(ScoreMoved(after - before, after, why, said.session, said.at_us))
        for tried in self.automatic.values():
            if tried.session == said.session:  # a provider has deducted it
                turn.record(AutoEnded(tried.payment, said.session, "paid", turn.now))

    def on_take_reservation(self, ask: TakeReservation, turn: Turn) -> None:
        held = self.reservation
        if held and held.reservation != ask.reservation and held.until_us > turn.now:
            turn.refuse("reservation_active", "One reservation at a time", reservation=held.reservation)
            return
        after = copy(self)
        taken = Reserved(ask.reservation, ask.until_us)
        if held != taken:
            after.learn(taken, turn)
        turn.reply(after.answer())

    def on_end_reservation(self, said: EndReservation, turn: Turn) -> None:
        after = copy(self)
        if self.reservation and self.reservation.reservation == said.reservation:
            after.learn(ReservationEnded(said.reservation), turn)
        turn.reply(after.answer())

    def on_account_query(self, query: AccountQuery, turn: Turn) -> None:
        face = self.face()
        score = owner_rules(turn).score_start if face.score is None else face.score
        turn.reply(AccountAnswer(msgspec.structs.replace(face, score=score)))
