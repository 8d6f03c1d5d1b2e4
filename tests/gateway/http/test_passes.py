"""Passes over HTTP: rules, sale, renewal, plates, seats, scope, in stays that cost what they should."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from actors.messages.account import OpenTopUp
from actors.messages.money import Settle
from actors.messages.passes import HolderReminded, PassPaidByHand
from actors.messages.payment import ProviderSaid
from actors.values import DAY_US, HOUR_US, Ref
from gateway.http.house import House
from gateway.outside.provider import Created
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.quarter import Quarter

Known = Callable[[str, str], Caller]
A, B = "京A12345", "京A22222"


def key() -> str:
    return uuid4().hex


async def rule(operator: Caller, **fields: Any) -> str:
    """A rule of its own for each test; its id."""
    id = f"r-{uuid4().hex[:8]}"
    plain = {"name": "old town", "price_fen": {"*": 30_000}, "groups": ["old-town"], "operator": "north"}
    said = await operator("POST", "/api/v1/pass-rules", {"id": id, "rule": {**plain, **fields}})
    assert said.status == 201, said.json
    return id


async def opened(operator: Caller, rule_id: str, *plates: str, **fields: Any) -> dict[str, Any]:
    body = {"rule": rule_id, "plates": plates or (A,), "periods": 1, **fields}
    said = await operator("POST", "/api/v1/passes", body, Idempotency_Key=key())
    assert said.status == 201, said.json
    return said.json  # type: ignore[no-any-return]


async def paid(operator: Caller, id: str, fen: int = 30_000) -> Said:
    body = {"channel": "cash", "fen": fen}
    return await operator("POST", f"/api/v1/passes/{id}/payments", body, Idempotency_Key=key())


async def sold(operator: Caller, rule_id: str, *plates: str, **fields: Any) -> dict[str, Any]:
    made = await opened(operator, rule_id, *plates, **fields)
    said = await paid(operator, made["id"], made["offer"]["fen"])
    assert said.status == 200, said.json
    return said.json  # type: ignore[no-any-return]


def refused(said: Said) -> str:
    assert (said.status, said.code) == (409, "refused")
    return str(said.json["details"]["refused"])


@pytest.mark.feature("PAS-01")
async def test_staff_see_and_find_passes(operator: Caller, quarter: Quarter) -> None:
    phone = f"138{uuid4().int % 10**8:08}"
    made = await sold(operator, await rule(operator, plates=2), "京A77777", B, holder="Anna", phone=phone)
    (line,) = (await operator.get(f"/api/v1/passes?phone={phone}")).json["items"]
    whole = (await operator.get(f"/api/v1/passes/{made['id']}")).json
    for shown in (line, whole):
        assert (shown["holder"], shown["phone"], shown["state"], shown["operator"]) == ("Anna", phone, "valid", "north")
        assert shown["plates"] == ["京A77777", B]
        assert shown["issued_us"] <= quarter.clock() < shown["until_us"]
        assert shown["from_us"] < shown["until_us"]
    for query, there in (
        ("plate=京A77777", True),
        ("plate=京A7777", False),
        ("state=valid", True),
        ("state=expired", False),
        (f"ends_before_us={made['until_us'] + 1}", True),
        (f"ends_before_us={made['until_us']}", False),
    ):
        items = (await operator.get(f"/api/v1/passes?phone={phone}&{query}")).json["items"]
        assert bool(items) == there, query
    await quarter.after(40 * 24 * 60)
    (line,) = (await operator.get(f"/api/v1/passes?phone={phone}")).json["items"]
    assert line["state"] == "expired"


@pytest.mark.feature("PAS-02")
async def test_issuing_makes_a_payment_and_a_pass_with_which_the_car_parks_free(
    operator: Caller, quarter: Quarter
) -> None:
    made = await opened(operator, await rule(operator))
    assert (made["state"], made["offer"]["fen"]) == ("offered", 30_000)
    assert await quarter.due(A, "7/b1") == 500
    made = await opened(operator, await rule(operator))
    assert refused(await paid(operator, made["id"], 29_999)) == "amount_wrong"
    assert (await paid(operator, made["id"])).json["state"] == "valid"
    assert await quarter.due(A, "7/b1") == 0
    assert await quarter.due(B, "7/b1") == 500


async def test_the_same_request_makes_the_same_pass_and_takes_money_once(operator: Caller, quarter: Quarter) -> None:
    body = {"rule": await rule(operator), "plates": [A], "periods": 1}
    first, again = [await operator("POST", "/api/v1/passes", body, Idempotency_Key="k1") for _ in range(2)]
    assert first.json["id"] == again.json["id"]
    address = f"/api/v1/passes/{first.json['id']}/payments"
    money = {"channel": "cash", "fen": 30_000}
    said = [await operator("POST", address, money, Idempotency_Key="k2") for _ in range(2)]
    assert [each.status for each in said] == [200, 200]
    assert refused(await operator("POST", address, money, Idempotency_Key="k3")) == "nothing_due"


@pytest.mark.feature("PAS-03")
async def test_a_change_of_plates_is_logged_and_counts_from_the_next_entry(operator: Caller, quarter: Quarter) -> None:
    made = await sold(operator, await rule(operator))
    inside, waiting = await quarter.parked(A, "7/b1"), await quarter.parked(B, "7/b2")
    address = f"/api/v1/passes/{made['id']}"
    said = await operator("PUT", f"{address}/plates", {"plates": [B], "reason": "sold the car"})
    assert said.json["plates"] == [B]
    assert await quarter.due_of(inside, "7/b1", 40) == 0
    assert await quarter.due_of(waiting, "7/b2", 0) == 500
    assert await quarter.due(B, "7/b2") == 0
    assert await quarter.due(A, "7/b1") == 500
    (change,) = (await operator.get(f"{address}/changes")).json["items"]
    assert (change["was"], change["now"], change["reason"], change["person"]) == (A, B, "sold the car", "operator")


@pytest.mark.feature("PAS-04")
async def test_a_cancelled_pass_prices_the_open_stay_from_then_on(operator: Caller, quarter: Quarter) -> None:
    made = await sold(operator, await rule(operator))
    session = await quarter.parked(A, "7/b1")
    await quarter.after(60)
    body = {"reason": "moved away"}
    said = await operator("POST", f"/api/v1/passes/{made['id']}/end", body, Idempotency_Key=key())
    assert (said.json["state"], said.json["until_us"] <= quarter.clock()) == ("ended", True)
    assert 29_000 < said.json["refund_fen"] < 30_000
    assert await quarter.due_of(session, "7/b1", 59) == 500
    (line,) = (await operator.get(f"/api/v1/passes?plate={A}&state=ended")).json["items"][-1:]
    assert line["id"]


@pytest.mark.feature("PAS-05")
async def test_renewed_in_time_the_new_end_is_the_old_one_and_the_period(operator: Caller, quarter: Quarter) -> None:
    made = await sold(operator, await rule(operator, period="day", periods=[10]), periods=10)
    address = f"/api/v1/passes/{made['id']}/renewals"
    said = await operator("POST", address, {"periods": 10}, Idempotency_Key=key())
    assert said.json["offer"]["from_us"] == made["until_us"]
    renewed = (await paid(operator, made["id"], said.json["offer"]["fen"])).json
    assert (renewed["from_us"], renewed["until_us"]) == (made["from_us"], made["until_us"] + 10 * DAY_US)


@pytest.mark.feature("PAS-06")
async def test_rules_are_made_read_changed_and_withdrawn_and_sold_passes_stay(
    operator: Caller, quarter: Quarter
) -> None:
    id = await rule(operator)
    made = await sold(operator, id)
    address = f"/api/v1/pass-rules/{id}"
    known = (await operator.get(address)).json
    assert (known["version"], known["rule"]["price_fen"]) == (1, {"*": 30_000})
    other = {"name": "new", "price_fen": {"*": 99_000}, "lots": ["9"]}
    assert (await operator("PUT", address, {"version": 1, "rule": other})).json["version"] == 2
    assert (await operator("PUT", address, {"version": 1, "rule": other})).code == "version_conflict"
    assert await quarter.due(A, "7/b1") == 0
    assert await quarter.due(A, "9/b1") == 500
    assert (await operator("DELETE", address)).status == 204
    body = {"rule": id, "plates": [B], "periods": 1}
    assert refused(await operator("POST", "/api/v1/passes", body, Idempotency_Key=key())) == "not_sold"
    listed = (await operator.get("/api/v1/pass-rules?limit=500")).json["items"]
    assert id not in [each["id"] for each in listed]
    assert (await operator.get(f"/api/v1/passes/{made['id']}")).json["groups"] == ["old-town"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"groups": []}, "$.rule.lots"),
        ({"seats": 2}, "$.rule.seats"),
        ({"zone": "Mars/North"}, "$.rule.zone"),
        ({"sold_from_us": 5, "sold_until_us": 4}, "$.rule.sold_until_us"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(operator: Caller, wrong: dict[str, Any], path: str) -> None:
    body = {"id": "r", "rule": {"name": "x", "price_fen": {"*": 1}, "groups": ["g"], **wrong}}
    said = await operator("POST", "/api/v1/pass-rules", body)
    assert (said.code, said.json["details"]["path"]) == ("invalid_body", path)


@pytest.mark.feature("PAS-07")
async def test_the_price_depends_on_the_kind_of_plate(operator: Caller, quarter: Quarter) -> None:
    id = await rule(operator, price_fen={"new_energy": 20_000, "large": 50_000, "*": 30_000})
    for plate, fen in (("京AD12345", 20_000), (A, 30_000), ("京A12345D", 20_000), ("京A1234挂", 50_000)):
        assert (await opened(operator, id, plate))["offer"]["fen"] == fen


@pytest.mark.feature("PAS-08")
@pytest.mark.parametrize(
    ("switch", "other", "why"),
    [
        ({"online": False}, {"online": True}, "not_online"),
        ({"sold_until_us": 1}, {"sold_until_us": 1 << 52}, "not_now"),
        ({"sold_from_us": 1 << 52}, {"sold_from_us": 1}, "not_now"),
        ({"periods": [1, 6]}, {"periods": [1, 3]}, "periods_not_sold"),
    ],
)
async def test_each_switch_refuses_or_permits_a_purchase_from_the_app(
    operator: Caller, known: Known, quarter: Quarter, switch: dict[str, Any], other: dict[str, Any], why: str
) -> None:
    anna = known("anna", "owner")
    discounts = [{"periods": 3, "rate": "0.9"}]
    body = {"rule": await rule(operator, discounts=discounts, **switch), "plates": [A], "periods": 3}
    assert refused(await anna("POST", "/api/v1/own/passes", body, Idempotency_Key=key())) == why
    body["rule"] = await rule(operator, discounts=discounts, **other)
    said = await anna("POST", "/api/v1/own/passes", body, Idempotency_Key=key())
    assert (said.status, said.json["offer"]["fen"]) == (201, 81_000)


@pytest.mark.feature("PAS-09")
async def test_a_pass_of_a_group_is_free_in_each_of_its_lots(operator: Caller, quarter: Quarter) -> None:
    await sold(operator, await rule(operator))
    assert [await quarter.due(A, f"{lot}/b1") for lot in ("7", "8", "9")] == [0, 0, 500]
    await sold(operator, await rule(operator, groups=[], lots=["9"]), B)
    assert [await quarter.due(B, f"{lot}/b1") for lot in ("7", "8", "9")] == [500, 500, 0]


@pytest.mark.feature("PAS-10")
async def test_the_second_car_while_the_first_is_inside_is_charged(operator: Caller, quarter: Quarter) -> None:
    made = await sold(operator, await rule(operator, plates=2), A, B)
    first = await quarter.parked(A, "7/b1")
    inside = (await operator.get(f"/api/v1/passes/{made['id']}")).json["inside"]
    assert [(each["plate"], each["lot"]) for each in inside] == [(A, "7")]
    assert await quarter.due(B, "8/b1") == 500
    assert await quarter.due_of(first, "7/b1", 10) == 0
    assert await quarter.due(B, "8/b1") == 0


@pytest.mark.feature("PAS-11")
async def test_a_stay_across_the_end_is_charged_from_there_on_and_the_holder_was_told(
    operator: Caller, quarter: Quarter
) -> None:
    made = await sold(operator, await rule(operator, period="day", periods=[7], remind_days=3), periods=7)
    await quarter.after(4 * 24 * 60 - 1)
    assert quarter.said(Ref("pass", made["id"]), HolderReminded) == []
    await quarter.after(2)
    assert len(quarter.said(Ref("pass", made["id"]), HolderReminded)) == 1
    await quarter.after(3 * 24 * 60 - 61)
    session = await quarter.parked(A, "7/b1")
    assert 0 < made["until_us"] - quarter.clock() <= HOUR_US
    until_end = (made["until_us"] - quarter.clock()) / 60_000_000
    assert await quarter.due_of(session, "7/b1", until_end + 59) == 500


@pytest.mark.feature("EXT-07")
async def test_a_replacement_is_free_for_its_dates_and_the_first_plate_is_charged(
    operator: Caller, quarter: Quarter
) -> None:
    made = await sold(operator, await rule(operator))
    now = quarter.clock()
    body = {"plate": A, "instead": B, "from_us": now, "until_us": now + 3 * HOUR_US}
    said = await operator("PUT", f"/api/v1/passes/{made['id']}/replacement", body)
    assert [each["instead"] for each in said.json["replacements"]] == [B]
    assert (await quarter.due(B, "7/b1"), await quarter.due(A, "7/b2")) == (0, 500)
    await quarter.after(180)
    assert (await quarter.due(B, "7/b1"), await quarter.due(A, "7/b2")) == (500, 0)


@pytest.mark.feature("PDA-35")
async def test_a_collector_sells_a_pass_that_is_valid_at_once(operator: Caller, known: Known, quarter: Quarter) -> None:
    carl = known("carl", "collector")
    body = {"rule": await rule(operator), "plates": [A], "periods": 1, "channel": "cash", "fen": 30_000, "shift": "s1"}
    said = [await carl("POST", "/api/v1/pda/passes", body, Idempotency_Key="k") for _ in range(2)]
    assert [each.json["state"] for each in said] == ["valid", "valid"]
    assert said[0].json["id"] == said[1].json["id"]
    assert await quarter.due(A, "8/b1") == 0
    (paid,) = quarter.said(Ref("pass", said[0].json["id"]), PassPaidByHand)
    assert (paid.fen, paid.collector, paid.shift) == (30_000, "carl", "s1")


@pytest.mark.feature("OWN-13")
async def test_an_owner_buys_and_renews_from_the_wallet(operator: Caller, known: Known, quarter: Quarter) -> None:
    anna, bela = known("anna", "owner"), known("bela", "owner")
    account = Ref("account", "anna")
    await quarter.ask(account, OpenTopUp("t1", 70_000))
    await quarter.ask(account, Settle("t1", "wechat", 70_000, quarter.clock()))
    id = await rule(operator, groups=[], lots=["7"])
    listed = (await anna.get("/api/v1/own/pass-rules?limit=500")).json["items"]
    assert id in [each["id"] for each in listed]
    body = {"rule": id, "plates": [A], "periods": 1}
    made = (await anna("POST", "/api/v1/own/passes", body, Idempotency_Key=key())).json
    pay, fen = f"/api/v1/own/passes/{made['id']}/wallet", {"fen": made["offer"]["fen"]}
    assert (await bela("POST", pay, fen, Idempotency_Key=key())).code == "not_found"
    said = [await anna("POST", pay, fen, Idempotency_Key="p1") for _ in range(2)]
    assert said[-1].json["state"] == "valid"
    assert quarter.entry(A, "7", quarter.minute()).passes == (made["id"],)
    more = f"/api/v1/own/passes/{made['id']}/renewals"
    assert (await bela("POST", more, {"periods": 1}, Idempotency_Key=key())).code == "not_found"
    offer = (await anna("POST", more, {"periods": 1}, Idempotency_Key=key())).json["offer"]
    renewed = (await anna("POST", pay, {"fen": offer["fen"]}, Idempotency_Key="p2")).json
    assert renewed["until_us"] == offer["until_us"] > made["offer"]["until_us"]
    assert refused(await anna("POST", pay, fen, Idempotency_Key="p3")) == "insufficient"
    assert made["id"] in [each["id"] for each in (await anna.get("/api/v1/own/passes")).json["items"]]
    assert made["id"] not in [each["id"] for each in (await bela.get("/api/v1/own/passes")).json["items"]]


async def test_an_owner_pays_a_pass_with_a_provider(
    operator: Caller, known: Known, quarter: Quarter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def begin(order: Any) -> Created:
        return Created("m1", f"weixin://{order.payment}", {})

    monkeypatch.setattr(house.cashier.merchants, "channel", lambda channel: SimpleNamespace(merchant="m1"))
    monkeypatch.setattr(house.cashier.port, "begin", begin)
    anna, plate = known("anna", "owner"), "京A98765"
    body = {"rule": await rule(operator), "plates": [plate], "periods": 1}
    made = (await anna("POST", "/api/v1/own/passes", body, Idempotency_Key=key())).json
    address, by = f"/api/v1/own/passes/{made['id']}/payments", {"channel": "wechat"}
    first, again = [(await anna("POST", address, by, Idempotency_Key="w")).json for _ in range(2)]
    assert (first["id"], first["fen"], first["code_url"]) == (again["id"], 30_000, f"weixin://{first['id']}")
    said = ProviderSaid("paid", 30_000, "CNY", "m1", "ref-1", quarter.clock(), "o1")
    await quarter.ask(Ref("payment", first["id"]), said)
    assert await quarter.due(plate, "7/b1") == 0
    again = (await anna("POST", address, by, Idempotency_Key="w")).json
    assert (again["state"], again["paid_fen"]) == ("paid", 30_000)
    assert refused(await anna("POST", address, by, Idempotency_Key="other")) == "nothing_due"
