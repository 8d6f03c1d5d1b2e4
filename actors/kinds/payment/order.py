"""How a payment gets the money: an order at a provider, whose word is checked before anything moves, and asked for."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.payment.refund import LONGEST_PAUSE_US, Refunding, pause
from actors.messages.money import CloseBill, Settle
from actors.messages.payment import (
    CNY,
    AskProvider,
    CancelPayment,
    CloseOrder,
    CreateOrder,
    OrderCreated,
    OrderRefused,
    PaymentQuery,
    ProviderSaid,
    QueryOrder,
    SettleTrouble,
    StartPayment,
)
from actors.messages.payment_facts import (
    CancelAsked,
    OrderNoted,
    PaymentEnded,
    PaymentStarted,
    PaymentSucceeded,
    ProviderAnswered,
    ProviderAsked,
    TroubleSettled,
)
from actors.values import Ref

ASK = "ask"
OPEN = ("started", "created")
BY_ITSELF = "plate"
"""The method that nobody waits for: the payment asks for its order by itself."""
HOLDING = ("session", "account")
"""Payees that hold a price for a payment, and are told when it will not come."""
KEY_CHARS_MOST = 32


class Payment(Refunding, kind="payment"):
    """One attempt; its key is our number of the order at the provider, for ever."""

    def on_start_payment(self, start: StartPayment, turn: Turn) -> None:
        fen = sum(due.fen for due in start.payees)
        if self.state:
            self._again(start, turn)
        elif not start.payees or any(due.fen <= 0 for due in start.payees):
            turn.refuse("amount_wrong", "Nothing is to be paid", fen=str(fen))
        elif len(turn.me.key) > KEY_CHARS_MOST:
            turn.refuse("payment_key_wrong", f"A payment's number has at most {KEY_CHARS_MOST} characters")
        else:
            after = copy(self)
            after._begin(start, fen, turn)
            turn.reply(after.answer(turn))

    def on_order_created(self, made: OrderCreated, turn: Turn) -> None:
        after = copy(self)
        said, known = (made.merchant, made.code_url), (self.merchant, self.code_url)
        if self.state == "started" or (self.state == "created" and said != known):
            after.learn(OrderNoted(made.merchant, made.code_url, turn.now), turn)
        turn.reply(after.answer(turn))

    def on_order_refused(self, no: OrderRefused, turn: Turn) -> None:
        after = copy(self)
        if self.state in OPEN:
            after._end("failed", no.why, turn)
        turn.reply(after.answer(turn))

    def on_provider_said(self, said: ProviderSaid, turn: Turn) -> None:
        if not self.state:
            turn.refuse("unknown_payment", "Nobody here began such a payment", payment=turn.me.key)
            return
        after, against = copy(self), ""
        if said.state == "paid":
            against = after._take(said, turn)
        elif self.state in OPEN:
            after._go_on(said, turn)
        turn.reply(after.answer(turn, against))

    def on_ask_provider(self, wake: AskProvider, turn: Turn) -> None:
        if self.state in OPEN:
            copy(self)._ask(turn)

    def on_cancel_payment(self, cancel: CancelPayment, turn: Turn) -> None:
        after = copy(self)
        if self.state in OPEN and not self.cancelled:
            after.learn(CancelAsked(cancel.person, turn.now), turn)
            after._ask(turn)
        turn.reply(after.answer(turn))

    def on_settle_trouble(self, settle: SettleTrouble, turn: Turn) -> None:
        after = copy(self)
        if self.trouble:
            after.learn(TroubleSettled(self.trouble, settle.person, settle.note, turn.now), turn)
        turn.reply(after.answer(turn))

    def on_payment_query(self, query: PaymentQuery, turn: Turn) -> None:
        turn.reply(self.answer(turn))

    # -- deciding, on the copy of a handler

    def _again(self, start: StartPayment, turn: Turn) -> None:
        same = (start.channel, start.method, start.payees) == (self.channel, self.method, self.payees)
        if same:
            turn.reply(self.answer(turn))
        else:
            turn.refuse("payment_taken", "This number belongs to another payment", payment=turn.me.key)

    def _begin(self, start: StartPayment, fen: int, turn: Turn) -> None:
        who = (start.payer, start.about, start.until_us, turn.now, start.openid, start.plate, start.merchant)
        stay = (start.colour, start.place, start.from_us, start.to_us)
        self.learn(PaymentStarted(start.channel, start.method, start.payees, fen, *who, *stay), turn)
        if start.method == BY_ITSELF:
            order = (start.channel, start.method, fen, start.about, start.until_us, start.openid, start.plate)
            turn.outside(CreateOrder(turn.me.key, *order, *stay))
        self._wake(turn)

    def _take(self, said: ProviderSaid, turn: Turn) -> str:
        """The provider says that it has the money; nothing moves unless all of it is as it was asked for. What of it is
        not.
        """
        if self.paid and said.provider_ref != self.provider_ref:
            return self.contradict("twice", f"{self.provider_ref} {self.fen}", f"{said.provider_ref} {said.fen}", turn)
        wanted = {"amount": str(self.fen), "currency": CNY, "merchant": self.merchant or said.merchant}
        came = {"amount": str(said.fen), "currency": said.currency, "merchant": said.merchant}
        for what, expected in wanted.items():
            if came[what] != expected:
                against = self.contradict(what, expected, came[what], turn)
                self._answered(said.state, turn)
                return against
        if not self.paid:
            self._succeed(said, turn)
        return ""

    def _succeed(self, said: ProviderSaid, turn: Turn) -> None:
        if self.merchant != said.merchant:  # it was never told of the order: who should have, died
            self.learn(OrderNoted(said.merchant, self.code_url, turn.now), turn)
        paid = (said.provider_ref, said.paid_us, turn.now, said.bank, said.payer)
        self.learn(PaymentSucceeded(self.channel, self.fen, *paid), turn)
        turn.cancel(ASK)
        for due in self.payees:
            settle = Settle(turn.me.key, self.channel, due.fen, said.paid_us, self.payer, said.provider_ref)
            turn.send(Ref(due.kind, due.key), settle)

    def _go_on(self, said: ProviderSaid, turn: Turn) -> None:
        """Not paid: it is over if the provider says so, else the provider is asked again later."""
        closing = self.cancelled or turn.now >= self.until_us
        if said.state == "failed":
            self._end("failed", said.why, turn)
        elif said.state == "closed" or (said.state == "absent" and closing):
            self._end("cancelled" if self.cancelled else "expired", said.why, turn)
        else:
            self._answered(said.state, turn)

    def _answered(self, state: str, turn: Turn) -> None:
        if self.asking:
            self.learn(ProviderAnswered(state, turn.now), turn)
            self._wake(turn)

    def _ask(self, turn: Turn) -> None:
        """Asks how the order stands, or closes it when its time is over; never twice at once."""
        if not self.asking:
            closing = self.cancelled or turn.now >= self.until_us
            self.learn(ProviderAsked(closing, turn.now), turn)
            ask = CloseOrder if closing else QueryOrder
            turn.outside(ask(turn.me.key, self.channel, self.method))
        self._wake(turn)

    def _wake(self, turn: Turn) -> None:
        at_us = turn.now + pause(self.asks, LONGEST_PAUSE_US)
        turn.wake(ASK, min(at_us, self.until_us) if turn.now < self.until_us else at_us, AskProvider())

    def _end(self, state: str, why: str, turn: Turn) -> None:
        self.learn(PaymentEnded(state, why, turn.now), turn)
        turn.cancel(ASK)
        for due in self.payees:
            if due.kind in HOLDING:
                turn.send(Ref(due.kind, due.key), CloseBill(turn.me.key, state))
        if self.method == BY_ITSELF and self.payer:  # an account that pays by itself goes another way
            turn.send(Ref("account", self.payer), CloseBill(turn.me.key, state))
