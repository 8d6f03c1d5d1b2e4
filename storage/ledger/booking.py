"""What the ledger books: one table fact → lines, and nothing else is money. All of it is pure.

Lines are signed fen, debit +, credit −; the lines of a fact sum to zero. What two actors tell each other meets in
`clearing`, which is zero when every message has arrived.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from actors.messages.account import WalletMoved
from actors.messages.channel import PaidOut
from actors.messages.collector import CashHandedOver
from actors.messages.forms import Fact
from actors.messages.holder import DepositKept, DepositReceived, DepositReturned
from actors.messages.merchant import MerchantSettled
from actors.messages.passes import PassPaidByHand, PassReturned, PassSold
from actors.messages.payment_facts import PaymentRefunded, PaymentSucceeded
from actors.messages.session_facts import ArrearsMoved, OwnerShared, Priced, Received, Returned, WrittenOff
from actors.messages.vehicle import CreditGiven, CreditPassedOn
from actors.values import Micros, Ref
from storage.ledger import accounts

Lines = list[tuple[str, int]]
"""(account, fen): debit +, credit −."""


class Entry(NamedTuple):
    """What one fact books: when it happened by its own word, for whose operator and lot, about which session, payment
    and customer's account, and its lines (at least two). It names no plate and no phone.
    """

    occurred_us: Micros
    operator: str
    lot: str
    session: str
    payment: str
    owner: str
    lines: Lines


class Unbalanced(Exception):
    """The lines of a fact do not sum to zero: the code is wrong, and nothing of it is kept."""


def book(ref: Ref, at: Micros, fact: Fact) -> Entry | None:
    """The entry of a fact that this actor recorded then; None if no money moved."""
    entry = BOOKED[type(fact)](ref, at, fact)
    lines = [(account, fen) for account, fen in entry.lines if fen]
    if sum(fen for _, fen in lines):
        raise Unbalanced(f"{ref} {fact}: {lines}")
    return entry._replace(lines=lines) if lines else None


def _of_stay(ref: Ref, at: Micros, operator: str, lines: Lines, payment: str = "", owner: str = "") -> Entry:
    return Entry(at, operator, ref.place, ref.key, payment, owner, lines)


def _priced(ref: Ref, at: Micros, fact: Priced) -> Entry:
    """The stay costs more (or less): income, less what is taken off, is owed to us."""
    off: Lines = [(accounts.off(each.kind, each.merchant), each.fen) for each in fact.more_off]
    owed = fact.more_fen - sum(fen for _, fen in off)
    income = (accounts.income(fact.operator, ref.place), -fact.more_fen)
    return _of_stay(ref, fact.at_us, fact.operator, [(accounts.RECEIVABLE, owed), *off, income])


def _received(ref: Ref, at: Micros, fact: Received) -> Entry:
    """Money came by hand, or meets what its payment or wallet booked; what was not owed has to go back."""
    owed = fact.fen - fact.arrears_fen - fact.excess_fen
    lines: Lines = [
        (accounts.came_by(fact.channel, fact.person), fact.fen),
        (accounts.RECEIVABLE, -owed),
        (accounts.ARREARS, -fact.arrears_fen),
        (accounts.OWED_BACK, -fact.excess_fen),
    ]
    return _of_stay(ref, fact.paid_us, fact.operator, lines, fact.payment, fact.payer)


def _returned(ref: Ref, at: Micros, fact: Returned) -> Entry:
    """What was owed back went; a refund is owed to us again, unless the price fell beside it."""
    from_ = accounts.cash(fact.person) if fact.to == "cash" else accounts.CLEARING
    lines: Lines = [
        (accounts.OWED_BACK, fact.excess_fen),
        (accounts.RECEIVABLE, fact.fen - fact.excess_fen),
        (from_, -fact.fen),
    ]
    return _of_stay(ref, fact.at_us, fact.operator, lines, fact.payment)


def _owner_shared(ref: Ref, at: Micros, fact: OwnerShared) -> Entry:
    """Income stays whole; what of it is the owner's is a cost, and owed to him."""
    lines: Lines = [(accounts.owners(fact.operator, ref.place), fact.fen), (accounts.merchant(fact.owner), -fact.fen)]
    return _of_stay(ref, fact.at_us, fact.operator, lines)


def _arrears_moved(ref: Ref, at: Micros, fact: ArrearsMoved) -> Entry:
    lines: Lines = [(accounts.ARREARS, fact.fen), (accounts.RECEIVABLE, -fact.fen)]
    return _of_stay(ref, fact.at_us, fact.operator, lines)


def _written_off(ref: Ref, at: Micros, fact: WrittenOff) -> Entry:
    lines: Lines = [
        (accounts.BAD_DEBT, fact.fen),
        (accounts.ARREARS, -fact.arrears_fen),
        (accounts.RECEIVABLE, fact.arrears_fen - fact.fen),
    ]
    return _of_stay(ref, fact.at_us, fact.operator, lines)


def _wallet_moved(ref: Ref, at: Micros, fact: WalletMoved) -> Entry:
    """Gift money that is given comes from nobody: it costs us. All else meets the other side in `clearing`."""
    given = fact.gift_fen if fact.why in ("gift", "top_up") else 0
    met = fact.fen + fact.gift_fen - given
    lines: Lines = [
        (accounts.CLEARING, met),
        (accounts.GIFTS_GIVEN, given),
        (accounts.wallet(ref.key), -fact.fen),
        (accounts.wallet_gift(ref.key), -fact.gift_fen),
    ]
    return Entry(fact.at_us, "", "", "", fact.payment, ref.key, lines)


