"""What is said to a merchant (who bears coupons, or shares a bay), and what becomes true."""

from actors.messages.forms import Command, Face, Fact, Reply
from actors.values import Micros


class NoteSettlement(Command, frozen=True, gc=False):
    """Finance has seen money in the bank, by a number of its own: the merchant paid `fen`, or (negative) was paid. The
    same number again with another sum is refused with `settlement_differs`; paying out more than is owed to them with
    `settlement_too_large`. `booked_fen` is what the merchant owes by all lines but those of settlements.
    """

    settlement: str
    fen: int
    paid_us: Micros
    person: str
    booked_fen: int


class MerchantSettled(Fact, frozen=True, gc=False):
    """The merchant paid so much of what they owe, or (negative) was paid what is owed to them."""

    settlement: str
    fen: int
    paid_us: Micros
    person: str
    at_us: Micros
    booked_fen: int


class MerchantFace(Face, frozen=True, gc=False):
    """A merchant as others see it: how many settlements are known, and what they paid by them (less what they got)."""

    n: int
    fen: int


class SettlementKnown(Reply, frozen=True, gc=False):
    """The settlement is booked."""

    settlement: str
    fen: int
