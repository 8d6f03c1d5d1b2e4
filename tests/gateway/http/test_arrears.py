"""Arrears for the back office over HTTP: who owes, by sum and by count, records settled or given up, what is behind."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from actors.messages.bay import ReportPlate
from actors.messages.session import NotePlate, Waive
from actors.values import Ref
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
        assert (await tell(street, caller, f"{given_up}/void", nothing, "finance")).code == "invalid_body"
    for path, role in (
        (f"{given_up}/void", "service"),
        (f"{given_up}/void", "collector"),
        (f"{paid}/payments", "collector"),
    ):
        assert (await tell(street, caller, path, {"reason": "died"}, role)).status == 403
    for _ in range(2):
        said = await tell(street, caller, f"{given_up}/void", {"reason": "died"}, "finance", Idempotency_Key="died")
        assert said.status == 204
    again = await tell(street, caller, f"{given_up}/void", {"reason": "again"}, "finance")
    assert (again.status, again.json["details"]["refused"]) == (409, "nothing_due")
    await street.told()
    void = {"reason": "a shadow"}
    assert (await street.staff(caller, "service")("POST", f"/api/v1/sessions/{wrong}/void", void)).status == 204
    late = await tell(street, caller, f"{given_up}/payments", body)
    assert (late.status, late.json["details"]["refused"]) == (409, "nothing_due")
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
        "given_up_fen": 1000,
    }
    whys = {row["session"]: (row["why"], row["who"]) for row in both["items"]}
    assert whys == {paid: ("", ""), given_up: ("died", "finance"), wrong: ("a shadow", "service"), open_: ("", "")}
    assert (await tell(street, caller, "L0/nothing/payments", body)).code == "not_found"
    said = await street.staff(caller, "cashier").get(f"{ARREARS}/plates?after=bm90IGEga2V5")
    assert (said.status, said.code) == (400, "invalid_query")


async def test_recovered_arrears_that_are_refunded_are_given_up(street: Street, li: Collector, caller: Caller) -> None:
    plate = "川V10007"
    session = await leaves_owing(street, li, "L0-0", plate, 59)
    await street.passes(61)
    paid = (await tell(street, caller, f"{session}/payments", {"channel": "cash", "fen": 500})).json
    whole = {"recovered_fen": 500, "given_up_fen": 0, "open_fen": 0}
    for fen, kept in ((0, whole), (200, {**whole, "recovered_fen": 300, "given_up_fen": 200})):
        if fen:
            back = {"payment": paid["payment"], "fen": fen, "reason": "half of it was a street festival"}
            said = await street.staff(caller, "finance")("POST", f"/api/v1/sessions/{session}/refunds", back)
            assert (said.status, said.json["due_fen"]) == (200, 0), said.json
        found = await read(street, caller, f"?plate={plate}")
        (record,) = found["items"]
        assert {name: record[name] for name in kept} == {name: found["totals"][name] for name in kept} == kept
    assert (record["state"], record["why"], record["who"]) == ("void", back["reason"], "finance")


async def test_a_sum_above_the_limit_is_taken_when_it_was_confirmed(
    street: Street, li: Collector, caller: Caller
) -> None:
    session = await leaves_owing(street, li, "L0-0", "川V10003", 269)  # 22.50
    await street.passes(61)
    body = {"channel": "card", "fen": 2001}
    asked = await tell(street, caller, f"{session}/payments", body)
    assert (asked.status, asked.code) == (409, "needs_confirmation")
    assert (asked.json["details"]["fen"], asked.json["details"]["above_fen"]) == ("2001", "2000")
    confirm = asked.json["details"]["confirm"]
    for wrong in ({**body, "fen": 2250, "confirm": confirm}, {**body, "confirm": "yes"}):
        assert (await tell(street, caller, f"{session}/payments", wrong)).code == "needs_confirmation"
    said = await tell(street, caller, f"{session}/payments", {**body, "confirm": confirm})
    assert (said.status, said.json["due_fen"]) == (200, 249), said.json
    assert (await tell(street, caller, f"{session}/payments", {**body, "fen": 249})).status == 200
    (record,) = (await read(street, caller, "?plate=川V10003"))["items"]
    assert (record["state"], record["recovered_fen"]) == ("recovered", 2250)


async def test_cash_that_a_desk_took_is_handed_to_somebody_else(street: Street, li: Collector, caller: Caller) -> None:
    session = await leaves_owing(street, li, "L0-0", "川V10006", 59)
    await street.passes(61)
    await street.told()
    wang = await street.hired("wang", "cashier")
    cashier = Caller(caller.session, street.house.identity.issue(wang, "wang", "cashier", "s")[0])
    paid = await cashier("POST", f"{ARREARS}/{session}/payments", {"channel": "cash", "fen": 500})
    assert paid.status == 200, paid.json
    count = {"counted_fen": 500}
    for _ in range(200):  # the stay tells the cashier's till from another slot
        offered = await cashier("POST", "/api/v1/cash", count)
        if offered.json["cash_fen"] == 500:
            break
    assert (offered.status, offered.json["cash_fen"]) == (200, 500)
    own = await cashier("POST", f"/api/v1/collectors/{wang}/cash", count)
    assert (own.status, own.json["details"]["refused"]) == (409, "own_signature")
    taken = await street.staff(caller, "finance")("POST", f"/api/v1/collectors/{wang}/cash", count)
    assert (taken.status, taken.json["cash_fen"]) == (200, 0), taken.json


async def test_what_is_let_go_free_is_void_and_what_goes_on_is_no_record(
    street: Street, li: Collector, caller: Caller
) -> None:
    """A waiver ends arrears for good; a plate that was another's takes the arrears to whom they are."""
    wrong, right = "川V10004", "川V10005"
    session = await leaves_owing(street, li, "L0-0", wrong, 59)
    waived = await leaves_owing(street, li, "L0-1", wrong, 59)
    await street.passes(61)
    assert {row["state"] for row in (await read(street, caller, f"?plate={wrong}"))["items"]} == {"open"}
    await street.ask(Ref("session", waived), Waive(-1, "goodwill", "staff"))
    await street.ask(Ref("session", session), NotePlate(right, "blue", "staff", "", 100, street.clock(), "staff"))
    (record,) = (await read(street, caller, f"?plate={wrong}"))["items"]
    assert (record["session"], record["state"], record["given_up_fen"]) == (waived, "void", 500)
    assert (record["why"], record["who"]) == ("goodwill", "staff")
    assert (await read(street, caller, f"?plate={right}"))["items"] == []
    await street.passes(61)
    (record,) = (await read(street, caller, f"?plate={right}"))["items"]
    assert (record["session"], record["state"], record["open_fen"], record["given_up_fen"]) == (session, "open", 500, 0)


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
async def test_each_state_of_a_car_that_left_is_reached_by_a_stay_and_found_by_it(
    street: Street, li: Collector, caller: Caller
) -> None:
    plates = {name: f"川V3000{n}" for n, name in enumerate(("arrears", "left", "part_paid", "unpaid", "free_time"))}
    stays = {"arrears": await leaves_owing(street, li, "L0-0", plates["arrears"], 59)}
    await street.passes(61)  # an hour to pay is over
    await street.came("L0-2", 40)
    there = (await li.plate("L0-2", "川V30009")).json["session"]
    waived = {"reason": "equipment"}
    assert (await li("POST", f"sections/L0/stays/{there.partition('/')[2]}/free", waived)).status == 200
    await street.told()
    staff = street.staff(caller, "service")
    (row,) = (await staff.get("/api/v1/sessions?plate=川V30009")).json["items"]
    assert (row["car_state"], row["state"]) == ("", "running"), "it is there still"
    await li.leave("L0-2")
    await street.told()
    (row,) = (await staff.get("/api/v1/sessions?plate=川V30009")).json["items"]
    assert (row["car_state"], row["state"]) == ("left", "free"), "not by the free time"
    for name, fen in (("left", 500), ("part_paid", 250)):
        await street.came("L0-1", 59)
        stays[name] = (await li.plate("L0-1", plates[name])).json["session"]
        assert (await li.pay(stays[name], fen)).status == 200
        await li.leave("L0-1")
        await street.see("L0-1", False)
    stays["unpaid"] = await leaves_owing(street, li, "L0-0", plates["unpaid"], 29)
    stays["free_time"] = await leaves_owing(street, li, "L0-2", plates["free_time"], 14)
    await street.told()
    staff = street.staff(caller, "service")
    for name, plate in plates.items():
        (row,) = (await staff.get(f"/api/v1/sessions?plate={plate}")).json["items"]
        assert (row["session"], row["car_state"]) == (stays[name], name)
        found = {each["session"] for each in (await staff.get(f"/api/v1/sessions?car_state={name}")).json["items"]}
        assert found & {*stays.values()} == {stays[name]}
    assert {name: await due(staff, session) for name, session in stays.items()} == {
        "arrears": 500,
        "left": 0,
        "part_paid": 250,
        "unpaid": 250,
        "free_time": 0,
    }


