"""The ledger's accounts: a word, or a word and after a colon whose (`cash:li`, `income:city/20042`)."""

from typing import Final

RECEIVABLE: Final = "receivable"
"""What stays cost and nobody has paid yet; arrears are not in it."""
ARREARS: Final = "arrears"
OWED_BACK: Final = "owed_back"
"""What came for a stay and was not owed, until it went back."""
CLEARING: Final = "clearing"
"""What one actor has booked and the other not yet."""
PASSES: Final = "passes"
"""Passes sold in advance."""
CREDIT: Final = "credit"
"""Customers' money that is kept for a vehicle until an account takes it."""
DEPOSITS: Final = "deposits"
"""Deposits of reservations: their holders' money until it goes back, or is kept."""
BAD_DEBT: Final = "bad_debt"
GIFTS_GIVEN: Final = "gifts_given"
BANK: Final = "bank"
OVER_SHORT: Final = "over_short"

BY_HAND: Final = frozenset({"card", "city_card"})
"""Channels whose money a machine in a hand takes: it is on its way to us, and no `payment` books it."""


def income(operator: str, lot: str) -> str:
    """What stays in this lot of this operator brought."""
    return f"income:{operator}/{lot}"


def owners(operator: str, lot: str) -> str:
    """What of this lot's income is the owners' whose bays others used."""
    return f"owners_shares:{operator}/{lot}"


def kept(operator: str, lot: str) -> str:
    """Deposits that this operator kept, for bays of this lot that nobody came to."""
    return f"deposits_kept:{operator}/{lot}"


def discount(kind: str) -> str:
    """What was taken off charges, by coupons or waivers of this kind."""
    return f"discounts:{kind}"


def merchant(id: str) -> str:
    """What this merchant owes us: for coupons that they bear, less what they paid. Negative: what we owe them, as the
    owner of a shared bay.
    """
    return f"merchants:{id}"


def off(kind: str, merchant_: str) -> str:
    """Who bears what was taken off a charge: the merchant, if there is one, or we."""
    return merchant(merchant_) if merchant_ else discount(kind)


def cash(collector: str) -> str:
    """What this collector holds."""
    return f"cash:{collector}"


def transit(channel: str) -> str:
    """What a channel has taken for us and not paid out yet."""
    return f"transit:{channel}"


def fee(channel: str) -> str:
    """What a channel keeps for itself."""
    return f"fee:{channel}"


def wallet(account: str) -> str:
    """Real money in this customer's wallet."""
    return f"wallet:{account}"


def wallet_gift(account: str) -> str:
    """Gift money in this customer's wallet."""
    return f"wallet_gift:{account}"


def came_by(channel: str, person: str) -> str:
    """Where money that came for a stay by this channel is."""
    if channel == "cash":
        return cash(person)
    return transit(channel) if channel in BY_HAND else CLEARING
