"""Reservations over HTTP: one for each holder, kept until its time is over, its deposit, another bay instead."""

from typing import Any

import pytest

from actors.messages.bay import InstallBay, Sighted
from actors.values import MINUTE_US, Ref
from storage.ledger import accounts
from storage.ledger.proof import prove
from storage.records import Bay
from tests.gateway.http.callers import Said
from tests.gateway.http.owned import OTHER, PLATE, Owned, Provider, bound, city, engine, home, provider, town

__all__ = ["city", "engine", "home", "provider", "town"]

HOLDS = {"bay_types": ["standard"], "hold_minutes": 30, "ahead_minutes": 24 * 60}


@pytest.fixture(autouse=True)
def rules(city: Owned) -> None:
    city.town.refer("rules/L0", {"mode": "sensor_pda", "operator": "op", "holds": HOLDS})
    city.see("L0-0", False)
    city.see("L0-1", False)


async def reserved(city: Owned, number: str = "NL0-0", **more: Any) -> Said:
    return await city.post("/own/reservations", {"number": number, "plate": PLATE, **more})


async def newest(city: Owned) -> Any:
    return (await city.get("/own/reservations"))["items"][0]


async def shows(city: Owned, bay: str) -> str:
    await city.town.project(city.engine)
    return str((await city.staff.get(f"/api/v1/bays/{bay}")).json["state"])


async def told(city: Owned) -> list[str]:
    await city.town.project(city.engine)
    said = (await city.staff.get(f"/api/v1/notices?account={city.user}")).json["items"]
    return [each["template"] for each in reversed(said) if each["channel"] == "app"]


def why(said: Said) -> str:
    assert (said.status, said.code) == (409, "refused"), said.json
    return str(said.json["details"]["refused"])


@pytest.mark.feature("OFF-12")
async def test_a_holder_has_one_bay_which_is_kept_until_the_limit_and_then_freed_with_a_message(city: Owned) -> None:
    assert why(await reserved(city)) == "not_owner"
    await bound(city)
    said = await reserved(city)
    assert (said.status, said.json["state"], said.json["deposit_fen"]) == (200, "held", 0)
    assert said.json["until_us"] - said.json["from_us"] == 30 * MINUTE_US
    assert await shows(city, "L0-0") == "reserved"
    assert why(await reserved(city, "NL0-1")) == "reservation_active"
    await city.later(29.9)
    assert (await shows(city, "L0-0"), (await newest(city))["state"]) == ("reserved", "held")
    await city.later(0.2)
    assert (await shows(city, "L0-0"), (await newest(city))["state"]) == ("free", "expired")
    assert (await told(city))[-2:] == ["reservation_held", "reservation_expired"]
    (row,) = (await city.staff.get(f"/api/v1/reservations?account={city.user}")).json["items"]
    assert (row["bay_id"], row["state"], row["deposit"]) == ("L0-0", "expired", "")
    assert (await reserved(city, "NL0-1")).json["state"] == "held"


@pytest.mark.feature("OFF-12")
async def test_when_another_car_has_taken_the_bay_one_nearby_is_offered_and_taken(city: Owned) -> None:
    await bound(city)
    id = (await reserved(city)).json["id"]
    await city.parked("L0-0", OTHER)
    said = await newest(city)
    assert (said["state"], [each["number"] for each in said["offers"]]) == ("wrong_car", ["NL0-1"])
    assert (await told(city))[-1] == "reservation_wrong_car"
    assert why(await city.post(f"/own/reservations/{id}/bay", {"number": "NL0-0"})) == "bay_taken"
    moved = await city.post(f"/own/reservations/{id}/bay", {"number": "NL0-1"})
    assert (moved.json["state"], moved.json["bay"]) == ("held", "L0-1")
    assert await shows(city, "L0-1") == "reserved"
    await city.parked("L0-1")
    assert (await newest(city))["state"] == "used"
    await city.left("L0-0")
    assert await shows(city, "L0-0") == "free"


async def test_the_same_key_again_is_the_same_reservation_and_anothers_is_not_there(city: Owned) -> None:
    await bound(city)
    body = {"number": "NL0-0", "plate": PLATE}
    said = [(await city.post("/own/reservations", body, "same")).json for _ in range(2)]
    assert said[0]["id"] == said[1]["id"]
    stranger = city.signed_in("somebody", "owner")
    address = f"/api/v1/own/reservations/{said[0]['id']}/cancel"
    assert (await stranger("POST", address, {}, Idempotency_Key="k")).status == 404
    assert (await city.post(f"/own/reservations/{said[0]['id']}/cancel", {})).json["state"] == "cancelled"
    assert await shows(city, "L0-0") == "free"


async def test_a_bay_that_is_taken_or_not_to_be_had_is_refused(city: Owned) -> None:
    await bound(city)
    await city.parked("L0-0", OTHER)
    assert why(await reserved(city)) == "bay_taken"
    city.town.refer("rules/L0", {"mode": "sensor_pda", "operator": "op"})
    said = (await reserved(city, "NL0-1")).json
    assert (said["state"], said["why"]) == ("refused", "not_reservable")
    assert why(await reserved(city, "NL0-1", from_us=city.clock() + 25 * 60 * MINUTE_US)) == "too_early"


# -- a deposit


async def vip(city: Owned, minutes: float = 60) -> Any:
    """A reservation of a bay that takes a deposit, for later."""
    holds = {**HOLDS, "deposits_fen": {"standard": 2_000}}
    city.town.refer("rules/L0", {"mode": "sensor_pda", "operator": "op", "holds": holds})
    await bound(city)
    said = (await reserved(city, from_us=city.clock() + int(minutes * MINUTE_US))).json
    assert (said["state"], said["deposit_fen"], said["paid"]) == ("unpaid", 2_000, False)
    return said