async def due(staff: Caller, session: str) -> int:
    """What a stay owes."""
    return int((await staff.get(f"/api/v1/sessions/{session}")).json["stay"]["due_fen"])


@pytest.mark.feature("VEH-05", "REC-07")
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
    # A company's vehicle may be on another list besides, and is the company's all the same.
    white = {"list": "white", "from_us": street.clock() - 1, "lots": ["L1"], "reason": "guest"}
    said = await operator("POST", f"/api/v1/vehicles/{plates['company']}/lists", white, Idempotency_Key="guest")
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
    await stands_in_l1(street, plates["company"])
    operator = street.staff(caller, "operator")
    both = (await operator.get(f"/api/v1/sessions?kind=company&plate={plates['company']}")).json["items"]
    assert [(row["lot_id"], row["list"], row["company"]) for row in both] == [("L1", "white", True), ("L0", "", True)]
    assert [row["receivable_fen"] for row in both] == [0, 500], "told apart, and pays as others do"


async def stands_in_l1(street: Street, plate: str) -> None:
    """A stay in the other section, where this collector does not work."""
    await street.came("L1-0", 59)
    said = ReportPlate(plate, "blue", "pda", "p", 100, street.clock(), "c")
    await street.ask(Ref("bay", "L1/L1-0"), said)
    await street.see("L1-0", False)
    await street.told()
