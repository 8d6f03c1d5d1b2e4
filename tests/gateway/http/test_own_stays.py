"""An owner's stays over HTTP: seen, prepaid, paid, begun by a bay's number."""

import msgspec
import pytest

from actors.messages.account import CouponGiven
from actors.tariffs.offsets import Coupon
from actors.values import DAY_US, MINUTE_US
from tests.gateway.http.callers import Caller
from tests.gateway.http.owned import OTHER, PLATE, Owned, Provider, bound, city, engine, home, provider, town

__all__ = ["city", "engine", "home", "provider", "town"]


@pytest.mark.feature("OWN-06", "OWN-05")
async def test_a_running_stay_grows_and_a_payment_says_until_when_to_leave(city: Owned) -> None:
    await bound(city)
    await city.funded(2_000)
    stay = await city.parked("L0-0")
    seen = []
    for _ in range(3):
        await city.later(20)
        (item,) = (await city.get("/own/stays"))["items"]
        seen.append((item["charge_fen"], item["due_fen"], item["then_fen"]))
    assert seen == [(250, 250, 500), (500, 500, 750), (750, 750, 1_000)]
    said = (await city.post("/own/payments", {"way": "wallet", "stays": [stay]})).json
    assert said["stays"][0]["leave_by_us"] == item["entry_us"] + 90 * MINUTE_US
    (item,) = (await city.get("/own/stays"))["items"]
    assert (item["state"], item["leave_by_us"]) == ("prepaid", said["stays"][0]["leave_by_us"])
    await city.later(14)
    await city.left("L0-0")
    (item,) = (await city.get("/own/stays?which=paid"))["items"]
    assert (item["charge_fen"], item["due_fen"]) == (750, 0)


@pytest.mark.feature("OWN-07")
async def test_a_bill_has_its_nine_fields(city: Owned) -> None:
    await bound(city)
    await city.funded(2_000)
    await city.parked("L0-0")
    await city.later(40)
    await city.left("L0-0")
    stay = await city.parked("L0-1")
    await city.later(20)
    (item,) = (await city.get("/own/stays"))["items"]
    (past,) = (await city.get("/own/stays?which=past"))["items"]
    assert (item["session"], past["state"]) == (stay, "unpaid")
    bill = await city.get(f"/own/stays/{past['session']}")
    shown = bill["stay"]
    nine = ("plate", "lot_zh", "address_zh", "bay_number", "entry_us", "duration_us", "charge_fen", "session", "tariff")
    assert all(shown[name] for name in nine)
    assert (shown["plate"], shown["lot"], shown["bay_number"], shown["charge_fen"]) == (PLATE, "L0", "NL0-0", 500)
    assert shown["duration_us"] == shown["exit_us"] - shown["entry_us"]
    assert sum(line["amount_fen"] for line in bill["quote"]["lines"]) == 500


@pytest.mark.feature("OWN-11")
async def test_arrears_are_paid_one_several_or_all(city: Owned) -> None:
    await bound(city)
    await city.funded(5_000)
    stays = []
    for n in range(4):
        stays.append(await city.parked(f"L0-{n % 2}"))
        await city.later(40)
        await city.left(f"L0-{n % 2}")
        await city.later(90)
    listed = await city.get("/own/stays?which=owing")
    assert ([each["state"] for each in listed["items"]], listed["owing_fen"]) == (["arrears"] * 4, 2_000)
    owing = []
    for chosen in (stays[:1], stays[1:3], []):
        said = await city.post("/own/payments", {"way": "wallet", "stays": chosen})
        assert said.status == 201
        owing.append((await city.get("/own/stays?which=owing"))["owing"])
    assert owing == [3, 1, 0]
    said = await city.post("/own/payments", {"way": "wallet"})
    assert (said.status, said.json["details"]["refused"]) == (409, "nothing_due")
    assert [each["paid_by"][0]["channel"] for each in (await city.get("/own/stays?which=paid"))["items"]] == [
        "wallet"
    ] * 4