def _succeeded(ref: Ref, at: Micros, fact: PaymentSucceeded) -> Entry:
    lines: Lines = [(accounts.transit(fact.channel), fact.fen), (accounts.CLEARING, -fact.fen)]
    return Entry(fact.paid_us, "", "", "", ref.key, "", lines)


def _refunded(ref: Ref, at: Micros, fact: PaymentRefunded) -> Entry:
    lines: Lines = [(accounts.CLEARING, fact.fen), (accounts.transit(fact.channel), -fact.fen)]
    return Entry(fact.at_us, "", "", "", ref.key, "", lines)


def _pass_sold(ref: Ref, at: Micros, fact: PassSold) -> Entry:
    lines: Lines = [(accounts.CLEARING, fact.fen), (accounts.PASSES, -fact.fen)]
    return Entry(fact.at_us, fact.operator, "", "", fact.payment, "", lines)


def _pass_paid(ref: Ref, at: Micros, fact: PassPaidByHand) -> Entry:
    lines: Lines = [(accounts.came_by(fact.channel, fact.collector), fact.fen), (accounts.CLEARING, -fact.fen)]
    return Entry(fact.paid_us, fact.operator, "", "", fact.payment, "", lines)


def _pass_returned(ref: Ref, at: Micros, fact: PassReturned) -> Entry:
    lines: Lines = [(accounts.PASSES, fact.fen), (accounts.CLEARING, -fact.fen)]
    return Entry(fact.at_us, fact.operator, "", "", fact.payment, "", lines)


def _deposit_received(ref: Ref, at: Micros, fact: DepositReceived) -> Entry:
    lines: Lines = [(accounts.CLEARING, fact.fen), (accounts.DEPOSITS, -fact.fen)]
    return Entry(fact.paid_us, fact.operator, fact.lot, "", fact.payment, ref.key, lines)


def _deposit_returned(ref: Ref, at: Micros, fact: DepositReturned) -> Entry:
    lines: Lines = [(accounts.DEPOSITS, fact.fen), (accounts.CLEARING, -fact.fen)]
    return Entry(fact.at_us, fact.operator, fact.lot, "", fact.payment, ref.key, lines)


def _deposit_kept(ref: Ref, at: Micros, fact: DepositKept) -> Entry:
    lines: Lines = [(accounts.DEPOSITS, fact.fen), (accounts.kept(fact.operator, fact.lot), -fact.fen)]
    return Entry(fact.at_us, fact.operator, fact.lot, "", fact.payment, ref.key, lines)


def _cash_handed_over(ref: Ref, at: Micros, fact: CashHandedOver) -> Entry:
    """The collector owes no cash any more, whatever was counted; the difference is over or short."""
    lines: Lines = [
        (accounts.BANK, fact.counted_fen),
        (accounts.OVER_SHORT, fact.expected_fen - fact.counted_fen),
        (accounts.cash(ref.key), -fact.expected_fen),
    ]
    return Entry(fact.at_us, fact.operator, "", "", "", "", lines)


def _paid_out(ref: Ref, at: Micros, fact: PaidOut) -> Entry:
    """What a channel kept for us is in the bank, but for its fee."""
    lines: Lines = [
        (accounts.BANK, fact.fen),
        (accounts.fee(ref.key), fact.fee_fen),
        (accounts.transit(ref.key), -fact.fen - fact.fee_fen),
    ]
    return Entry(fact.paid_us, "", "", "", "", "", lines)


def _merchant_settled(ref: Ref, at: Micros, fact: MerchantSettled) -> Entry:
    lines: Lines = [(accounts.BANK, fact.fen), (accounts.merchant(ref.key), -fact.fen)]
    return Entry(fact.paid_us, "", "", "", "", "", lines)


def _credit_given(ref: Ref, at: Micros, fact: CreditGiven) -> Entry:
    """The vehicle's plate stays out of it: the session and the payment tell whose money it is."""
    lines: Lines = [(accounts.CLEARING, fact.fen), (accounts.CREDIT, -fact.fen)]
    session = fact.session if fact.sender == "session" else ""
    return Entry(fact.at_us, "", Ref("session", session).place, session, fact.payment, "", lines)


def _credit_passed_on(ref: Ref, at: Micros, fact: CreditPassedOn) -> Entry:
    lines: Lines = [(accounts.CREDIT, fact.fen), (accounts.CLEARING, -fact.fen)]
    return Entry(fact.at_us, "", "", "", fact.payment, fact.account, lines)


Book = Callable[[Ref, Micros, Any], Entry]

BOOKED: Final[dict[type[Fact], Book]] = {
    Priced: _priced,
    Received: _received,
    Returned: _returned,
    OwnerShared: _owner_shared,
    ArrearsMoved: _arrears_moved,
    WrittenOff: _written_off,
    WalletMoved: _wallet_moved,
    PaymentSucceeded: _succeeded,
    PaymentRefunded: _refunded,
    PassSold: _pass_sold,
    PassPaidByHand: _pass_paid,
    PassReturned: _pass_returned,
    DepositReceived: _deposit_received,
    DepositReturned: _deposit_returned,
    DepositKept: _deposit_kept,
    CashHandedOver: _cash_handed_over,
    PaidOut: _paid_out,
    MerchantSettled: _merchant_settled,
    CreditGiven: _credit_given,
    CreditPassedOn: _credit_passed_on,
}
"""Each fact that moves money, and what it books."""


def sums(entries: Iterable[Entry]) -> dict[str, int]:
    """What these entries leave in each account."""
    found: dict[str, int] = {}
    for entry in entries:
        for account, fen in entry.lines:
            found[account] = found.get(account, 0) + fen
    return found
