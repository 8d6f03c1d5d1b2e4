"""How a payment gives back: never more than came, each part once, whoever asks it how often and at once with whom."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.payment.state import Remembered
from actors.messages.money import ReturnExcess
from actors.messages.payment import CNY, AskRefund, Back, QueryRefund, RefundOrder, RefundSaid, RetryRefund
from actors.messages.payment_facts import (
    PaymentContradicted,
    PaymentRefunded,
    RefundAsked,
    RefundDeclined,
    RefundFailed,
    RefundRetried,
    RefundWaits,
)
from actors.values import SECOND_US, Micros

FIRST_PAUSE_US, LONGEST_PAUSE_US = 3 * SECOND_US, 60 * SECOND_US
REFUND_PAUSE_MOST_US = 3600 * SECOND_US


def pause(asks: int, most_us: Micros) -> Micros:
    """How long to wait after so many asks: each time twice as long, up to a bound."""
    return int(min(FIRST_PAUSE_US << min(asks, 20), most_us))


class Refunding(Remembered):
    """A payment of which parts go back."""

    def on_return_excess(self, back: ReturnExcess, turn: Turn) -> None:
        sender = f"{back.sender_kind}:{back.sender_key}"
        if any((known.sender, known.sender_n) == (sender, back.n) for known in self.backs):
            return
        if not 0 < back.fen <= self.left_fen:
            turn.record(RefundDeclined(back.fen, self.left_fen, sender, back.n, back.why, turn.now))
            return
        copy(self).ask_back(back.fen, sender, back.n, back.why, turn)

    def on_retry_refund(self, retry: RetryRefund, turn: Turn) -> None:
        back = self.back(retry.n)
        if back is None or back.state not in ("failed", "retried"):
            turn.refuse("refund_not_failed", "Only a refund that failed can be asked for again", n=str(retry.n))
            return
        after = copy(self)
        if back.state == "failed":
            left = [one for one in self.backs if one.state == "failed" and one.n != back.n]
            trouble = "" if self.trouble == "refund_failed" and not left else self.trouble
            said = (len(self.backs) + 1, back.fen, trouble, retry.person, turn.now)
            after.learn(RefundRetried(back.n, *said), turn)
            after.ask_back(back.fen, back.sender, back.sender_n, back.why, turn)
        turn.reply(after.answer(turn))

    def on_refund_said(self, said: RefundSaid, turn: Turn) -> None:
        back = self._back_named(said.refund, turn)
        if back is None:
            turn.refuse("unknown_refund", "This payment has no such refund", refund=said.refund)
            return
        after, against = copy(self), ""
        if back.state == "retried" and said.state == "done":
            against = after.contradict("refund", "failed", f"{said.refund} done", turn)
        elif back.state == "done" and said.state == "done":
            against = after.checked(back, said, turn)
        elif back.state in ("asked", "waiting", "failed"):
            against = after.take_word(back, said, turn)
        turn.reply(after.answer(turn, against))

    def on_ask_refund(self, wake: AskRefund, turn: Turn) -> None:
        back = self.back(wake.n)
        if back is not None and back.state == "waiting":
            turn.outside(QueryRefund(turn.me.key, self.channel, refund_number(turn.me.key, back.n)))

    # -- deciding, on the copy of a handler

    def ask_back(self, fen: int, sender: str, sender_n: int, why: str, turn: Turn) -> None:
        """Asks the provider to give so much back, under the next number."""
        n = len(self.backs) + 1
        self.learn(RefundAsked(n, fen, sender, sender_n, why, turn.now), turn)
        self._ask_provider(n, fen, why, turn)

    def take_word(self, back: Back, said: RefundSaid, turn: Turn) -> str:
        """What the provider says of one refund, if it can be true; else what cannot."""
        if said.state == "done":
            if against := self.checked(back, said, turn):
                if back.state != "failed":
                    self._wait(back, turn)
                return against
            turn.cancel(f"refund {back.n}")
            self.learn(PaymentRefunded(self.channel, back.fen, back.n, turn.now, said.provider_ref), turn)
        elif said.state == "failed":
            if back.state != "failed":
                self.learn(RefundFailed(back.n, said.why, turn.now), turn)
        elif said.state == "absent":
            self._ask_provider(back.n, back.fen, back.why, turn)
        else:
            self._wait(back, turn)
        return ""

    def checked(self, back: Back, said: RefundSaid, turn: Turn) -> str:
        """Empty if just so much has gone back, in our currency and from our account."""
        wanted, came = f"{back.fen} {CNY} {self.merchant}", f"{said.fen} {said.currency} {said.merchant}"
        return "" if came == wanted else self.contradict("refund", wanted, f"{said.refund} {came}", turn)

    def contradict(self, what: str, expected: str, said: str, turn: Turn) -> str:
        """The provider's word cannot be: it is kept, once, and nothing else; `what` of it."""
        if f"{what} {said}" not in self.contradicted:
            self.learn(PaymentContradicted(what, expected, said, turn.now), turn)
        return what

    def _wait(self, back: Back, turn: Turn) -> None:
        """It is not done, as far as we can believe: the provider is asked again, later each time."""
        self.learn(RefundWaits(back.n, turn.now), turn)
        at_us = turn.now + pause(back.asks, REFUND_PAUSE_MOST_US)
        turn.wake(f"refund {back.n}", at_us, AskRefund(back.n))

    def _ask_provider(self, n: int, fen: int, why: str, turn: Turn) -> None:
        number = refund_number(turn.me.key, n)
        turn.outside(RefundOrder(turn.me.key, self.channel, number, fen, self.fen, why))

    def _back_named(self, number: str, turn: Turn) -> Back | None:
        key, _, n = number.rpartition("-")
        if key != turn.me.key or not (n.isascii() and n.isdigit() and len(n) < 10):
            return None
        return self.back(int(n))


def refund_number(payment: str, n: int) -> str:
    """Our own number of the n-th giving back of a payment."""
    return f"{payment}-{n}"
