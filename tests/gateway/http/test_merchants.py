"""Merchants in the ledger: who bears a coupon owes what it took off, whose bay others use gets a share of what came."""

import asyncio
from typing import Any

from actors.messages.account import BindPlate, OpenTopUp
from actors.messages.money import Settle
from actors.values import DAY_US, Ref
from tests.gateway.http.callers import Caller
from tests.gateway.http.streets import Collector, Street
from tests.gateway.http.test_ledger import LEDGER, read

CAFE = "cafe"


async def held(street: Street, caller: Caller, account: str) -> dict[str, int]:
    """What accounts of this head hold, as finance sees it."""
    found = await read(street, caller, f"balances?account={account}")
    return {row["account"]: row["balance_fen"] for row in found["items"]}


async def coupon_for(street: Street, caller: Caller, owner: str, **terms: Any) -> str:
    """A coupon of 3.00 off, given to an owner."""
    id = f"c-{owner}"
    body = {"id": id, "terms": {"name": "lunch", "kind": "amount", "amount_fen": 300, **terms}}
    operator = street.staff(caller, "operator")
    made = await operator("POST", "/api/v1/campaigns", body)
    assert (made.status, made.json["terms"]["merchant"]) == (201, terms.get("merchant", "")), made.json
    gift = await operator("POST", f"/api/v1/campaigns/{id}/gifts", {"account": owner}, Idempotency_Key="gift")
    assert gift.status == 201, gift.json
    return str(gift.json["id"])


async def pays_with(street: Street, caller: Caller, li: Collector, owner: str, plate: str, coupon: str) -> str:
    """A stay of 40 minutes (5.00) that its owner pays from the wallet with a coupon."""
    account = Ref("account", owner)
    await street.ask(account, OpenTopUp("t", 5_000))
    await street.ask(account, Settle("t", "wechat", 5_000, street.clock()))
    await street.ask(account, BindPlate(plate))
    await street.came("L0-0", 40)
    session = str((await li.plate("L0-0", plate)).json["session"])
    await li.leave("L0-0")
    await street.see("L0-0", False)
    me = Caller(caller.session, street.house.identity.issue(owner, owner, "owner", "s")[0])
    body = {"way": "wallet", "stays": [session], "coupons": [coupon]}
    for _ in range(200):  # the coupon and the plate come from other slots
        said = await me("POST", "/api/v1/own/payments", body, Idempotency_Key=f"pay-{owner}")
        if said.status == 201 and said.json["state"] == "paid":
            return session
        await street.told()
    raise AssertionError(said.json)


async def test_a_merchant_owes_what_their_coupon_took_off_and_pays_it_once(
    street: Street, li: Collector, caller: Caller
) -> None:
    theirs = await coupon_for(street, caller, "anna", merchant=CAFE)
    ours = await coupon_for(street, caller, "bert")
    session = await pays_with(street, caller, li, "anna", "川M10001", theirs)
    await pays_with(street, caller, li, "bert", "川M10002", ours)
    assert await held(street, caller, "merchants") == {f"merchants:{CAFE}": 300}
    assert (await held(street, caller, "discounts"))["discounts:amount"] == 300, "ours is our own cost"
    (line,) = (await read(street, caller, f"lines?account=merchants:{CAFE}"))["items"]
    assert (line["session"], line["fact"], line["lot"], line["fen"]) == (session, "Priced", "L0", 300)

    finance, address = street.staff(caller, "finance"), f"{LEDGER}/settlements"
    said = {"merchant": CAFE, "id": "B-1", "fen": 300, "paid_us": street.clock()}
    assert (await street.staff(caller, "cashier")("POST", address, said)).code == "forbidden"
    early = await finance("POST", address, {**said, "id": "B-0", "fen": -1})
    assert (early.status, early.code, early.json["details"]["owed_fen"]) == (409, "settlement_too_large", "0")
    for key in ("one", "two"):
        booked = await finance("POST", address, said, Idempotency_Key=key)
        assert (booked.status, booked.json) == (200, {"merchant": CAFE, "id": "B-1", "fen": 300})
    other = await finance("POST", address, {**said, "fen": 200})
    assert (other.status, other.code, other.json["details"]["fen"]) == (409, "settlement_differs", "300")
    assert await held(street, caller, "merchants") == {f"merchants:{CAFE}": 0}
    assert (await held(street, caller, "bank"))["bank"] == 300
    assert (await read(street, caller, "proof"))["broken"] == []

    # Who paid in advance gets back what was not used, and of two at once only what fits.
    assert (await finance("POST", address, {**said, "id": "B-2", "fen": 1_000})).status == 200
    back = [finance("POST", address, {**said, "id": f"B-{n}", "fen": -600}) for n in (3, 4)]
    assert sorted(each.status for each in await asyncio.gather(*back)) == [200, 409]
    assert await held(street, caller, "merchants") == {f"merchants:{CAFE}": -400}


