"""The street over HTTP: bays and tasks, plates that go to sensors' stays, vehicles that leave, tickets, reports."""

import base64

import pytest

from actors.values import MINUTE_US
from gateway.http.pda.tickets import DEFAULTS
from gateway.outside.reader import Reading
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.streets import PLATE, TARIFF, Collector, Street


@pytest.mark.feature("PDA-30", "PDA-31")
async def test_sections_and_bays_show_what_stands_there(street: Street, li: Collector) -> None:
    await street.came("L0-0", 26)
    await street.came("L0-1", 5)
    await li.plate("L0-0")
    (section,) = (await li.get("sections"))["items"]
    assert (section["id"], section["total"], section["occupied"], section["to_plate"]) == ("L0", 3, 2, 1)
    assert {each["id"] for each in (await li.get("sections?mine=false"))["items"]} >= {"L0", "L1"}
    row = await li.bay("L0-0")
    assert (row["state"], row["plate"], row["minutes"], row["mark"]) == ("occupied", PLATE, 31, "")
    assert (await li.bay("L0-2"))["state"] in ("free", "unknown")
    await street.see("L0-0", False)
    row = await li.bay("L0-0")
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


@pytest.mark.feature("TAR-14")
async def test_no_more_stays_go_free_by_hand_than_a_day_s_quota(
    street: Street, li: Collector, operator: Caller
) -> None:
    """So many a collector and so many a lot; the same stay again counts once, and one that was refused is owed."""
    await street.hired("wu-quota")
    wu = Collector(street, li.caller, "wu-quota", "p3")
    await wu.sign_in()
    operator = street.staff(operator, "operator")
    rules = (await operator.get("/api/v1/pda/rules")).json
    quota = {"free_a_day_per_collector": 0, "free_a_day_per_lot": None}
    assert (await operator("PUT", "/api/v1/pda/rules", {**rules, **quota})).status == 200
    paths = []
    for bay, plate in (("L0-0", "川Q11111"), ("L0-1", "川Q22222"), ("L0-2", "川Q33333")):
        await street.came(bay, 89)
        session = (await li.plate(bay, plate)).json["session"]
        paths.append(f"sections/L0/stays/{session.partition('/')[2]}/free")
    none = await li("POST", paths[0], {"reason": "equipment"})
    assert (none.status, none.code, none.json["details"]["most"]) == (409, "quota_used", "0")
    quota = {"free_a_day_per_collector": 2, "free_a_day_per_lot": 2}
    operator = street.staff(operator, "operator")
    assert (await operator("PUT", "/api/v1/pda/rules", {**rules, **quota})).status == 200
    for path in (paths[0], paths[0], paths[1]):
        assert (await li("POST", path, {"reason": "equipment"})).json["due_fen"] == 0
    mine = await li("POST", paths[2], {"reason": "equipment"})
    assert (mine.code, mine.json["details"]["by"].partition(":")[0]) == ("quota_used", "collector")
    lots = await wu("POST", paths[2], {"reason": "equipment"})
    assert (lots.code, lots.json["details"]["by"]) == ("quota_used", "lot:L0")
    assert (await li.get("bays/L0-2/stay"))["due_fen"] == 750
    assert (await li.plate("L0-2", "川Q33333", special="救护车")).code == "quota_used"
    operator = street.staff(operator, "operator")
    assert (await operator("PUT", "/api/v1/pda/rules", rules)).status == 200
    assert (await wu("POST", paths[2], {"reason": "equipment"})).json["due_fen"] == 0


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
    assert (await li.bay("L0-0"))["plate"] == "川K11111"
    kept = (await street.staff(operator, "operator").get("/api/v1/device-files")).json["items"]
    assert ("app.log", "log") in [(row["name"], row["kind"]) for row in kept]
    assert (await li("POST", "files", {**file, "content": "***"})).code == "invalid_body"


@pytest.mark.feature("PDA-05")
async def test_a_picture_is_read_by_whatever_reader_stands_behind_the_port(street: Street, li: Collector) -> None:
    written = "plate=川AD12345;colour=green;pct=93|plate=川B1234S;colour=blue;pct=97".encode()
    raw = {"Content_Type": "application/octet-stream"}
    said = await li("POST", "recognition", b"\xff\xd8picture" + written, **raw)
    assert [tuple(each.values()) for each in said.json["items"]] == [
        ("川B1234S", "blue", "small", 97),
        ("川AD12345", "green", "new_energy_small", 93),
    ]
    assert (await li("POST", "recognition", b"\xff\xd8nobody", **raw)).json["items"] == []

    class Other:
        async def read(self, picture: bytes) -> list[Reading]:
            return [Reading("京A00001", "blue", "small", len(picture))]

    street.house.reader = Other()
    (one,) = (await li("POST", "recognition", b"xyz", **raw)).json["items"]
    assert (one["plate"], one["confidence_pct"]) == ("京A00001", 3)
