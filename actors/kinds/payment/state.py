"""What a payment remembers: every fold, the sums that went back, and how it looks from outside."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.forms import Fact
from actors.messages.money import Due
from actors.messages.payment import Back, PaymentAnswer, PaymentFace
from actors.messages.payment_facts import (
    CancelAsked,
    OrderNoted,
    PaymentContradicted,
    PaymentEnded,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
    ProviderAnswered,
    ProviderAsked,
    RefundAsked,
    RefundDeclined,
    RefundFailed,
    RefundRetried,
    RefundWaits,
    TroubleSettled,
)
from actors.values import Micros


class Remembered(Actor):
    """The state of a payment; folds replace what they change, for handlers go on deciding on a copy.

    `asking`: the provider was asked how the order stands and has not answered; `asks` counts.
    """

    channel: str = ""
    method: str = ""
    state: str = ""
    fen: int = 0
    payees: tuple[Due, ...] = ()
    payer: str = ""
    about: str = ""
    openid: str = ""
    plate: str = ""
    colour: str = ""
    place: str = ""
    from_us: Micros = 0
    to_us: Micros = 0
    merchant: str = ""
    code_url: str = ""
    started_us: Micros = 0
    until_us: Micros = 0
    asking: bool = False
    asks: int = 0
    cancelled: bool = False
    why: str = ""
    paid_us: Micros = 0
    provider_ref: str = ""
    bank: str = ""
    backs: tuple[Back, ...] = ()
    contradicted: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def paid(self) -> bool:
        """Whether the provider has the money."""
        return self.state == "paid"

    @property
    def refunding_fen(self) -> int:
        """What is on its way back."""
        return sum(back.fen for back in self.backs if back.state in ("asked", "waiting", "failed"))

    @property
    def refunded_fen(self) -> int:
        """What has gone back."""
        return sum(back.fen for back in self.backs if back.state == "done")

    @property
    def left_fen(self) -> int:
        """How much may still go back."""
        return self.fen - self.refunding_fen - self.refunded_fen if self.paid else 0

    def back(self, n: int) -> Back | None:
        """The n-th giving back."""
        return self.backs[n - 1] if 0 < n <= len(self.backs) else None

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records and remembers; on the copy of a handler that goes on deciding."""
        turn.record(fact)
        self.remember(fact)

    def answer(self, turn: Turn, against: str = "") -> PaymentAnswer:
        """How it stands, for whoever asked; for a provider also what of its word cannot be."""
        return PaymentAnswer(turn.me.key, self.face(), against)

    def over_us(self) -> Micros | None:
        """Paid or not, it waits for nobody but by its wakes; a refund or a late word of its provider is seldom."""
        return self.paid_us or self.until_us or None

    def face(self) -> PaymentFace:
        """What others may see of it."""
        return PaymentFace(
            self.channel,
            self.method,
            self.state,
            self.fen,
            self.refunding_fen,
            self.refunded_fen,
            self.payees,
            self.payer,
            self.about,
            self.started_us,
            self.until_us,
            self.paid_us,
            self.provider_ref,
            self.bank,
            self.merchant,
            self.code_url,
            self.openid,
            self.why,
            self.trouble,
            self.backs,
        )

    # -- remembering

    def fold_payment_started(self, fact: PaymentStarted) -> None:
        self.channel, self.method, self.state = fact.channel, fact.method, "started"
        self.fen, self.payees, self.payer, self.about = fact.fen, fact.payees, fact.payer, fact.about
        self.openid, self.plate, self.merchant = fact.openid, fact.plate, fact.merchant
        self.colour, self.place, self.from_us, self.to_us = fact.colour, fact.place, fact.from_us, fact.to_us
        self.started_us, self.until_us = fact.at_us, fact.until_us

    def fold_order_noted(self, fact: OrderNoted) -> None:
        self.state = "created" if self.state == "started" else self.state
        self.merchant, self.code_url = fact.merchant, fact.code_url

    def fold_provider_asked(self, fact: ProviderAsked) -> None:
        self.asking, self.asks = True, self.asks + 1

    def fold_provider_answered(self, fact: ProviderAnswered) -> None:
        self.asking = False

    def fold_cancel_asked(self, fact: CancelAsked) -> None:
        self.cancelled = True

    def fold_payment_succeeded(self, fact: PaymentSucceeded) -> None:
        self.state, self.asking, self.why = "paid", False, ""
        self.paid_us, self.provider_ref, self.bank = fact.paid_us, fact.provider_ref, fact.bank
        self.openid = self.openid or fact.payer

    def fold_payment_ended(self, fact: PaymentEnded) -> None:
        self.state, self.why, self.asking = fact.state, fact.why, False

    def fold_payment_contradicted(self, fact: PaymentContradicted) -> None:
        self.contradicted = (*self.contradicted, f"{fact.what} {fact.said}")
        self.trouble = fact.what

    def fold_refund_asked(self, fact: RefundAsked) -> None:
        self.backs = (*self.backs, Back(fact.n, fact.fen, fact.sender, fact.sender_n, fact.why))

    def fold_refund_declined(self, fact: RefundDeclined) -> None:
        self.trouble = "refund_declined"

    def fold_refund_waits(self, fact: RefundWaits) -> None:
        back = self.backs[fact.n - 1]
        self._put(back, "waiting", back.asks + 1)

    def fold_payment_refunded(self, fact: PaymentRefunded) -> None:
        self._put(self.backs[fact.n - 1], "done")

    def fold_refund_failed(self, fact: RefundFailed) -> None:
        self._put(self.backs[fact.n - 1], "failed")
        self.trouble = "refund_failed"

    def fold_refund_retried(self, fact: RefundRetried) -> None:
        self._put(self.backs[fact.n - 1], "retried")
        self.trouble = fact.trouble

    def fold_trouble_settled(self, fact: TroubleSettled) -> None:
        self.trouble = ""

    def _put(self, back: Back, state: str, asks: int = 0) -> None:
        changed = Back(back.n, back.fen, back.sender, back.sender_n, back.why, state, asks)
        self.backs = (*self.backs[: back.n - 1], changed, *self.backs[back.n :])
