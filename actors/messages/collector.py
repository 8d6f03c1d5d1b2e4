"""What is said to a collector (who takes money on the street), what becomes true of them, and their face."""

from actors.messages.forms import Command, Fact
from actors.values import Micros


class TakingsAdded(Command, frozen=True, gc=False):
    """From a session: this collector took (or, negative, gave back) so much by this channel in this shift."""

    session: str
    payment: str
    channel: str
    fen: int
    at_us: Micros
    shift: str


class CashHandedOver(Fact, frozen=True, gc=False):
    """A collector's cash was counted: `counted_fen` of `expected_fen` went to the bank; the rest is over/short."""

    shift: str
    counted_fen: int
    expected_fen: int
    by: str
    at_us: Micros
    operator: str
