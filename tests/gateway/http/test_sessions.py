"""Stays for the back office over HTTP: lists with sums over all that were found, one whole stay, and void."""

from typing import Any

import pytest

from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import Collector, Street

SESSIONS = "/api/v1/sessions"
SUMS = ("prepaid_fen", "receivable_fen", "received_fen", "due_fen")


async def read(street: Street, caller: Caller, path: str = "") -> Any:
    await street.told()
    said = await street.staff(caller, "operator").get(f"{SESSIONS}{path}")
    assert said.status == 200, said.json
    return said.json


async def void(street: Street, caller: Caller, session: str, body: dict[str, str]) -> Said:
    await street.told()
    return await street.staff(caller, "operator")("POST", f"{SESSIONS}/{session}/void", body)


async def stands(street: Street, li: Collector, bay: str, plate: str, minutes: float = 40) -> str:
    await street.see(bay, False)
    await street.came(bay, minutes)
    return str((await li.plate(bay, plate)).json["session"])


async def leaves(street: Street, li: Collector, bay: str) -> None:
    await li.leave(bay)
    await street.see(bay, False)


@pytest.mark.feature("REC-01", "REC-06")
async def test_three_states_are_listed_and_the_totals_are_of_all_pages(
    street: Street, li: Collector, caller: Caller
) -> None:
    before = {standing: await read(street, caller, f"?standing={standing}") for standing in ("parked", "finished")}
    paid = await stands(street, li, "L0-0", "川S20001")
    assert (await li.pay(paid, 500)).status == 200
    await leaves(street, li, "L0-0")
    owing = await stands(street, li, "L0-0", "川S20001")
    await leaves(street, li, "L0-0")
    running = await stands(street, li, "L0-1", "川S20001")
    wrong = await stands(street, li, "L0-2", "川S20001")
    assert (await void(street, caller, wrong, {"reason": "a shadow"})).status == 204
    expected = {"parked": {running}, "finished": {paid, owing}, "void": {wrong}}
    for standing, those in expected.items():
        listed = await read(street, caller, f"?plate=川S20001&standing={standing}")
        assert {row["session"] for row in listed["items"]} == those
        assert listed["totals"]["stays"] == listed["totals"][standing] == len(those)
    for standing, was in before.items():
        now = await read(street, caller, f"?standing={standing}")
        assert now["totals"][standing] == was["totals"][standing] + len(expected[standing])
    rows, after, totals = [], "", []
    while after is not None:
        page = await read(street, caller, f"?plate=川S20001&limit=1&after={after}")
        rows += page["items"]
        totals.append(page["totals"])
        after = page["next"]
    assert [row["session"] for row in rows] == [wrong, running, owing, paid]
    assert all(total == totals[0] for total in totals)
    assert {name: totals[0][name] for name in SUMS} == {name: sum(row[name] for row in rows) for name in SUMS}
    of_paid = next(row for row in rows if row["session"] == paid)
    assert [of_paid[name] for name in SUMS] == [500, 500, 500, 0]
    of_owing = next(row for row in rows if row["session"] == owing)
    assert [of_owing[name] for name in SUMS] == [0, 500, 0, 500]


async def test_filters_find_only_their_own(street: Street, li: Collector, caller: Caller) -> None:
    green = await stands(street, li, "L0-0", "川AD12345")
    blue = await stands(street, li, "L0-1", "川S20002")
    found = await read(street, caller, "?standing=parked&lot=L0&kind=new_energy&state=running")
    assert green in [row["session"] for row in found["items"]]
    assert {row["plate_class"] for row in found["items"]} == {"new_energy_small"}
    assert (await read(street, caller, "?plate=川S20002&lot=L1"))["items"] == []
    assert (await read(street, caller, "?plate=川S20002&flagged=true"))["totals"]["stays"] == 0
    assert [row["session"] for row in (await read(street, caller, "?plate=川S20002&flagged=false"))["items"]] == [blue]
    said = await street.staff(caller, "operator").get(f"{SESSIONS}?after=bm90IGEga2V5")
    assert (said.status, said.code) == (400, "invalid_query")


async def test_one_stay_shows_its_plates_payments_and_the_lines_of_its_price(
    street: Street, li: Collector, caller: Caller
) -> None:
    session = await stands(street, li, "L0-0", "川S20003")
    assert (await li.plate("L0-0", "川S20004")).status == 200
    assert (await li.pay(session, 500)).status == 200
    await leaves(street, li, "L0-0")
    whole = await read(street, caller, f"/{session}")
    assert whole["stay"]["session"] == session
    assert whole["stay"]["plate"] == "川S20004"
    assert [each["plate"] for each in whole["plates"]] == ["川S20003", "川S20004"]
    assert [(each["channel"], each["fen"]) for each in whole["payments"]] == [("cash", 500)]
    assert whole["quote"]["charge_fen"] == whole["stay"]["charge_fen"] == 500
    said = await street.staff(caller, "operator").get(f"{SESSIONS}/L0/nothing")
    assert (said.status, said.code) == (404, "not_found")


@pytest.mark.feature("REC-02")
async def test_a_void_needs_a_reason_stays_in_the_log_and_frees_the_bay(
    street: Street, li: Collector, caller: Caller
) -> None:
    session = await stands(street, li, "L0-0", "川S20005")
    for nothing in ({}, {"reason": ""}):
        said = await void(street, caller, session, nothing)
        assert (said.status, said.code) == (400, "invalid_body")
    assert (await void(street, caller, session, {"reason": "a shadow"})).status == 204
    assert (await void(street, caller, session, {"reason": "another word"})).status == 204
    stay = (await read(street, caller, f"/{session}"))["stay"]
    assert (stay["state"], stay["void_why"], stay["void_by"], stay["due_fen"]) == ("void", "a shadow", "operator", 0)
    anew = await stands(street, li, "L0-0", "川S20005", 5)
    assert anew != session
    assert (await read(street, caller, f"/{anew}"))["stay"]["state"] == "running"


async def test_what_was_paid_is_not_voided(street: Street, li: Collector, caller: Caller) -> None:
    session = await stands(street, li, "L0-0", "川S20006")
    assert (await li.pay(session, 500)).status == 200
    said = await void(street, caller, session, {"reason": "a shadow"})
    assert (said.status, said.code) == (409, "refused")
    assert said.json["details"]["refused"] == "paid_already"
