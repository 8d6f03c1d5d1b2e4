"""The streets, a rule of passes, and one pass of it."""

from actors.messages.account import PayFromWallet
from actors.messages.forms import Refused
from actors.messages.money import Due, ReturnExcess, Settle
from actors.messages.passes import (
    OpenPass,
    PassAnswer,
    PassFace,
    PassQuery,
)
from actors.values import DAY_US, Ref
from tests.actors.kinds.streets import T0, Streets

PASS = Ref("pass", "m1")
A, B, C = "京A12345", "京A22222", "京A33333"
MONTH = 30 * 24 * 60
"""Minutes of the month that begins at T0 (June)."""


class Passes(Streets):
    """The streets, a rule of passes, and one pass of it."""

    def __init__(self, **rule: object) -> None:
        super().__init__()
        self.wait(T0 - DAY_US // 2)
        self.rule(**rule)

    def rule(self, **rule: object) -> None:
        """Another version of the rule `old-town`."""
        plain = {"name": "old town", "price_fen": {"*": 30_000}, "groups": ["old-town"], "operator": "north"}
        self.refer("pass-rules/old-town", {**plain, **rule}, self.now)

    def open(self, *plates: str, periods: int = 1, source: str = "desk", from_us: int = T0) -> object:
        """Asks for the pass."""
        ask = OpenPass("old-town", plates or (A,), from_us, periods, source, "p", "anna", "Anna", "13800000000")
        return self.say(PASS, ask)

    def pay(self, payment: str = "p1", fen: int = 30_000, channel: str = "wechat") -> None:
        """A provider's money comes for it."""
        self.say(PASS, Settle(payment, channel, fen, self.now, "anna" if channel == "wallet" else ""))

    def wallet(self, payment: str, fen: int) -> None:
        """anna's wallet pays so much for it."""
        self.say(Ref("account", "anna"), PayFromWallet(payment, (Due("pass", PASS.key, fen),)))

    def sold(self, *plates: str) -> "Passes":
        """The pass, paid for."""
        self.open(*plates)
        self.pay()
        return self

    def face(self) -> PassFace:
        """The pass's face."""
        answer = self.say(PASS, PassQuery())
        assert isinstance(answer, PassAnswer)
        return answer.face

    def back(self) -> list[tuple[str, str, int]]:
        """What the pass has sent back: to whom, by which payment, how much."""
        sent = [(ref, m) for ref, m in self.sent if isinstance(m, ReturnExcess) and m.sender_kind == "pass"]
        return [(str(ref), m.payment, m.fen) for ref, m in sent]


def code(answer: object) -> str:
    assert isinstance(answer, Refused)
    return answer.code
