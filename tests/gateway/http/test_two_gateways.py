"""Races at two gateways of one city: exactly the right number succeed, and the others get a code."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.account import AccountAnswer, AccountQuery, BindPlate, OpenTopUp
from actors.messages.money import Settle
from actors.values import Ref
from tests.city.waiting import eventually
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import PDA, Collector, Street
from tests.gateway.http.test_campaigns import campaign, claim, outcome
from tests.gateway.http.test_races import DUE_FEN, taken

Doors = Callable[[Caller], tuple[Caller, Caller]]


@pytest.fixture
def doors(second: aiohttp.ClientSession) -> Doors:
    """The same person, with the same token, at both gateways."""
    return lambda who: (who, Caller(second, who.token))


def why(said: Said) -> str:
    """`ok`, or the code of a refusal: the actor's own if it was the actor."""
    return "ok" if said.status < 300 else str(said.json["details"].get("refused", said.code))


async def owing(street: Street, li: Collector, plate: str) -> str:
    """A stay that owes 5.00 yuan now."""
    await street.came("L0-0", 59)
    return str((await li.plate("L0-0", plate)).json["session"])


def payment_of(session: str) -> str:
    lot, _, own = session.partition("/")
    return f"{PDA}/sections/{lot}/stays/{own}/payment"


CASH = {"channel": "cash", "fen": DUE_FEN}


async def test_of_two_payments_of_one_stay_one_is_taken(
    street: Street, li: Collector, doors: Doors, engine: AsyncEngine
) -> None:
    session = await owing(street, li, "川U00001")
    said = await asyncio.gather(
        *(door("POST", payment_of(session), CASH, Idempotency_Key=f"{n}") for n in (1, 2) for door in doors(li.caller))
    )
    assert Counter(map(why, said)) == {"ok": 2, "nothing_due": 2}, "each key is one payment, whichever door it came to"
    await street.told()
    assert await taken(engine, session) == (1, DUE_FEN)


async def test_the_same_payment_at_both_doors_is_one(
    street: Street, li: Collector, doors: Doors, engine: AsyncEngine
) -> None:
    session = await owing(street, li, "川U00002")
    said = await asyncio.gather(
        *(door("POST", payment_of(session), CASH, Idempotency_Key="one") for door in doors(li.caller))
    )
    assert (said[0].status, said[0].json) == (200, said[1].json)
    await street.told()
    assert await taken(engine, session) == (1, DUE_FEN)


async def test_payment_and_exit_leave_nothing_due(
    street: Street, li: Collector, doors: Doors, engine: AsyncEngine
) -> None:
    session = await owing(street, li, "川U00003")
    here, there = doors(li.caller)
    paid, left = await asyncio.gather(
        here("POST", payment_of(session), CASH), there("POST", f"{PDA}/bays/L0-0/exit", {"device": li.device})
    )
    assert (paid.status, left.status) == (200, 200), (paid.json, left.json)
    lot, _, own = session.partition("/")
    stay = await li.get(f"sections/{lot}/stays/{own}")
    assert (stay["state"], stay["due_fen"]) == ("paid", 0)
    assert await taken(engine, session) == (1, DUE_FEN)


async def test_of_a_code_to_scan_and_cash_one_goes(
    street: Street, li: Collector, doors: Doors, driver_pays: Any, engine: AsyncEngine
) -> None:
    session = await owing(street, li, "川U00004")
    here, there = doors(li.caller)
    scan = {"sessions": [session], "channel": "wechat"}
    code, cash = await asyncio.gather(
        here("POST", "/api/v1/payments", scan, Idempotency_Key="scan"), there("POST", payment_of(session), CASH)
    )
    assert sorted((why(code), why(cash))) in (["bill_taken", "ok"], ["nothing_due", "ok"])
    if why(code) == "ok":
        await driver_pays("wechat", code.json["id"])

    async def paid() -> bool:
        await street.told()
        return await taken(engine, session) == (1, DUE_FEN)

    await eventually(paid, "one of them has paid it, once")


async def test_of_50_claims_of_20_coupons_20_are_given(street: Street, operator: Caller, doors: Doors) -> None:
    operator = street.staff(operator, "operator")
    id, code = await campaign(operator, total=20)
    await street.cell.call("look", b"")
    identity = street.house.identity
    owners = [Caller(operator.session, identity.issue(f"u{n}", f"u{n}", "owner", "s")[0]) for n in range(50)]
    said = await asyncio.gather(*(claim(doors(owner)[n % 2], code) for n, owner in enumerate(owners)))
    assert Counter(map(outcome, said)) == {"ok": 20, "coupons_gone": 30}
    assert (await operator.get(f"/api/v1/campaigns/{id}")).json["issued"] == 20


