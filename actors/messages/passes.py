"""What is said to a pass, what becomes true of it, and its face."""

from actors.messages.forms import Command, Fact
from actors.values import Micros


class TakeSeat(Command, frozen=True, gc=False):
    """From a session whose vehicle is on the pass: may it count as inside, from then? Answered by `Covered`. `exit_us`:
    it has left already, so it takes nobody's seat.
    """

    session: str
    plate: str
    lot: str
    entry_us: Micros
    exit_us: Micros = 0


class LeaveSeat(Command, frozen=True, gc=False):
    """From a session that left, was voided or has another plate now."""

    session: str
    at_us: Micros


class PassSold(Fact, frozen=True, gc=False):
    """A pass was paid for (or renewed): so much in advance, for this time; `lots` or `groups` are its scope."""

    payment: str
    fen: int
    from_us: Micros
    until_us: Micros
    operator: str
    lots: tuple[str, ...]
    groups: tuple[str, ...]
    at_us: Micros
    renewal: bool = False


class PassEnded(Fact, frozen=True, gc=False):
    """A pass ended early; `refund_fen` of its price goes back by the payment that bought it."""

    at_us: Micros
    reason: str
    person: str
    refund_fen: int
    operator: str
