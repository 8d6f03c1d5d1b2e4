"""Deposits of reservations: when they go back, when they are kept, and what the ledger makes of them."""

import pytest

from actors.messages.account import OpenTopUp, PayFromWallet
from actors.messages.holder import (
    CancelReservation,
    DepositKept,
    DepositReceived,
    DepositReturned,
)
from actors.messages.money import Due, ReturnExcess, Settle
from actors.values import MINUTE_US, Ref
from storage.ledger import accounts
from storage.ledger.booking import BOOKED, book, sums
from tests.actors.kinds.kept import ANN, OTHER, code, reserve, state, town
from tests.actors.kinds.one_bay import plate, see
from tests.actors.kinds.streets import T0
from tests.actors.kinds.world import World


def vip(world: World, minute: float = 120) -> World:
    reserve(world, kind="vip", minute=minute)
    assert state(world)[0] == "unpaid"
    return world


def paid(world: World, fen: int = 2_000, payment: str = "p1") -> None:
    world.say(ANN, Settle(payment, "wechat", fen, world.now))


def backs(world: World) -> list[tuple[str, int]]:
    return [(str(ref), said.fen) for ref, said in world.sent if isinstance(said, ReturnExcess)]


def booked(world: World) -> dict[str, int]:
    told = [(ref, fact) for ref, facts in world.facts.items() for fact in facts if type(fact) in BOOKED]
    entries = [book(ref, world.now, fact) for ref, fact in told]
    return {name: fen for name, fen in sums(filter(None, entries)).items() if fen}


@pytest.mark.parametrize(("minute", "back"), [(89, True), (90, True), (90.01, False), (130, False)])
def test_a_deposit_comes_back_only_early_enough(minute: float, back: bool) -> None:
    world = vip(town())
    paid(world)
    assert state(world)[0] == "held"
    world.wait(T0 + int(minute * MINUTE_US))
    world.say(ANN, CancelReservation("ann/r1"))
    assert state(world) == ("cancelled", "" if back else "late")
    assert backs(world) == ([("payment:p1", 2_000)] if back else [])
    kept = booked(world).get(accounts.kept("north", "7"), 0)
    assert (kept, booked(world).get(accounts.DEPOSITS, 0)) == (0 if back else -2_000, 0)
    assert len(world.said(ANN, DepositReturned)) + len(world.said(ANN, DepositKept)) == 1
    assert code(world.say(ANN, CancelReservation("ann/r1"))) == "not_active"


def test_a_holder_who_comes_has_his_deposit_back_and_one_who_does_not_has_not() -> None:
    for comes in (True, False):
        world = vip(town())
        paid(world)
        assert booked(world)[accounts.DEPOSITS] == -2_000
        if comes:
            see(world, True, 125)
            plate(world, 126)
        world.wait(T0 + 150 * MINUTE_US)
        assert state(world)[0] == ("used" if comes else "expired")
        assert backs(world) == ([("payment:p1", 2_000)] if comes else [])


def test_whose_bay_another_car_has_taken_gets_his_deposit_back() -> None:
    world = vip(town())
    paid(world)
    see(world, True, 122)
    plate(world, 123, OTHER)
    world.wait(T0 + 150 * MINUTE_US)
    assert (state(world), backs(world)) == (("expired", "wrong_car"), [("payment:p1", 2_000)])


def test_an_unpaid_reservation_ends_and_money_that_comes_too_late_or_twice_goes_back() -> None:
    world = vip(town())
    world.wait(T0 + 10 * MINUTE_US)
    assert state(world) == ("expired", "unpaid")
    paid(world)
    assert backs(world) == [("payment:p1", 2_000)]
    assert world.said(ANN, DepositReceived) == []
    again = vip(town())
    paid(again, 1_999)
    paid(again, 2_500, "p2")
    paid(again, 2_000, "p3")
    assert backs(again) == [("payment:p1", 1_999), ("payment:p2", 500), ("payment:p3", 2_000)]
    assert (state(again)[0], booked(again)[accounts.DEPOSITS]) == ("held", -2_000)


def test_a_deposit_from_the_wallet_goes_back_into_it() -> None:
    world, me = vip(town()), Ref("account", "ann")
    world.say(me, OpenTopUp("t1", 5_000))
    world.say(me, Settle("t1", "wechat", 5_000, world.now))
    before = booked(world)
    world.say(me, PayFromWallet("p1", (Due("holder", "ann", 2_000),)))
    held = booked(world)
    assert (held[accounts.DEPOSITS], held[accounts.wallet("ann")]) == (-2_000, -3_000)
    assert held.get(accounts.CLEARING, 0) == before.get(accounts.CLEARING, 0)
    world.say(ANN, CancelReservation("ann/r1"))
    assert booked(world) == before
