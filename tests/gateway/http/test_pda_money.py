"""Money on the street over HTTP: sums of shifts and days, arrears recovered, a second confirmation."""

import asyncio
import random
from typing import Any

import pytest

from actors.messages.collector import TakingsAdded
from actors.values import HOUR_US, Ref
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import Collector, Street


@pytest.mark.feature("PDA-13", "PDA-28")
async def test_shifts_add_up_to_the_day_and_the_print_says_the_same(street: Street, li: Collector) -> None:
    before = (await li.get("money"))["fen"]
    sums = []
    for n, (bay_id, channel) in enumerate((("L0-0", "cash"), ("L0-1", "card"), ("L0-2", "cash"))):
        await street.came(bay_id, 30 * (n + 1) - 1)
        session = (await li.plate(bay_id, f"川L1111{n}")).json["session"]
        assert (await li.pay(session, 250 * (n + 1), channel)).status == 200
        await li.leave(bay_id)
        if n == 1:
            ended = await li.end()
            sums.append(ended.json)
            await li.begin("L0")
    sums.append((await li.end()).json)
    assert [(each["n"], each["fen"]) for each in sums] == [(2, 750), (1, 750)]
    day = await li.get("money")
    assert sum(each["fen"] for each in sums) == day["fen"] - before == 1500
    by_shift = {shift: sum(each["fen"] for each in rows) for shift, rows in day["shifts"].items()}
    assert [by_shift[each["id"]] for each in sums] == [750, 750]
    printed = (await li("POST", "tickets", {"kind": "day"})).json["text"]
    for each in day["channels"]:
        assert f"{each['n']}笔 {each['fen'] / 100:.2f}元" in printed
    assert f"合计：{day['fen'] / 100:.2f}元" in printed
    shifts = (await li.get("shifts"))["items"]
    assert {each["id"] for each in sums} <= {row["id"] for row in shifts if row["closed_us"]}
    await li.begin("L0")


@pytest.mark.feature("PDA-16", "PDA-17", "PDA-25", "PDA-26")
async def test_arrears_are_told_at_entry_and_recovered(street: Street, li: Collector) -> None:
    plate = "川M11111"
    sessions = []
    for bay_id in ("L0-0", "L0-1"):
        await street.came(bay_id, 119)
        sessions.append((await li.plate(bay_id, plate)).json["session"])
        await li.leave(bay_id)
    await street.passes(90)  # both are arrears an hour later
    await street.came("L0-2", 0)
    known = await wait_owed(li, plate, 2)
    assert (known["fen"], [each["fen"] for each in known["items"]]) == (2000, [1000, 1000])
    assert {each["section"] for each in known["items"]} == {"L0"}
    assert all(each["exit_us"] - each["entry_us"] >= HOUR_US for each in known["items"])
    entry = (await li.plate("L0-2", plate)).json
    assert (entry["owes"], entry["owes_fen"]) == (2, 2000)
    assert "欠费" in entry["say"]
    ticket = (await li("POST", "tickets", {"kind": "entry", "about": entry["session"]})).json["text"]
    assert "欠费：2笔 20.00元" in ticket
    assert (await li.bay("L0-2"))["mark"] == "arrears"
    one = await li("POST", "recoveries", {"plate": plate, "channel": "cash", "sessions": [sessions[0]]})
    assert (one.json["paid_fen"], one.json["open_fen"]) == (1000, 0)
    assert [each["session"] for each in (await wait_owed(li, plate, 1))["items"]] == [sessions[1]]
    rest = await li("POST", "recoveries", {"plate": plate, "channel": "card"}, Idempotency_Key="all-1")
    again = await li("POST", "recoveries", {"plate": plate, "channel": "card"}, Idempotency_Key="all-1")
    assert rest.json == again.json
    assert rest.json["paid_fen"] == 1000
    voucher = (await li("POST", "tickets", {"kind": "recovery", "about": rest.json["id"]})).json
    assert "合计：10.00元" in voucher["text"]
    copy = (await li("POST", "tickets", {"kind": "recovery", "about": rest.json["id"]})).json
    assert (copy["copy"], "副本1" in copy["text"]) == (1, True)
    await wait_owed(li, plate, 0)
    assert (await li("POST", "recoveries", {"plate": plate, "channel": "cash"})).code == "nothing_owed"


