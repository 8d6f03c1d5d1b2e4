"""How a session is paid: prices are held for payments, money is taken, what is too much goes back."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.known import rules_of
from actors.kinds.session.price import REFUND, Price, Pricing, coupons_in
from actors.messages.account import CouponSpent, StayPaid
from actors.messages.collector import TakingsAdded
from actors.messages.money import CloseBill, Off, ReturnExcess, Settle
from actors.messages.session import AutoPayDeclined, BillExpired, OpenBill, PayByHand, RefundPart, ShareStay
from actors.messages.session_facts import (
    ArrearsMoved,
    BillDropped,
    BillHeld,
    Flagged,
    OwnerShared,
    Received,
    Returned,
    SharedBy,
)
from actors.messages.session_shown import Bill, BillOpened, SessionPaid
from actors.messages.vehicle import ArrearsOwed
from actors.tariffs.problems import TariffError
from actors.values import MINUTE_US, Micros, Ref

BILL = "bill"
BY_HAND = frozenset({"cash", "card", "city_card"})
"""Channels whose money a person takes."""


class Paying(Pricing):
    """A session that takes money; one price is held at a time."""

    def on_open_bill(self, ask: OpenBill, turn: Turn) -> None:
        if self.bill and self.bill.payment == ask.payment:
            turn.reply(BillOpened(self.bill))
            return
        if self._refused(ask.payment, turn):
            return
        after = copy(self)
        try:
            price = after.price_due(turn, self.now_or_exit(turn), ask.coupons)
        except TariffError as error:
            turn.refuse("coupon_invalid", str(error))
            return
        due_fen = price.fen - self.paid_fen - self.written_off_fen
        free = due_fen <= 0 and self._by_coupons(price, ask)
        if due_fen <= 0 and not free:
            turn.refuse("nothing_due", "Nothing is owed for this stay now", session=turn.me.key)
            return
        if self.bill:
            after.drop_bill("expired", turn)
        after.hold(ask, price, max(due_fen, 0), turn)
        assert after.bill
        turn.reply(BillOpened(after.bill))
        if free:  # there is nothing to wait for: the coupons have paid it
            after.take(Settle(ask.payment, ask.channel, 0, turn.now, ask.payer), turn)

    def on_close_bill(self, close: CloseBill, turn: Turn) -> None:
        if self.bill and self.bill.payment == close.payment:
            copy(self).drop_bill(close.why, turn)

    def on_bill_expired(self, wake: BillExpired, turn: Turn) -> None:
        if self.bill and self.bill.payment == wake.payment:
            copy(self).drop_bill("expired", turn)

    def on_auto_pay_declined(self, said: AutoPayDeclined, turn: Turn) -> None:
        if self.bill and self.bill.payment == said.payment:
            copy(self).drop_bill(said.why, turn)

    def on_pay_by_hand(self, paid: PayByHand, turn: Turn) -> None:
        if paid.payment in self.got:
            turn.reply(self._paid(paid.payment, self.got[paid.payment].fen, turn))
            return
        if not paid.offline and (self._refused(paid.payment, turn) or self._unfit(paid, turn)):
            return
        after = copy(self)
        money = Settle(paid.payment, paid.channel, paid.fen, paid.paid_us, provider_ref=paid.provider_ref)
        after.take(money, turn, paid)
        turn.reply(after._paid(paid.payment, paid.fen, turn))

    def on_settle(self, money: Settle, turn: Turn) -> None:
        copy(self).take(money, turn)

    def on_refund_part(self, ask: RefundPart, turn: Turn) -> None:
        got = self.got.get(ask.payment)
        if ask.key in self.refunds:
            turn.reply(self._paid(ask.payment, 0, turn))
        elif got is None:
            turn.refuse("unknown_payment", "This stay had no such payment", payment=ask.payment)
        elif not 0 < ask.fen <= got.fen - got.returned_fen:
            left = got.fen - got.returned_fen
            turn.refuse("refund_too_large", "No more can go back than is left of it", left_fen=str(left))
        else:
            after = copy(self)
            off = (*self.off, Off(REFUND, ask.key, ask.fen))
            after.reprice(turn, Price(self.priced_at_us, self.charge_fen, off, self.quote), REFUND)
            after.give_back(ask.payment, ask.fen, 0, ask.reason, turn, ask.key, ask.person)
            turn.reply(after._paid(ask.payment, 0, turn))

    def on_share_stay(self, said: ShareStay, turn: Turn) -> None:
        if not self.shared_by:
            after = copy(self)
            after.learn(SharedBy(said.owner, said.pct), turn)
            after.share_out(turn)

    # -- deciding; all of these but `_refused`, `_unfit`, `_by_coupons` and `_paid` are called on the copy of a handler

    @property
    def paid_fen(self) -> int:
        """What was paid and did not go back."""
        return self.received_fen - self.refunded_fen

    def paid_by(self, at_us: Micros) -> int:
        """What was paid until then and did not go back."""
        came = sum(got.fen - got.returned_fen for got in self.got.values() if got.paid_us <= at_us)
        return min(came, self.paid_fen)

    def _refused(self, payment: str, turn: Turn) -> bool:
        if self.void or not self.entry_us:
            turn.refuse("session_void", "There is no such stay", session=turn.me.key)
        elif payment in self.got:
            turn.refuse("already_paid", "This payment was taken already", payment=payment)
        elif self.bill and self.bill.payment != payment and self.bill.until_us > turn.now:
            held = self.bill
            said = {"payment": held.payment, "channel": held.channel, "until_us": str(held.until_us)}
            turn.refuse("bill_taken", "Somebody is paying this stay right now", **said)
        return turn.answer is not None

    def _unfit(self, paid: PayByHand, turn: Turn) -> bool:
        if self.bill and self.bill.payment == paid.payment:
            due_fen = self.bill.due_fen
        else:
            price = self.price_due(turn, paid.paid_us if self.exit_us is None else self.exit_us)
            due_fen = price.fen - self.paid_fen - self.written_off_fen
        if due_fen <= 0:
            turn.refuse("nothing_due", "Nothing is owed for this stay now", session=turn.me.key)
        elif not 0 < paid.fen <= due_fen:
            turn.refuse("amount_wrong", "So much is not owed", due_fen=str(due_fen))
        return turn.answer is not None

    def _by_coupons(self, price: Price, ask: OpenBill) -> bool:
        """Whether the coupons of this bill take something off the price."""
        if not ask.coupons:
            return False
        names = {each.id for each in coupons_in(ask.coupons)}
        return any(each.id in names for each in price.off)

    def hold(self, ask: OpenBill, price: Price, due_fen: int, turn: Turn) -> None:
        """Holds a price for a payment, for as long as the lot's rules say."""
        until_us = turn.now + rules_of(turn, turn.me.place).bill_minutes * MINUTE_US
        covers_us = self.covered_until(turn, price.at_us)
        said = (price.charge_fen, price.off, price.at_us, until_us, ask.payer, covers_us, price.quote, ask.coupons)
        self.learn(BillHeld(Bill(ask.payment, ask.channel, due_fen, *said)), turn)
        turn.wake(BILL, until_us, BillExpired(ask.payment))

    def drop_bill(self, why: str, turn: Turn) -> None:
        """Holds a price no longer; coupons that were held with it are free again."""
        held = self.bill
        if held is None:
            return
        self.learn(BillDropped(held.payment, why), turn)
        turn.cancel(BILL)
        self._tell_coupons(held, (), turn)

    def take(self, money: Settle, turn: Turn, hand: PayByHand | None = None) -> None:
        """Takes money that came, whatever is owed; what is too much goes back."""
        self.reprice(turn, self._basis(money, turn), "payment")
        owed = max(self.due_fen, 0)
        used = min(money.fen, owed)
        covers_us = self.covered_until(turn, self.priced_at_us) if used == owed else 0
        bill, arrears_fen = self.bill, min(self.arrears_fen, used)
        by = (hand.collector, hand.shift, covers_us, hand.offline) if hand else ("", "", covers_us, False)
        sums = (money.fen, arrears_fen, money.fen - used, money.paid_us, self.operator, money.payer)
        self.learn(Received(money.payment, money.channel, *sums, *by, money.provider_ref), turn)
        self.share_out(turn)
        if bill and bill.payment == money.payment:
            turn.cancel(BILL)
            self._tell_coupons(bill, self.off, turn)
        elif bill and self.due_fen <= 0:
            self.drop_bill("paid_otherwise", turn)
        if hand and hand.collector:
            self._tell_taken(hand.collector, money.payment, money.channel, money.fen, hand.shift, turn)
        if arrears_fen:
            self.tell_arrears(turn)
        if self.exit_us is not None and used and self.due_fen <= 0:
            self.tell_paid(arrears_fen > 0, turn)
        if money.fen > used:
            self.give_back(money.payment, money.fen - used, money.fen - used, "excess", turn)
        self.tell_lot(turn)

    def _basis(self, money: Settle, turn: Turn) -> Price:
        """What the stay costs as this money finds it: the held price, while that still covers the stay."""
        held = self.bill if self.bill and self.bill.payment == money.payment else None
        if held and (self.exit_us is None or held.at_us <= self.exit_us <= held.covers_until_us):
            return Price(held.at_us, held.charge_fen, held.off, held.quote)
        coupons = held.coupons if held else b""
        at_us = min(money.paid_us, turn.now) if self.exit_us is None else self.exit_us
        return self.price_due(turn, at_us, coupons)

    def give_back(
        self, payment: str, fen: int, excess_fen: int, why: str, turn: Turn, key: str = "", person: str = ""
    ) -> None:
        """Sends money back where it came from; a hand's excess becomes the vehicle's credit. What recovered no arrears
        goes first.
        """
        got = self.got[payment]
        to = self._way_back(got.channel, excess_fen > 0)
        if not to:  # nobody knows whose it is: it stays owed back, and staff see it
            self.learn(Flagged("credit_unclaimed", f"{payment} {fen}", turn.now), turn)
            return
        n, others_fen = got.returns + 1, got.fen - got.returned_fen - got.arrears_fen
        said = (to, why, turn.now, self.operator, n, key, person)
        arrears_fen = max(fen - others_fen, 0)
        self.learn(Returned(payment, got.channel, fen, excess_fen, *said, arrears_fen=arrears_fen), turn)
        self.share_out(turn)
        if to == "cash":
            self._tell_taken(person, payment, got.channel, -fen, "", turn)
            return
        key_of = {"payment": payment, "account": got.payer, "vehicle": self.plate}[to]
        back = ReturnExcess(turn.me.kind, turn.me.key, payment, n, fen, why, got.channel)
        turn.send(Ref(to, key_of), back)

    def share_out(self, turn: Turn) -> None:
        """Of what was paid and did not go back the owner of a shared bay gets his part, rounded down in all."""
        fen = self.paid_fen * self.shared_pct // 100 - self.shared_fen
        if fen:
            self.learn(OwnerShared(self.shared_by, fen, turn.now, self.operator), turn)

    def _way_back(self, channel: str, excess: bool) -> str:
        if channel == "wallet":
            return "account"
        if channel not in BY_HAND:
            return "payment"
        if not excess:
            return "cash"
        return "vehicle" if self.plate else ""

    def give_back_over(self, turn: Turn) -> None:
        """After the price fell below what was paid: the newest payments go back first."""
        for got in sorted(self.got.values(), key=lambda each: (each.paid_us, each.payment), reverse=True):
            over = -self.due_fen
            left = got.fen - got.returned_fen
            if over > 0 and left > 0:
                self.give_back(got.payment, min(over, left), 0, "price_fell", turn)

    def tell_arrears(self, turn: Turn) -> None:
        """The vehicle is told what it owes for this stay now."""
        if self.plate:
            said = ArrearsOwed(turn.me.key, max(self.arrears_fen, 0), self.exit_us or turn.now, self.operator)
            turn.send(Ref("vehicle", self.plate), said)

    def tell_paid(self, late: bool, turn: Turn) -> None:
        """The owner's account is told that the stay is paid, and whether in time."""
        if self.account:
            turn.send(Ref("account", self.account), StayPaid(turn.me.key, late, turn.now))

    def move_arrears(self, fen: int, why: str, turn: Turn) -> None:
        """So much more (or less) of what is owed are arrears."""
        if fen:
            self.learn(ArrearsMoved(fen, turn.now, why, self.operator), turn)
            self.tell_arrears(turn)

    def _tell_coupons(self, held: Bill, off: tuple[Off, ...], turn: Turn) -> None:
        if held.payer and held.coupons:
            spent = {each.id: each.fen for each in off if each.kind != REFUND}
            for coupon in coupons_in(held.coupons):
                said = CouponSpent(coupon.id, held.payment, turn.me.key, spent.get(coupon.id, 0))
                turn.send(Ref("account", held.payer), said)

    def _tell_taken(self, who: str, payment: str, channel: str, fen: int, shift: str, turn: Turn) -> None:
        turn.send(Ref("collector", who), TakingsAdded(turn.me.key, payment, channel, fen, turn.now, shift))

    def _paid(self, payment: str, fen: int, turn: Turn) -> SessionPaid:
        return SessionPaid(turn.me.key, payment, fen, self.due_fen, self.covers_until_us)

    def now_or_exit(self, turn: Turn) -> Micros:
        """The moment as of which the stay is priced: its exit, or now."""
        return turn.now if self.exit_us is None else self.exit_us
