"""An owner's account over HTTP: plates, wallet, top-ups, the score, paying by itself."""

import asyncio
from typing import Any

import pytest

from tests.gateway.http.owned import OTHER, PLATE, Owned, Provider, bound, city, engine, home, provider, town

__all__ = ["city", "engine", "home", "provider", "town"]


@pytest.mark.feature("OWN-20")
async def test_three_plates_are_bound_and_one_in_use_is_not_given_up(city: Owned) -> None:
    for plate in (PLATE, OTHER, "京C00001"):
        await bound(city, plate)
    said = await city.post("/own/plates", {"plate": "京D00001"})
    assert (said.status, said.json["details"]["refused"]) == (409, "too_many_plates")
    await city.parked("L0-0")
    await city.town.project(city.engine)
    path = f"/api/v1/own/plates/{PLATE}"
    said = await city.owner("DELETE", path)
    assert (said.status, said.json["details"]["refused"]) == (409, "plate_in_use")
    await city.later(40)
    await city.left("L0-0")
    assert (await city.owner("DELETE", path)).json["details"]["refused"] == "plate_in_use", "it is not paid"
    await city.funded(500)
    assert (await city.post("/own/payments", {"way": "wallet"})).status == 201
    await city.town.project(city.engine)
    assert (await city.owner("DELETE", path)).status == 204
    assert [each["plate"] for each in (await city.get("/own/account"))["plates"]] == [OTHER, "京C00001"]
    assert (await city.owner("DELETE", path)).status == 404


@pytest.mark.feature("OWN-21")
async def test_exactly_one_plate_is_the_default(city: Owned) -> None:
    def default(account: Any) -> list[str]:
        return [each["plate"] for each in account["plates"] if each["default"]]

    for plate in (PLATE, OTHER):
        await bound(city, plate)
    assert default(await city.get("/own/account")) == [PLATE]
    said = await city.owner("PUT", "/api/v1/own/plates/default", {"plate": OTHER})
    assert default(said.json) == [OTHER]
    assert (await city.owner("DELETE", f"/api/v1/own/plates/{OTHER}")).status == 204
    assert default(await city.get("/own/account")) == [PLATE]


@pytest.mark.feature("OWN-25")
async def test_the_wallet_is_the_sum_of_its_records_and_is_never_overdrawn(city: Owned) -> None:
    await bound(city)
    await city.funded(700)
    stays = [await city.parked("L0-0"), await city.parked("L0-1", PLATE)]
    await city.later(40)
    bodies = [{"way": "wallet", "stays": [stay]} for stay in stays]
    said = await asyncio.gather(*(city.post("/own/payments", body) for body in bodies))
    assert sorted(one.status for one in said) == [201, 409]
    (no,) = [one for one in said if one.status == 409]
    assert no.json["details"]["refused"] == "insufficient"
    account = await city.get("/own/account")
    assert (account["balance_fen"], account["spendable_fen"]) == (200, 200)
    records = (await city.get("/own/wallet/records"))["items"]
    assert sum(each["fen"] for each in records) == 200
    for which, whys in (("top_up", ["top_up"]), ("spend", ["pay"]), ("refund", [])):
        listed = (await city.get(f"/own/wallet/records?which={which}"))["items"]
        assert [each["why"] for each in listed] == whys
    pages = await city.get("/own/wallet/records?limit=1")
    rest = await city.get(f"/own/wallet/records?limit=1&after={pages['next']}")
    assert [each["why"] for each in pages["items"] + rest["items"]] == ["pay", "top_up"]


async def test_the_same_key_pays_once(city: Owned) -> None:
    await bound(city)
    await city.funded(2_000)
    stay = await city.parked("L0-0")
    await city.later(40)
    said = [await city.post("/own/payments", {"way": "wallet", "stays": [stay]}, "same") for _ in range(2)]
    assert [(one.status, one.json["fen"], one.json["state"]) for one in said] == [(201, 500, "paid")] * 2
    assert (await city.get("/own/account"))["balance_fen"] == 1_500


async def test_a_top_up_waits_for_the_provider_and_brings_its_gift(city: Owned, provider: Provider) -> None:
    rules = {"offers": [{"id": "o1", "fen": 10_000, "gift_fen": 1_000}]}
    said = await city.staff("PUT", "/api/v1/owner-rules", {"version": 0, "rules": rules})
    assert said.status == 200
    city.town.refer("owners", rules)
    assert [each["id"] for each in (await city.get("/own/offers"))["items"]] == ["o1"]
    body = {"fen": 10_000, "channel": "wechat", "offer": "o1"}
    made = [(await city.post("/own/top-ups", body, "same")).json for _ in range(2)]
    assert made[0]["payment"]["id"] == made[1]["payment"]["id"]
    assert (made[0]["gift_fen"], made[0]["payment"]["state"]) == (1_000, "created")
    assert made[0]["payment"]["code_url"].startswith("weixin://")
    provider.paid(city, made[0]["payment"]["id"], 10_000)
    account = await city.get("/own/account")
    assert (account["balance_fen"], account["gift_fen"]) == (10_000, 1_000)
    path = f"/api/v1/accounts/{city.user}"
    frozen = await city.staff("PUT", f"{path}/frozen/w1", {"fen": 9_000})
    assert (frozen.json["frozen_fen"], frozen.json["spendable_fen"]) == (9_000, 2_000)
    back = {"payment": made[0]["payment"]["id"], "fen": 1_001}
    assert (await city.staff("POST", f"{path}/refunds", back)).json["details"]["refused"] == "refund_too_large"
    back["fen"] = 1_000
    said = await city.staff("POST", f"{path}/refunds", back, Idempotency_Key="r1")
    assert (said.json["balance_fen"], said.json["gift_fen"]) == (9_000, 0)
    await city.town.project(city.engine)
    kept = (await city.staff.get(f"{path}/records?which=refund")).json["items"]
    assert [(each["why"], each["fen"]) for each in kept] == [("withdraw", -1_000)]


@pytest.mark.feature("OWN-26")
async def test_the_score_follows_paying_and_the_citys_rules(city: Owned) -> None:
    rules = {"score_start": 500, "on_time": 7, "late": -40}
    assert (await city.staff("PUT", "/api/v1/owner-rules", {"version": 0, "rules": rules})).json["version"] == 1
    assert (await city.staff("PUT", "/api/v1/owner-rules", {"version": 0, "rules": rules})).code == "version_conflict"
    city.town.refer("owners", rules)
    await bound(city)
    await city.funded(2_000)
    scores = [(await city.get("/own/account"))["score"]]
    for wait in (1, 90):
        await city.parked("L0-0")
        await city.later(40)
        await city.left("L0-0")
        await city.later(wait)
        assert (await city.post("/own/payments", {"way": "wallet"})).status == 201
        scores.append((await city.get("/own/account"))["score"])
    assert scores == [500, 507, 467]


@pytest.mark.feature("OWN-27")
async def test_a_car_with_a_way_is_charged_at_exit_without_any_action(city: Owned) -> None:
    await bound(city)
    await city.funded(2_000)
    path = f"/api/v1/own/plates/{PLATE}/ways"
    assert (await city.owner("PUT", path, {"ways": ["wallet", "wechat"]})).status == 200
    for ways, after in ((["wallet", "wechat"], 1_500), ([], 1_500)):
        assert (await city.owner("PUT", path, {"ways": ways})).json["plates"][0]["ways"] == ways
        await city.parked("L0-0")
        await city.later(40)
        await city.left("L0-0")
        assert (await city.get("/own/account"))["balance_fen"] == after
    assert (await city.get("/own/stays?which=owing"))["owing_fen"] == 500
