"""Arrears for the back office over HTTP: who owes, by sum and by count, records settled or given up, what is behind."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import Collector, Street
from tests.gateway.http.test_evidence import JPEG, bring

ARREARS = "/api/v1/arrears"


async def read(street: Street, caller: Caller, path: str = "", role: str = "cashier") -> Any:
    await street.told()
    said = await street.staff(caller, role).get(f"{ARREARS}{path}")
    assert said.status == 200, said.json
    return said.json


async def tell(street: Street, caller: Caller, path: str, body: Any, role: str = "cashier", **headers: str) -> Said:
    await street.told()
    return await street.staff(caller, role)("POST", f"{ARREARS}/{path}", body, **headers)


async def leaves_owing(street: Street, li: Collector, bay: str, plate: str, minutes: float) -> str:
    """A stay whose vehicle drives away without paying."""
    await street.see(bay, False)
    await street.came(bay, minutes)
    session = str((await li.plate(bay, plate)).json["session"])
    await li.leave(bay)
    await street.see(bay, False)
    return session


async def lines(street: Street, caller: Caller, order: str, *plates: str, **more: str) -> list[tuple[str, int, int]]:
    """(plate, stays, fen) of these plates as listed, page by page."""
    found, after = [], ""
    asked = urlencode({"order": order, "limit": 2, **more})
    while after is not None:
        page = await read(street, caller, f"/plates?{asked}&after={after}")
        found += page["items"]
        after = page["next"]
    return [(row["plate"], row["stays"], row["fen"]) for row in found if row["plate"] in plates]


@pytest.mark.feature("ARR-01", "ARR-03", "ARR-04")
async def test_a_line_a_plate_by_sum_or_by_count_ties_by_the_other(
    street: Street, li: Collector, caller: Caller
) -> None:
    large, often, twice, lot = "川V00001", "川V00002", "川V00003", "川V00004"
    await leaves_owing(street, li, "L0-0", large, 119)  # 10.00
    for minutes in (29, 29, 59):  # 2.50 + 2.50 + 5.00
        await leaves_owing(street, li, "L0-1", often, minutes)
    for minutes in (29, 29):  # 2.50 + 2.50
        await leaves_owing(street, li, "L0-0", twice, minutes)
    last = await leaves_owing(street, li, "L0-2", twice, 59)  # 5.00
    await street.ruled("L0", street=False)
    await leaves_owing(street, li, "L0-2", lot, 239)
    await street.passes(61)
    await street.ruled("L0")
    everyone = (large, often, twice, lot)
    assert await lines(street, caller, "fen", *everyone) == [(twice, 3, 1000), (often, 3, 1000), (large, 1, 1000)]
    assert await lines(street, caller, "stays", *everyone) == [(twice, 3, 1000), (often, 3, 1000), (large, 1, 1000)]
    await leaves_owing(street, li, "L0-1", large, 14 + 15)
    await leaves_owing(street, li, "L0-1", often, 89)
    await street.passes(61)
    assert await lines(street, caller, "fen", *everyone) == [(often, 4, 1750), (large, 2, 1250), (twice, 3, 1000)]
    assert await lines(street, caller, "stays", *everyone) == [(often, 4, 1750), (twice, 3, 1000), (large, 2, 1250)]
    assert await lines(street, caller, "fen", *everyone, where="lots") == [(lot, 1, 2000)]
    assert (await lines(street, caller, "fen", *everyone, where="all"))[0] == (lot, 1, 2000)
    (line,) = (await read(street, caller, f"/plates?plate={twice}"))["items"]
    assert (line["session"], line["lot_id"], line["bay_id"]) == (last, "L0", "L0-2"), "where it was last"


@pytest.mark.feature("ARR-05", "ARR-06")
async def test_a_record_is_settled_or_given_up_once(street: Street, li: Collector, caller: Caller) -> None:
    plate = "川V10001"
    stays = [await leaves_owing(street, li, "L0-0", plate, 59) for _ in range(4)]
    await street.passes(61)
    paid, given_up, wrong, open_ = stays
    body = {"channel": "cash", "fen": 500}
    twice = [await tell(street, caller, f"{paid}/payments", body, Idempotency_Key="once") for _ in range(2)]
    assert [said.status for said in twice] == [200, 200], twice[0].json
    assert twice[0].json == twice[1].json
    assert (twice[0].json["fen"], twice[0].json["due_fen"]) == (500, 0)
    again = await tell(street, caller, f"{paid}/payments", body)
    assert (again.status, again.json["details"]["refused"]) == (409, "nothing_due")
    for nothing in ({}, {"reason": ""}):
        assert (await tell(street, caller, f"{given_up}/void", nothing, "service")).code == "invalid_body"
    assert (await tell(street, caller, f"{given_up}/void", {"reason": "died"}, "service")).status == 204
    again = await tell(street, caller, f"{given_up}/void", {"reason": "again"}, "service")
    assert (again.status, again.json["details"]["refused"]) == (409, "nothing_due")
    await street.told()
    void = {"reason": "a shadow"}
    assert (await street.staff(caller, "service")("POST", f"/api/v1/sessions/{wrong}/void", void)).status == 204
    states = {"open": {open_}, "recovered": {paid}, "void": {given_up, wrong}}
    for state, those in states.items():
        found = await read(street, caller, f"?plate={plate}&state={state}")
        assert {row["session"] for row in found["items"]} == those
        assert {row["state"] for row in found["items"]} == {state}
        assert found["totals"][state] == len(those)
    both = await read(street, caller, f"?plate={plate}")
    assert both["totals"] == {
        "open": 1,
        "recovered": 1,
        "void": 2,
        "open_fen": 500,
        "recovered_fen": 500,
        "given_up_fen": 500,
    }
    whys = {row["session"]: (row["why"], row["who"]) for row in both["items"]}
    assert whys == {paid: ("", ""), given_up: ("died", "service"), wrong: ("a shadow", "service"), open_: ("", "")}
    assert (await tell(street, caller, "L0/nothing/payments", body)).code == "not_found"
    said = await street.staff(caller, "cashier").get(f"{ARREARS}/plates?after=bm90IGEga2V5")
    assert (said.status, said.code) == (400, "invalid_query")


async def test_of_two_cashiers_at_once_one_takes_the_money(street: Street, li: Collector, caller: Caller) -> None:
    session = await leaves_owing(street, li, "L0-0", "川V10002", 59)
    await street.passes(61)
    body = {"channel": "cash", "fen": 500}
    await street.told()
    cashier = street.staff(caller, "cashier")
    address = f"{ARREARS}/{session}/payments"
    said = await asyncio.gather(*(cashier("POST", address, body, Idempotency_Key=key) for key in ("a", "b", "c")))
    assert sorted(each.status for each in said) == [200, 409, 409]
    (record,) = (await read(street, caller, "?plate=川V10002"))["items"]
    assert (record["state"], record["recovered_fen"], record["open_fen"]) == ("recovered", 500, 0)


@pytest.mark.feature("ARR-07", "REC-04")
async def test_a_record_leads_to_its_stay_and_to_the_pictures_of_all_who_saw_it(
    street: Street, li: Collector, caller: Caller
) -> None:
    session = await leaves_owing(street, li, "L0-0", "川V20001", 59)
    await street.passes(61)
    about = {"media": "jpeg", "taken_us": street.clock(), "kind": "session", "key": session}
    await li.stay_signed_in()
    seen = {}
    for source, role, who in (("pda", "entry", li.caller), ("patrol", "tail", None), ("camera", "plate", None)):
        brought = JPEG + source.encode()
        sender = who or street.staff(caller, "operator")
        made = await bring(sender, {**about, "source": source, "role": role, "device": f"{source}-1"}, brought)
        assert made.status == 200, made.json
        seen[source] = (made.json["id"], role, brought)
    await street.installed()
    (record,) = (await read(street, caller, "?plate=川V20001"))["items"]
    whole = (await street.staff(caller, "inspector").get(f"/api/v1/sessions/{record['session']}")).json
    pictures = {each["source"]: each for each in whole["evidence"]}
    assert pictures.keys() == seen.keys()
    for source, (id, role, brought) in seen.items():
        assert (pictures[source]["evidence"], pictures[source]["role"]) == (id, role)
        assert (pictures[source]["device_id"], pictures[source]["at_us"]) == (f"{source}-1", about["taken_us"])
        assert (await street.staff(caller, "inspector").get(f"/api/v1/evidence/{id}/content")).body == brought
    assert whole["stay"]["plate"] == "川V20001"


@pytest.mark.feature("REC-05")
async def test_every_state_of_a_vehicle_is_reached_by_a_stay(street: Street, li: Collector, caller: Caller) -> None:
    states = {}
    states["arrears"] = await leaves_owing(street, li, "L0-0", "川V30001", 59)
    await street.passes(61)
    await street.came("L0-1", 59)
    states["paid"] = (await li.plate("L0-1", "川V30002")).json["session"]
    assert (await li.pay(states["paid"], 500)).status == 200
    await li.leave("L0-1")
    states["part_paid"] = await leaves_owing(street, li, "L0-2", "川V30003", 59)
    assert (await li.pay(states["part_paid"], 250)).status == 200
    states["unpaid"] = await leaves_owing(street, li, "L0-0", "川V30004", 29)
    states["free"] = await leaves_owing(street, li, "L0-2", "川V30005", 14)
    await street.told()
    staff = street.staff(caller, "service")
    for state, session in states.items():
        plate = (await staff.get(f"/api/v1/sessions/{session}")).json["stay"]["plate"]
        items = (await staff.get(f"/api/v1/sessions?state={state}&plate={plate}")).json["items"]
        assert [(row["session"], row["state"]) for row in items] == [(session, state)]
        others = (await staff.get(f"/api/v1/sessions?plate={plate}")).json["items"]
        assert len(others) == 1
    (free,) = (await staff.get("/api/v1/sessions?plate=川V30005")).json["items"]
    assert (free["free_why"], free["receivable_fen"]) == ("within_free_time", 0), "the quarter of an hour"


@pytest.mark.feature("VEH-05")
async def test_orders_are_found_by_the_kind_of_vehicle(street: Street, li: Collector, caller: Caller) -> None:
    operator = street.staff(caller, "operator")
    plates = {
        "pass": "川V40001",
        "new_energy": "川AD40002",
        "company": "川V40003",
        "special": "川A4000警",
        "disabled": "川V40005",
        "": "川V40006",
    }
    for kind in ("company", "disabled"):
        body = {"list": kind, "from_us": street.clock() - 1}
        said = await operator("POST", f"/api/v1/vehicles/{plates[kind]}/lists", body, Idempotency_Key=kind)
        assert said.status == 201, said.json
    special = {"version": (await operator.get("/api/v1/special-plates")).json["version"], "classes": ["police"]}
    assert (await operator("PUT", "/api/v1/special-plates", special)).status == 200
    rule = {"name": "all", "price_fen": {"*": 100}, "lots": ["L0"]}
    assert (await operator("POST", "/api/v1/pass-rules", {"id": "kinds", "rule": rule})).status == 201
    await street.cell.call("look", b"")
    wanted = {"rule": "kinds", "plates": [plates["pass"]], "periods": 1}
    sold = (await operator("POST", "/api/v1/passes", wanted, Idempotency_Key="sold")).json
    paid = {"channel": "cash", "fen": sold["offer"]["fen"]}
    said = await operator("POST", f"/api/v1/passes/{sold['id']}/payments", paid, Idempotency_Key="paid")
    assert said.status == 200, said.json
    stays = {}
    for kind, plate in plates.items():
        stays[kind] = await leaves_owing(street, li, "L0-0", plate, 59)
    await street.told()
    operator = street.staff(caller, "operator")
    for kind, session in stays.items():
        if kind:
            items = (await operator.get(f"/api/v1/sessions?kind={kind}&limit=500")).json["items"]
            assert {row["session"] for row in items} & {*stays.values()} == {session}
    (company,) = (await operator.get("/api/v1/sessions?kind=company&limit=500")).json["items"]
    assert company["receivable_fen"] == 500, "told apart, and pays as others do"