async def test_of_two_debits_that_fit_only_alone_one_goes(
    street: Street, li: Collector, caller: Caller, doors: Doors
) -> None:
    account, plate = Ref("account", "uma"), "川U00005"
    await street.ask(account, BindPlate(plate))
    await street.ask(account, OpenTopUp("uma-1", 700))
    await street.ask(account, Settle("uma-1", "wechat", 700, street.clock(), "uma"))
    for bay in ("L0-0", "L0-1"):
        await street.came(bay, 0)
        assert (await li.plate(bay, plate)).status == 200
    await street.passes(59)
    stays = [(await li.get(f"bays/{bay}/stay"))["session"] for bay in ("L0-0", "L0-1")]
    uma = Caller(caller.session, street.house.identity.issue("uma", "uma", "owner", "s")[0])
    said = await asyncio.gather(
        *(
            door("POST", "/api/v1/own/payments", {"way": "wallet", "stays": [stay]}, Idempotency_Key=key)
            for door, stay, key in zip(doors(uma), stays, ("u1", "u2"), strict=True)
        )
    )
    assert Counter(map(why, said)) == {"ok": 1, "insufficient": 1}
    answer = await street.ask(account, AccountQuery())
    assert isinstance(answer, AccountAnswer)
    assert answer.face.balance_fen == 200


async def test_of_two_refunds_that_fit_only_alone_one_goes(
    street: Street, li: Collector, caller: Caller, doors: Doors
) -> None:
    session = await owing(street, li, "川U00006")
    payment = (await li.pay(session, DUE_FEN)).json["payment"]
    await street.told()
    address, body = f"/api/v1/sessions/{session}/refunds", {"payment": payment, "fen": 300, "reason": "too much"}
    staff = doors(street.staff(caller, "finance"))
    said = await asyncio.gather(*(door("POST", address, body, Idempotency_Key=f"r{n}") for n, door in enumerate(staff)))
    assert Counter(map(why, said)) == {"ok": 1, "refund_too_large": 1}
    (lost,) = [each for each in said if each.status != 200]
    assert lost.json["details"]["left_fen"] == "200"
    key = f"r{[each.status for each in said].index(200)}"
    again = await asyncio.gather(*(door("POST", address, body, Idempotency_Key=key) for door in staff))
    assert [each.status for each in again] == [200, 200], "the same refund, whichever door it comes to"
    await street.told()
    (paid,) = (await staff[0].get(f"/api/v1/sessions/{session}")).json["payments"]
    assert (paid["fen"], paid["returned_fen"]) == (DUE_FEN, 300)
    assert why(await staff[0]("POST", address, {**body, "payment": "none"})) == "unknown_payment"
    assert (await staff[0]("POST", "/api/v1/sessions/L0/none/refunds", body)).code == "not_found"


async def test_of_two_devices_of_one_account_one_is_online(
    street: Street, second: aiohttp.ClientSession, caller: Caller
) -> None:
    await street.hired("uwe")
    devices = [Collector(street, Caller(at), "uwe", f"p{n}") for n, at in enumerate((caller.session, second))]
    said = await asyncio.gather(*(each.sign_in() for each in devices))
    assert Counter(map(why, said)) == {"ok": 1, "online_elsewhere": 1}
    winner = devices[0 if said[0].status == 200 else 1]
    (lost,) = [each for each in said if each.status != 200]
    assert lost.json["details"]["device_name"] == f"PDA of {winner.device}"


async def test_of_two_collectors_at_one_section_one_works_there(
    street: Street, second: aiohttp.ClientSession, caller: Caller
) -> None:
    both = []
    for name, at in (("ida", caller.session), ("ivo", second)):
        await street.hired(name)
        both.append(Collector(street, Caller(at), name, f"p-{name}"))
        assert (await both[-1].sign_in()).status == 200
    said = await asyncio.gather(*(each.begin("L1") for each in both))
    assert Counter(map(why, said)) == {"ok": 1, "section_taken": 1}
    winner = both[0 if said[0].status == 201 else 1]
    (lost,) = [each for each in said if each.status != 201]
    assert lost.json["details"]["name"] == winner.name
    await winner.end()
