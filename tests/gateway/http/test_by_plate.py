"""Paying by a typed plate: what a stranger sees, and who may pay for whom."""

import pytest

from tests.gateway.http.callers import Caller
from tests.gateway.http.owned import OTHER, Owned, Provider, city, engine, home, provider, town

__all__ = ["city", "engine", "home", "provider", "town"]


@pytest.mark.feature("OWN-08")
async def test_a_typed_plate_is_paid_without_signing_in_and_tells_little(
    city: Owned, provider: Provider, caller: Caller
) -> None:
    await city.parked("L0-0", OTHER)
    await city.later(40)
    path = f"/api/v1/plates/{OTHER}/bills"
    (bill,) = (await caller.get(path)).json["items"]
    assert (bill["plate"], bill["due_fen"], bill["lot_zh"]) == ("京B****9", 500, "L0")
    assert not any("L0-0" in str(value) for value in bill.values())
    assert (await caller.get("/api/v1/plates/京X00000/bills")).json["items"] == []
    pay = f"/api/v1/plates/{OTHER}/payments"
    assert (await caller("POST", pay, {"bills": ["no"]})).code == "not_found"
    assert (await caller("POST", pay, {"bills": [bill["bill"]], "way": "wallet"})).status == 401
    made = (await caller("POST", pay, {"bills": [bill["bill"]]}, Idempotency_Key="p1")).json
    assert (made["fen"], made["state"]) == (500, "created")
    provider.paid(city, made["payment"], 500)
    assert (await caller.get(path)).json["items"] == []
    codes = [(await caller.get(path)).status for _ in range(12)]
    assert codes[-1] == 429
    await city.later(10)


@pytest.mark.feature("OWN-09")
async def test_the_code_in_a_lot_and_a_plate_quote_and_prepay(city: Owned, provider: Provider, caller: Caller) -> None:
    await city.parked("L0-0", OTHER)
    await city.later(40)
    assert (await caller.get(f"/api/v1/plates/{OTHER}/bills?lot=L1")).json["items"] == []
    (bill,) = (await caller.get(f"/api/v1/plates/{OTHER}/bills?lot=L0")).json["items"]
    made = (await caller("POST", f"/api/v1/plates/{OTHER}/payments", {"bills": [bill["bill"]]})).json
    provider.paid(city, made["payment"], 500)
    assert made["leave_by_us"] > city.clock()
    await city.later(14)
    await city.left("L0-0")
    assert (await caller.get(f"/api/v1/plates/{OTHER}/bills")).json["items"] == []


@pytest.mark.feature("ARR-12")
async def test_an_owner_pays_for_anothers_car(city: Owned, caller: Caller) -> None:
    await city.funded(1_000)
    await city.parked("L0-0", OTHER)
    await city.later(40)
    await city.left("L0-0")
    (bill,) = (await caller.get(f"/api/v1/plates/{OTHER}/bills")).json["items"]
    said = await city.post(f"/own/plates/{OTHER}/payments", {"bills": [bill["bill"]], "way": "wallet"}, "a1")
    assert (said.status, said.json["state"]) == (201, "paid")
    again = await city.post(f"/own/plates/{OTHER}/payments", {"bills": [bill["bill"]], "way": "wallet"}, "a1")
    assert again.json["payment"] == said.json["payment"]
    assert (await city.get("/own/account"))["balance_fen"] == 500
    assert (await caller.get(f"/api/v1/plates/{OTHER}/bills")).json["items"] == []