@pytest.mark.feature("OFF-17")
@pytest.mark.parametrize(("minutes", "back"), [(29, True), (31, False)])
async def test_cancelling_early_enough_gives_the_deposit_back_and_later_does_not(
    city: Owned, minutes: float, back: bool
) -> None:
    await city.funded(5_000)
    id = (await vip(city))["id"]
    assert why(await city.post("/own/payments", {"way": "wallet"})) == "nothing_due"
    paid = await city.post(f"/own/reservations/{id}/payments", {"way": "wallet"}, "same")
    again = await city.post(f"/own/reservations/{id}/payments", {"way": "wallet"}, "same")
    assert (paid.json["fen"], again.json["payment"]) == (2_000, paid.json["payment"])
    assert ((await newest(city))["state"], (await city.get("/own/account"))["balance_fen"]) == ("held", 3_000)
    assert (await city.booked())[accounts.DEPOSITS] == -2_000
    assert why(await city.post(f"/own/reservations/{id}/payments", {"way": "wallet"})) == "nothing_due"
    await city.later(minutes)
    said = (await city.post(f"/own/reservations/{id}/cancel", {})).json
    assert (said["state"], said["why"]) == ("cancelled", "" if back else "late")
    assert (await city.get("/own/account"))["balance_fen"] == (5_000 if back else 3_000)
    books = await city.booked()
    assert (books[accounts.DEPOSITS], books.get(accounts.kept("op", "L0"), 0)) == (0, 0 if back else -2_000)
    (row,) = (await city.staff.get("/api/v1/reservations?lot=L0")).json["items"]
    assert row["deposit"] == ("returned" if back else "kept")
    assert [each.what for each in (await prove(city.engine)).broken] == []


async def test_a_sum_that_is_frozen_pays_no_deposit(city: Owned) -> None:
    await city.funded(2_500)
    id = (await vip(city))["id"]
    frozen = await city.staff("PUT", f"/api/v1/accounts/{city.user}/frozen/claim", {"fen": 501, "reason": "claim"})
    assert frozen.json["spendable_fen"] == 1_999
    assert why(await city.post(f"/own/reservations/{id}/payments", {"way": "wallet"})) == "insufficient"
    await city.staff("PUT", f"/api/v1/accounts/{city.user}/frozen/claim", {"fen": 0})
    assert (await city.post(f"/own/reservations/{id}/payments", {"way": "wallet"})).status == 200


async def test_a_deposit_that_a_provider_brings_is_refunded_there(city: Owned, provider: Provider) -> None:
    id = (await vip(city))["id"]
    body = {"way": "wechat"}
    made = [(await city.post(f"/own/reservations/{id}/payments", body, "same")).json for _ in range(2)]
    assert made[0]["payment"] == made[1]["payment"]
    provider.paid(city, made[0]["payment"], 2_000)
    assert (await newest(city))["paid"]
    await city.post(f"/own/reservations/{id}/cancel", {})
    payment = (await city.staff.get(f"/api/v1/payments/{made[0]['payment']}")).json
    assert payment["refunding_fen"] == 2_000


async def test_who_does_not_pay_in_time_loses_the_bay(city: Owned) -> None:
    await vip(city)
    await city.later(10.1)
    said = await newest(city)
    assert (said["state"], said["why"]) == ("expired", "unpaid")


# -- which bay


@pytest.mark.feature("OFF-13")
async def test_the_nearest_free_bay_of_a_type_or_with_a_pile_here_or_else_in_the_nearest_lot(city: Owned) -> None:
    desk = city.house.desk
    for n, (lot, kind, charging, north) in enumerate(
        [
            ("L0", "vip", False, 0.002),
            ("L0", "vip", False, 0.001),
            ("L0", "vip", True, 0.003),
            ("L1", "private", True, 0.004),
        ]
    ):
        bay = Bay(
            id=f"x{n}", number=f"X{n}", lot_id=lot, bay_type=kind, lon=144.9, lat=-37.8 + north, charging=charging
        )
        await desk.create("test", bay)
        ref = Ref("bay", f"{lot}/x{n}")
        city.town.say(ref, InstallBay(bay.number, kind), at=city.clock())
        city.town.say(ref, Sighted("d", False, city.clock(), city.clock()))

    async def found(query: str) -> list[str]:
        items = (await city.get(f"/free-bays?{query}"))["items"]
        return [each["number"] for each in items]

    near = "lon=144.9&lat=-37.8"
    assert await found(f"lot=L0&type=vip&{near}") == ["X1", "X0", "X2"]
    assert await found(f"lot=L0&type=vip&{near}&limit=1") == ["X1"]
    assert await found("lot=L0&type=vip&lon=144.9&lat=-37.79") == ["X2", "X0", "X1"]
    assert await found(f"lot=L0&type=vip&charging=true&{near}") == ["X2"]
    assert await found("lot=L0&type=private") == ["X3"], "the lot has none: the nearest one that has"
    assert await found("lot=L0&type=temporary") == []
    city.town.say(Ref("bay", "L0/x1"), Sighted("d", True, city.clock(), city.clock()), at=city.clock() + 1)
    assert await found(f"lot=L0&type=vip&{near}") == ["X0", "X2"]
    (metres,) = {each["metres"] for each in (await city.get(f"/free-bays?type=private&{near}"))["items"]}
    assert metres == pytest.approx(445, abs=2)
    assert (await city.owner.get("/api/v1/free-bays?lot=none")).status == 404
