"""How a pass is paid: what was offered is sold for its price; other money goes back where it came from."""

from copy import copy
from typing import Final

from actors.engine.turn import Turn
from actors.kinds.parking_pass.seats import Seating
from actors.kinds.parking_pass.state import Bought
from actors.kinds.parking_pass.terms import unused_fen
from actors.messages.collector import TakingsAdded
from actors.messages.money import CloseBill, ReturnExcess, Settle
from actors.messages.passes import (
    LapsePass,
    OfferLapsed,
    OfferOver,
    PassAnswer,
    PassPaidByHand,
    PassSold,
    RemindHolder,
)
from actors.messages.session import PayByHand
from actors.messages.vehicle import Pass, PutPass
from actors.values import DAY_US, HOUR_US, Ref

OFFER, REMIND, LAPSE = "offer", "remind", "lapse"
LATE_US: Final = HOUR_US
"""So long after its end an offer still waits for the word of a payment that was made in time."""
KEPT_US: Final = 7 * DAY_US
"""So long its vehicles remember a pass that ended: words of entries before may come late."""
BY_HAND: Final = frozenset({"cash", "card", "city_card"})


class Selling(Seating):
    """A pass that is a payee."""

    def on_settle(self, money: Settle, turn: Turn) -> None:
        copy(self).take(money, turn)

    def on_close_bill(self, close: CloseBill, turn: Turn) -> None:
        pass  # the offer stands until its time is over: another payment may still come

    def on_pay_by_hand(self, paid: PayByHand, turn: Turn) -> None:
        offer = self.offer
        if paid.payment in self.hands:
            turn.reply(PassAnswer(turn.me.key, self.face()))
        elif not paid.offline and (offer is None or offer.pay_until_us < paid.paid_us):
            turn.refuse("nothing_due", "Nothing is offered now that could be paid")
        elif not paid.offline and offer and paid.fen != offer.fen:
            turn.refuse("amount_wrong", "The price is another", due_fen=str(offer.fen))
        else:
            after = copy(self)
            by = (paid.collector, paid.shift, paid.paid_us, self.operator)
            after.learn(PassPaidByHand(paid.payment, paid.channel, paid.fen, *by), turn)
            after.take(Settle(paid.payment, paid.channel, paid.fen, paid.paid_us), turn)
            if paid.collector:
                took = (str(turn.me), paid.payment, paid.channel, paid.fen, paid.paid_us, paid.shift)
                turn.send(Ref("collector", paid.collector), TakingsAdded(*took))
            turn.reply(PassAnswer(turn.me.key, after.face()))

    def on_offer_over(self, wake: OfferOver, turn: Turn) -> None:
        if self.offer and self.offer.pay_until_us == wake.pay_until_us:
            turn.record(OfferLapsed(turn.now))

    # -- deciding; all of these are called on the copy of a handler

    def take(self, money: Settle, turn: Turn) -> None:
        """Takes money that came: enough of it in time buys what was offered, the rest goes back."""
        offer = self.offer
        fits = offer is not None and money.paid_us <= offer.pay_until_us and money.fen >= offer.fen
        used = offer.fen if offer and fits else 0
        if fits:
            self.sell(money.payment, money.channel, money.payer, turn)
        if money.fen > used:
            spent = Bought(money.payment, money.channel, money.payer, 0, 0, 0)
            self.give_back(spent, money.fen - used, 1, "excess" if used else "not_owed", turn)

    def sell(self, payment: str, channel: str, payer: str, turn: Turn) -> None:
        """What was offered is bought, and holds at once for whoever is inside."""
        offer, terms = self.offer, self.terms
        assert offer
        assert terms
        span = (offer.fen, offer.from_us, offer.until_us, terms.operator, terms.lots, terms.groups)
        self.learn(PassSold(payment, *span, turn.now, offer.renewal, channel, payer), turn)
        turn.cancel(OFFER)
        if terms.remind_days:
            remind_us = self.until_us - terms.remind_days * DAY_US
            turn.wake(REMIND, max(turn.now, remind_us), RemindHolder(self.until_us))
        turn.wake(LAPSE, self.until_us + KEPT_US, LapsePass(self.until_us))
        self.move_covers(turn)
        self.tell_vehicles(turn, inside=True)

    def tell_vehicles(self, turn: Turn, inside: bool) -> None:
        """Its plates, and those that go instead, hear of the pass as it is now."""
        for plate in self.plates:
            self.tell_vehicle(plate, self.from_us, self.until_us, inside, turn)
        for each in self.replacements:
            span = max(each.from_us, self.from_us), min(each.until_us, self.until_us)
            self.tell_vehicle(each.instead, *span, inside, turn)

    def tell_vehicle(self, plate: str, from_us: int, until_us: int, inside: bool, turn: Turn) -> None:
        """One plate hears that it is on the pass, from until."""
        lots, groups = (self.terms.lots, self.terms.groups) if self.terms else ((), ())
        turn.send(Ref("vehicle", plate), PutPass(Pass(turn.me.key, lots, groups, from_us, until_us), inside))

    def refund_fen(self, bought: Bought, at_us: int) -> int:
        """What comes back of one payment when the pass ends then."""
        if not self.terms or self.terms.refund == "none":
            return 0
        return unused_fen(bought.fen, bought.from_us, bought.until_us, at_us)

    def give_back(self, bought: Bought, fen: int, n: int, why: str, turn: Turn) -> None:
        """So much of a payment goes back: to the wallet, the provider, or from a hand to the first plate as credit."""
        kind, key = "payment", bought.payment
        if bought.channel == "wallet":
            kind, key = "account", bought.payer
        elif bought.channel in BY_HAND:
            kind, key = "vehicle", self.plates[0] if self.plates else ""
        back = ReturnExcess(turn.me.kind, turn.me.key, bought.payment, n, fen, why, bought.channel)
        turn.send(Ref(kind, key), back)
