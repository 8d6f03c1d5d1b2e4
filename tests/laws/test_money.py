"""Money is booked: every fact that carries fen has its lines in the ledger, or a reason why it moves none."""

import msgspec
import pytest

from actors.kinds import KINDS
from actors.messages.forms import Fact
from storage.ledger.booking import BOOKED

NOT_MONEY = {
    "ArrearsNoted": "what a vehicle knows of its stays, which book their own arrears",
    "AutoPayAsked": "what an account is asked for; it books what it pays",
    "AutoTried": "what a stay owes when its account begins to pay it; the payment books what comes",
    "BillHeld": "what may be paid; what comes is booked as `Received`",
    "CampaignSet": "what a coupon will take off; the stay's `Priced` books it",
    "CarLeft": "what the stay still owes; the stay books that itself",
    "CarTurnedAway": "what the car owes, as its own stays book it",
    "CashOffered": "a collector's count before the cashier's; `CashHandedOver` is booked",
    "CouponUsed": "what a coupon took off; the stay's `Priced` books it as a discount",
    "InsideChanged": "what a stay owes, as it books itself",
    "PassEnded": "the sum of the `PassReturned` beside it, which are booked",
    "PassOffered": "a price; `PassSold` is booked",
    "PaymentStarted": "what a provider is asked for; `PaymentSucceeded` is booked",
    "RefundAsked": "what a provider is asked to give back; `PaymentRefunded` is booked",
    "RefundDeclined": "what nobody gives back",
    "RefundRetried": "what a provider is asked for once more; `PaymentRefunded` is booked",
    "Reminded": "what a reminder says is owed; it is booked as arrears",
    "ReservationAsked": "a deposit that is asked for; `DepositReceived` is booked",
    "ReservationTurned": "a deposit that is asked for; `DepositReceived` is booked",
    "SessionOpened": "a fixed price; what the stay costs is booked as `Priced`",
    "ShiftClosed": "the sums of a shift's takings, which stays and passes book",
    "ShiftOpened": "the sums of a shift's takings, which stays and passes book",
    "SpentReturned": "how a wallet's spending is undone; `WalletMoved` beside it is booked",
    "StandingNoted": "what a plate owes elsewhere, as those stays book it",
    "StayMarked": "what a plate owes, as those stays book it",
    "SumFrozen": "stays in the wallet",
    "TakingsNoted": "a collector's word on what stays and passes book; a proof holds both together",
    "TopUpAsked": "what a provider is asked for",
    "TopUpCame": "`WalletMoved` beside it is booked",
    "TopUpReturned": "`WalletMoved` beside it is booked",
    "Waived": "staff's word; the stay's `Priced` books it as a discount",
    "WalletSpent": "`WalletMoved` beside it is booked",
}
"""Facts whose fen move no money, and who tells of it."""

FACTS = {fact for kind in KINDS for fact in kind.folds}


def fen_of(kind: object, seen: frozenset[type] = frozenset()) -> set[str]:
    """The names of all fields in a type, however deep, that hold fen."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return set()
        fields = msgspec.structs.fields(kind)
        own = {field.name for field in fields if field.name == "fen" or field.name.endswith("_fen")}
        return own.union(*(fen_of(field.type, seen | {kind}) for field in fields))
    return set().union(*(fen_of(part, seen) for part in getattr(kind, "__args__", ())))


CARRIES = {fact.__name__ for fact in FACTS if fen_of(fact)}


def test_every_fact_with_fen_is_booked_or_says_why_not() -> None:
    booked = {fact.__name__ for fact in BOOKED}
    assert CARRIES - booked == set(NOT_MONEY)
    assert not booked & set(NOT_MONEY)


def test_whatever_is_booked_is_recorded_by_a_kind() -> None:
    assert set(BOOKED) <= FACTS


@pytest.mark.parametrize("fact", sorted(BOOKED, key=lambda fact: fact.__name__), ids=lambda fact: fact.__name__)
def test_what_is_booked_says_when_it_happened(fact: type[Fact]) -> None:
    """By its own word, not by the turn that took it: a day later it is still that day's."""
    assert {"at_us", "paid_us"} & set(fact.__struct_fields__)
