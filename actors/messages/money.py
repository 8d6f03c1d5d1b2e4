"""What is said about money between actors: who is owed what, that it came, that it goes back. All amounts are fen."""

import msgspec

from actors.messages.forms import Command
from actors.values import Micros


class Off(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Something taken off a charge: `minutes`, `percent`, `amount` or `full` coupons, or a waiver (`white`, `special`,
    `free`, …) with its id or reason; in a fact that tells a change, `fen` may be negative. The `merchant` bears it, if
    one is named.
    """

    kind: str
    id: str
    fen: int
    merchant: str = ""


class Due(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A part of a payment: the actor that is owed it, and how much."""

    kind: str
    key: str
    fen: int


class Settle(Command, frozen=True, gc=False):
    """Somebody's money has come for you: always taken. What is more than you are owed you send back (`ReturnExcess`).

    From a `payment` or an `account`; `payer` is the account's key or empty; `provider_ref` is the provider's number.
    """

    payment: str
    channel: str
    fen: int
    paid_us: Micros
    payer: str = ""
    provider_ref: str = ""


class CloseBill(Command, frozen=True, gc=False):
    """A payment that a bill was held for will not come: `expired`, `failed`, `cancelled`."""

    payment: str
    why: str


class ReturnExcess(Command, frozen=True, gc=False):
    """So much of what a payment brought was not owed, or is given back: to a `payment` (refund it), an `account`
    (credit the wallet) or a `vehicle` (keep it as credit). `n` numbers the returns of one payment by one sender.
    """

    sender_kind: str
    sender_key: str
    payment: str
    n: int
    fen: int
    why: str
    channel: str = ""
