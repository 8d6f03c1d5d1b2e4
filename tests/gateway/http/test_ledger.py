"""The ledger over HTTP: what a stay books, periods that close, and the proof that nothing is unexplained."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US, MINUTE_US, SECOND_US
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.streets import Collector, Street

LEDGER = "/api/v1/ledger"
ZONE = ZoneInfo("Australia/Melbourne")


async def read(street: Street, caller: Caller, path: str) -> Any:
    await street.told()
    said = await street.staff(caller, "finance").get(f"{LEDGER}/{path}")
    assert said.status == 200, said.json
    return said.json


async def paid_stay(street: Street, li: Collector, bay: str, plate: str, channel: str = "cash") -> str:
    """A stay of 40 minutes that is paid by hand and left."""
    await street.came(bay, 40)
    session = str((await li.plate(bay, plate)).json["session"])
    assert (await li.pay(session, 500, channel)).status == 200
    await li.leave(bay)
    await street.see(bay, False)
    return session


def month(at_us: int) -> int:
    day = datetime.fromtimestamp(at_us / SECOND_US, ZONE)
    return day.year * 100 + day.month


async def test_the_lines_of_a_stay_are_found_and_everything_is_explained(
    street: Street, li: Collector, caller: Caller
) -> None:
    session = await paid_stay(street, li, "L0-0", "川L20001")
    lines = (await read(street, caller, f"lines?session={session}"))["items"]
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line["account"].partition(":")[0]] += line["fen"]
    assert {account: fen for account, fen in sums.items() if fen} == {"income": -500, "cash": 500}
    entries: Counter[str] = Counter()
    for line in lines:
        entries[line["entry"]] += line["fen"]
    assert set(entries.values()) == {0}
    (payment,) = {line["payment"] for line in lines if line["payment"]}
    of_payment = (await read(street, caller, f"lines?payment={payment}"))["items"]
    assert sorted(line["fen"] for line in of_payment) == [-500, 500]
    paged, after = [], ""
    while after is not None:
        page = await read(street, caller, f"lines?session={session}&limit=1&after={after}")
        paged += page["items"]
        after = page["next"]
    assert paged == lines
    held = await read(street, caller, "balances?whole=true&lot=L0")
    assert sum(row["balance_fen"] for row in held["items"]) == 0
    assert held["places"]
    proof = await read(street, caller, "proof?quiet=true")
    assert proof["broken"] == []
    assert {"entry_is_zero", "wallet_as_its_actor_says", "clearing_is_zero"} <= set(proof["laws"])


@pytest.mark.feature("EXT-25")
async def test_a_closed_period_takes_no_line_and_a_late_fact_books_into_the_open_one(
    street: Street, li: Collector, caller: Caller, clock: Clock
) -> None:
    then = month(clock())
    await street.came("L0-1", 40)
    finance = street.staff(caller, "finance")
    entered = clock() - 20 * MINUTE_US
    early = await finance("POST", f"{LEDGER}/periods/{then}/close", {"reason": "month's end"})
    assert (early.status, early.code) == (409, "period_not_over")
    await paid_stay(street, li, "L0-0", "川L20002")
    booked = await read(street, caller, f"balances?from_date={str(then)[:4]}-{str(then)[4:]}-01")
    clock.ahead_us += 32 * DAY_US

    finance = street.staff(caller, "finance")
    nobody = street.staff(caller, "cashier")
    assert (await nobody("POST", f"{LEDGER}/periods/{then}/close", {"reason": "x"})).code == "forbidden"
    assert (await finance("POST", f"{LEDGER}/periods/{then}/close", {"reason": ""})).code == "invalid_body"
    closed = await finance("POST", f"{LEDGER}/periods/{then}/close", {"reason": "month's end"})
    assert (closed.json["closed"], closed.json["who"], closed.json["why"]) == (True, "finance", "month's end")
    assert (await finance("POST", f"{LEDGER}/periods/{then}/close", {"reason": "again"})).code == "period_closed"

    assert (await li.sign_in()).status == 200, "its session ended long ago; the device kept what it could not send"
    said = {"at_us": entered, "bay": "L0-1"}
    told = await li.batch(
        {"id": "late-1", "kind": "plate", "plate": "川L20003", **said},
        {"id": "late-2", "kind": "pay", "of": "late-1", "fen": 250, "at_us": entered + MINUTE_US, "shift": li.shift},
        {"id": "late-3", "kind": "exit", **said, "at_us": entered + 2 * MINUTE_US},
    )
    assert [each["outcome"] for each in told["items"]] == ["applied"] * 3, told
    late = (await read(street, caller, "lines?late=true"))["items"]
    assert {line["late_for"] for line in late} == {then}
    assert {line["occurred_us"] for line in late if line["account"].startswith("cash")} == {entered + MINUTE_US}
    assert all(int(line["business_date"][:7].replace("-", "")) == month(clock()) for line in late)
    last = f"{datetime.fromtimestamp(entered / SECOND_US, ZONE):%Y-%m-%d}"
    after = await read(street, caller, f"balances?from_date={str(then)[:4]}-{str(then)[4:]}-01&to_date={last}")
    assert after["items"] == booked["items"], "what is closed is as it was"

    opened = await finance("POST", f"{LEDGER}/periods/{then}/reopen", {"reason": "a mistake"})
    assert (opened.json["closed"], opened.json["times"]) == (False, 1)
    assert (await finance("POST", f"{LEDGER}/periods/{then}/reopen", {"reason": "again"})).code == "period_open"
    known = {row["period"]: row for row in (await read(street, caller, "periods"))["items"]}
    assert (known[then]["closed"], known[then]["why"]) == (False, "a mistake")
    assert (await finance("POST", f"{LEDGER}/periods/202613/close", {"reason": "x"})).code == "not_found"
    assert (await read(street, caller, "proof?quiet=true"))["broken"] == []


async def test_nothing_is_proved_while_a_table_is_being_made_again(
    street: Street, li: Collector, caller: Caller, engine: AsyncEngine
) -> None:
    await paid_stay(street, li, "L0-0", "川L20004")
    await street.told()
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE projected SET seq = seq - 1 WHERE projection = 'session_payments'"))
    said = await street.staff(caller, "finance").get(f"{LEDGER}/proof")
    assert (said.status, said.code) == (409, "not_level")
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE projected SET seq = seq + 1 WHERE projection = 'session_payments'"))


async def test_a_provider_s_payout_moves_into_the_bank_less_its_fee_once(
    street: Street, li: Collector, caller: Caller
) -> None:
    await paid_stay(street, li, "L0-0", "川L20005", "city_card")
    await street.told()
    finance = street.staff(caller, "finance")
    said = {"channel": "city_card", "id": "S-1", "fen": 494, "fee_fen": 6, "paid_us": street.clock()}
    assert (await street.staff(caller, "cashier")("POST", f"{LEDGER}/payouts", said)).code == "forbidden"
    for key in ("one", "two"):
        booked = await finance("POST", f"{LEDGER}/payouts", said, Idempotency_Key=key)
        assert (booked.status, booked.json["fee_fen"]) == (200, 6)
    other = await finance("POST", f"{LEDGER}/payouts", {**said, "fee_fen": 7})
    assert (other.status, other.code, other.json["details"]["fee_fen"]) == (409, "payout_differs", "6")
    held = {row["account"]: row["balance_fen"] for row in (await read(street, caller, "balances"))["items"]}
    assert (held["fee:city_card"], held["transit:city_card"]) == (6, 0)
    assert (await read(street, caller, "balances?account=bank"))["items"][0]["balance_fen"] == 494


async def test_a_payout_is_never_more_than_what_is_in_transit_and_of_two_at_once_one_is_booked(
    street: Street, li: Collector, caller: Caller
) -> None:
    finance = street.staff(caller, "finance")
    said = {"channel": "card", "fee_fen": 5, "paid_us": street.clock()}
    none = await finance("POST", f"{LEDGER}/payouts", {**said, "id": "N-1", "fen": 1})
    assert (none.status, none.code, none.json["details"]["transit_fen"]) == (409, "payout_too_large", "0")
    for n in range(2):
        await paid_stay(street, li, f"L0-{n}", f"川L3000{n}", "card")
    await street.told()
    finance = street.staff(caller, "finance")
    more = await finance("POST", f"{LEDGER}/payouts", {**said, "id": "N-2", "fen": 996})
    assert (more.status, more.json["details"]["transit_fen"]) == (409, "1000")
    both = [finance("POST", f"{LEDGER}/payouts", {**said, "id": f"T-{n}", "fen": 595}) for n in range(2)]
    at_once = await asyncio.gather(*both)
    assert sorted(each.status for each in at_once) == [200, 409]
    (no,) = [each for each in at_once if each.status == 409]
    assert (no.code, no.json["details"]["transit_fen"]) == ("payout_too_large", "400")
    rest = await finance("POST", f"{LEDGER}/payouts", {**said, "id": "N-3", "fen": 395})
    assert rest.status == 200, rest.json
    held = {row["account"]: row["balance_fen"] for row in (await read(street, caller, "balances"))["items"]}
    assert held.get("transit:card") == 0
