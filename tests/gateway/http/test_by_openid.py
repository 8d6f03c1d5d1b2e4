"""What the public account at WeChat asks for its users: their stays, running, owed or paid; and paying them."""

from typing import Any

import pytest

from actors.values import MINUTE_US
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.owned import PLATE, Owned, Provider, bound, city, engine, home, provider, town

__all__ = ["city", "engine", "home", "provider", "town"]

USERS = "/api/v1/wechat/users"
OPENID = "oUser-1"


async def known(city: Owned) -> None:
    """The owner has a plate, and has said which openid is theirs."""
    await bound(city)
    assert (await city.owner("PUT", "/api/v1/own/contact", {"openid": OPENID})).status == 200


async def stays(city: Owned, which: str, openid: str = OPENID) -> Any:
    await city.town.project(city.engine)
    said = await city.signed_in("s", "service").get(f"{USERS}/{openid}/stays?which={which}")
    assert said.status == 200, said.json
    return said.json


async def pay(city: Owned, *named: str, openid: str = OPENID, key: str = "") -> Said:
    await city.town.project(city.engine)
    headers = {"Idempotency_Key": key} if key else {}
    return await city.staff("POST", f"{USERS}/{openid}/payments", {"stays": list(named)}, **headers)


@pytest.mark.feature("WXM-02")
async def test_open_stays_of_an_openid_with_the_fee_of_this_moment_and_one_is_paid(
    city: Owned, provider: Provider
) -> None:
    await known(city)
    first = await city.parked("L0-0")
    await city.later(20)
    assert [(each["session"], each["due_fen"]) for each in (await stays(city, "open"))["items"]] == [(first, 250)]
    await city.later(20)
    (item,) = (await stays(city, "open"))["items"]
    assert (item["plate"], item["due_fen"]) == (PLATE, 500)
    made = [await pay(city, first, key="one") for _ in range(2)]
    assert made[0].status == 201, made[0].json
    assert made[0].json["payment"] == made[1].json["payment"]
    (order,) = {each.payment: each for each in provider.orders}.values()
    assert (order.method, order.openid, made[0].json["fen"]) == ("jsapi", OPENID, 500)
    provider.paid(city, made[0].json["payment"], 500)
    (item,) = (await stays(city, "open"))["items"]
    assert (item["state"], item["due_fen"]) == ("prepaid", 0)


async def owing(city: Owned, count: int) -> list[str]:
    """So many stays that were not paid in time."""
    keys = []
    for n in range(count):
        keys.append(await city.parked(f"L0-{n % 2}"))
        await city.later(40)
        await city.left(f"L0-{n % 2}")
        await city.later(90)
    return keys


@pytest.mark.feature("WXM-03")
async def test_arrears_of_an_openids_plates_are_listed_and_one_or_all_are_paid(city: Owned, provider: Provider) -> None:
    await known(city)
    keys = await owing(city, 3)
    listed = await stays(city, "owing")
    assert {each["session"] for each in listed["items"]} == set(keys)
    assert (listed["owing"], listed["owing_fen"]) == (3, 1_500)
    one = (await pay(city, keys[1])).json
    provider.paid(city, one["payment"], 500)
    assert {each["session"] for each in (await stays(city, "owing"))["items"]} == {keys[0], keys[2]}
    rest = (await pay(city)).json
    assert rest["fen"] == 1_000
    provider.paid(city, rest["payment"], 1_000)
    assert (await stays(city, "owing"))["owing"] == 0
    assert (await pay(city)).json["details"]["refused"] == "nothing_due"


@pytest.mark.feature("WXM-04")
async def test_paid_stays_of_an_openid_say_when_where_how_long_how_much_and_how(
    city: Owned, provider: Provider
) -> None:
    await known(city)
    (key,) = await owing(city, 1)
    assert (await stays(city, "paid"))["items"] == []
    payment = (await pay(city, key)).json["payment"]
    provider.paid(city, payment, 500)
    (item,) = (await stays(city, "paid"))["items"]
    assert (item["session"], item["plate"], item["lot"], item["charge_fen"]) == (key, PLATE, "L0", 500)
    assert item["duration_us"] == item["exit_us"] - item["entry_us"] >= 40 * MINUTE_US
    (paid,) = item["paid_by"]
    assert (paid["channel"], paid["payment"], paid["fen"]) == ("wechat", payment, 500)


async def test_an_openid_sees_and_pays_nothing_of_others(city: Owned, caller: Caller, provider: Provider) -> None:
    await known(city)
    other = await city.parked("L0-1", "京C00001")
    await city.later(40)
    assert (await stays(city, "open"))["items"] == []
    assert (await pay(city, other)).code == "not_found"
    assert (await pay(city, openid="oNobody")).code == "not_found"
    assert (await city.owner.get(f"{USERS}/{OPENID}/stays")).code == "forbidden"
    again = await city.signed_in("o2", "owner")("PUT", "/api/v1/own/contact", {"openid": OPENID})
    assert again.status == 200
    assert (await pay(city)).json["details"]["refused"] == "openid_shared"
    assert not provider.orders
