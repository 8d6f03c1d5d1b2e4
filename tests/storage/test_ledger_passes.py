"""What the ledger makes of passes: paid by hand or wallet, renewed and ended, nothing is left between two actors."""

from collections import Counter

import pytest

from actors.messages.account import BindPlate, OpenTopUp
from actors.messages.money import Settle
from actors.messages.passes import EndPass, RenewPass
from actors.messages.session import PayByHand
from actors.values import Ref
from storage.ledger import accounts
from storage.ledger.booking import BOOKED, book, sums
from tests.actors.kinds.passes import PASS, A, Passes


def booked(passes: Passes) -> dict[str, int]:
    """All accounts that are not empty, from all facts of the world."""
    told = [(ref, fact) for ref, facts in passes.facts.items() for fact in facts if type(fact) in BOOKED]
    entries = [book(ref, passes.now, fact) for ref, fact in told]
    return {name: fen for name, fen in sums(filter(None, entries)).items() if fen}


def clearing(passes: Passes) -> dict[str, int]:
    """What is left in clearing, by payment."""
    left: Counter[str] = Counter()
    for ref, facts in passes.facts.items():
        for entry in filter(None, (book(ref, passes.now, fact) for fact in facts if type(fact) in BOOKED)):
            left[entry.payment] += sum(fen for account, fen in entry.lines if account == accounts.CLEARING)
    return {payment: fen for payment, fen in left.items() if fen}


def by_hand(passes: Passes, payment: str, fen: int = 30_000, offline: bool = False) -> None:
    passes.say(PASS, PayByHand(payment, "cash", fen, "c1", "s1", passes.now, offline))


def test_a_pass_paid_by_hand_is_cash_and_a_pass_sold_in_advance() -> None:
    passes = Passes()
    passes.open()
    by_hand(passes, "p1")
    assert booked(passes) == {accounts.cash("c1"): 30_000, accounts.PASSES: -30_000}


def test_cash_that_was_too_much_is_the_plates_credit() -> None:
    passes = Passes()
    passes.open()
    by_hand(passes, "p1", 31_000, offline=True)
    by_hand(passes, "p2", 500, offline=True)
    assert booked(passes) == {accounts.cash("c1"): 31_500, accounts.PASSES: -30_000, accounts.CREDIT: -1_500}
    assert passes.vehicle(A).credit_fen == 1_500


@pytest.mark.parametrize("fen", [30_000, 40_000, 29_000])
def test_what_a_wallet_paid_too_much_is_in_it_again(fen: int) -> None:
    passes = Passes()
    anna = Ref("account", "anna")
    passes.say(anna, OpenTopUp("t", 50_000))
    passes.say(anna, Settle("t", "wechat", 50_000, passes.now))
    before = booked(passes)
    passes.open()
    passes.wallet("p1", fen)
    sold = 30_000 if fen >= 30_000 else 0
    after = booked(passes)
    assert accounts.CLEARING not in {name for name in after if after[name] != before.get(name, 0)}
    assert after.get(accounts.PASSES, 0) == -sold
    passes.say(PASS, RenewPass(1, "desk", "p"))
    passes.say(PASS, EndPass("", "staff"))
    assert {name: fen for name, fen in booked(passes).items() if name != accounts.PASSES} == {
        name: fen for name, fen in before.items() if name != accounts.PASSES
    }
    assert booked(passes).get(accounts.PASSES, 0) == 0


def test_what_an_ended_pass_gives_back_meets_the_payment_that_brought_it() -> None:
    """Bought in cash and renewed by a provider: each part goes back its own way, known by its payment."""
    passes = Passes()
    passes.open()
    by_hand(passes, "p1")
    passes.say(PASS, RenewPass(1, "desk", "p"))
    passes.pay("p2")
    assert clearing(passes) == {"p2": 30_000}, "the payment itself lives elsewhere"
    passes.say(PASS, EndPass("", "staff"))
    assert clearing(passes) == {}
    assert booked(passes) == {accounts.cash("c1"): 30_000, accounts.CREDIT: -30_000}


def test_a_pass_s_credit_is_no_stay_s() -> None:
    passes = Passes()
    passes.open()
    by_hand(passes, "p1", 31_000, offline=True)
    entry = book(Ref("vehicle", A), 1, passes.facts[Ref("vehicle", A)][-1])
    assert entry is not None
    assert (entry.session, entry.lot, entry.payment) == ("", "", "p1")


def test_credit_that_finds_its_owner_leaves_nothing_in_clearing() -> None:
    passes = Passes()
    passes.open()
    by_hand(passes, "p1", 31_000, offline=True)
    passes.say(Ref("account", "anna"), BindPlate(A))
    assert booked(passes) == {accounts.cash("c1"): 31_000, accounts.PASSES: -30_000, accounts.wallet("anna"): -1_000}
    assert clearing(passes) == {}
