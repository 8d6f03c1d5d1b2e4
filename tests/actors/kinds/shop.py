"""A payment to try: a shop of two stays that are owed money, its provider's words, and what it asked of whom."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.forms import Command, Face
from actors.messages.money import CloseBill, Due, ReturnExcess, Settle
from actors.messages.payment import (
    PaymentAnswer,
    PaymentFace,
    PaymentQuery,
    ProviderSaid,
    RefundSaid,
    StartPayment,
)
from actors.values import MINUTE_US, SECOND_US, Ref
from tests.actors.kinds.world import World

KEY = "0" * 31 + "1"
ME = Ref("payment", KEY)
ONE, OTHER = Ref("session", "lot/1-1"), Ref("session", "lot/2-1")
M = "1900000001"


class NoFace(Face, frozen=True, gc=False):
    """A payee shows nothing."""


class Payee(Actor, kind="session"):
    """Somebody who is owed money, and keeps whatever comes."""

    def on_settle(self, money: Settle, turn: Turn) -> None: ...

    def on_close_bill(self, close: CloseBill, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class Shop(World):
    """A payment of 10.00 yuan for two stays, of 7.50 and 2.50."""

    def __init__(self, method: str = "native", merchant: str = "") -> None:
        super().__init__()
        self._kinds["session"] = Payee
        self.now = 1_000 * SECOND_US
        payees = (Due(*ONE, 750), Due(*OTHER, 250))
        until_us = self.now + 5 * MINUTE_US
        self.start = StartPayment("wechat", method, payees, "", "停车费", until_us, merchant=merchant)
        self.tell(self.start)

    def tell(self, message: Command) -> object:
        return self.say(ME, message)

    def paid(self, **other: object) -> ProviderSaid:
        said = {"fen": 1000, "currency": "CNY", "merchant": M, "provider_ref": "42", "paid_us": self.now}
        return ProviderSaid("paid", **{**said, **other})  # type: ignore[arg-type]

    def sent_to(self, ref: Ref, kind: type[Command]) -> list[Command]:
        return [message for to, message in self.sent if to == ref and isinstance(message, kind)]

    @property
    def settled(self) -> list[tuple[Ref, int]]:
        return [(to, message.fen) for to, message in self.sent if isinstance(message, Settle)]

    @property
    def face(self) -> PaymentFace:
        answer = self.say(ME, PaymentQuery())
        assert isinstance(answer, PaymentAnswer)
        return answer.face

    @property
    def requests(self) -> list[str]:
        return [type(request).__name__ for _, request in self.asked]

    def back(self, fen: int, n: int = 1, sender: Ref = ONE) -> None:
        self.tell(ReturnExcess(*sender, KEY, n, fen, "excess"))

    def refunded(self, n: int, fen: int, **other: object) -> object:
        said = {"fen": fen, "currency": "CNY", "merchant": M, "done_us": self.now}
        return self.tell(RefundSaid(f"{KEY}-{n}", **{"state": "done", **said, **other}))  # type: ignore[arg-type]