@pytest.mark.feature("PDA-18")
async def test_a_sum_above_the_limit_is_confirmed_with_a_token(street: Street, li: Collector, operator: Caller) -> None:
    plate, other = "川N11111", "川N22222"
    await owing(street, li, plate, 2000)
    await owing(street, li, other, 2001)
    assert (await recover(li, plate)).json["paid_fen"] == 2000, "20.00 goes through"
    asked = await recover(li, other)
    assert (asked.status, asked.code) == (409, "needs_confirmation")
    assert (asked.json["details"]["fen"], asked.json["details"]["above_fen"]) == ("2001", "2000")
    assert (await recover(li, other, confirm="yes")).code == "needs_confirmation"
    done = await recover(li, other, confirm=asked.json["details"]["confirm"])
    assert (done.status, done.json["paid_fen"]) == (200, 2001)
    operator = street.staff(operator, "operator")
    rules = (await operator.get("/api/v1/pda/rules")).json
    assert (await operator("PUT", "/api/v1/pda/rules", {**rules, "confirm_above_fen": 2500})).status == 200
    await owing(street, li, other, 2001)
    assert (await recover(li, other)).json["paid_fen"] == 2001, "the limit is settable"
    await street.staff(operator, "operator")("PUT", "/api/v1/pda/rules", rules)


async def recover(li: Collector, plate: str, **more: Any) -> Said:
    return await li("POST", "recoveries", {"plate": plate, "channel": "cash", **more})


async def owing(street: Street, li: Collector, plate: str, fen: int) -> None:
    """A plate owes so much for one stay."""
    await street.refer("tariff/once", {"name": {"en": "once"}, "visit": {"price_fen": fen}})
    await street.refer("tariff-of/L0", {"tariff": "once"})
    await street.came("L0-2", 29)
    await li.plate("L0-2", plate)
    left = await li.leave("L0-2")
    assert left.json["due_fen"] == fen, left.json
    await street.refer("tariff-of/L0", {"tariff": "a"})
    await street.passes(61)
    assert (await wait_owed(li, plate, 1))["fen"] == fen


async def wait_owed(li: Collector, plate: str, n: int) -> dict[str, Any]:
    """What a plate owes, when its vehicle has heard: the session tells it from another slot."""
    for _ in range(200):
        known = dict(await li.get(f"plates/{plate}/arrears"))
        if len(known["items"]) == n:
            return known
    raise AssertionError(known)


@pytest.mark.feature("PDA-01")
async def test_stays_are_charged_by_themselves_as_the_tariff_says(street: Street, li: Collector) -> None:
    chance = random.Random(3)
    for n in range(12):
        await street.came("L0-0", chance.randrange(1, 400))
        assert (await li.plate("L0-0", f"川R{n:05d}")).status == 200
        left = (await li.leave("L0-0")).json
        asked = {"which": {"lot": "L0"}, "entry_us": left["entry_us"], "exit_us": left["exit_us"]}
        check = await li.caller("POST", "/api/v1/pricing/quote", asked)
        assert check.status == 200, check.json
        assert left["charge_fen"] == check.json["quote"]["charge_fen"]
        await street.see("L0-0", False)


@pytest.mark.feature("PDA-15")
async def test_a_full_days_orders_are_settled_by_one_answer(street: Street, li: Collector) -> None:
    orders = 800
    user = await street.house.users.named("li")
    assert user
    taken = [
        TakingsAdded(f"L0/x-{n}", f"p{n}", ("cash", "card")[n % 2], 100 + n, street.clock(), li.shift)
        for n in range(orders)
    ]
    await asyncio.gather(*(street.ask(Ref("collector", user.id), each) for each in taken))
    ended = (await li.end()).json
    assert ended["closed_us"] is not None
    assert ended["n"] == orders
    assert ended["fen"] == sum(each.fen for each in taken)
    assert {each["channel"]: each["n"] for each in ended["takings"]} == {"card": orders // 2, "cash": orders // 2}
    assert (await li.get("money"))["fen"] == ended["fen"]
    await li.begin("L0")
