"""Vehicles over HTTP: arrears by plate, lists, special plates, whose a plate is."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from actors.messages.account import BindPlate
from actors.messages.session import Waive
from actors.values import DAY_US, HOUR_US, Ref
from tests.gateway.http.callers import Caller
from tests.gateway.http.quarter import Quarter

Known = Callable[[str, str], Caller]
A = "京A12345"
DAY_MINUTES = 24 * 60


def key() -> str:
    return uuid4().hex


@pytest.mark.feature("PDA-16")
async def test_a_collector_sees_all_arrears_of_a_plate(known: Known, quarter: Quarter) -> None:
    carl, address = known("carl", "collector"), f"/api/v1/vehicles/{A}"
    first, second = Ref("session", "7/b1-1"), Ref("session", "9/b2-1")
    entry = quarter.clock()
    assert await quarter.due(A, "7/b1", 40) == 500
    assert await quarter.due(A, "9/b2", 10) == 250
    await quarter.after(DAY_MINUTES)
    shown = (await carl.get("/api/v1/vehicles/京a·12345")).json
    assert [(each["session"], each["lot"], each["bay"], each["fen"]) for each in shown["arrears"]] == [
        (first.key, "7", "b1", 500),
        (second.key, "9", "b2", 250),
    ]
    assert shown["arrears_fen"] == 750
    assert shown["arrears"][0]["entry_us"] - entry < HOUR_US
    assert shown["arrears"][0]["exit_us"] - shown["arrears"][0]["entry_us"] >= 40 * 60_000_000
    await quarter.ask(first, Waive(-1, "goodwill", "staff"))
    shown = (await carl.get(address)).json
    assert [each["session"] for each in shown["arrears"]] == [second.key]


async def test_a_white_plate_parks_free_while_its_time_lasts(operator: Caller, known: Known, quarter: Quarter) -> None:
    plate, now = "京A33333", quarter.clock()
    body = {"list": "white", "from_us": now - 1, "until_us": now + DAY_US, "reason": "company"}
    address = f"/api/v1/vehicles/{plate}/lists"
    first, again = [await operator("POST", address, body, Idempotency_Key="w1") for _ in range(2)]
    assert (first.status, first.json) == (201, again.json)
    (line,) = (await operator.get(f"/api/v1/vehicle-lists?plate={plate}")).json["items"]
    assert (line["list"], line["reason"], line["person"], line["until_us"]) == (
        "white",
        "company",
        "operator",
        now + DAY_US,
    )
    assert await quarter.due(plate, "7/b1") == 0
    await quarter.after(DAY_MINUTES)
    assert await quarter.due(plate, "7/b1") == 500
    later = now + DAY_US
    assert (await operator.get(f"/api/v1/vehicle-lists?plate={plate}&at_us={later}")).json["items"] == []
    assert (await operator("DELETE", f"{address}/{line['id']}")).status == 204
    assert (await operator.get(f"/api/v1/vehicle-lists?plate={plate}")).json["items"] == []
    said = await operator("DELETE", f"{address}/{line['id']}")
    assert said.json["details"]["refused"] == "not_listed"


async def test_a_black_plate_is_black_at_its_gates_for_its_time(operator: Caller, quarter: Quarter) -> None:
    plate, now = "京A44444", quarter.clock()
    body = {"list": "black", "from_us": now - 1, "until_us": now + HOUR_US, "lots": ["7"], "reason": "theft"}
    await operator("POST", f"/api/v1/vehicles/{plate}/lists", body, Idempotency_Key=key())
    minute = quarter.minute()
    assert [quarter.entry(plate, lot, minute).list for lot in ("7", "8")] == ["black", ""]
    assert quarter.entry(plate, "7", minute + 61).list == ""
    wrong = {**body, "until_us": now - 2}
    said = await operator("POST", f"/api/v1/vehicles/{plate}/lists", wrong, Idempotency_Key=key())
    assert (said.code, said.json["details"]["path"]) == ("invalid_body", "$.until_us")


async def test_lists_are_paged(operator: Caller, quarter: Quarter) -> None:
    plates = [f"京B{n:05}" for n in range(5)]
    body = {"list": "disabled", "from_us": 0}
    for plate in plates:
        await operator("POST", f"/api/v1/vehicles/{plate}/lists", body, Idempotency_Key=key())
    found, after = [], ""
    while True:
        page = (await operator.get(f"/api/v1/vehicle-lists?list=disabled&limit=2&after={after}")).json
        found += [each["plate"] for each in page["items"]]
        after = page["next"]
        if not after:
            break
    assert found == plates


@pytest.mark.feature("VEH-04")
async def test_special_plates_are_never_charged_and_can_be_switched(operator: Caller, quarter: Quarter) -> None:
    session = await quarter.parked("京A1234学", "7/b1")
    assert await quarter.due_of(session, "7/b1", 40) == 0
    stay = quarter.stay(session)
    assert (stay.charge_fen, stay.face.list) == (500, "special")
    assert [fact.why for fact in quarter.facts[session] if type(fact).__name__ == "StandingNoted"] == ["learner"]
    known = (await operator.get("/api/v1/special-plates")).json
    assert "learner" in known["classes"]
    body = {"version": known["version"], "classes": ["police", "military"]}
    assert (await operator("PUT", "/api/v1/special-plates", body)).json["classes"] == ["police", "military"]
    assert (await operator("PUT", "/api/v1/special-plates", body)).code == "version_conflict"
    assert await quarter.due("京A1234学", "7/b1") == 500
    assert await quarter.due("京A1234警", "7/b2") == 0


@pytest.mark.feature("VEH-06")
async def test_a_plate_that_another_has_needs_an_audit_and_then_takes_its_stays_along(
    operator: Caller, quarter: Quarter
) -> None:
    plate = "京A55555"
    await quarter.ask(Ref("account", "anna"), BindPlate(plate))
    session = await quarter.parked(plate, "7/b1")
    assert quarter.stay(session).face.account == "anna"
    await quarter.ask(Ref("account", "bela"), BindPlate(plate, "licence-1"))
    await quarter.ask(Ref("account", "carl"), BindPlate(plate, "licence-2"))
    claims = (await operator.get("/api/v1/plate-claims")).json["items"]
    assert [(each["account"], each["holder"], each["evidence"]) for each in claims] == [
        ("bela", "anna", "licence-1"),
        ("carl", "anna", "licence-2"),
    ]
    address = f"/api/v1/vehicles/{plate}/claims"
    said = await operator("POST", f"{address}/carl", {"accept": False, "reason": "another car"})
    assert said.json["account"] == "anna"
    assert quarter.stay(session).face.account == "anna"
    said = await operator("POST", f"{address}/bela", {"accept": True})
    assert said.json["account"] == "bela"
    assert quarter.stay(session).face.account == "bela"
    said = await operator("POST", f"{address}/bela", {"accept": True})
    assert said.json["details"]["refused"] == "no_claim"
    decided = (await operator.get("/api/v1/plate-claims?state=refused")).json["items"]
    assert [(each["account"], each["person"], each["reason"]) for each in decided] == [
        ("carl", "operator", "another car")
    ]
    assert (await operator.get("/api/v1/plate-claims")).json["items"] == []


async def test_only_the_owner_locks_a_car(known: Known, quarter: Quarter) -> None:
    plate = "京A66666"
    await quarter.ask(Ref("account", "anna"), BindPlate(plate))
    address = f"/api/v1/own/plates/{plate}/lock"
    said = await known("bela", "owner")("POST", address, {"on": True})
    assert said.json["details"]["refused"] == "not_owner"
    assert (await known("anna", "owner")("POST", address, {"on": True})).status == 204
    assert quarter.entry(plate).locked
    assert (await known("anna", "owner")("POST", address, {"on": False})).status == 204
    assert not quarter.entry(plate).locked
