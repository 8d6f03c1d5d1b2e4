"""The street over HTTP: bays and tasks, plates that go to sensors' stays, vehicles that leave, tickets, reports."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import HOUR_US, MINUTE_US
from gateway.http.house import House
from gateway.http.pda.tickets import DEFAULTS
from tests.gateway.http.callers import Caller, Clock, Said
from tests.gateway.http.streets import PLATE, TARIFF, Collector, Street, world_of


@pytest.fixture
async def street(house: House, engine: AsyncEngine, database_url: str, clock: Clock) -> AsyncIterator[Street]:
    """Two sections with sensors, and their actors."""
    here = Street(house, engine, database_url, await world_of(engine), clock)
    await here.start()
    await here.ruled("L0", "L1")
    yield here
    for bay in ("L0-0", "L0-1", "L0-2", "L1-0", "L1-1", "L1-2"):
        await here.see(bay, False)
    await here.close()


@pytest.fixture
async def li(street: Street, caller: Caller) -> AsyncIterator[Collector]:
    """A collector who works on L0."""
    await street.hired("li")
    li = Collector(street, caller, "li", "p1")
    assert (await li.sign_in()).status == 200
    assert (await li.begin("L0")).status == 201
    yield li
    await li.end()
    await li("POST", "sign-out", {"device": "p1"})


async def bay(li: Collector, id: str) -> dict[str, Any]:
    (row,) = [row for row in (await li.get("sections/L0/bays"))["items"] if row["bay"] == id]
    return dict(row)


@pytest.mark.feature("PDA-30", "PDA-31")
async def test_sections_and_bays_show_what_stands_there(street: Street, li: Collector) -> None:
    await street.came("L0-0", 26)
    await street.came("L0-1", 5)
    await li.plate("L0-0")
    (section,) = (await li.get("sections"))["items"]
    assert (section["id"], section["total"], section["occupied"], section["to_plate"]) == ("L0", 3, 2, 1)
    assert {each["id"] for each in (await li.get("sections?mine=false"))["items"]} >= {"L0", "L1"}
    row = await bay(li, "L0-0")
    assert (row["state"], row["plate"], row["minutes"], row["mark"]) == ("occupied", PLATE, 31, "")
    assert (await bay(li, "L0-2"))["state"] in ("free", "unknown")
    await street.see("L0-0", False)
    row = await bay(li, "L0-0")
    assert (row["state"], row["plate"], row["minutes"]) == ("free", "", None)


async def test_a_plate_goes_to_the_sensors_stay_whose_start_it_keeps(street: Street, li: Collector) -> None:
    await street.came("L0-0", 40)
    entry = await li.plate("L0-0")
    assert (entry.status, entry.json["opened"], entry.json["plate_class"]) == (200, False, "small")
    assert street.clock() - entry.json["entry_us"] >= 40 * MINUTE_US
    assert "N" in entry.json["say"]


async def test_an_unplated_stay_is_a_task_until_it_has_a_plate(street: Street, li: Collector) -> None:
    assert (await li.get("tasks"))["items"] == []
    await street.came("L0-1", 3)
    (task,) = (await li.get("tasks"))["items"]
    assert (task["bay"], task["minutes"]) == ("L0-1", 3)
    await li.plate("L0-1")
    assert (await li.get("tasks"))["items"] == []


@pytest.mark.feature("PDA-06")
async def test_a_vehicle_without_a_plate_gets_an_identity_of_its_own(street: Street, li: Collector) -> None:
    for id in ("L0-0", "L0-1"):
        await street.came(id, 20)
    first, second = await li.plate("L0-0", None), await li.plate("L0-1", None)
    assert first.json["plate_class"] == "no_plate"
    assert first.json["plate"] != second.json["plate"]
    ticket = await li("POST", "tickets", {"kind": "entry", "about": first.json["session"]})
    assert "无牌车" in ticket.json["text"]
    assert (await li("POST", "bays/L0-0/plate", {"device": "p1"})).code == "invalid_body"


@pytest.mark.feature("PDA-07")
@pytest.mark.parametrize("channel", ["cash", "card", "city_card"])
async def test_a_stay_is_paid_by_hand_once_and_carries_its_method(street: Street, li: Collector, channel: str) -> None:
    await street.came("L0-0", 59)
    session = (await li.plate("L0-0")).json["session"]
    due = (await li.get("bays/L0-0/stay"))["due_fen"]
    assert due == 500
    wrong = await li.pay(session, due + 1, channel)
    assert (wrong.code, wrong.json["details"]["refused"]) == ("refused", "amount_wrong")
    key = f"pay-{channel}"
    first = await li.pay(session, due, channel, Idempotency_Key=key)
    again = await li.pay(session, due, channel, Idempotency_Key=key)
    assert first.json == again.json
    assert (first.json["due_fen"], first.json["channel"]) == (0, channel)
    left = await li.leave("L0-0")
    assert (left.json["state"], left.json["received_fen"], left.json["due_fen"]) == ("paid", 500, 0)


@pytest.mark.feature("PDA-22")
async def test_who_leaves_is_found_by_part_of_plate_or_bay(street: Street, li: Collector) -> None:
    for id, plate in (("L0-0", "京A12345"), ("L0-1", "川B77777"), ("L1-0", "京A12399")):
        await street.came(id, 10)
        await li.plate(id, plate)
    assert [row["bay"] for row in (await li.get("leaving?q=a123"))["items"]] == ["L0-0"], "of own sections only"
    assert [row["plate"] for row in (await li.get("leaving?q=L0-1"))["items"]] == ["川B77777"]
    assert [row["bay"] for row in (await li.get("leaving?q="))["items"]] == ["L0-0", "L0-1"]


@pytest.mark.feature("PDA-23")
async def test_a_stay_is_closed_from_afar_and_marked_so(street: Street, li: Collector) -> None:
    await street.came("L0-0", 10)
    session = (await li.plate("L0-0")).json["session"]
    left = await li.leave("L0-0", remote=True)
    assert (left.json["state"], left.json["due_fen"]) == ("free", 0)
    free = [row for row in (await li.get("free-orders"))["items"] if row["session"] == session]
    assert [row["remote"] for row in free] == [True]
    assert [row["id"] for row in (await li.get("sections?mine=false"))["items"]] == ["L0", "L1"]


@pytest.mark.feature("PDA-12")
async def test_own_entries_and_exits_of_today_newest_first(street: Street, li: Collector, clock: Clock) -> None:
    await street.came("L0-0", 10)
    await li.plate("L0-0", "川C00001")
    clock.ahead_us += MINUTE_US
    await li.leave("L0-0")
    await street.came("L0-1", 1)
    await street.see("L0-1", False)  # a stay that nobody touched
    acts = [act for act in (await li.get("acts"))["items"] if act["plate"] == "川C00001"]
    assert [act["verb"] for act in acts] == ["exit", "entry"]
    assert all(act["bay"] != "L0-1" or act["plate"] for act in (await li.get("acts"))["items"])
    await street.hired("wu-acts")
    wu = Collector(street, li.caller, "wu-acts", "p2")
    await wu.sign_in()
    assert (await wu.get("acts"))["items"] == []


@pytest.mark.feature("PDA-29")
async def test_special_vehicles_go_free_by_hand_unless_that_is_off(street: Street, li: Collector) -> None:
    await street.came("L0-0", 89)
    entry = await li.plate("L0-0", "川D11111", special="救护车")
    left = await li.leave("L0-0")
    assert (left.json["charge_fen"] - left.json["off_fen"], left.json["due_fen"]) == (0, 0)
    (row,) = [r for r in (await li.get("free-orders"))["items"] if r["session"] == entry.json["session"]]
    assert "救护车" in row["why"]
    await street.ruled("L0", special_by_hand=False)
    await street.came("L0-0", 89)
    assert (await li.plate("L0-0", "川D11111", special="救护车")).code == "special_off"
    assert (await li.get("bays/L0-0/stay"))["due_fen"] == 750
    await street.ruled("L0")


@pytest.mark.feature("PDA-33")
async def test_free_orders_need_a_reason_and_abnormal_ones_say_theirs(street: Street, li: Collector) -> None:
    await street.came("L0-0", 89)
    session = (await li.plate("L0-0", "川E11111")).json["session"]
    path = f"sections/L0/stays/{session.partition('/')[2]}/free"
    assert (await li("POST", path, {"reason": "because"})).code == "unknown_reason"
    assert (await li("POST", path, {"reason": "equipment"})).json["due_fen"] == 0
    await li.leave("L0-0")
    await street.came("L0-1", 10)
    await street.see("L0-1", False)
    free = {row["session"]: row["why"] for row in (await li.get("free-orders"))["items"]}
    assert free[session] == "waived:equipment"
    abnormal = {row["bay"]: row["why"] for row in (await li.get("abnormal-orders"))["items"]}
    assert "left_unplated" in abnormal["L0-1"]


@pytest.mark.feature("PDA-04")
async def test_a_changed_tariff_is_seen_at_the_next_fetch(street: Street, li: Collector, clock: Clock) -> None:
    read = "/api/v1/lots/L0/tariff"
    before = (await li.caller.get(read)).json
    dearer = {**TARIFF, "free": [], "exit_grace_minutes": 0}
    await street.refer("tariff/a", dearer)
    after = (await li.caller.get(read)).json
    assert (before["version"] + 1, after["document"].get("free")) == (after["version"], None)
    clock.ahead_us += MINUTE_US
    await street.came("L0-0", 0)
    clock.ahead_us += 5 * MINUTE_US
    await li.plate("L0-0")
    assert (await li.get("bays/L0-0/stay"))["due_fen"] == 250
    await street.refer("tariff/a", TARIFF)


@pytest.mark.feature("PDA-09", "PDA-20")
async def test_vouchers_are_printed_again_as_counted_copies(street: Street, li: Collector) -> None:
    await street.came("L0-0", 59)
    session = (await li.plate("L0-0", "川F11111")).json["session"]
    await li.pay(session, 500)
    await li.leave("L0-0")
    for kind, words in (("entry", "停车入场凭证"), ("exit", "实收：5.00元")):
        first, second, third = [(await li("POST", "tickets", {"kind": kind, "about": session})).json for _ in range(3)]
        assert words in first["text"]
        assert "川F11111" in first["text"]
        assert [each["copy"] for each in (first, second, third)] == [0, 1, 2]
        assert "副本" not in first["text"]
        assert "副本2" in third["text"]
        assert first["text"] == third["text"].replace("【副本2】", "")


@pytest.mark.feature("PDA-19")
async def test_a_changed_template_and_its_advertising_change_the_next_ticket(
    street: Street, li: Collector, operator: Caller
) -> None:
    await street.came("L0-0", 5)
    session = (await li.plate("L0-0", "川G11111")).json["session"]
    said = await operator("PUT", "/api/v1/tickets/entry", {"text": "欢迎 {plate}\n{ad}", "ad": "洗车八折"})
    assert said.status == 200
    ticket = await li("POST", "tickets", {"kind": "entry", "about": session})
    assert ticket.json["text"] == "欢迎 川G11111\n洗车八折"
    await operator("PUT", "/api/v1/tickets/entry", {"text": DEFAULTS["entry"]})
    wrong = await operator("PUT", "/api/v1/tickets/entry", {"text": "{plaet}"})
    assert (wrong.code, "plaet" in wrong.json["message"]) == ("invalid_body", True)


@pytest.mark.feature("PDA-36")
async def test_a_slip_for_a_windscreen_has_what_is_due_and_a_code(street: Street, li: Collector) -> None:
    await street.came("L0-2", 59)
    session = (await li.plate("L0-2", "川H11111")).json["session"]
    slip = (await li("POST", "tickets", {"kind": "notice", "about": session})).json["text"]
    assert "应付：5.00元" in slip
    assert f"缴费码：{session}" in slip


@pytest.mark.feature("PDA-34")
async def test_an_inspector_sees_devices_and_plates_and_reports(
    street: Street, li: Collector, caller: Caller, operator: Caller
) -> None:
    await street.came("L0-0", 5)
    await li.plate("L0-0", "川J11111")
    await street.told()
    inspector = await caller.signed_in("inspector", "correct horse")
    assert (await inspector.get("/api/v1/devices?lot=L0")).json["items"]
    bays = (await inspector.get("/api/v1/pda/sections/L0/bays")).json["items"]
    assert "川J11111" in [row["plate"] for row in bays]
    report = {"kind": "device", "bay": "L0-0", "device": "d-L0-0", "note": "外壳破损", "pictures": ["p1", "p2"]}
    made = await inspector("POST", "/api/v1/pda/problems", report, Idempotency_Key="r1")
    again = await inspector("POST", "/api/v1/pda/problems", report, Idempotency_Key="r1")
    assert made.json == again.json
    assert (made.json["state"], made.json["pictures"], made.json["section"]) == ("open", ["p1", "p2"], "L0")
    open_ = [row["id"] for row in (await operator.get("/api/v1/problems")).json["items"]]
    assert made.json["id"] in open_
    path = f"/api/v1/problems/{made.json['id']}/verdict"
    assert (await operator("POST", path, {"state": "work_order"})).json["state"] == "work_order"
    assert (await operator("POST", path, {"state": "false_report"})).json["state"] == "work_order", "decided once"
    other = await inspector("POST", "/api/v1/pda/problems", {"kind": "bay", "bay": "L0-1", "note": "没事"})
    await operator("POST", f"/api/v1/problems/{other.json['id']}/verdict", {"state": "false_report", "note": "查无"})
    false = (await operator.get("/api/v1/problems?state=false_report")).json["items"]
    assert other.json["id"] in [row["id"] for row in false]


@pytest.mark.feature("PDA-10")
async def test_a_log_is_kept_and_failed_records_are_answered_one_by_one(
    street: Street, li: Collector, operator: Caller, clock: Clock
) -> None:
    await street.came("L0-0", 20)
    records = [
        {"id": "f1", "kind": "plate", "at_us": clock() - 10 * MINUTE_US, "bay": "L0-0", "plate": "川K11111"},
        {"id": "f2", "kind": "exit", "at_us": clock(), "bay": "nowhere"},
    ]
    file = {"device": "p1", "name": "app.log", "kind": "log", "content": base64.b64encode(b"hello").decode()}
    said = await li("POST", "files", {**file, "failed": {"device": "p1", "operations": records}})
    assert (said.status, said.json["bytes"]) == (201, 5)
    assert [(each["id"], each["outcome"], each["code"]) for each in said.json["failed"]["items"]] == [
        ("f1", "applied", ""),
        ("f2", "refused", "not_found"),
    ]
    assert (await bay(li, "L0-0"))["plate"] == "川K11111"
    kept = (await street.staff(operator, "operator").get("/api/v1/device-files")).json["items"]
    assert ("app.log", "log") in [(row["name"], row["kind"]) for row in kept]
    assert (await li("POST", "files", {**file, "content": "***"})).code == "invalid_body"


@pytest.mark.feature("PDA-13", "PDA-28", "PDA-15")
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
async def test_arrears_are_told_at_entry_and_recovered(street: Street, li: Collector, clock: Clock) -> None:
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
    assert (await bay(li, "L0-2"))["mark"] == "arrears"
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