@pytest.mark.feature("OWN-22")
async def test_records_have_stays_of_before_the_plate_was_bound_if_the_city_says_so(
    city: Owned, caller: Caller
) -> None:
    await city.parked("L0-0")
    await city.later(40)
    await city.left("L0-0")
    await bound(city)
    stay = await city.parked("L0-0")
    await city.later(10)
    await city.left("L0-0")
    for before, count in ((True, 2), (False, 1)):
        body = {"version": int(not before), "rules": {"stays_before_binding": before}}
        assert (await city.staff("PUT", "/api/v1/owner-rules", body)).status == 200
        items = (await city.get("/own/stays?which=past"))["items"]
        assert len(items) == count
        assert items[0]["session"] == stay
        wanted = ("entry_us", "exit_us", "duration_us", "plate", "lot_zh", "charge_fen")
        assert all(name in each for each in items for name in wanted)


async def test_nobody_sees_or_pays_as_his_own_what_is_anothers(city: Owned) -> None:
    await bound(city)
    stay = await city.parked("L0-0", OTHER)
    assert (await city.owner.get(f"/api/v1/own/stays/{stay}")).status == 404
    assert (await city.post("/own/payments", {"way": "wallet", "stays": [stay]})).code == "not_found"
    shown = await city.get("/own/bays/NL0-0")
    assert (shown["plate"], shown["stay"]) == ("京B****9", None)
    said = await city.post("/own/bays/NL0-0/stay", {"plate": PLATE})
    assert said.json["details"]["refused"] == "bay_taken"


@pytest.mark.feature("OWN-04")
async def test_a_bay_number_and_a_plate_begin_a_stay_and_paying_prepays_it(city: Owned) -> None:
    await bound(city)
    await city.funded(1_000)
    city.see("L0-0", False)
    city.clock.ahead_us += 1_000_000
    city.see("L0-0", True)
    assert (await city.get("/own/bays/NL0-0"))["stay"] is None
    said = await city.post("/own/bays/NL0-0/stay", {"plate": OTHER})
    assert said.json["details"]["refused"] == "not_owner"
    said = await city.post("/own/bays/NL0-0/stay", {"plate": PLATE})
    assert (said.status, said.json["stay"]["state"]) == (200, "running")
    await city.later(40)
    stay = (await city.get("/own/bays/NL0-0"))["stay"]
    assert stay["due_fen"] == 500
    assert (await city.post("/own/payments", {"way": "wallet", "stays": [stay["session"]]})).status == 201
    assert (await city.get("/own/bays/NL0-0"))["stay"]["state"] == "prepaid"
    assert (await city.owner.get("/api/v1/own/bays/none")).status == 404


async def test_a_coupon_lowers_one_stay_and_is_free_again_if_nothing_is_paid(city: Owned) -> None:
    await bound(city)
    terms = msgspec.msgpack.encode(Coupon(id="c1", kind="amount", amount_fen=300))
    city.town.say(city.me, CouponGiven("c1", "k1", terms, city.clock() + DAY_US))
    stay = await city.parked("L0-0")
    await city.later(40)
    body = {"way": "wallet", "stays": [stay], "coupons": ["c1"]}
    assert (await city.post("/own/payments", body)).json["details"]["refused"] == "insufficient"
    assert not (await city.get("/own/account"))["coupons"][0]["held"]
    await city.funded(200)
    said = await city.post("/own/payments", body)
    assert (said.json["fen"], said.json["stays"][0]["off_fen"]) == (200, 300)
    assert (await city.get("/own/account"))["coupons"] == []
    assert (await city.post("/own/payments", body)).json["details"]["refused"] == "coupon_unknown"


async def test_a_provider_is_paid_and_the_stay_is_paid_once(city: Owned, provider: Provider) -> None:
    await bound(city)
    stay = await city.parked("L0-0")
    await city.later(40)
    body = {"way": "wechat", "stays": [stay]}
    made = [(await city.post("/own/payments", body, "same")).json for _ in range(2)]
    assert made[0]["payment"] == made[1]["payment"]
    assert made[1]["provider"]["code_url"].startswith("weixin://")
    taken = await city.post("/own/payments", {"way": "alipay", "stays": [stay]})
    assert (taken.status, taken.json["details"]["refused"]) == (409, "bill_taken")
    for _ in range(2):
        provider.paid(city, made[0]["payment"], 500)
    (item,) = (await city.get("/own/stays"))["items"]
    assert (item["state"], item["received_fen"]) == ("prepaid", 500)
    assert [each["channel"] for each in item["paid_by"]] == ["wechat"]