async def test_a_stay_that_never_was_takes_its_coupon_from_the_merchant_s_account(
    street: Street, li: Collector, caller: Caller
) -> None:
    coupon = await coupon_for(street, caller, "dora", kind="full", merchant="bakery")
    session = await pays_with(street, caller, li, "dora", "川M10003", coupon)
    assert (await held(street, caller, "merchants"))["merchants:bakery"] == 500
    void = {"reason": "a shadow"}
    assert (await street.staff(caller, "service")("POST", f"/api/v1/sessions/{session}/void", void)).status == 204
    assert (await held(street, caller, "merchants"))["merchants:bakery"] == 0
    assert (await read(street, caller, "proof"))["broken"] == []


async def shared(street: Street, caller: Caller, bay: str, owner: str, until_minute: int) -> None:
    """A bay whose owner shares it every day from midnight on, for a third of what comes."""
    hours = [{"weekday": day, "from_minute": 0, "until_minute": until_minute} for day in range(7)]
    times = {"from_us": street.clock() - DAY_US, "until_us": street.clock() + 30 * DAY_US}
    me = Caller(caller.session, street.house.identity.issue(owner, owner, "owner", "s")[0])
    asked = await me("POST", "/api/v1/own/shares", {"number": f"N{bay}", "hours": hours, **times}, Idempotency_Key=bay)
    assert asked.status == 200, asked.json
    body = {"agreed": True, "reason": "seen", "pct": 33}
    staff, address = street.staff(caller, "service"), f"/api/v1/shares/L0/{bay}/decision"
    said = await staff("POST", address, body, Idempotency_Key=f"decide-{bay}")
    assert (said.status, said.json["pct"]) == (200, 33), said.json


async def test_who_shares_a_bay_gets_his_part_of_what_came_and_was_not_given_back(
    street: Street, li: Collector, caller: Caller
) -> None:
    await shared(street, caller, "L0-0", "owen", 1440)
    await shared(street, caller, "L0-1", "olga", 60)  # her hour is over when it is morning
    for bay in ("L0-0", "L0-1"):
        await street.came(bay, 40)
        session = str((await li.plate(bay, f"川M2000{bay[-1]}")).json["session"])
        for fen in (250, 250):
            assert (await li.pay(session, fen)).status == 200
        await li.leave(bay)
        await street.see(bay, False)
        if bay == "L0-0":
            his = session
    assert await held(street, caller, "merchants:owen") == {"merchants:owen": -165}
    assert await held(street, caller, "merchants:olga") == {}
    lines = (await read(street, caller, f"lines?session={his}&account=owners_shares"))["items"]
    assert [(line["lot"], line["fen"]) for line in reversed(lines)] == [("L0", 82), ("L0", 83)], "rounded in all"

    payments = (await street.staff(caller, "finance").get(f"/api/v1/sessions/{his}")).json["payments"]
    back = {"payment": payments[0]["payment"], "fen": 250, "reason": "sorry"}
    refund = await street.staff(caller, "finance")("POST", f"/api/v1/sessions/{his}/refunds", back, Idempotency_Key="r")
    assert refund.status == 200, refund.json
    assert await held(street, caller, "merchants:owen") == {"merchants:owen": -82}
    out = {"merchant": "owen", "id": "O-1", "fen": -83, "paid_us": street.clock()}
    finance = street.staff(caller, "finance")
    assert (await finance("POST", f"{LEDGER}/settlements", out)).code == "settlement_too_large"
    assert (await finance("POST", f"{LEDGER}/settlements", {**out, "fen": -82})).status == 200
    assert await held(street, caller, "merchants:owen") == {"merchants:owen": 0}
    proof = await read(street, caller, "proof")
    assert proof["broken"] == []
    assert "owner_gets_at_most_what_came" in proof["laws"]
