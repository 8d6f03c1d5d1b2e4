"""What follows for others from what a session decides: vehicle, passes and account hear of it, alarms are set."""

from hashlib import blake2b

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.session.money import Paying
from actors.messages.account import AutoPay
from actors.messages.bay import StayNoted
from actors.messages.passes import LeaveSeat
from actors.messages.session import ArrearsDue, OpenBill, RemindDue
from actors.messages.session_facts import AutoPayAsked, FlagCleared, Flagged
from actors.messages.vehicle import SessionBegan, SessionGone
from actors.values import DAY_US, MINUTE_US, Ref

ARREARS, REMIND = "arrears", "remind"


class Following(Paying):
    """A session that tells whom it concerns; all of this is called on the copy of a handler."""

    def tell_bay(self, turn: Turn) -> None:
        """The bay is told whose the stay is, for those who look at bays."""
        if self.bay and self.exit_us is None:
            said = (self.entry_us, self.plate, self.colour, self.list, self.owes, self.owes_fen)
            turn.send(Ref("bay", f"{turn.me.place}/{self.bay}"), StayNoted(turn.me.key, *said))

    def meet(self, turn: Turn) -> None:
        """The vehicle is told of the stay; it answers how it stands."""
        groups = rules_of(turn, turn.me.place).groups
        where = (self.bay, self.entry_us, self.street, self.source, groups, self.lane)
        turn.send(Ref("vehicle", self.plate), SessionBegan(turn.me.key, *where, self.exit_us or 0))

    def let_go(self, why: str, turn: Turn) -> None:
        """The vehicle and its passes have no part in the stay any more."""
        if not self.plate:
            return
        at_us = self.now_or_exit(turn)
        turn.send(Ref("vehicle", self.plate), SessionGone(turn.me.key, at_us, why))
        if self.arrears_fen > 0 and why != "left":
            self.move_arrears(-self.arrears_fen, why, turn)
        for each in self.passes:
            turn.send(Ref("pass", each), LeaveSeat(turn.me.key, at_us))

    def price_again(self, why: str, turn: Turn) -> None:
        """After the vehicle left, whatever changes the stay changes its price, and what follows from that."""
        if self.exit_us is None or self.void:
            return
        self.reprice(turn, self.price(turn, self.exit_us), why)
        if self.due_fen < 0:
            self.give_back_over(turn)
        if self.arrears_fen > max(self.due_fen, 0):
            self.move_arrears(max(self.due_fen, 0) - self.arrears_fen, why, turn)
        if self.due_fen > 0 and not self.bill:
            if why == "exit":
                self.ask_account(turn)
            turn.wake(ARREARS, turn.now + rules_of(turn, turn.me.place).arrears_minutes * MINUTE_US, ArrearsDue())
        self.tell_lot(turn)

    def ask_account(self, turn: Turn) -> None:
        """An owner who said so pays by himself; meanwhile the price is held, so that nobody pays it twice."""
        if not (self.account and self.automatic):
            return
        payment = blake2b(f"{turn.me.key} {self.asked}".encode(), digest_size=16).hexdigest()
        due_fen = self.due_fen
        self.learn(AutoPayAsked(self.account, payment, due_fen), turn)
        price = self.price_due(turn, self.now_or_exit(turn))
        self.hold(OpenBill(payment, "automatic", self.account), price, due_fen, turn)
        stay = (turn.me.place, self.colour, self.entry_us, self.now_or_exit(turn))
        said = AutoPay(turn.me.key, payment, due_fen, self.plate, self.operator, *stay)
        turn.send(Ref("account", self.account), said)

    def set_reminder(self, n: int, turn: Turn) -> None:
        """The n-th reminder comes so many days after the vehicle left, as the lot's rules say; after the last, none."""
        days = rules_of(turn, turn.me.place).reminder_days
        if n <= len(days):
            turn.wake(REMIND, max(turn.now, (self.exit_us or 0) + days[n - 1] * DAY_US), RemindDue(n))

    def flag(self, code: str, detail: str, turn: Turn) -> None:
        """The stay needs a person."""
        if self.flags.get(code) != detail:
            self.learn(Flagged(code, detail, turn.now), turn)

    def clear_flag(self, code: str, person: str, note: str, turn: Turn) -> None:
        """A person has looked, or what was asked has been answered."""
        self.learn(FlagCleared(code, person, note, turn.now), turn)
