"""An owner's account as a whole: beside money, plates and coupons its credit score."""

import msgspec

from actors.engine.turn import Turn
from actors.kinds.account.automatic import Automatic
from actors.kinds.account.coupons import Coupons
from actors.kinds.account.plates import Plates
from actors.kinds.known import owner_rules
from actors.messages.account import AccountAnswer, AccountQuery, StayPaid
from actors.messages.account_facts import AutoEnded, ScoreMoved


class Account(Automatic, Plates, Coupons, kind="account"):
    """An owner: wallet, plates, coupons, how well they pay."""

    def on_stay_paid(self, said: StayPaid, turn: Turn) -> None:
        rules = owner_rules(turn)
        before = rules.score_start if self.score is None else self.score
        why = "late" if said.late else "on_time"
        after = max(0, min(before + (rules.late if said.late else rules.on_time), rules.score_most))
        turn.record(ScoreMoved(after - before, after, why, said.session, said.at_us))
        for tried in self.automatic.values():
            if tried.session == said.session:  # a provider has deducted it
                turn.record(AutoEnded(tried.payment, said.session, "paid", turn.now))

    def on_account_query(self, query: AccountQuery, turn: Turn) -> None:
        face = self.face()
        score = owner_rules(turn).score_start if face.score is None else face.score
        turn.reply(AccountAnswer(msgspec.structs.replace(face, score=score)))
