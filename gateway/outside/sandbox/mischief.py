"""How the sandbox is asked to misbehave: so many times, then it is good again."""

from collections import Counter, defaultdict
from typing import Annotated, Literal

import msgspec

from actors.values import SECOND_US, Micros

Wrong = Literal[
    "lost",
    "late",
    "doubled",
    "out_of_order",
    "forged",
    "stale",
    "unknown_key",
    "unreadable",
    "other_amount",
    "other_currency",
    "other_merchant",
]
Answering = Literal["slow", "silent", "broken", "forged"]
BillFault = Literal["missing", "extra", "differing"]


class Misbehave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish: what goes wrong with the next `times` notifications or answers, or with which line of bills."""

    notify: Wrong | None = None
    answer: Answering | None = None
    refunds: Literal["slow", "fail"] | None = None
    bill: BillFault | None = None
    times: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 2.0
    out_trade_no: str = ""


class Bend(msgspec.Struct, frozen=True):
    """What is changed in one notification before it is signed (and after, if it is forged)."""

    shift_us: Micros = 0
    more_fen: int = 0
    currency: str = "CNY"
    other_merchant: bool = False
    forged: bool = False
    unknown_key: bool = False
    unreadable: bool = False


BENDS: dict[str, Bend] = {
    "forged": Bend(forged=True),
    "stale": Bend(shift_us=-3600 * SECOND_US),
    "unknown_key": Bend(unknown_key=True),
    "unreadable": Bend(unreadable=True),
    "other_amount": Bend(more_fen=-1),
    "other_currency": Bend(currency="USD"),
    "other_merchant": Bend(other_merchant=True),
}


class Mischief:
    """What is still to go wrong."""

    def __init__(self) -> None:
        self._left: Counter[tuple[str, str]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(lambda: 2.0)
        self.bill: dict[str, BillFault] = {}

    def wish(self, wish: Misbehave) -> None:
        """From now on."""
        for what, word in (("notify", wish.notify), ("answer", wish.answer), ("refunds", wish.refunds)):
            if word:
                self._left[what, word] += wish.times
                self._seconds[word] = wish.seconds
        if wish.bill:
            self.bill[wish.out_trade_no] = wish.bill

    def forget(self) -> None:
        """Good again."""
        self._left.clear()
        self.bill.clear()

    def next(self, what: str) -> tuple[str, float]:
        """What goes wrong this time (empty: nothing), and for how many seconds."""
        for kind, word in self._left:
            if kind == what and self._left[kind, word] > 0:
                self._left[kind, word] -= 1
                return word, self._seconds[word]
        return "", 0.0
