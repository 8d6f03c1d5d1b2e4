"""What facts book: every entry sums to zero, and each story ends with the accounts that people expect."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages.account import WalletMoved
from actors.messages.collector import CashHandedOver
from actors.messages.forms import Fact
from actors.messages.merchant import MerchantSettled
from actors.messages.money import Off
from actors.messages.passes import PassReturned, PassSold
from actors.messages.payment_facts import PaymentRefunded, PaymentSucceeded
from actors.messages.session_facts import ArrearsMoved, Priced, Received, Returned, WrittenOff
from actors.messages.vehicle import CreditGiven, CreditPassedOn
from actors.values import Ref
from storage.ledger.booking import BOOKED, Entry, Unbalanced, book, sums

STAY, LI, ANNA, WX, PLATE = (
    Ref("session", "20042/66222-1"),
    Ref("collector", "li"),
    Ref("account", "anna"),
    Ref("payment", "p1"),
    Ref("vehicle", "粤B12345"),
)
CAFE = Ref("merchant", "cafe")


def booked(*told: tuple[Ref, Fact]) -> dict[str, int]:
    """What these facts leave in the accounts that are not empty."""
    entries = [entry for ref, fact in told if (entry := book(ref, 100, fact))]
    return {account: fen for account, fen in sums(entries).items() if fen}


def priced(more: int, *off: Off) -> Priced:
    return Priced(more, off, more, off, 90, "exit", b"", "city")


def received(channel: str, fen: int, arrears: int = 0, excess: int = 0, person: str = "") -> Received:
    return Received("p1", channel, fen, arrears, excess, 95, "city", "anna", person)


def returned(fen: int, excess: int, to: str, person: str = "") -> Returned:
    return Returned("p1", "x", fen, excess, to, "why", 99, "city", 1, person=person)


def test_a_stay_paid_in_cash_and_the_cash_handed_over() -> None:
    money = [(STAY, priced(1000, Off("minutes", "c1", 200))), (STAY, received("cash", 800, person="li"))]
    assert booked(*money) == {"income:city/20042": -1000, "discounts:minutes": 200, "cash:li": 800}
    short = (LI, CashHandedOver("s1", 790, 800, "boss", 99, "city"))
    assert booked(*money, short) == {
        "income:city/20042": -1000,
        "discounts:minutes": 200,
        "bank": 790,
        "over_short": 10,
    }


def test_what_a_merchant_s_coupon_takes_off_the_merchant_owes_until_it_is_settled() -> None:
    used = (STAY, priced(1000, Off("amount", "c1", 300, "cafe"), Off("waiver", "why", 100)))
    owed = {"income:city/20042": -1000, "receivable": 600, "discounts:waiver": 100, "merchants:cafe": 300}
    assert booked(used) == owed
    dearer = (STAY, Priced(1000, (), 0, (Off("amount", "c1", -300, "cafe"),), 99, "void", b"", "city"))
    assert booked(used, dearer) == {"income:city/20042": -1000, "receivable": 900, "discounts:waiver": 100}
    paid = (CAFE, MerchantSettled("B-1", 500, 97, "boss", 99, 300))
    assert booked(used, paid) == {**owed, "merchants:cafe": -200, "bank": 500}
    back = (CAFE, MerchantSettled("B-2", -200, 98, "boss", 99, 300))
    assert booked(used, paid, back) == {
        **{account: fen for account, fen in owed.items() if account != "merchants:cafe"},
        "bank": 300,
    }


def test_a_stay_paid_by_a_provider_leaves_nothing_in_clearing() -> None:
    both = [(WX, PaymentSucceeded("wechat", 1000, "w1", 94, 96)), (STAY, received("wechat", 1000))]
    assert booked((STAY, priced(1000)), both[0])["clearing"] == -1000, "the stay has not heard of it yet"
    assert booked((STAY, priced(1000)), *both) == {"income:city/20042": -1000, "transit:wechat": 1000}


def test_what_was_paid_twice_is_owed_back_until_it_went() -> None:
    twice = [
        (STAY, priced(500)),
        (STAY, received("cash", 500, person="li")),
        (WX, PaymentSucceeded("wechat", 500, "w1", 94, 96)),
        (STAY, received("wechat", 500, excess=500)),
    ]
    assert booked(*twice)["owed_back"] == -500
    back = [(STAY, returned(500, 500, "payment")), (WX, PaymentRefunded("wechat", 500, 1, 99))]
    assert booked(*twice, *back) == {"income:city/20042": -500, "cash:li": 500}


def test_a_hand_s_excess_becomes_credit_and_then_money_in_the_wallet() -> None:
    told = [
        (STAY, received("cash", 300, excess=300, person="li")),
        (STAY, returned(300, 300, "vehicle")),
        (PLATE, CreditGiven(STAY.key, "p1", 1, 300, 99)),
    ]
    assert booked(*told) == {"cash:li": 300, "credit": -300}
    on = [(PLATE, CreditPassedOn("anna", 300, 100)), (ANNA, WalletMoved(300, 0, "credit", "x", "", 100, 300, 0))]
    assert booked(*told, *on) == {"cash:li": 300, "wallet:anna": -300}


def test_a_refund_is_owed_again_unless_the_price_fell() -> None:
    paid = [(STAY, priced(900)), (STAY, received("cash", 900, person="li"))]
    back = (STAY, returned(400, 0, "cash", person="li"))
    assert booked(*paid, back) == {"income:city/20042": -900, "cash:li": 500, "receivable": 400}
    fell = (STAY, Priced(900, (Off("refund", "k", 400),), 0, (Off("refund", "k", 400),), 99, "refund", b"", "city"))
    assert booked(*paid, fell, back) == {"income:city/20042": -900, "cash:li": 500, "discounts:refund": 400}


def test_arrears_are_recovered_or_given_up() -> None:
    late = [(STAY, priced(700)), (STAY, ArrearsMoved(700, 99, "unpaid", "city"))]
    assert booked(*late) == {"income:city/20042": -700, "arrears": 700}
    part = (STAY, received("card", 300, arrears=300))
    assert booked(*late, part) == {"income:city/20042": -700, "transit:card": 300, "arrears": 400}
    given_up = (STAY, WrittenOff(400, 400, 99, "gone", "boss", "city"))
    assert booked(*late, part, given_up) == {"income:city/20042": -700, "transit:card": 300, "bad_debt": 400}


def test_a_wallet_topped_up_with_a_gift_pays() -> None:
    told = [
        (WX, PaymentSucceeded("alipay", 1000, "a1", 94, 96)),
        (ANNA, WalletMoved(1000, 100, "top_up", "p1", "p1", 96, 1000, 100)),
        (STAY, priced(300)),
        (ANNA, WalletMoved(-200, -100, "pay", STAY.key, "p2", 97, 800, 0)),
        (STAY, received("wallet", 300)),
    ]
    assert booked(*told) == {
        "transit:alipay": 1000,
        "gifts_given": 100,
        "wallet:anna": -800,
        "income:city/20042": -300,
    }


def test_a_pass_is_sold_in_advance_and_ended() -> None:
    sold = PassSold("p1", 5000, 1, 2, "city", ("20042",), (), 98)
    told = [(WX, PaymentSucceeded("wechat", 5000, "w", 94, 96)), (Ref("pass", "m1"), sold)]
    assert booked(*told) == {"transit:wechat": 5000, "passes": -5000}
    ended = [(Ref("pass", "m1"), PassReturned("p1", 2000, 99, "city"))]
    assert booked(*told, *ended, (WX, PaymentRefunded("wechat", 2000, 1, 99))) == {
        "transit:wechat": 3000,
        "passes": -3000,
    }


def test_an_entry_says_when_and_of_what_and_no_plate() -> None:
    entry = book(STAY, 100, received("wechat", 5))
    assert entry is not None
    assert entry[:6] == (95, "city", "20042", STAY.key, "p1", "anna")
    credit = book(PLATE, 100, CreditGiven(STAY.key, "p1", 1, 300, 99))
    assert credit is not None
    assert credit[:6] == (99, "", "20042", STAY.key, "p1", "")
    assert "粤B12345" not in repr(credit)


def test_where_no_money_moved_nothing_is_booked() -> None:
    assert book(STAY, 100, priced(0)) is None
    assert book(STAY, 100, Priced(900, (), 0, (), 99, "plate", b"", "city")) is None


def test_lines_that_do_not_sum_to_zero_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    right = BOOKED[Priced]

    def wrong(ref: Ref, at: int, fact: Any) -> Entry:
        entry = right(ref, at, fact)
        return entry._replace(lines=[*entry.lines, ("bank", 1)])

    priced_fact: type[Fact] = Priced
    monkeypatch.setitem(BOOKED, priced_fact, wrong)
    with pytest.raises(Unbalanced):
        book(STAY, 100, priced(100))


REFS = {
    "account": ANNA,
    "channel": Ref("channel", "wechat"),
    "collector": LI,
    "holder": Ref("holder", "anna"),
    "passes": Ref("pass", "m1"),
    "payment_facts": WX,
    "session_facts": STAY,
    "vehicle": PLATE,
    "merchant": CAFE,
}
fen = st.integers(-10_000_000, 10_000_000)
off = st.builds(Off, st.sampled_from(["minutes", "white", "refund"]), st.just("c"), fen, st.sampled_from(["", "cafe"]))


def any_of(fact: type[Fact]) -> st.SearchStrategy[Any]:
    """Any fact of this type, sensible or not: a table that is total books all of them."""
    texts: dict[str, st.SearchStrategy[Any]] = {
        "to": st.sampled_from(["payment", "account", "vehicle", "cash", "moon"]),
        "channel": st.sampled_from(["cash", "card", "city_card", "wallet", "wechat", "shells"]),
        "why": st.sampled_from(["pay", "gift", "top_up", "refund", "excess", "withdraw", "moon"]),
    }
    kinds: dict[Any, st.SearchStrategy[Any]] = {
        int: fen,
        int | None: st.none() | fen,
        str: st.text(max_size=3),
        bool: st.booleans(),
        bytes: st.just(b""),
        tuple[Off, ...]: st.lists(off, max_size=3).map(tuple),
        tuple[str, ...]: st.just(()),
    }
    fields = {name: texts[name] if name in texts else kinds[kind] for name, kind in fact.__annotations__.items()}
    return st.builds(fact, **fields)


@pytest.mark.parametrize("fact", BOOKED, ids=lambda fact: fact.__name__)
@given(data=st.data())
def test_every_entry_sums_to_zero(fact: type[Fact], data: st.DataObject) -> None:
    said = data.draw(any_of(fact))
    entry = book(REFS[fact.__module__.rpartition(".")[2]], 100, said)
    if entry is None:
        return
    assert sum(fen for _, fen in entry.lines) == 0
    assert len(entry.lines) >= 2
    assert all(fen for _, fen in entry.lines)
    assert PLATE.key not in repr(entry)


@pytest.mark.parametrize("fact", [Priced, Received, Returned, ArrearsMoved, WrittenOff], ids=lambda fact: fact.__name__)
@given(data=st.data())
def test_what_is_taken_back_leaves_nothing(fact: type[Fact], data: st.DataObject) -> None:
    """Signs are turned as a whole: a fact and its opposite leave every account as it was."""
    said = data.draw(any_of(fact))
    opposite = {name: -getattr(said, name) for name in fact.__struct_fields__ if name.endswith("fen")}
    back = msgspec.structs.replace(said, **opposite)
    if isinstance(said, Priced):
        back = msgspec.structs.replace(
            back, more_off=tuple(msgspec.structs.replace(o, fen=-o.fen) for o in said.more_off)
        )
    assert booked((STAY, said), (STAY, back)) == {}
